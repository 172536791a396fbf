//! Checks that the overlaid document is whole: every reference resolves and every operation has a
//! name of its own.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::error::Action;
use crate::error::Error;
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::{METHODS, Node, walk};

const STAGE: &str = "bundle";

/// Refuses what is no OpenAPI document, before anything else speaks of it.
pub(crate) fn version(document: &Value) -> Result<(), Error> {
    let version = document.get("openapi");
    if let Some(Value::String(version)) = version
        && (version.starts_with("3.1.") || version.starts_with("3.0."))
    {
        return Ok(());
    }
    let (key, what, advice) = match (version, document.get("swagger")) {
        (Some(Value::Number(version)), _) => (
            "openapi",
            format!("the version is the number {version}"),
            "put it in quotes and give all of its parts, such as '3.0.3' or '3.1.0'",
        ),
        (Some(Value::String(version)), _) if version == "3.0" || version == "3.1" => (
            "openapi",
            format!("the version is `{version}`"),
            "give all of its parts, such as '3.0.3' or '3.1.0'",
        ),
        (Some(Value::String(version)), _) => (
            "openapi",
            format!("the version is `{version}`"),
            "give a document of OpenAPI 3.0 or 3.1",
        ),
        (Some(version), _) => (
            "openapi",
            format!("the version is {}", word(version)),
            "give a document of OpenAPI 3.0 or 3.1, with its version in quotes",
        ),
        (None, Some(_)) => (
            "swagger",
            "this is a document of Swagger, from before OpenAPI 3".to_owned(),
            "convert it to OpenAPI 3.0 first, or ask the vendor for one",
        ),
        (None, None) if document.is_object() => (
            "openapi",
            "the document does not say of which version of OpenAPI it is".to_owned(),
            "give a document of OpenAPI 3.0 or 3.1",
        ),
        (None, None) => (
            "",
            format!("the document is {}", word(document)),
            "give a document of OpenAPI 3.0 or 3.1",
        ),
    };
    let mut at = Pointer::root();
    if !key.is_empty() {
        at = at.child(key);
    }
    Err(Error::document(STAGE, &at, what, advice))
}

/// What a value is, without what stands in it.
fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty, or null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whether an operation needs a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// The name is part of a public interface: nobody makes it up.
    Needed,
    /// One is made of the method and the path.
    MayBeMissing,
}

/// The document that the SDK really speaks. What is wrong with it is in the report.
pub(crate) fn bundle(
    mut document: Value,
    names: Names,
    report: &mut Report,
) -> Result<Value, Error> {
    version(&document)?;
    let whole = document.clone();
    walk(&mut document, &mut |node, pointer, value| {
        if let Some(reference) = value.get("$ref") {
            resolve(&whole, &pointer.child("$ref"), reference, report);
        }
        let mapping = match node {
            Node::Schema => value.pointer("/discriminator/mapping"),
            _ => None,
        };
        for (said, to) in mapping.and_then(Value::as_object).into_iter().flatten() {
            let at = pointer.child("discriminator").child("mapping").child(said);
            resolve(&whole, &at, to, report);
        }
        Ok(())
    })?;
    name_operations(&document, names, report);
    Ok(document)
}

/// Refuses a reference, which stands at `pointer`, if it leads nowhere.
fn resolve(whole: &Value, pointer: &Pointer, reference: &Value, report: &mut Report) {
    let target = reference.as_str().and_then(Pointer::of_reference);
    let found = target.as_ref().and_then(|target| target.find(whole));
    let (means, advice) = match (target.is_some(), found.is_some()) {
        (true, true) => return,
        (true, false) => ("nothing is there", "name a component that exists"),
        (false, _) => (
            "the reference leads out of this document",
            "move what it names into `components`",
        ),
    };
    report.refuse(STAGE, pointer, reference, means, advice, &Action::None);
}

fn name_operations(document: &Value, names: Names, report: &mut Report) {
    let mut seen: BTreeMap<&str, Pointer> = BTreeMap::new();
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let pointer = Pointer::root().child("paths").child(path).child(method);
            let Some(id) = operation.get("operationId").and_then(Value::as_str) else {
                if names == Names::Needed {
                    report.refuse(
                        STAGE,
                        &pointer,
                        operation,
                        "the operation has no operationId",
                        "give it one by an overlay action",
                        &Action::Update(&pointer, "{operationId: nameIt}"),
                    );
                }
                continue;
            };
            if let Some(first) = seen.insert(id, pointer.clone()) {
                report.refuse(
                    STAGE,
                    &pointer.child("operationId"),
                    &json!(id),
                    format!("it also names the operation at {first}"),
                    "rename one of them by an overlay action",
                    &Action::Update(
                        &pointer,
                        &format!("{{operationId: '{}2'}}", id.replace('\'', "''")),
                    ),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Evidence;

    fn refusal(document: Value) -> String {
        let mut report = Report::default();
        match bundle(document, Names::Needed, &mut report) {
            Ok(_) => report
                .settle(&Value::Null, Evidence::Optional)
                .unwrap_err()
                .to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_dangling_reference_is_named_by_its_pointer() {
        let error = refusal(json!({"openapi": "3.1.0", "paths": {"/a": {"get": {
            "operationId": "a",
            "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Gone"}}}}},
        }}}}));
        assert!(
            error.contains("/paths/~1a/get/responses/200/content/application~1json/schema/$ref"),
            "{error}"
        );
        assert!(error.contains("/components/schemas/Gone"), "{error}");
    }

    #[test]
    fn a_doubled_operation_id_names_both_places() {
        let error = refusal(json!({"openapi": "3.1.0", "paths": {
            "/a": {"get": {"operationId": "same"}}, "/b": {"post": {"operationId": "same"}},
        }}));
        assert!(
            error.contains("/paths/~1b/post/operationId") && error.contains("/paths/~1a/get"),
            "{error}"
        );
    }

    #[test]
    fn another_version_is_refused() {
        assert!(refusal(json!({"openapi": "2.0"})).contains("/openapi"));
    }
}
