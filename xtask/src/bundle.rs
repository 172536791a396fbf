//! Checks that the overlaid document is whole: every reference resolves and every operation has a name of its own.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::Error;
use crate::pointer::Pointer;
use crate::walk::{METHODS, walk};

const STAGE: &str = "bundle";

/// Refuses what is no OpenAPI document, before anything else speaks of it.
pub(crate) fn version(document: &Value) -> Result<(), Error> {
    let version = document
        .get("openapi")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if version.starts_with("3.1.") || version.starts_with("3.0.") {
        return Ok(());
    }
    Err(Error::document(
        STAGE,
        &Pointer::root().child("openapi"),
        format!("the version is `{version}`"),
        "give a document of OpenAPI 3.0 or 3.1 as spec/openapi.yaml",
    ))
}

/// The document that the SDK really speaks, or what is wrong with it.
pub(crate) fn bundle(mut document: Value) -> Result<Value, Error> {
    version(&document)?;
    let whole = document.clone();
    walk(&mut document, &mut |_, pointer, value| {
        resolve(&whole, pointer, value)
    })?;
    name_operations(&document)?;
    Ok(document)
}

fn resolve(whole: &Value, pointer: &Pointer, value: &Value) -> Result<(), Error> {
    let Some(reference) = value.get("$ref") else {
        return Ok(());
    };
    let pointer = pointer.child("$ref");
    let target = reference.as_str().and_then(|text| text.strip_prefix('#'));
    match target {
        Some(target) if whole.pointer(target).is_some() => Ok(()),
        Some(target) => Err(Error::document(
            STAGE,
            &pointer,
            format!("nothing is at `{target}`"),
            "name a component that exists",
        )),
        None => Err(Error::document(
            STAGE,
            &pointer,
            format!("`{reference}` is not in this document"),
            "move what it names into `components`",
        )),
    }
}

fn name_operations(document: &Value) -> Result<(), Error> {
    let mut seen: BTreeMap<&str, Pointer> = BTreeMap::new();
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let pointer = Pointer::root().child("paths").child(path).child(method);
            let Some(id) = operation.get("operationId").and_then(Value::as_str) else {
                return Err(Error::document(
                    STAGE,
                    &pointer,
                    "the operation has no operationId",
                    "give it one by an overlay action",
                ));
            };
            if let Some(first) = seen.insert(id, pointer.clone()) {
                return Err(Error::document(
                    STAGE,
                    &pointer.child("operationId"),
                    format!("`{id}` also names the operation at {first}"),
                    "rename one of them by an overlay action",
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(document: Value) -> String {
        bundle(document).unwrap_err().to_string()
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
