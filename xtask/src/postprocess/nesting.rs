//! Boxes what lies too deep: a type that holds a hundred others in each other is more than the
//! compiler looks into.

use std::collections::BTreeMap;

use syn::{Item, parse_quote};

use super::{first_argument, module};

/// How many types may lie in each other before one is boxed.
const DEPTH: usize = 16;

/// Boxes fields of the module `types`, and counts them.
pub(super) fn box_deep(file: &mut syn::File) -> usize {
    let Some(items) = module(file, "types") else {
        return 0;
    };
    let mut holds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in items.iter() {
        if let Item::Struct(item) = item {
            let held = item.fields.iter().filter_map(|field| held(&field.ty));
            holds.insert(item.ident.to_string(), held.collect());
        }
    }
    let mut depths = BTreeMap::new();
    for name in holds.keys() {
        depth(name, &holds, &mut depths);
    }
    let is_deep = |name: &String| depths.get(name).is_some_and(|depth| depth % DEPTH == 0);
    let mut count = 0;
    for item in items.iter_mut() {
        if let Item::Struct(item) = item {
            for field in &mut item.fields {
                if held(&field.ty).is_some_and(|name| is_deep(&name)) {
                    box_it(&mut field.ty);
                    count += 1;
                }
            }
        }
    }
    count
}

/// The type of this module that a type holds by value.
fn held(ty: &syn::Type) -> Option<String> {
    if let Some(inner) = first_argument(ty, "Option") {
        return held(inner);
    }
    let syn::Type::Path(path) = ty else {
        return None;
    };
    if let Some(name) = path.path.get_ident() {
        return Some(name.to_string());
    }
    let last = path.path.segments.last()?;
    let is_qualified = last.arguments.is_none() && path.path.segments.len() == 2;
    is_qualified.then(|| last.ident.to_string())
}

fn box_it(ty: &mut syn::Type) {
    if let syn::Type::Path(path) = &mut *ty
        && let Some(last) = path.path.segments.last_mut()
        && last.ident == "Option"
        && let syn::PathArguments::AngleBracketed(arguments) = &mut last.arguments
        && let Some(syn::GenericArgument::Type(inner)) = arguments.args.first_mut()
    {
        return box_it(inner);
    }
    let inner = ty.clone();
    *ty = parse_quote!(::std::boxed::Box<#inner>);
}

/// How many types lie in each other below this one. The generator has boxed what goes in circles.
fn depth(
    name: &str,
    holds: &BTreeMap<String, Vec<String>>,
    depths: &mut BTreeMap<String, usize>,
) -> usize {
    if let Some(known) = depths.get(name) {
        return *known;
    }
    // Until it is known, which ends a circle that there should not be.
    depths.insert(name.to_owned(), 1);
    let below = holds.get(name).into_iter().flatten();
    let deepest = below.map(|held| depth(held, holds, depths)).max();
    let own = deepest.unwrap_or_default() + 1;
    depths.insert(name.to_owned(), own);
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::format_ident;

    #[test]
    fn one_in_so_many_is_boxed() {
        let names: Vec<_> = (0..=40).map(|index| format_ident!("T{index}")).collect();
        let structs = names.windows(2).map(|pair| {
            let (outer, inner) = (&pair[0], &pair[1]);
            quote::quote! { pub struct #outer { pub n: ::std::option::Option<#inner> } }
        });
        let last = &names[40];
        let mut file: syn::File =
            parse_quote! { pub mod types { #(#structs)* pub struct #last { pub s: String } } };
        assert_eq!(box_deep(&mut file), 2);
        let source = prettyplease::unparse(&file);
        assert!(
            source.contains("::std::option::Option<::std::boxed::Box<T"),
            "{source}"
        );
    }
}
