//! Makes the required parameters of an operation arguments of the method that starts its request,
//! so that a call that lacks one does not compile. Several of them are a struct with named fields,
//! for two of one type would be swapped in silence.

use std::collections::BTreeMap;

use syn::{Expr, FnArg, Ident, ImplItem, Item, ItemImpl, ItemStruct, Stmt, Type, parse_quote};

use super::{first_argument, required_module};
use crate::error::Error;

const PASS: &str = "required";

/// The required parameters of each operation, by the name of its builder.
pub(super) type Required = BTreeMap<Ident, Vec<(Ident, Type)>>;

/// How many operations have a required parameter.
pub(super) fn count(required: &Required) -> usize {
    let parameters = required.values();
    parameters
        .filter(|parameters| !parameters.is_empty())
        .count()
}

/// Rewrites the builders and the methods that make them. `home` is the module of the structs, which
/// have the names of the builders.
pub(super) fn arguments(file: &mut syn::File, home: &str) -> Result<Required, Error> {
    let home = quote::format_ident!("{home}");
    let mut found = Required::new();
    let mut current: Option<&mut ItemStruct> = None;
    for item in required_module(file, "builder", PASS)? {
        match item {
            Item::Struct(builder) => current = Some(builder),
            Item::Impl(block) => {
                let Some(builder) = current.take() else {
                    continue;
                };
                let parameters = parameters(builder, block);
                set_at_once(builder, block, &parameters, &home);
                found.insert(builder.ident.clone(), parameters);
            }
            _ => {}
        }
    }
    let methods = file.items.iter_mut().filter_map(|item| match item {
        Item::Impl(block) => Some(&mut block.items),
        _ => None,
    });
    let mut made = 0;
    for item in methods.flatten() {
        if let ImplItem::Fn(function) = item
            && let Some(name) = made_by(function)
            && let Some(parameters) = found.get(&name)
        {
            take(function, &name, parameters, &home);
            made += 1;
        }
    }
    if made != found.len() {
        let what = format!("{} builders, and {made} methods make one", found.len());
        return Err(Error::postprocess(PASS, what));
    }
    Ok(found)
}

