//! Lets scalars be read in the form they come in: a number as text, text as a number, lists with nulls.

use quote::ToTokens;
use syn::{Item, parse_quote};

use super::module;
use crate::error::Error;

const PASS: &str = "lenient";

/// Names the function that reads each such field, and counts the fields.
pub(super) fn read(file: &mut syn::File) -> Result<usize, Error> {
    let Some(items) = module(file, "types") else {
        return Err(Error::polish(PASS, "there is no module `types`"));
    };
    let mut count = 0;
    for item in items {
        let Item::Struct(item) = item else { continue };
        for field in &mut item.fields {
            if let Some(function) = function(&field.ty) {
                let function = format!("crate::lenient::{function}");
                field
                    .attrs
                    .push(parse_quote!(#[serde(default, deserialize_with = #function)]));
                count += 1;
            }
        }
    }
    if count == 0 {
        return Err(Error::polish(PASS, "there are no optional scalars"));
    }
    Ok(count)
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
    fn code_without_such_fields_is_refused() {
        let mut file: syn::File = parse_quote! { pub mod types { pub struct A { pub b: u8 } } };
        assert!(read(&mut file).is_err());
    }
}
