//! The OpenAPI document of the service, and the fields that its responses have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

/// The document that the SDK is generated from: the vendor's, with what is observed of the live
/// service.
pub(crate) const DOCUMENT: &str = include_str!("bundled.json");

/// The parsed document. It would be null if it were not JSON, which a test rules out.
static PARSED: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(DOCUMENT).unwrap_or_default());

/// Looks up a field (`status`, `schedule.frequency`) in the response schemas of an operation: in
/// the items of lists, in other bodies, and in error bodies. Without an operation it looks in all
/// of them.
///
/// # Errors
///
/// Returns the field names that exist at this place, if the field does not.
pub(crate) fn find_field(operation: Option<&str>, field: &str) -> Result<(), Vec<&'static str>> {
    let names: Vec<_> = field.split('.').collect();
    let mut search = Search::default();
    let answers = answers(operation);
    // The document lacks the v2 sign-in, so that nothing is known of its fields.
    if answers.is_empty() || answers.iter().any(|answer| search.has(answer, &names)) {
        return Ok(());
    }
    let nearest = search.known.pop_last().unwrap_or_default();
    Err(nearest.1.into_iter().collect())
}

/// Returns the schemas of the response bodies, and for a list those of its items.
fn answers(operation: Option<&str>) -> Vec<&'static Value> {
    let members =
        |value: &'static Value| value.as_object().into_iter().flat_map(|all| all.values());
    let operations = members(&PARSED["paths"]).flat_map(members);
    let wanted = operations.filter(|definition| match definition["operationId"].as_str() {
        Some(id) => operation.is_none_or(|wanted| wanted == id),
        None => false,
    });
    let responses = wanted.flat_map(|definition| members(&definition["responses"]));
    let bodies = responses.flat_map(|response| members(&resolved(response)["content"]));
    let items = bodies.map(|body| {
        let answer = resolved(&body["schema"]);
        match answer["properties"].get("data") {
            Some(items) => items,
            None => answer,
        }
    });
    items.collect()
}

fn resolved(value: &'static Value) -> &'static Value {
    let reference = value["$ref"]
        .as_str()
        .and_then(|text| text.strip_prefix('#'));
    let target = reference.and_then(|pointer| PARSED.pointer(pointer));
    target.map_or(value, resolved)
}

/// A search for a field, with the names that exist instead, by nesting depth.
#[derive(Default)]
struct Search {
    known: BTreeMap<usize, BTreeSet<&'static str>>,
}

impl Search {
    fn has(&mut self, schema: &'static Value, names: &[&str]) -> bool {
        self.goes_on(schema, names, 0)
    }

    fn goes_on(&mut self, schema: &'static Value, names: &[&str], depth: usize) -> bool {
        let schema = resolved(schema);
        let choices = ["oneOf", "anyOf", "allOf"].map(|key| schema[key].as_array());
        if choices
            .into_iter()
            .flatten()
            .flatten()
            .any(|one| self.goes_on(one, names, depth))
        {
            return true;
        }
        let Some((name, rest)) = names.split_first() else {
            return true;
        };
        if let Some(items) = schema.get("items") {
            let is_index = name.parse::<usize>().is_ok();
            return self.goes_on(items, if is_index { rest } else { names }, depth);
        }
        match schema["properties"].as_object() {
            Some(fields) => {
                if let Some(field) = fields.get(*name) {
                    return self.goes_on(field, rest, depth + 1);
                }
                let fields = fields.keys().map(String::as_str);
                self.known.entry(depth).or_default().extend(fields);
                false
            }
            // A map may have any key.
            None => schema.get("additionalProperties").is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_where_they_are() {
        for (operation, field) in [
            ("listPartnerTasks", "alias"),
            ("listPartnerTasks", "progress.state"),
            ("listPartnerTasks", "lastBackupDates.GMAIL"),
            ("getPartnerStatus", "backupStatus.status"),
            ("getPartnerStatus", "backupStatus.0.status"),
            ("listBackupTasks", "schedule.frequency"),
            ("getBackupTask", "schedule"),
            ("getReseller", "email"),
            ("getPartner", "currency"),
            ("createRestoreRequest", "jobId"),
            ("login", "accessToken"),
            // This is a field of error bodies.
            ("listPartnerTasks", "timestamp"),
            // This operation is not in the document.
            ("partnerLoginV2", "accessToken"),
        ] {
            assert_eq!(
                find_field(Some(operation), field),
                Ok(()),
                "{operation}: {field}"
            );
            assert_eq!(find_field(None, field), Ok(()), "{field}");
        }
    }

    #[test]
    fn what_there_is_near_it_is_told() {
        let near = |operation, field| find_field(operation, field).unwrap_err();
        let tasks = near(Some("listPartnerTasks"), "alais");
        assert!(
            tasks.contains(&"alias") && tasks.contains(&"timestamp"),
            "{tasks:?}"
        );
        assert!(
            !tasks.contains(&"currency") && !tasks.contains(&"totalPages"),
            "{tasks:?}"
        );
        let schedule = near(Some("getBackupTask"), "schedule.freq");
        assert_eq!(schedule, ["frequency", "timezone"]);
        assert_eq!(near(None, "schedule.freq"), schedule);
        let any = near(None, "alais");
        assert!(
            any.contains(&"alias") && any.contains(&"currency"),
            "{any:?}"
        );
        // A string has no fields.
        let within = near(Some("listPartnerTasks"), "alias.x");
        assert!(!within.is_empty());
        // The reseller's own fields are not those of its items.
        assert!(near(Some("getReseller"), "resellerName").contains(&"name"));
    }

    #[test]
    fn every_operation_but_one_has_answers() {
        for id in crate::routes::operation_ids() {
            assert_eq!(answers(Some(id)).is_empty(), id == "partnerLoginV2", "{id}");
        }
    }
}
