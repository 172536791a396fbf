//! Moves the serde derives of types that keep unknown fields to private copies of them.
//!
//! `#[serde(remote = "Self")]` makes public functions `deserialize` and `serialize` of the type itself.
//! They win over the traits of the same names, so that `Task::deserialize(value)` would lose the unknown
//! fields. On a private copy nobody can call them.

use quote::format_ident;
use syn::punctuated::Punctuated;
use syn::{Attribute, Item, ItemStruct, Meta, Path, Token, Visibility, parse_quote};

use super::required_module;
use crate::error::Error;

const PASS: &str = "shadow";

/// Adds the copies, and returns how many there are.
pub(super) fn add(file: &mut syn::File) -> Result<usize, Error> {
    let types = required_module(file, "types", PASS)?;
    let remote: Attribute = parse_quote!(#[serde(remote = "Self")]);
    let mut copies = Vec::new();
    for item in types.iter_mut() {
        if let Item::Struct(item) = item
            && item.attrs.contains(&remote)
        {
            item.attrs.retain(|attribute| *attribute != remote);
            copies.push(Item::Struct(copy(item)));
            without_serde(item)?;
        }
    }
    let count = copies.len();
    types.extend(copies);
    Ok(count)
}

fn copy(item: &ItemStruct) -> ItemStruct {
    let remote = item.ident.to_string();
    let mut copy = item.clone();
    copy.ident = format_ident!("{remote}Fields");
    copy.vis = Visibility::Inherited;
    copy.attrs = vec![
        parse_quote!(#[derive(::serde::Deserialize, ::serde::Serialize)]),
        parse_quote!(#[serde(remote = #remote)]),
        parse_quote!(#[allow(dead_code)]),
    ];
    for field in &mut copy.fields {
        field.vis = Visibility::Inherited;
        field
            .attrs
            .retain(|attribute| attribute.path().is_ident("serde"));
    }
    copy
}

/// Drops the derives of serde. Its attributes stay for the schema, which is made from them.
fn without_serde(item: &mut ItemStruct) -> Result<(), Error> {
    for attribute in &mut item.attrs {
        if attribute.path().is_ident("derive") {
            let traits = attribute
                .parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
                .map_err(|error| Error::postprocess(PASS, error.to_string()))?;
            let kept = traits.into_iter().filter(|path| {
                let last = path.segments.last().map(|last| last.ident.to_string());
                !matches!(last.as_deref(), Some("Deserialize" | "Serialize"))
            });
            *attribute = parse_quote!(#[derive(#(#kept),*)]);
        }
    }
    let fields = item.fields.iter_mut().flat_map(|field| &mut field.attrs);
    for attribute in item.attrs.iter_mut().chain(fields) {
        if let Meta::List(list) = &attribute.meta
            && list.path.is_ident("serde")
        {
            let list = list.clone();
            *attribute = parse_quote!(#[cfg_attr(feature = "schema", #list)]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    #[test]
    fn the_derives_of_serde_move_to_a_private_copy() {
        let mut file: syn::File = parse_quote! {
            pub mod types {
                /// A task.
                #[derive(::serde::Deserialize, ::serde::Serialize, Clone)]
                #[serde(remote = "Self")]
                pub struct Task {
                    /// Its id.
                    #[serde(rename = "taskId")]
                    pub id: Option<String>,
                }
                #[derive(::serde::Serialize)]
                pub struct Body {}
            }
        };
        assert_eq!(add(&mut file).unwrap(), 1);
        let text = file.to_token_stream().to_string().replace(' ', "");
        for expected in [
            "#[derive(Clone)]pubstructTask{",
            "#[cfg_attr(feature=\"schema\",serde(rename=\"taskId\"))]pubid:Option<String>",
            "#[serde(remote=\"Task\")]#[allow(dead_code)]structTaskFields{\
             #[serde(rename=\"taskId\")]id:Option<String>",
            "#[derive(::serde::Serialize)]pubstructBody{}",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}
