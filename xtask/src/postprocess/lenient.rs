//! Lets scalars be read in the form they come in: a number as text or as the value of an enum, text
//! as a number, lists with nulls.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Item, Meta, Path, Token, parse_quote};

use super::required_module;
use crate::error::Error;

const PASS: &str = "lenient";

/// Names the function that reads each such field, and counts the fields.
pub(super) fn read(file: &mut syn::File) -> Result<usize, Error> {
    let items = required_module(file, "types", PASS)?;
    let mut count = 0;
    let mut readers = Vec::new();
    for item in items.iter_mut() {
        let item = match item {
            Item::Struct(item) => item,
            Item::Enum(item) if is_open(item) => {
                readers.push(reader(item)?);
                continue;
            }
            _ => continue,
        };
        for field in &mut item.fields {
            if let Some(function) = function(&field.ty) {
                let function = format!("crate::lenient::{function}");
                if !replaced(&mut field.attrs, &function)? {
                    field
                        .attrs
                        .push(parse_quote!(#[serde(default, deserialize_with = #function)]));
                }
                count += 1;
            }
        }
    }
    items.extend(readers);
    Ok(count)
}

/// Reads a field by another function, where it has one; whether it has. The generator gives one to
/// a field that is required and can be null: it must stay an error that such a field is missing.
fn replaced(attributes: &mut [syn::Attribute], function: &str) -> Result<bool, Error> {
    for attribute in attributes {
        if !attribute.path().is_ident("serde") {
            continue;
        }
        let mut options = attribute
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .map_err(|error| Error::postprocess(PASS, error.to_string()))?;
        let mut own = options.iter_mut();
        if let Some(own) = own.find(|option| option.path().is_ident("deserialize_with")) {
            *own = parse_quote!(deserialize_with = #function);
            *attribute = parse_quote!(#[serde(#options)]);
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether it has the variant that keeps unknown values.
fn is_open(item: &syn::ItemEnum) -> bool {
    let last = item.variants.last();
    last.is_some_and(|last| last.ident == "Unknown")
}

/// Reads an open enum by its own conversions: it takes numbers, too, and does not try one variant
/// after the other.
fn reader(item: &mut syn::ItemEnum) -> Result<Item, Error> {
    for attribute in item
        .attrs
        .iter_mut()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        let traits = attribute
            .parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
            .map_err(|error| Error::postprocess(PASS, error.to_string()))?;
        let kept = traits.into_iter().filter(|path| {
            path.segments
                .last()
                .is_none_or(|last| last.ident != "Deserialize")
        });
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
    }
    let name = &item.ident;
    Ok(parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                crate::lenient::word(deserializer)
            }
        }
    })
}

/// The function for a field that may be missing; none for a type that is lenient itself.
fn function(field: &syn::Type) -> Option<&'static str> {
    let written = field.to_token_stream().to_string().replace(' ', "");
    let inner = written
        .strip_prefix("::std::option::Option<")?
        .strip_suffix('>')?;
    match inner {
        "::std::string::String" => Some("text"),
        "i64" => Some("integer"),
        "bool" => Some("boolean"),
        "::std::vec::Vec<::std::string::String>" => Some("texts"),
        list if list.starts_with("::std::vec::Vec<") => Some("list"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_optional_scalars_and_lists_are_read_so() {
        for (field, expected) in [
            (
                parse_quote!(::std::option::Option<::std::string::String>),
                Some("text"),
            ),
            (parse_quote!(::std::option::Option<i64>), Some("integer")),
            (parse_quote!(::std::option::Option<bool>), Some("boolean")),
            (
                parse_quote!(::std::option::Option<::std::vec::Vec<BillLine>>),
                Some("list"),
            ),
            (
                parse_quote!(::std::option::Option<::std::vec::Vec<::std::string::String>>),
                Some("texts"),
            ),
            (parse_quote!(::std::string::String), None),
            (
                parse_quote!(::std::option::Option<crate::secret::Secret>),
                None,
            ),
        ] {
            assert_eq!(function(&field), expected, "{}", field.to_token_stream());
        }
    }

    #[test]
    fn a_field_is_read_by_one_function() {
        let mut file: syn::File = parse_quote! {
            pub mod types {
                pub struct A {
                    #[serde(rename = "B", deserialize_with = "::std::option::Option::deserialize")]
                    pub b: ::std::option::Option<::std::string::String>,
                    pub c: u8,
                }
            }
        };
        assert_eq!(read(&mut file).unwrap(), 1);
        let code = file.to_token_stream().to_string();
        assert_eq!(code.matches("deserialize_with").count(), 1, "{code}");
        assert!(
            code.contains("crate::lenient::text") && !code.contains("default"),
            "{code}"
        );
    }
}
