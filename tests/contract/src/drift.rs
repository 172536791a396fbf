//! How far what a service answers has moved away from what the document says. Pure.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::spec;

/// What came, against what is documented.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    /// Fields that came and that the document does not know, as `Task.newField`.
    pub unknown_fields: BTreeSet<String>,
    /// Values of enums that came and that the document does not know, as `TaskStatus=HIBERNATED`.
    pub unknown_values: BTreeSet<String>,
    /// Components of which at least one value came, enums among them.
    seen: BTreeSet<String>,
    /// Documented fields that came with a value.
    came: BTreeSet<String>,
    /// Documented values of enums that came, as `TaskStatus=ACTIVE`.
    values: BTreeSet<String>,
}

impl Drift {
    /// Notes a value of a component.
    pub fn saw(&mut self, component: &str, value: &Value) {
        let schema = spec::component(component);
        if let Some(known) = spec::enum_values(schema) {
            if let Some(word) = value.as_str() {
                self.seen.insert(component.to_owned());
                let place = format!("{component}={word}");
                if known.contains(&word) {
                    self.values.insert(place);
                } else {
                    self.unknown_values.insert(place);
                }
            }
            return;
        }
        let Some(fields) = value.as_object() else {
            return;
        };
        self.seen.insert(component.to_owned());
        for (name, value) in fields {
            let place = format!("{component}.{name}");
            match schema["properties"].get(name) {
                None => {
                    self.unknown_fields.insert(place);
                }
                Some(property) if !value.is_null() => {
                    self.came.insert(place);
                    self.within(property, value);
                }
                Some(_) => {}
            }
        }
    }

    fn within(&mut self, property: &'static Value, value: &Value) {
        if let Some(component) = spec::reference(property) {
            self.saw(component, value);
        }
        for item in value.as_array().into_iter().flatten() {
            self.within(&property["items"], item);
        }
    }

    /// Documented fields that never came with a value, of components that did.
    #[must_use]
    pub fn never_came(&self) -> BTreeSet<String> {
        let documented = self.seen.iter().flat_map(|component| {
            let properties = spec::component(component)["properties"].as_object();
            let names = properties
                .into_iter()
                .flat_map(|properties| properties.keys());
            names.map(move |name| format!("{component}.{name}"))
        });
        documented
            .filter(|place| !self.came.contains(place))
            .collect()
    }

    /// Documented values that never came, of enums of which one did.
    #[must_use]
    pub fn values_never_came(&self) -> BTreeSet<String> {
        let documented = self.seen.iter().flat_map(|component| {
            let known = spec::enum_values(spec::component(component));
            let known = known.into_iter().flatten();
            known.map(move |word| format!("{component}={word}"))
        });
        documented
            .filter(|place| !self.values.contains(place))
            .collect()
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |what: &str, places: &BTreeSet<String>| {
            let places: Vec<_> = places.iter().map(String::as_str).collect();
            let all = if places.is_empty() {
                "none".to_owned()
            } else {
                places.join(", ")
            };
            writeln!(f, "{what}: {all}")
        };
        line(
            "fields that the document does not know",
            &self.unknown_fields,
        )?;
        line(
            "values that the document does not know",
            &self.unknown_values,
        )?;
        line("documented fields that never came", &self.never_came())?;
        line(
            "documented values that never came",
            &self.values_never_came(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_new_and_what_is_missing_is_told() {
        let mut drift = Drift::default();
        drift.saw(
            "BackupStatus",
            &json!({"userId": "U-1", "size": null, "news": 1, "backupStatus": [{"status": "MAYBE", "hint": 1}]}),
        );
        drift.saw("BackupFrequency", &json!("daily"));
        assert_eq!(
            drift.unknown_fields,
            BTreeSet::from([
                "BackupStatus.news".to_owned(),
                "SubSourceStatus.hint".to_owned()
            ])
        );
        assert_eq!(
            drift.unknown_values,
            BTreeSet::from(["BackupResult=MAYBE".to_owned()])
        );
        let never = drift.never_came();
        assert!(never.contains("BackupStatus.size") && never.contains("SubSourceStatus.error"));
        assert!(
            !never.contains("BackupStatus.userId") && !never.contains("Task.id"),
            "{never:?}"
        );
        let never = drift.values_never_came();
        assert!(never.contains("BackupFrequency=manual"), "{never:?}");
        assert!(never.contains("BackupResult=FAILED"), "{never:?}");
        assert!(!never.contains("BackupFrequency=daily"), "{never:?}");
        // Of what never came at all nothing is told.
        assert!(!never.iter().any(|value| value.starts_with("Currency=")));
        let told = drift.to_string();
        assert_eq!(told.lines().count(), 4, "{told}");
    }
}
