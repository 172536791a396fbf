//! Gives the types what the generator leaves out: a `Default` where every field is optional, room
//! to grow, a map of unknown fields that does not print them, and a schema behind a feature.

use syn::{Item, parse_quote};

use super::required_module;
use crate::error::Error;

const PASS: &str = "derives";

/// What the pass did.
pub(super) struct Done {
    pub(super) types: usize,
    /// How many of them keep unknown fields.
    pub(super) kept: usize,
}

/// Adds the attributes, and counts the types. Schemas and comparisons need what only the project's
/// own crate has: the feature `schema`, and support types that can be compared.
pub(super) fn derive(file: &mut syn::File, is_own: bool) -> Result<Done, Error> {
    let items = required_module(file, "types", PASS)?;
    let (mut count, mut kept) = (0, 0);
    for item in items {
        let attributes = match item {
            Item::Struct(item) => {
                for field in &mut item.fields {
                    if field.ident.as_ref().is_some_and(|name| name == "extra")
                        && holds_anything(&field.ty)
                    {
                        field.ty = parse_quote!(crate::extra::Extra);
                        kept += 1;
                    }
                }
                if item.fields.iter().all(is_optional) {
                    if !derives_default(&item.attrs) {
                        item.attrs.push(parse_quote!(#[derive(Default)]));
                    }
                    item.attrs.push(parse_quote!(#[non_exhaustive]));
                }
                // Secrets are not compared with `==`, which may tell by its time how much of one
                // was right.
                if is_own && !item.fields.iter().any(is_secret) {
                    item.attrs
                        .push(parse_quote!(#[derive(PartialEq, Eq, Hash)]));
                }
                &mut item.attrs
            }
            Item::Enum(item) => &mut item.attrs,
            _ => continue,
        };
        if is_own {
            attributes.push(
                parse_quote!(#[cfg_attr(feature = "schema", derive(::schemars::JsonSchema))]),
            );
        }
        count += 1;
    }
    Ok(Done { types: count, kept })
}

/// A map of values of any kind, as against one of a kind that the document names.
fn holds_anything(ty: &syn::Type) -> bool {
    let syn::Type::Path(path) = ty else {
        return false;
    };
    let last = path.path.segments.last();
    last.is_some_and(|last| last.ident == "Map" || last.ident == "Extra")
}

/// The generator derives it where there is no map of unknown fields.
fn derives_default(attributes: &[syn::Attribute]) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
        .any(|attribute| {
            let mut found = false;
            // A derive list has no nested attributes that could fail to parse.
            let _ = attribute.parse_nested_meta(|meta| {
                found |= meta
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == "Default");
                Ok(())
            });
            found
        })
}

fn is_secret(field: &syn::Field) -> bool {
    quote::ToTokens::to_token_stream(&field.ty)
        .to_string()
        .contains("Secret")
}

fn is_optional(field: &syn::Field) -> bool {
    let syn::Type::Path(path) = &field.ty else {
        return false;
    };
    path.path
        .segments
        .last()
        .is_some_and(|last| last.ident == "Option" || last.ident == "Extra")
}
