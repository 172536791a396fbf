//! The mock helpers compare what was sent, so they need the secret itself where the client's code must not show it.

use std::collections::BTreeSet;

use syn::parse_quote;
use syn::visit_mut::{self, VisitMut};

use crate::error::Error;

const PASS: &str = "mocks";

/// Rewrites how secret headers are compared, and counts the places.
pub(super) fn expose(file: &mut syn::File, headers: &BTreeSet<String>) -> Result<usize, Error> {
    let mut rewrite = Rewrite { headers, count: 0 };
    rewrite.visit_file_mut(file);
    // The generator checks its own patterns by unwrapping them.
    file.attrs.push(
        parse_quote!(#![allow(clippy::all, clippy::unwrap_used, clippy::missing_panics_doc)]),
    );
    if rewrite.count == 0 && !headers.is_empty() {
        return Err(Error::polish(
            PASS,
            "no mock compares the secret headers that the document names",
        ));
    }
    Ok(rewrite.count)
}

struct Rewrite<'h> {
    headers: &'h BTreeSet<String>,
    count: usize,
}

impl VisitMut for Rewrite<'_> {
    /// `self.0.header("client-secret", value.to_string())`
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method != "header" {
            return;
        }
        if let Some(syn::Expr::Lit(literal)) = call.args.first()
            && let syn::Lit::Str(name) = &literal.lit
            && self.headers.contains(&name.value().to_lowercase())
            && let Some(value) = call.args.last_mut()
        {
            *value = parse_quote!(value.expose().to_owned());
            self.count += 1;
        }
    }
}
