//! Code for choices among shapes: an enum with a variant for each, and one for anything else.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::normalize::{Kind, Union, Variant};
use crate::pointer::Pointer;
use crate::profile::Profile;

/// The module `unions`; nothing, if there are none. It imports nothing: a name of the document may
/// be any.
pub(crate) fn code(unions: &[Union], profile: &Profile) -> Option<TokenStream> {
    if unions.is_empty() {
        return None;
    }
    let types = unions.iter().map(|union| one(union, unions, profile));
    Some(quote! {
        #(#types)*
    })
}

fn one(union: &Union, all: &[Union], profile: &Profile) -> TokenStream {
    let name = format_ident!("{}", union.name);
    let names: Vec<_> = union
        .variants
        .iter()
        .map(|variant| format_ident!("{}", variant.name))
        .collect();
    let types: Vec<_> = union
        .variants
        .iter()
        .map(|variant| type_of(&variant.schema, all, profile))
        .collect();
    let shapes = union.variants.iter().map(shape);
    let indexes = 0..union.variants.len();
    let tag = match &union.tag {
        Some(tag) => quote!(Some(#tag)),
        None => quote!(None),
    };
    let doc = format!("A value that has one of {} shapes.", union.variants.len());
    let docs = union
        .variants
        .iter()
        .map(|variant| format!("The shape `{}`.", variant.name));
    let froms = names
        .iter()
        .zip(&types)
        .enumerate()
        .filter(|(index, (_, of))| {
            let text = of.to_string();
            // Of two variants of one type, neither is what a value of it must become.
            types
                .iter()
                .enumerate()
                .all(|(other, of)| other == *index || of.to_string() != text)
        });
    let froms = froms.map(|(_, (variant, of))| {
        quote! {
            impl ::std::convert::From<#of> for #name {
                fn from(value: #of) -> Self {
                    Self::#variant(::std::boxed::Box::new(value))
                }
            }
        }
    });
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum #name {
            #(
                #[doc = #docs]
                #names(::std::boxed::Box<#types>),
            )*
            /// None of these, as it came.
            Other(::serde_json::Value),
        }

        impl #name {
            const TAG: ::std::option::Option<&'static str> = #tag;
            const SHAPES: &'static [crate::choice::Shape] = &[#(#shapes),*];
        }

        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                match self {
                    #(Self::#names(value) => ::serde::Serialize::serialize(value, serializer),)*
                    Self::Other(value) => ::serde::Serialize::serialize(value, serializer),
                }
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let value = <::serde_json::Value as ::serde::Deserialize>::deserialize(deserializer)?;
                for index in crate::choice::ranked(&value, Self::TAG, Self::SHAPES) {
                    let read = match index {
                        #(#indexes => crate::choice::read(&value).map(Self::#names),)*
                        _ => None,
                    };
                    if let Some(read) = read {
                        return Ok(read);
                    }
                }
                Ok(Self::Other(value))
            }
        }

        #(#froms)*
    }
}

fn shape(variant: &Variant) -> TokenStream {
    let tags = &variant.tags;
    let kind = match &variant.kind {
        Kind::Object { required, known } => {
            quote!(crate::choice::Kind::Object { required: &[#(#required),*], known: &[#(#known),*] })
        }
        Kind::Array => quote!(crate::choice::Kind::Array),
        Kind::Text { known } => quote!(crate::choice::Kind::Text { known: &[#(#known),*] }),
        Kind::Integer => quote!(crate::choice::Kind::Integer),
        Kind::Number => quote!(crate::choice::Kind::Number),
        Kind::Truth => quote!(crate::choice::Kind::Truth),
        Kind::Any => quote!(crate::choice::Kind::Any),
    };
    quote!(crate::choice::Shape { tags: &[#(#tags),*], kind: #kind })
}

fn type_of(schema: &Value, all: &[Union], profile: &Profile) -> TokenStream {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    if let Some(name) = text("$ref").and_then(|reference| Pointer::component("schemas", reference))
    {
        let ident = format_ident!("{name}");
        return if all.iter().any(|union| union.name == name) {
            quote!(crate::unions::#ident)
        } else {
            quote!(crate::types::#ident)
        };
    }
    if let (Some(kind), Some(format)) = (text("type"), text("format"))
        && let Some(own) = profile.type_of(kind, format)
    {
        return path(own);
    }
    match (text("type"), text("format")) {
        (Some("integer"), Some("uint64")) => quote!(u64),
        (Some("integer"), Some("int32")) => quote!(i32),
        (Some("integer"), _) => quote!(i64),
        (Some("number"), _) => path(profile.number),
        (Some("boolean"), _) => quote!(bool),
        (Some("string"), _) => quote!(::std::string::String),
        _ => quote!(::serde_json::Value),
    }
}

/// A path that is known to be one.
fn path(text: &str) -> TokenStream {
    text.parse().unwrap_or_default()
}
