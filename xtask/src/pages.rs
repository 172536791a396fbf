//! Finds the page envelopes: what an operation with `x-pagination` answers, if it is nothing but an
//! envelope.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::pointer::Pointer;
use crate::walk;

/// The fields of an envelope.
const FIELDS: [&str; 5] = ["data", "nextPageToken", "page", "total", "totalPages"];

/// A component schema that is a page of items of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Page {
    pub(crate) envelope: String,
    pub(crate) item: String,
}

/// The envelopes of the document, in the order of their names.
pub(crate) fn pages(document: &Value) -> Vec<Page> {
    let found: BTreeSet<Page> = walk::operations(document)
        .map(|operation| operation.value)
        .filter(|operation| operation.get("x-pagination").is_some())
        .filter_map(|operation| envelope(document, operation))
        .collect();
    found.into_iter().collect()
}

fn envelope(document: &Value, operation: &Value) -> Option<Page> {
    let reference = operation
        .pointer("/responses/200/content/application~1json/schema/$ref")?
        .as_str()?;
    let envelope = Pointer::component("schemas", reference)?;
    let schema = document.pointer(reference.strip_prefix('#')?)?;
    let fields: BTreeSet<&str> = schema
        .get("properties")?
        .as_object()?
        .keys()
        .map(String::as_str)
        .collect();
    if fields != BTreeSet::from(FIELDS) {
        return None;
    }
    let item = schema.pointer("/properties/data/items/$ref")?.as_str()?;
    Some(Page {
        envelope: envelope.to_owned(),
        item: Pointer::component("schemas", item)?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_envelope_is_told_from_an_object_that_carries_more() {
        let field = json!({"type": "string"});
        let data = json!({"items": {"$ref": "#/components/schemas/Item"}});
        let bare = json!({"data": data, "nextPageToken": field, "page": field, "total": field, "totalPages": field});
        let mut more = bare.clone();
        more["name"] = field.clone();
        let answers = |name: &str| {
            json!({"get": {"x-pagination": "pageSize", "responses": {"200": {"content": {
            "application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}}}}}})
        };
        let document = json!({
            "paths": {"/a": answers("Bare"), "/b": answers("More")},
            "components": {"schemas": {"Bare": {"properties": bare}, "More": {"properties": more}}},
        });
        assert_eq!(
            pages(&document),
            [Page {
                envelope: "Bare".to_owned(),
                item: "Item".to_owned()
            }]
        );
    }
}
