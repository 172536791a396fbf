//! Takes request bodies as they are, and drops the builders of types: they only serve to compose
//! such bodies, and make up half of the generated code.

use syn::visit_mut::{self, VisitMut};
use syn::{Item, parse_quote};

use super::{impl_target, required_module};
use crate::error::Error;

const PASS: &str = "bodies";

/// Rewrites the operations that take a body, and counts them.
pub(super) fn without_type_builders(file: &mut syn::File) -> Result<usize, Error> {
    let mut rewrite = Rewrite::default();
    let operations = required_module(file, "builder", PASS)?;
    for item in operations.iter_mut() {
        rewrite.visit_item_mut(item);
    }
    let types = required_module(file, "types", PASS)?;
    types.retain(|item| match item {
        Item::Mod(module) => module.ident != "builder",
        Item::Impl(block) => !is_builder_function(block),
        _ => true,
    });
    Ok(rewrite.bodies)
}

/// `impl Task { pub fn builder() -> builder::Task }`
fn is_builder_function(block: &syn::ItemImpl) -> bool {
    let is_only = matches!(block.items.as_slice(), [syn::ImplItem::Fn(function)] if function.sig.ident == "builder");
    is_only && block.trait_.is_none() && impl_target(block).is_some()
}

#[derive(Default)]
struct Rewrite {
    bodies: usize,
}

impl VisitMut for Rewrite {
    fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
        block.items.retain(
            |item| !matches!(item, syn::ImplItem::Fn(function) if function.sig.ident == "body_map"),
        );
        visit_mut::visit_item_impl_mut(self, block);
    }

    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        let default: syn::Expr = parse_quote!(Ok(::std::default::Default::default()));
        if matches!(&field.member, syn::Member::Named(name) if name == "body")
            && field.expr == default
        {
            field.expr = parse_quote!(Err("body was not initialized".to_string()));
            self.bodies += 1;
        }
        visit_mut::visit_field_value_mut(self, field);
    }

    /// `types::builder::LoginBody` becomes `types::LoginBody`.
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let names: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if let [types, builder, _] = names.as_slice()
            && types == "types"
            && builder == "builder"
            && let Some(last) = path.segments.last().cloned()
        {
            *path = parse_quote!(types::#last);
        }
        visit_mut::visit_path_mut(self, path);
    }

    /// `body.and_then(|v| types::LoginBody::try_from(v)...)` has nothing left to convert.
    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        visit_mut::visit_expr_mut(self, expression);
        let syn::Expr::MethodCall(call) = expression else {
            return;
        };
        let on_body =
            matches!(call.receiver.as_ref(), syn::Expr::Path(path) if path.path.is_ident("body"));
        if on_body && call.method == "and_then" {
            let body = call.receiver.as_ref().clone();
            *expression = body;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_taken_as_its_type() {
        let mut file: syn::File = parse_quote! {
            pub mod types {
                pub struct LoginBody {}
                impl LoginBody {
                    pub fn builder() -> builder::LoginBody { Default::default() }
                }
                pub mod builder {}
            }
            pub mod builder {
                pub struct Login { body: Result<types::builder::LoginBody, String> }
                impl Login {
                    pub fn new() -> Self { Self { body: Ok(::std::default::Default::default()) } }
                    pub fn body_map(self) -> Self { self }
                    pub fn send(self) {
                        let body = body
                            .and_then(|v| types::LoginBody::try_from(v).map_err(|e| e.to_string()))
                            .map_err(Error::InvalidRequest)?;
                    }
                }
            }
        };
        assert_eq!(without_type_builders(&mut file).unwrap(), 1);
        let source = prettyplease::unparse(&file);
        assert!(
            !source.contains("body_map") && !source.contains("types::builder"),
            "{source}"
        );
        assert!(
            source.contains("Result<types::LoginBody, String>"),
            "{source}"
        );
        assert!(
            source.contains("body was not initialized") && !source.contains("and_then"),
            "{source}"
        );
    }
}
