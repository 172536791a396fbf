//! Completes the docs of the generated code: every public item says what it is.

use std::collections::BTreeMap;

use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Visibility, parse_quote};

use super::serde_name;
use crate::markdown;

/// Adds the missing docs, and counts them.
pub(super) fn complete(file: &mut syn::File, document: &Value) -> usize {
    let mut complete = Complete {
        parameters: parameters(document),
        subject: String::new(),
        count: 0,
    };
    complete.visit_file_mut(file);
    complete.count
}

/// What each parameter is for, by its name in Rust.
pub(super) fn parameters(document: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut pending = vec![document];
    while let Some(value) = pending.pop() {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        if let (Some(name), Some(description), Some(_)) =
            (text("name"), text("description"), text("in"))
        {
            found.insert(snake(name), description.to_owned());
        }
        match value {
            Value::Object(object) => pending.extend(object.values()),
            Value::Array(items) => pending.extend(items),
            _ => {}
        }
    }
    found
}

/// `nextPageToken` and `client-id` become `next_page_token` and `client_id`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        match letter {
            '-' | '.' => out.push('_'),
            upper if upper.is_uppercase() => {
                out.push('_');
                out.extend(upper.to_lowercase());
            }
            other => out.push(other),
        }
    }
    out
}

/// The generator's example does not compile, for it cannot know the name of the crate.
fn drop_example(attribute: &mut Attribute) {
    if let syn::Meta::NameValue(meta) = &attribute.meta
        && let syn::Expr::Lit(literal) = &meta.value
        && let syn::Lit::Str(text) = &literal.lit
        && let Some((doc, _)) = text.value().split_once("```ignore")
    {
        let doc = doc.trim_end();
        *attribute = parse_quote!(#[doc = #doc]);
    }
}

struct Complete {
    parameters: BTreeMap<String, String>,
    /// The type whose functions are visited.
    subject: String,
    count: usize,
}

impl Complete {
    fn add(&mut self, attributes: &mut Vec<Attribute>, doc: impl AsRef<str>) {
        if !attributes
            .iter()
            .any(|attribute| attribute.path().is_ident("doc"))
        {
            let doc = format!(" {}", doc.as_ref());
            attributes.insert(0, parse_quote!(#[doc = #doc]));
            self.count += 1;
        }
    }

    fn function(&mut self, attributes: &mut Vec<Attribute>, name: &str) {
        let doc = match name {
            "new" if self.subject.ends_with("When") || self.subject.ends_with("Then") => {
                "Wraps the untyped builder of httpmock.".to_owned()
            }
            "new" => "Starts a request through a client, in which no optional parameter is set."
                .to_owned(),
            "body" => "Sets the body of the request.".to_owned(),
            "into_inner" => "Returns the untyped builder of httpmock.".to_owned(),
            other => match self.parameters.get(other) {
                Some(description) => description.clone(),
                None if self.subject.ends_with("Then") => {
                    format!("Responds with the status \"{}\".", other.replace('_', " "))
                }
                None => format!("Sets `{other}`."),
            },
        };
        self.add(attributes, doc);
    }
}

impl VisitMut for Complete {
    fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
        if let syn::Type::Path(path) = block.self_ty.as_ref()
            && let Some(last) = path.path.segments.last()
        {
            self.subject = last.ident.to_string();
        }
        visit_mut::visit_item_impl_mut(self, block);
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        function.attrs.iter_mut().for_each(drop_example);
        if matches!(function.vis, Visibility::Public(_)) {
            let name = function.sig.ident.to_string();
            self.function(&mut function.attrs, &name);
            if let syn::ReturnType::Type(_, ty) = &function.sig.output
                && matches!(ty.as_ref(), syn::Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result"))
            {
                function.attrs.push(parse_quote!(#[doc = ""]));
                function.attrs.push(parse_quote!(#[doc = " # Errors"]));
                function.attrs.push(parse_quote!(#[doc = " Fails if a parameter is not valid, the exchange fails, or the response is not one that the document describes."]));
                self.count += 1;
            }
        }
        visit_mut::visit_impl_item_fn_mut(self, function);
    }

    fn visit_trait_item_fn_mut(&mut self, function: &mut syn::TraitItemFn) {
        let doc = format!("Mocks the operation `{}`.", function.sig.ident);
        self.add(&mut function.attrs, doc);
    }

    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        let doc = match item.ident.to_string() {
            name if name.ends_with("When") => "The requests that a mock matches.".to_owned(),
            name if name.ends_with("Then") => "The response of a mock.".to_owned(),
            name => format!("The body or part of a body `{name}`."),
        };
        self.add(&mut item.attrs, doc);
        if item.ident.to_string().ends_with("When") || item.ident.to_string().ends_with("Then") {
            item.attrs
                .push(parse_quote!(#[allow(missing_debug_implementations)]));
        }
        for field in &mut item.fields {
            if !matches!(field.vis, Visibility::Public(_)) {
                continue;
            }
            let doc = match (&field.ident, serde_name(&field.attrs)) {
                (Some(name), None) if name == "extra" => {
                    "The fields that this type does not name.".to_owned()
                }
                (_, Some(name)) => format!("`{}` on the wire.", markdown::name(&name)),
                (Some(name), None) => format!("`{name}` on the wire."),
                (None, None) => "The value.".to_owned(),
            };
            self.add(&mut field.attrs, doc);
        }
        visit_mut::visit_item_struct_mut(self, item);
    }

    fn visit_item_enum_mut(&mut self, item: &mut syn::ItemEnum) {
        let doc = format!("The values of `{}`.", item.ident);
        self.add(&mut item.attrs, doc);
        for variant in &mut item.variants {
            let name = serde_name(&variant.attrs).unwrap_or_else(|| variant.ident.to_string());
            self.add(
                &mut variant.attrs,
                format!("`{}` on the wire.", markdown::name(&name)),
            );
        }
    }

    /// Messages speak of types as a reader writes them.
    fn visit_lit_str_mut(&mut self, literal: &mut syn::LitStr) {
        let text = literal.value();
        if text.starts_with("conversion to `") {
            let plain = text
                .replace(":: std :: string :: ", "")
                .replace("crate :: secret :: ", "")
                .replace(" :: ", "::");
            *literal = syn::LitStr::new(&plain, literal.span());
        }
    }
}
