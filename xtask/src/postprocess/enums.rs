//! Opens every enum: an unknown value is kept in a last variant, and comes out again as it went in.

use std::collections::BTreeMap;

use syn::{Item, ItemEnum, parse_quote};

use super::{impl_target, impl_trait, required_module, serde_name};
use crate::error::Error;

const PASS: &str = "enums";

/// Opens the enums of the module `types`, and counts them.
pub(super) fn open(file: &mut syn::File) -> Result<usize, Error> {
    let items = required_module(file, "types", PASS)?;
    let mut opened = BTreeMap::new();
    for item in items.iter_mut() {
        if let Item::Enum(item) = item
            && item
                .variants
                .iter()
                .all(|variant| matches!(variant.fields, syn::Fields::Unit))
        {
            let values = open_enum(item)?;
            opened.insert(item.ident.clone(), values);
        }
    }
    // The conversions of a closed enum can fail; those of an open one cannot, so they are written
    // anew.
    items.retain(|item| match item {
        Item::Impl(block) => !impl_target(block).is_some_and(|name| {
            opened.contains_key(name)
                && matches!(
                    impl_trait(block).as_deref(),
                    Some("Display" | "FromStr" | "TryFrom")
                )
        }),
        _ => true,
    });
    for (name, values) in &opened {
        items.extend(conversions(name, values));
    }
    drop_unused_error(items);
    Ok(opened.len())
}

type Values = Vec<(syn::Ident, String)>;

fn open_enum(item: &mut ItemEnum) -> Result<Values, Error> {
    let mut values = Values::new();
    for variant in &item.variants {
        if variant.ident == "Unknown" {
            return Err(Error::postprocess(
                PASS,
                format!("{} has a variant `Unknown` of its own", item.ident),
            ));
        }
        let value = serde_name(&variant.attrs).unwrap_or_else(|| variant.ident.to_string());
        values.push((variant.ident.clone(), value));
    }
    for attribute in item
        .attrs
        .iter_mut()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        let traits = attribute
            .parse_args_with(
                syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated,
            )
            .map_err(|error| Error::postprocess(PASS, error.to_string()))?;
        let kept = traits.into_iter().filter(|path| !path.is_ident("Copy"));
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
    }
    item.attrs.push(parse_quote!(#[non_exhaustive]));
    item.variants.push(parse_quote! {
        /// A value that this version does not name, exactly as the service sent it. Compare the
        /// enum with a string (`status == "DONE"`) rather than matching on this variant: a later
        /// version may name the value.
        #[serde(untagged)]
        Unknown(::std::string::String)
    });
    Ok(values)
}

fn conversions(name: &syn::Ident, values: &Values) -> Vec<Item> {
    let (variants, texts): (Vec<_>, Vec<_>) =
        values.iter().map(|(variant, text)| (variant, text)).unzip();
    vec![
        parse_quote! {
            impl #name {
                /// Returns the value as it is on the wire.
                pub fn as_str(&self) -> &str {
                    match self {
                        #(Self::#variants => #texts,)*
                        Self::Unknown(value) => value,
                    }
                }
            }
        },
        parse_quote! {
            /// Compares with the value on the wire, whatever the case of either.
            impl ::std::cmp::PartialEq<str> for #name {
                fn eq(&self, other: &str) -> bool {
                    self.as_str().eq_ignore_ascii_case(other)
                }
            }
        },
        parse_quote! {
            /// Compares with the value on the wire, whatever the case of either.
            impl ::std::cmp::PartialEq<&str> for #name {
                fn eq(&self, other: &&str) -> bool {
                    *self == **other
                }
            }
        },
        parse_quote! {
            impl ::std::fmt::Display for #name {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.pad(self.as_str())
                }
            }
        },
        parse_quote! {
            impl ::std::convert::From<&str> for #name {
                fn from(value: &str) -> Self {
                    match value {
                        #(#texts => Self::#variants,)*
                        _ => Self::Unknown(value.to_owned()),
                    }
                }
            }
        },
        parse_quote! {
            impl ::std::convert::From<::std::string::String> for #name {
                fn from(value: ::std::string::String) -> Self {
                    match value.as_str() {
                        #(#texts => Self::#variants,)*
                        _ => Self::Unknown(value),
                    }
                }
            }
        },
        parse_quote! {
            impl ::std::str::FromStr for #name {
                type Err = ::std::convert::Infallible;

                fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                    Ok(Self::from(value))
                }
            }
        },
    ]
}

/// The error of conversions that can no longer fail.
fn drop_unused_error(items: &mut Vec<Item>) {
    let is_used = items.iter().any(|item| match item {
        Item::Mod(_) => false,
        other => quote::ToTokens::to_token_stream(other)
            .to_string()
            .contains("ConversionError"),
    });
    if !is_used {
        items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "error"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(variant: &syn::Ident) -> syn::File {
        parse_quote! {
            pub mod types {
                #[derive(Clone, Copy, Debug)]
                pub enum State {
                    #[serde(rename = "ACTIVE")]
                    #variant,
                }
                impl ::std::str::FromStr for State {
                    type Err = self::error::ConversionError;
                }
                pub mod error {}
            }
        }
    }

    #[test]
    fn an_opened_enum_keeps_unknown_values_and_is_not_copy() {
        let mut file = closed(&parse_quote!(Active));
        assert_eq!(open(&mut file).unwrap(), 1);
        let source = prettyplease::unparse(&file);
        assert!(
            source.contains("Unknown(::std::string::String)") && !source.contains("Copy"),
            "{source}"
        );
        assert!(
            source.contains("\"ACTIVE\" => Self::Active") && !source.contains("mod error"),
            "{source}"
        );
    }

    #[test]
    fn a_value_named_unknown_is_refused() {
        assert!(open(&mut closed(&parse_quote!(Unknown))).is_err());
    }
}
