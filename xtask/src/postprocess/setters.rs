//! Gives each type a `with_` method per field, so that a value of a type that is `non_exhaustive`
//! can be written in one expression.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Item, ItemStruct, parse_quote};

use super::{first_argument, required_module};
use crate::error::Error;

const PASS: &str = "setters";

/// Adds the methods to the types that have a `Default`, and returns how many were added.
pub(super) fn add(file: &mut syn::File) -> Result<usize, Error> {
    let types = required_module(file, "types", PASS)?;
    let mut added = 0;
    let mut with_setters = Vec::with_capacity(types.len());
    for item in types.drain(..) {
        let block = match &item {
            Item::Struct(item) if is_open(item) => {
                let setters: Vec<_> = item.fields.iter().filter_map(setter).collect();
                added += setters.len();
                let name = &item.ident;
                (!setters.is_empty()).then(|| parse_quote!(impl #name { #(#setters)* }))
            }
            _ => None,
        };
        with_setters.push(item);
        with_setters.extend(block);
    }
    *types = with_setters;
    Ok(added)
}

fn is_open(item: &ItemStruct) -> bool {
    item.attrs
        .iter()
        .any(|attribute| attribute.path().is_ident("non_exhaustive"))
}

fn setter(field: &syn::Field) -> Option<TokenStream> {
    let name = field.ident.as_ref()?;
    if name == "extra" {
        return Some(quote! {
            /// Adds a field that this type does not name, or replaces it.
            #[must_use]
            pub fn with_extra(
                mut self,
                name: impl Into<::std::string::String>,
                value: impl Into<::serde_json::Value>,
            ) -> Self {
                self.extra.insert(name, value);
                self
            }
        });
    }
    let method = format_ident!("with_{}", name.to_string().trim_end_matches('_'));
    let doc = format!("Sets [`{name}`](Self::{name}).");
    let inner = first_argument(&field.ty, "Option")?;
    Some(quote! {
        #[doc = #doc]
        #[must_use]
        pub fn #method(mut self, value: impl Into<#inner>) -> Self {
            self.#name = Some(value.into());
            self
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    #[test]
    fn each_field_of_an_open_type_has_a_setter() {
        let mut file: syn::File = parse_quote! {
            pub mod types {
                #[non_exhaustive]
                pub struct Task { pub type_: Option<TaskType>, pub extra: crate::extra::Extra }
                pub struct Closed { pub a: Option<u8> }
            }
        };
        assert_eq!(add(&mut file).unwrap(), 2);
        let text = file.to_token_stream().to_string().replace(' ', "");
        assert!(
            text.contains("pubfnwith_type(mutself,value:implInto<TaskType>)->Self"),
            "{text}"
        );
        assert!(text.contains("pubfnwith_extra("), "{text}");
        assert!(!text.contains("with_a("), "{text}");
    }
}
