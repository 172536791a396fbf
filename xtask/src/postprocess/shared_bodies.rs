//! Lets request bodies be shared between attempts: a builder holds its body in an `Arc`, so a retry
//! copies a pointer and not the body.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ImplItem, Item, ItemImpl, ItemStruct, Type, parse_quote};

use super::{first_argument, required_module};
use crate::error::Error;

const PASS: &str = "shared_bodies";

/// Rewrites the builders that have a body, and returns how many there are.
pub(super) fn share(file: &mut syn::File) -> Result<usize, Error> {
    let builders = required_module(file, "builder", PASS)?;
    let mut shared = 0;
    let mut body = None;
    for item in builders {
        match item {
            Item::Struct(builder) => body = share_field(builder),
            Item::Impl(block) => {
                if let Some(body) = &body {
                    share_setter(block, body);
                    SendByReference.visit_item_impl_mut(block);
                    shared += 1;
                }
            }
            _ => {}
        }
    }
    Ok(shared)
}

/// Changes `body: Result<T, String>` to `body: Result<Arc<T>, String>`, and returns `T`.
fn share_field(builder: &mut ItemStruct) -> Option<Type> {
    let field = builder
        .fields
        .iter_mut()
        .find(|field| field.ident.as_ref().is_some_and(|name| name == "body"))?;
    let body = first_argument(&field.ty, "Result")?.clone();
    // Text and bytes are handed over as they are.
    if body.to_token_stream().to_string().replace(' ', "") == "reqwest::Body" {
        return None;
    }
    field.ty = parse_quote!(Result<::std::sync::Arc<#body>, String>);
    Some(body)
}

fn share_setter(block: &mut ItemImpl, body: &Type) {
    for item in &mut block.items {
        if let ImplItem::Fn(function) = item
            && function.sig.ident == "body"
        {
            let attributes = std::mem::take(&mut function.attrs);
            *function = parse_quote! {
                pub fn body(mut self, value: impl Into<::std::sync::Arc<#body>>) -> Self {
                    self.body = Ok(value.into());
                    self
                }
            };
            function.attrs = attributes;
        }
    }
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
                    pub fn body<V>(mut self, value: V) -> Self { self }
                    pub async fn send(self) { client.post(url).json(&body).build()?; }
                }
                pub struct Other { id: Result<String, String>, body: Result<reqwest::Body, String> }
                impl Other { pub async fn send(self) { client.put(url).body(body).build()?; } }
                pub struct Form { body: Result<types::FormBody, String> }
                impl Form { pub async fn send(self) { client.post(url).form_urlencoded(&body)?.build()?; } }
            }
        };
        assert_eq!(share(&mut file).unwrap(), 2);
        let text = file.to_token_stream().to_string().replace(' ', "");
        for expected in [
            "body:Result<::std::sync::Arc<types::LoginBody>,String>",
            "value:implInto<::std::sync::Arc<types::LoginBody>>",
            ".json(&*body)",
            ".form_urlencoded(&*body)",
            "body:Result<reqwest::Body,String>",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}
