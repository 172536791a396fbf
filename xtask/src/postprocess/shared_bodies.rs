//! Lets request bodies be shared between attempts: a builder holds its body in an `Arc`, so a retry
//! copies a pointer and not the body.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Item, ItemStruct, Type, parse_quote};

use super::{first_argument, required_module};
use crate::error::Error;

const PASS: &str = "shared_bodies";

/// Rewrites the builders that have a body, and returns how many there are.
pub(super) fn share(file: &mut syn::File) -> Result<usize, Error> {
    let builders = required_module(file, "builder", PASS)?;
    let mut shared = 0;
    let mut has_body = false;
    for item in builders {
        match item {
            Item::Struct(builder) => has_body = share_field(builder),
            Item::Impl(block) if has_body => {
                SendByReference.visit_item_impl_mut(block);
                shared += 1;
            }
            _ => {}
        }
    }
    Ok(shared)
}

/// Changes `body: Result<T, String>` to `body: Result<Arc<T>, String>`, and returns whether there is
/// one.
fn share_field(builder: &mut ItemStruct) -> bool {
    let mut fields = builder.fields.iter_mut();
    let field = fields.find(|field| field.ident.as_ref().is_some_and(|name| name == "body"));
    let Some(field) = field else { return false };
    let Some(body) = first_argument(&field.ty, "Result").cloned() else {
        return false;
    };
    // A stream could be sent once only.
    let is_raw = body == parse_quote!(reqwest::Body);
    let shared: Type = match is_raw {
        true => parse_quote!(::bytes::Bytes),
        false => parse_quote!(::std::sync::Arc<#body>),
    };
    field.ty = parse_quote!(Result<#shared, String>);
    if is_raw {
        builder.attrs.push(parse_quote!(#[derive(Clone)]));
    }
    true
}

/// Changes `.json(&body)` to `.json(&*body)`, for an `Arc` itself is not serialised.
struct SendByReference;

impl VisitMut for SendByReference {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = expression
            && (call.method == "json" || call.method == "form_urlencoded")
            && call.args.to_token_stream().to_string() == "& body"
        {
            call.args = parse_quote!(&*body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_held_in_an_arc_and_sent_by_reference() {
        let mut file: syn::File = parse_quote! {
            pub mod builder {
                pub struct Login { body: Result<types::LoginBody, String> }
                impl Login {
                    pub async fn send(self) { client.post(url).json(&body).build()?; }
                }
                pub struct Other { id: Result<String, String>, body: Result<reqwest::Body, String> }
                impl Other { pub async fn send(self) { client.put(url).body(body).build()?; } }
                pub struct Form { body: Result<types::FormBody, String> }
                impl Form { pub async fn send(self) { client.post(url).form_urlencoded(&body)?.build()?; } }
            }
        };
        assert_eq!(share(&mut file).unwrap(), 3);
        let text = file.to_token_stream().to_string().replace(' ', "");
        for expected in [
            "body:Result<::std::sync::Arc<types::LoginBody>,String>",
            ".json(&*body)",
            ".form_urlencoded(&*body)",
            "body:Result<::bytes::Bytes,String>",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}
