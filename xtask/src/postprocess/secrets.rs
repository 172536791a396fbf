//! Header parameters that are secrets: written as sensitive header values, which nothing prints.

use std::collections::BTreeSet;

use serde_json::Value;
use syn::parse_quote;
use syn::visit_mut::{self, VisitMut};

use super::module;
use crate::error::Error;

const PASS: &str = "secrets";

/// The names of the header parameters whose schema has the format `password`.
pub(super) fn headers(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut pending = vec![document];
    while let Some(value) = pending.pop() {
        let is_header = value.get("in").and_then(Value::as_str) == Some("header");
        let format = value.pointer("/schema/format").and_then(Value::as_str);
        if let Some(name) = value.get("name").and_then(Value::as_str)
            && is_header
            && format == Some("password")
        {
            names.insert(name.to_lowercase());
        }
        match value {
            Value::Object(object) => pending.extend(object.values()),
            Value::Array(items) => pending.extend(items),
            _ => {}
        }
    }
    names
}

/// Rewrites how those headers are appended, and counts the places.
pub(super) fn mark(file: &mut syn::File, headers: &BTreeSet<String>) -> Result<usize, Error> {
    let mut rewrite = Rewrite { headers, count: 0 };
    for item in module(file, "builder").into_iter().flatten() {
        rewrite.visit_item_mut(item);
    }
    if rewrite.count == 0 && !headers.is_empty() {
        return Err(Error::postprocess(
            PASS,
            "no operation sends the secret headers that the document names",
        ));
    }
    Ok(rewrite.count)
}

struct Rewrite<'h> {
    headers: &'h BTreeSet<String>,
    count: usize,
}

impl VisitMut for Rewrite<'_> {
    /// `header_map.append("client-secret", value.to_string().try_into()?)`
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method != "append" || call.args.len() != 2 {
            return;
        }
        let name = match call.args.first() {
            Some(syn::Expr::Lit(literal)) => match &literal.lit {
                syn::Lit::Str(name) => name.value().to_lowercase(),
                _ => return,
            },
            _ => return,
        };
        if self.headers.contains(&name)
            && let Some(value) = call.args.last_mut()
        {
            let secret = innermost(value);
            *value = parse_quote!(#secret.to_header_value()?);
            self.count += 1;
        }
    }
}

/// `x` of `x.to_string().try_into()?`; a parameter that must be there is called by its own name.
fn innermost(value: &syn::Expr) -> syn::Expr {
    match value {
        syn::Expr::Try(inner) => innermost(&inner.expr),
        syn::Expr::MethodCall(call) => innermost(&call.receiver),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> syn::File {
        parse_quote! {
            pub mod builder {
                fn send() {
                    header_map.append("client-id", value.to_string().try_into()?);
                    header_map.append("client-secret", value.to_string().try_into()?);
                    header_map.append("client-token", client_token.to_string().try_into()?);
                }
            }
        }
    }

    #[test]
    fn only_the_secret_header_is_rewritten() {
        let mut file = file();
        assert_eq!(
            mark(&mut file, &BTreeSet::from(["client-secret".to_owned()])).unwrap(),
            1
        );
        let source = prettyplease::unparse(&file);
        assert!(
            source.contains("\"client-secret\", value.to_header_value()?"),
            "{source}"
        );
        assert!(
            source.contains("\"client-id\", value.to_string()"),
            "{source}"
        );
    }

    #[test]
    fn a_secret_that_must_be_there_has_its_own_name() {
        let mut file = file();
        mark(&mut file, &BTreeSet::from(["client-token".to_owned()])).unwrap();
        let source = prettyplease::unparse(&file);
        assert!(
            source.contains("\"client-token\", client_token.to_header_value()?"),
            "{source}"
        );
    }

    #[test]
    fn a_secret_header_that_is_never_sent_is_an_error() {
        assert!(mark(&mut file(), &BTreeSet::from(["other".to_owned()])).is_err());
    }
}
