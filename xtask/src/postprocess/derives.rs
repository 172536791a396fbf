//! Gives the types what the generator leaves out: a `Default` where every field is optional, room
//! to grow, and a map of unknown fields that does not print them; those of the project's own client
//! also comparisons, and a schema behind a feature.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Ident, Item, parse_quote};

use super::required_module;
use crate::error::Error;

const PASS: &str = "derives";

/// What the pass did.
pub(super) struct Done {
    pub(super) types: usize,
    /// How many of them keep unknown fields.
    pub(super) kept: usize,
}

/// Adds the attributes that the types of any client have, and counts the types.
pub(super) fn derive(file: &mut syn::File) -> Result<Done, Error> {
    let items = required_module(file, "types", PASS)?;
    let (mut count, mut kept) = (0, 0);
    for item in items {
        match item {
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
            }
            Item::Enum(_) => {}
            _ => continue,
        }
        count += 1;
    }
    Ok(Done { types: count, kept })
}

/// Adds what needs the project's own crate: the feature `schema`, and support types that can be
/// compared. A type that holds a secret, at whatever depth, is not compared with `==`, which may
/// tell by its time how much of one was right.
pub(super) fn compare(file: &mut syn::File, unions: Option<&mut syn::File>) -> Result<(), Error> {
    let types = required_module(file, "types", PASS)?;
    let unions = unions.map_or(&mut [][..], |file| &mut file.items);
    let secret = secret(types.iter().chain(&*unions).collect());
    let compared = |name: &Ident| {
        (!secret.contains(name)).then(|| parse_quote!(#[derive(PartialEq, Eq, Hash)]))
    };
    for item in types {
        let attributes = match item {
            Item::Struct(item) => {
                item.attrs.extend(compared(&item.ident));
                &mut item.attrs
            }
            // The generator makes them comparable.
            Item::Enum(item) => &mut item.attrs,
            _ => continue,
        };
        attributes
            .push(parse_quote!(#[cfg_attr(feature = "schema", derive(::schemars::JsonSchema))]));
    }
    for item in unions {
        if let Item::Enum(item) = item {
            item.attrs.extend(compared(&item.ident));
            item.attrs.push(parse_quote! {
                #[cfg_attr(feature = "schema", derive(::schemars::JsonSchema), schemars(untagged))]
            });
        }
    }
    Ok(())
}

/// The names of the types that hold a secret, themselves or in others.
fn secret(items: Vec<&Item>) -> BTreeSet<Ident> {
    let mut open: Vec<(&Ident, BTreeSet<Ident>)> = Vec::new();
    for item in items {
        let mut idents = BTreeSet::new();
        let name = match item {
            Item::Struct(item) => {
                let types = item.fields.iter().map(|field| &field.ty);
                types.for_each(|ty| collect(ty.to_token_stream(), &mut idents));
                &item.ident
            }
            Item::Enum(item) => {
                let fields = item.variants.iter().map(|variant| &variant.fields);
                fields.for_each(|fields| collect(fields.to_token_stream(), &mut idents));
                &item.ident
            }
            _ => continue,
        };
        open.push((name, idents));
    }
    let mut found = BTreeSet::from([quote::format_ident!("Secret")]);
    loop {
        let before = found.len();
        open.retain(|(name, idents)| {
            let is_secret = !idents.is_disjoint(&found);
            if is_secret {
                found.insert((*name).clone());
            }
            !is_secret
        });
        if found.len() == before {
            return found;
        }
    }
}

fn collect(tokens: TokenStream, idents: &mut BTreeSet<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                idents.insert(ident);
            }
            TokenTree::Group(group) => collect(group.stream(), idents),
            _ => {}
        }
    }
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

fn is_optional(field: &syn::Field) -> bool {
    let syn::Type::Path(path) = &field.ty else {
        return false;
    };
    path.path
        .segments
        .last()
        .is_some_and(|last| last.ident == "Option" || last.ident == "Extra")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_secret_at_any_depth_is_not_compared() {
        let mut client: syn::File = parse_quote! {
            pub mod types {
                pub struct Login { password: Option<crate::secret::Secret> }
                pub struct Account { logins: Vec<Sign>, name: String }
                pub struct Secretary { name: String }
            }
        };
        let mut unions: syn::File = parse_quote! {
            pub enum Sign { In(::std::boxed::Box<crate::types::Login>), Other(::serde_json::Value) }
            pub enum Word { Text(::std::boxed::Box<String>) }
        };
        compare(&mut client, Some(&mut unions)).unwrap();
        let source = prettyplease::unparse(&client) + &prettyplease::unparse(&unions);
        for (name, is_compared) in [
            ("struct Login", false),
            ("struct Account", false),
            ("struct Secretary", true),
            ("enum Sign", false),
            ("enum Word", true),
        ] {
            let (before, _) = source.split_once(name).unwrap();
            let own = before.rsplit('}').next().unwrap();
            assert_eq!(own.contains("PartialEq"), is_compared, "{name}: {source}");
        }
    }
}