/// The struct of the parameters of one operation, which are described by their names.
pub(super) fn structure(
    name: &Ident,
    parameters: &[(Ident, Type)],
    descriptions: &BTreeMap<String, String>,
) -> ItemStruct {
    let fields = parameters.iter().map(|(name, ty)| {
        let doc = match descriptions.get(&name.to_string()) {
            Some(description) => format!(" {description}"),
            None if name == "body" => " The body of the request.".to_owned(),
            None => format!(" The parameter `{name}`."),
        };
        quote::quote!(#[doc = #doc] pub #name: #ty)
    });
    parse_quote! { pub struct #name { #(#fields),* } }
}

/// The module of the structs of a client without types for its operations; nothing, if no
/// operation requires several parameters.
pub(super) fn module(
    required: &Required,
    descriptions: &BTreeMap<String, String>,
) -> Option<syn::File> {
    let several = required
        .iter()
        .filter(|(_, parameters)| parameters.len() > 1);
    let structs = several.map(|(name, parameters)| {
        let mut item = structure(name, parameters, descriptions);
        let doc = format!(" The required parameters of [`{name}`](super::builder::{name}).");
        item.attrs.push(parse_quote!(#[doc = #doc]));
        let body: Type = parse_quote!(reqwest::Body);
        item.attrs
            .push(match parameters.iter().any(|(_, ty)| *ty == body) {
                // It may be a stream.
                true => parse_quote!(#[derive(Debug)]),
                false => parse_quote!(#[derive(Clone, Debug)]),
            });
        Item::Struct(item)
    });
    let structs: Vec<Item> = structs.collect();
    (!structs.is_empty()).then(|| {
        parse_quote! {
            #[allow(unused_imports)]
            use super::types;
            #(#structs)*
        }
    })
}

/// `task_id: Err("task_id was not initialized".to_string())` says that a parameter is required.
fn parameters(builder: &ItemStruct, block: &mut ItemImpl) -> Vec<(Ident, Type)> {
    let Some(values) = start(block) else {
        return Vec::new();
    };
    let unset: Vec<&syn::Member> = values
        .fields
        .iter()
        .filter(|field| matches!(&field.expr, Expr::Call(call) if call.func == parse_quote!(Err)))
        .map(|field| &field.member)
        .collect();
    let fields = builder.fields.iter().filter_map(|field| {
        let name = field.ident.clone()?;
        let ty = first_argument(&field.ty, "Result")?.clone();
        unset
            .contains(&&syn::Member::Named(name.clone()))
            .then_some((name, ty))
    });
    fields.collect()
}

/// The `Self { .. }` of the function `new`.
fn start(block: &mut ItemImpl) -> Option<&mut syn::ExprStruct> {
    let new = function(block, "new")?;
    new.block
        .stmts
        .iter_mut()
        .find_map(|statement| match statement {
            Stmt::Expr(Expr::Struct(values), _) => Some(values),
            _ => None,
        })
}

fn function<'b>(block: &'b mut ItemImpl, name: &str) -> Option<&'b mut syn::ImplItemFn> {
    block.items.iter_mut().find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == name => Some(function),
        _ => None,
    })
}

/// Lets `new` take the parameters, and drops what set and checked them.
fn set_at_once(
    builder: &mut ItemStruct,
    block: &mut ItemImpl,
    parameters: &[(Ident, Type)],
    home: &Ident,
) {
    let is_one = |name: &Ident| parameters.iter().any(|(one, _)| one == name);
    for field in &mut builder.fields {
        let parameter = parameters
            .iter()
            .find(|(name, _)| Some(name) == field.ident.as_ref());
        if let Some((_, ty)) = parameter {
            field.ty = ty.clone();
        }
    }
    block
        .items
        .retain(|item| !matches!(item, ImplItem::Fn(function) if is_one(&function.sig.ident)));
    if let Some(values) = start(block) {
        for field in &mut values.fields {
            if let syn::Member::Named(name) = &field.member
                && is_one(name)
            {
                *field = parse_quote!(#name);
            }
        }
    }
    if let Some(new) = function(block, "new") {
        match parameters {
            [] => {}
            [(name, ty)] => new.sig.inputs.push(parse_quote!(#name: #ty)),
            several => {
                let ident = &builder.ident;
                let names = several.iter().map(|(name, _)| name);
                new.sig
                    .inputs
                    .push(parse_quote!(parameters: super::#home::#ident));
                let parts = parse_quote!(let super::#home::#ident { #(#names),* } = parameters;);
                new.block.stmts.insert(0, parts);
            }
        }
    }
    if let Some(send) = function(block, "send") {
        send.block
            .stmts
            .retain(|statement| !checks(statement, &is_one));
    }
}

/// `let task_id = task_id.map_err(Error::InvalidRequest)?;`
fn checks(statement: &Stmt, is_one: &dyn Fn(&Ident) -> bool) -> bool {
    let Stmt::Local(local) = statement else {
        return false;
    };
    let syn::Pat::Ident(pattern) = &local.pat else {
        return false;
    };
    let name = &pattern.ident;
    let check: Expr = parse_quote!(#name.map_err(Error::InvalidRequest)?);
    is_one(name)
        && local
            .init
            .as_ref()
            .is_some_and(|value| *value.expr == check)
}

/// The builder that a method of the client makes by `builder::GetTask::new(..)`.
fn made_by(function: &syn::ImplItemFn) -> Option<Ident> {
    let [Stmt::Expr(Expr::Call(call), None)] = function.block.stmts.as_slice() else {
        return None;
    };
    let Expr::Path(path) = call.func.as_ref() else {
        return None;
    };
    let segments: Vec<&Ident> = path.path.segments.iter().map(|part| &part.ident).collect();
    match segments.as_slice() {
        [module, name, new] if *module == "builder" && *new == "new" => Some((*name).clone()),
        _ => None,
    }
}

fn take(
    function: &mut syn::ImplItemFn,
    builder: &Ident,
    parameters: &[(Ident, Type)],
    home: &Ident,
) {
    let (input, value): (FnArg, Expr) = match parameters {
        [] => return,
        [(name, ty)] => (
            parse_quote!(#name: impl ::std::convert::Into<#ty>),
            parse_quote!(#name.into()),
        ),
        _ => (
            parse_quote!(parameters: #home::#builder),
            parse_quote!(parameters),
        ),
    };
    function.sig.inputs.push(input);
    if let Some(Stmt::Expr(Expr::Call(call), _)) = function.block.stmts.first_mut() {
        call.args.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    fn with(parameters: &str) -> String {
        let builder: syn::ItemMod = syn::parse_str(&format!(
            "pub mod builder {{
                pub struct Get {{ client: super::Client, {parameters} page: Result<Option<i64>, String> }}
                impl Get {{
                    pub fn new(client: super::Client) -> Self {{
                        Self {{ client: client, {} page: Ok(None) }}
                    }}
                    pub fn a<V>(mut self, value: V) -> Self {{ self }}
                    pub fn page<V>(mut self, value: V) -> Self {{ self }}
                    pub async fn send(self) {{
                        let Self {{ client, a, page }} = self;
                        let a = a.map_err(Error::InvalidRequest)?;
                        let page = page.map_err(Error::InvalidRequest)?;
                    }}
                }}
            }}",
            parameters.replace("Result<i64, String>", "Err(\"was not initialized\".to_string())")
        ))
        .unwrap();
        let mut file: syn::File = parse_quote! {
            impl Client { pub fn get(&self) -> builder::Get { builder::Get::new(self.clone()) } }
            #builder
        };
        arguments(&mut file, "parameters").unwrap();
        file.to_token_stream().to_string().replace(' ', "")
    }

    #[test]
    fn one_parameter_is_an_argument() {
        let text = with("a: Result<i64, String>,");
        for expected in [
            "pubfnget(&self,a:impl::std::convert::Into<i64>)->builder::Get{builder::Get::new(self.clone(),a.into())}",
            "pubstructGet{client:super::Client,a:i64,page:Result<Option<i64>,String>}",
            "pubfnnew(client:super::Client,a:i64)->Self{Self{client:client,a,page:Ok(None)}}",
            "=self;letpage=page.map_err",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!(!text.contains("fna<") && text.contains("fnpage<"), "{text}");
    }

    #[test]
    fn several_parameters_are_a_struct() {
        let text = with("a: Result<i64, String>, b: Result<i64, String>,");
        for expected in [
            "pubfnget(&self,parameters:parameters::Get)->builder::Get{builder::Get::new(self.clone(),parameters)}",
            "pubfnnew(client:super::Client,parameters:super::parameters::Get)->Self{letsuper::parameters::Get{a,b}=parameters;Self{client:client,a,b,page:Ok(None)}}",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }

    #[test]
    fn without_one_a_request_is_started_as_before() {
        let text = with("");
        assert!(text.contains("pubfnget(&self)->builder::Get{builder::Get::new(self.clone())}"));
    }
}
