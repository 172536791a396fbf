//! The mocks compare what was sent: they need the secret itself where the client's code must not
//! show it, an id as it stands in a path, and each entry of a list, which is sent as a parameter of
//! its own. And they are planned.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::parse_quote;
use syn::visit_mut::{self, VisitMut};

use crate::error::Error;

const PASS: &str = "mocks";

/// Rewrites how secret headers and ids are compared, and counts the headers.
pub(super) fn expose(file: &mut syn::File, headers: &BTreeSet<String>) -> Result<usize, Error> {
    let mut rewrite = Rewrite {
        headers,
        count: 0,
        paths: 0,
        is_list: false,
    };
    rewrite.visit_file_mut(file);
    if rewrite.paths == 0 {
        return Err(Error::postprocess(
            PASS,
            "no mock matches a path with a parameter",
        ));
    }
    // The generator checks its own patterns by unwrapping them.
    file.attrs.push(
        parse_quote!(#![allow(clippy::all, clippy::unwrap_used, clippy::missing_panics_doc)]),
    );
    if rewrite.count == 0 && !headers.is_empty() {
        return Err(Error::postprocess(
            PASS,
            "no mock compares the secret headers that the document names",
        ));
    }
    Ok(rewrite.count)
}

/// Lets each operation be planned under its own name, and counts them.
pub(super) fn plan(file: &mut syn::File) -> Result<usize, Error> {
    let is_mocked = |item: &&syn::ItemImpl| match &item.trait_ {
        Some((name, _)) => name.is_ident("MockServerExt"),
        None => false,
    };
    let mut all = file.items.iter().filter_map(|item| match item {
        syn::Item::Impl(item) => Some(item),
        _ => None,
    });
    let mut planned = all
        .find(is_mocked)
        .ok_or_else(|| Error::postprocess(PASS, "there is no `impl MockServerExt`"))?
        .clone();
    *planned.self_ty = parse_quote!(crate::mock_service::MockService);
    let mut count = 0;
    for item in &mut planned.items {
        let syn::ImplItem::Fn(function) = item else {
            continue;
        };
        let name = function.sig.ident.to_string();
        let Some(syn::Stmt::Expr(syn::Expr::MethodCall(call), None)) =
            function.block.stmts.last_mut()
        else {
            return Err(Error::postprocess(
                PASS,
                format!("`{name}` does not end with a mock"),
            ));
        };
        call.method = parse_quote!(plan);
        call.args.insert(0, parse_quote!(#name));
        count += 1;
    }
    file.items.push(syn::Item::Impl(planned));
    Ok(count)
}

/// Lets each mock respond with an error, and counts them. The generated responses are only those
/// of success, because the generator is given no others.
pub(super) fn fail(file: &mut syn::File) -> usize {
    let mut fail = Fail { count: 0 };
    fail.visit_file_mut(file);
    fail.count
}

struct Fail {
    count: usize,
}

impl VisitMut for Fail {
    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        let name = item.self_ty.to_token_stream().to_string();
        if item.trait_.is_none() && name.ends_with("Then") {
            item.items.iter_mut().for_each(give_bytes);
            item.items.push(parse_quote! {
                /// Responds with an error status from 400 to 599 and a message, in the form that
                /// [`MockService`](crate::mock_service::MockService#errors-of-the-service) describes.
                #[track_caller]
                pub fn error(self, status: u16, message: &str) -> Self {
                    Self(crate::mock_service::error(self.0, status, message))
                }
            });
            self.count += 1;
        }
    }
}

/// The generator mocks every response that it does not know as JSON:
/// `self.0.status(200).header("content-type", "application/json").json_body(value)`.
fn give_bytes(item: &mut syn::ImplItem) {
    let syn::ImplItem::Fn(function) = item else {
        return;
    };
    let is_json = function.block.to_token_stream().to_string();
    if !is_json.contains(". json_body (value)") {
        return;
    }
    let json: syn::Type = parse_quote!(::serde_json::Value);
    for input in &mut function.sig.inputs {
        if let syn::FnArg::Typed(argument) = input
            && *argument.ty == json
        {
            *argument.ty = parse_quote!(impl AsRef<[u8]>);
        }
    }
    Plain.visit_block_mut(&mut function.block);
}

struct Plain;

impl VisitMut for Plain {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method == "json_body"
            && let syn::Expr::MethodCall(header) = call.receiver.as_ref()
        {
            let then = &header.receiver;
            *call = parse_quote!(#then.body(value));
        }
    }
}

struct Rewrite<'h> {
    headers: &'h BTreeSet<String>,
    count: usize,
    paths: usize,
    /// Whether the function that is looked at takes a list.
    is_list: bool,
}

impl VisitMut for Rewrite<'_> {
    /// `format!("^/v1/restore/{}$", value.to_string())` is made into a pattern: the value must
    /// stand for itself in it, as it stands in a path.
    fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
        let tokens = call.tokens.to_string();
        if call.path.is_ident("format")
            && tokens.contains("^/")
            && tokens.ends_with("value . to_string ()")
        {
            let template = call.tokens.clone().into_iter().next();
            call.tokens = quote::quote!(#template, regex::escape(&progenitor_client::encode_path(&value.to_string())));
            self.paths += 1;
        }
        visit_mut::visit_macro_mut(self, call);
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        let signature = function.sig.to_token_stream().to_string();
        self.is_list = signature.contains(":: vec :: Vec <");
        visit_mut::visit_impl_item_fn_mut(self, function);
        self.is_list = false;
    }

    /// `self.0.header("client-secret", value.to_string())` and `self.0.query_param("ids",
    /// value.to_string())`
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method == "query_param" && self.is_list {
            let (when, name) = (&call.receiver, call.args.first());
            *call = parse_quote!(value.iter().fold(#when, |when, each| when.query_param(#name, each.to_string())));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_is_planned_under_its_name() {
        let mut file: syn::File = parse_quote! {
            impl MockServerExt for ::httpmock::MockServer {
                fn login<F>(&self, config_fn: F) -> ::httpmock::Mock<'_> {
                    self.mock(|when, then| config_fn(LoginWhen::new(when), LoginThen::new(then)))
                }
            }
        };
        assert_eq!(plan(&mut file).unwrap(), 1);
        let planned = file.items[1].to_token_stream().to_string();
        assert!(
            planned.starts_with("impl MockServerExt for crate :: mock_service :: MockService {"),
            "{planned}"
        );
        assert!(
            planned.contains("self . plan (\"login\" , | when , then |"),
            "{planned}"
        );
        assert!(plan(&mut parse_quote!()).is_err());
    }

    #[test]
    fn each_response_can_be_an_error() {
        let mut file: syn::File = parse_quote! {
            pub mod operations {
                impl LoginWhen { fn new() {} }
                impl LoginThen { fn new() {} }
                impl Clone for LogoutThen { fn clone() {} }
                impl LogoutThen { fn new() {} }
            }
        };
        assert_eq!(fail(&mut file), 2);
        let source = file.to_token_stream().to_string();
        assert_eq!(source.matches("pub fn error (self").count(), 2, "{source}");
    }

    #[test]
    fn each_entry_of_a_list_is_compared() {
        let mut file: syn::File = parse_quote! {
            impl ListWhen {
                pub fn one(self, value: &str) -> Self {
                    let re = regex::Regex::new(&format!("^/a/{}$", value.to_string())).unwrap();
                    Self(self.0.path_matches(re))
                }
                pub fn word(self, value: &str) -> Self {
                    Self(self.0.query_param("word", value.to_string()))
                }
                pub fn ids<'a, T>(self, value: T) -> Self
                where
                    T: Into<Option<&'a ::std::vec::Vec<::std::string::String>>>,
                {
                    Self(self.0.query_param("ids", value.to_string()))
                }
            }
        };
        expose(&mut file, &BTreeSet::new()).unwrap();
        let source = file.to_token_stream().to_string();
        for part in [
            r#"query_param ("word" , value . to_string ())"#,
            r#"fold (self . 0 , | when , each | when . query_param ("ids" , each . to_string ()))"#,
        ] {
            assert!(source.contains(part), "{part}: {source}");
        }
    }
}
