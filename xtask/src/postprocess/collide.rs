//! The last look before anything is written: two items, fields, variants or functions of one name
//! would not compile.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Ident, Item};

use crate::error::Error;

/// An error that names every collision.
pub(super) fn check(file: &syn::File) -> Result<(), Error> {
    let mut look = Look::default();
    look.items("the crate", &file.items);
    look.visit_file(file);
    if look.found.is_empty() {
        return Ok(());
    }
    Err(Error::postprocess(
        "collide",
        format!(
            "the generated code would not compile, for these stand there twice: {}; rename one of each by an overlay action",
            look.found.join(", ")
        ),
    ))
}

#[derive(Default)]
struct Look {
    found: Vec<String>,
}

impl Look {
    fn names<'i>(&mut self, place: &str, names: impl Iterator<Item = &'i Ident>) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name) {
                self.found.push(format!("`{name}` in {place}"));
            }
        }
    }

    fn items(&mut self, place: &str, items: &[Item]) {
        let names = items.iter().filter_map(|item| match item {
            Item::Struct(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            _ => None,
        });
        self.names(place, names);
    }
}

impl Visit<'_> for Look {
    fn visit_item_mod(&mut self, module: &syn::ItemMod) {
        if let Some((_, items)) = &module.content {
            self.items(&module.ident.to_string(), items);
        }
        visit::visit_item_mod(self, module);
    }

    fn visit_item_struct(&mut self, item: &syn::ItemStruct) {
        self.names(
            &item.ident.to_string(),
            item.fields.iter().filter_map(|field| field.ident.as_ref()),
        );
    }

    fn visit_item_enum(&mut self, item: &syn::ItemEnum) {
        self.names(
            &item.ident.to_string(),
            item.variants.iter().map(|variant| &variant.ident),
        );
    }

    fn visit_item_impl(&mut self, block: &syn::ItemImpl) {
        let names = block.items.iter().filter_map(|item| match item {
            syn::ImplItem::Fn(function) => Some(&function.sig.ident),
            _ => None,
        });
        let place = match block.self_ty.as_ref() {
            syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        self.names(&place.unwrap_or_default(), names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn every_collision_is_named() {
        let file: syn::File = parse_quote! {
            pub mod types {
                pub struct A { x: (), x: () }
                pub enum A { B, B }
            }
            impl C { fn f() {} fn f() {} }
        };
        let error = check(&file).unwrap_err().to_string();
        for word in ["`x` in A", "`A` in types", "`B` in A", "`f` in C"] {
            assert!(error.contains(word), "{error}");
        }
    }
}
