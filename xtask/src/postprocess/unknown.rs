//! Keeps what a type does not name as it is read, in place of serde's `flatten`, which holds every
//! unknown value in a form of its own before it makes another of it.

use syn::{Item, parse_quote};

use super::required_module;
use crate::error::Error;

const PASS: &str = "unknown";

/// Rewrites the types with a map of unknown fields, and counts them.
pub(super) fn keep(file: &mut syn::File) -> Result<usize, Error> {
    let items = required_module(file, "types", PASS)?;
    let mut kept = Vec::new();
    for item in items.iter_mut() {
        let Item::Struct(item) = item else { continue };
        let Some(extra) = item.fields.iter_mut().find(|field| is_extra(field)) else {
            continue;
        };
        let flatten: syn::Attribute = parse_quote!(#[serde(flatten)]);
        let Some(attribute) = extra.attrs.iter_mut().find(|found| **found == flatten) else {
            return Err(Error::postprocess(
                PASS,
                format!(
                    "the map of unknown fields of `{}` is not flattened",
                    item.ident
                ),
            ));
        };
        *attribute = parse_quote!(#[serde(flatten, skip_deserializing)]);
        let name = &item.ident;
        let text = name.to_string();
        // The derives then make plain functions, around which the traits are written.
        item.attrs.push(parse_quote!(#[serde(remote = "Self")]));
        item.attrs.push(parse_quote!(
            #[cfg_attr(feature = "schema", schemars(rename = #text, extend("additionalProperties" = true)))]
        ));
        let fields = quote::format_ident!("{name}Fields");
        kept.push(parse_quote!(crate::extra::keep_unknown!(#name, #fields);));
    }
    let count = kept.len();
    items.extend(kept);
    Ok(count)
}

fn is_extra(field: &syn::Field) -> bool {
    field.ty == parse_quote!(crate::extra::Extra)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postprocess::module;

    #[test]
    fn only_types_that_keep_unknown_fields_are_rewritten() {
        let mut file: syn::File = parse_quote! {
            pub mod types {
                pub struct A { pub b: u8 }
                pub struct C { #[serde(flatten)] pub extra: crate::extra::Extra }
            }
        };
        assert_eq!(keep(&mut file).unwrap(), 1);
        let items = module(&mut file, "types").unwrap();
        assert_eq!(items.len(), 3);
        let words = |item: &Item| {
            let text = quote::ToTokens::to_token_stream(item).to_string();
            text.replace(' ', "")
        };
        assert_eq!(words(&items[0]), "pubstructA{pubb:u8}");
        assert_eq!(words(&items[2]), "crate::extra::keep_unknown!(C,CFields);");
    }

    #[test]
    fn a_map_that_is_not_flattened_is_refused() {
        let mut file: syn::File = parse_quote! {
            pub mod types { pub struct C { pub extra: crate::extra::Extra } }
        };
        assert!(keep(&mut file).is_err());
    }
}
