//! Lets a builder own its client instead of borrowing it, so that a request can be built in one
//! place and sent in another, such as a task of its own.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Generics, PathArguments, Type, parse_quote};

use super::required_module;
use crate::error::Error;

const PASS: &str = "owned_client";

/// Rewrites the builders and the methods that make them, and returns how many builders there are.
pub(super) fn own(file: &mut syn::File) -> Result<usize, Error> {
    let builders = required_module(file, "builder", PASS)?;
    let mut pass = Builders { owned: 0 };
    for item in builders {
        pass.visit_item_mut(item);
    }
    let mut methods = Methods { rewritten: 0 };
    for item in &mut file.items {
        methods.visit_item_mut(item);
    }
    if methods.rewritten != pass.owned {
        let what = format!(
            "{} builders own their client, and {} methods make one",
            pass.owned, methods.rewritten
        );
        return Err(Error::postprocess(PASS, what));
    }
    Ok(pass.owned)
}

/// Changes `client: &'a super::Client` to `client: super::Client`, and drops the lifetime.
struct Builders {
    owned: usize,
}

impl VisitMut for Builders {
    fn visit_generics_mut(&mut self, generics: &mut Generics) {
        let params = std::mem::take(&mut generics.params);
        generics.params = params
            .into_iter()
            .filter(|param| !matches!(param, syn::GenericParam::Lifetime(_)))
            .collect();
        if generics.params.is_empty() {
            generics.lt_token = None;
            generics.gt_token = None;
        }
        visit_mut::visit_generics_mut(self, generics);
    }

    fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
        drop_lifetime(&mut block.self_ty);
        visit_mut::visit_item_impl_mut(self, block);
    }

    fn visit_field_mut(&mut self, field: &mut syn::Field) {
        self.owned += usize::from(own_client(&mut field.ty));
    }

    fn visit_pat_type_mut(&mut self, argument: &mut syn::PatType) {
        own_client(&mut argument.ty);
    }
}

fn own_client(reference: &mut Type) -> bool {
    let Type::Reference(borrowed) = reference else {
        return false;
    };
    let client: Type = parse_quote!(super::Client);
    let is_client = *borrowed.elem == client;
    if is_client {
        *reference = client;
    }
    is_client
}

fn drop_lifetime(builder: &mut Type) {
    if let Type::Path(path) = builder
        && let Some(last) = path.path.segments.last_mut()
    {
        last.arguments = PathArguments::None;
    }
}

/// Changes `fn get(&self) -> builder::Get<'_> { builder::Get::new(self) }` to pass a clone.
struct Methods {
    rewritten: usize,
}

impl VisitMut for Methods {
    fn visit_item_mod_mut(&mut self, _: &mut syn::ItemMod) {}

    fn visit_type_path_mut(&mut self, path: &mut syn::TypePath) {
        let is_builder = path
            .path
            .segments
            .first()
            .is_some_and(|first| first.ident == "builder");
        if is_builder && let Some(last) = path.path.segments.last_mut() {
            last.arguments = PathArguments::None;
        }
    }

    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        let this: Expr = parse_quote!(self);
        let is_new = matches!(call.func.as_ref(), Expr::Path(path)
            if path.path.segments.first().is_some_and(|first| first.ident == "builder"));
        if is_new && call.args.first() == Some(&this) {
            call.args = parse_quote!(self.clone());
            self.rewritten += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    #[test]
    fn a_builder_owns_a_clone_of_its_client() {
        let mut file: syn::File = parse_quote! {
            impl Client {
                pub fn get(&self) -> builder::Get<'_> { builder::Get::new(self) }
            }
            pub mod builder {
                pub struct Get<'a> { client: &'a super::Client, id: Result<String, String> }
                impl<'a> Get<'a> {
                    pub fn new(client: &'a super::Client) -> Self { Self { client: client } }
                    pub fn id<V>(mut self, value: V) -> Self where V: Into<String> { self }
                }
            }
        };
        assert_eq!(own(&mut file).unwrap(), 1);
        let text = file.to_token_stream().to_string().replace(' ', "");
        for expected in [
            "pubfnget(&self)->builder::Get{builder::Get::new(self.clone())}",
            "pubstructGet{client:super::Client,",
            "implGet{pubfnnew(client:super::Client)->Self",
            "pubfnid<V>(mutself",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!(
            own(&mut parse_quote! { pub mod builder { struct A { client: &'a super::Client } } })
                .is_err()
        );
    }
}
