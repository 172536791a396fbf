//! Makes the table of operations: what the SDK must know of each beyond its types.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::pointer::Pointer;
use crate::walk;

const STAGE: &str = "operations";

/// The module `operations`: a constant for each operation, and all of them in a list.
/// `ids` are the names that the operations have in Rust, by where they stand.
pub(crate) fn operations(
    document: &Value,
    ids: &BTreeMap<Pointer, String>,
) -> Result<TokenStream, Error> {
    let mut constants = Vec::new();
    let mut names = Vec::new();
    for one in walk::operations(document) {
        let pointer = one.pointer();
        let Some(id) = ids.get(&pointer) else {
            continue;
        };
        let walk::Operation {
            path,
            method,
            value: operation,
            ..
        } = one;
        let name = format_ident!("{}", constant_name(id));
        let upper = method.to_uppercase();
        let needs_token = operation.get("security") != Some(&serde_json::json!([]));
        let is_idempotent = idempotent(method, operation, &pointer)?;
        let pagination = pagination(operation, &pointer)?;
        let response_fields = response_fields(document, operation);
        let doc = format!("`{upper} {path}`");
        constants.push(quote! {
            #[doc = #doc]
            pub const #name: Operation = Operation {
                id: #id,
                method: #upper,
                path: #path,
                is_idempotent: #is_idempotent,
                needs_token: #needs_token,
                pagination: #pagination,
                response_fields: &[#(#response_fields),*],
            };
        });
        names.push(name);
    }
    Ok(quote! {
        //! The operations of the service, each as a constant and as a type to call it by.

        use crate::operation::{Endpoint, Operation, Pagination};

        #(#constants)*

        /// All operations, in the order of their paths.
        pub const ALL: &[Operation] = &[#(#names),*];
    })
}

/// GET and its like may be sent again without harm; for the others the document says so, or they
/// may not.
fn idempotent(method: &str, operation: &Value, pointer: &Pointer) -> Result<bool, Error> {
    match operation.get("x-idempotent") {
        None => Ok(matches!(
            method,
            "get" | "head" | "options" | "trace" | "put" | "delete"
        )),
        Some(Value::Bool(said)) => Ok(*said),
        Some(other) => Err(Error::document(
            STAGE,
            &pointer.child("x-idempotent"),
            format!("`{other}` is neither true nor false"),
            "write true or false",
        )),
    }
}

fn pagination(operation: &Value, pointer: &Pointer) -> Result<TokenStream, Error> {
    match operation.get("x-pagination").map(Value::as_str) {
        None => Ok(quote!(None)),
        Some(Some("pageSize")) => Ok(quote!(Some(Pagination::PageSize))),
        Some(Some("limit")) => Ok(quote!(Some(Pagination::Limit))),
        Some(_) => Err(Error::document(
            STAGE,
            &pointer.child("x-pagination"),
            "not a known way of paging",
            "write pageSize or limit",
        )),
    }
}

/// The names of the fields of the successful response, if it is an object with any.
fn response_fields<'d>(document: &'d Value, operation: &'d Value) -> Vec<&'d str> {
    let responses = operation.get("responses").and_then(Value::as_object);
    let mut successes = responses
        .into_iter()
        .flatten()
        .filter(|(status, _)| status.starts_with('2'));
    let schema = successes.find_map(|(_, response)| {
        let schema = response.pointer("/content/application~1json/schema")?;
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => document.pointer(reference.strip_prefix('#')?),
            None => Some(schema),
        }
    });
    let fields = schema.and_then(|schema| schema.get("properties")?.as_object());
    fields
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str)
        .collect()
}

/// `listPartnerTasks` becomes `LIST_PARTNER_TASKS`.
pub(crate) fn constant_name(id: &str) -> String {
    let mut name = String::new();
    let mut was_lower = false;
    for letter in id.chars() {
        if letter.is_uppercase() && was_lower {
            name.push('_');
        }
        was_lower = letter.is_lowercase() || letter.is_ascii_digit();
        if letter.is_alphanumeric() {
            name.extend(letter.to_uppercase());
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_post_is_a_mutation_unless_the_document_says_otherwise() {
        let at = Pointer::root();
        assert!(!idempotent("post", &json!({}), &at).unwrap());
        assert!(idempotent("post", &json!({"x-idempotent": true}), &at).unwrap());
        assert!(idempotent("get", &json!({}), &at).unwrap());
        assert!(idempotent("get", &json!({"x-idempotent": "no"}), &at).is_err());
    }

    #[test]
    fn constants_are_named_after_the_operation() {
        assert_eq!(constant_name("listPartnerTasks"), "LIST_PARTNER_TASKS");
        assert_eq!(
            constant_name("getResellerDetailsV2"),
            "GET_RESELLER_DETAILS_V2"
        );
        assert_eq!(constant_name("login"), "LOGIN");
    }
}
