//! Ties each operation to its builder and to the type of its response, so that a caller who names
//! the operation cannot send the request of another one.

use std::collections::BTreeMap;

use quote::format_ident;
use serde_json::Value;
use syn::{ImplItem, Item, ItemImpl, Type, parse_quote};

use super::required::{Required, structure};
use super::{docs, first_argument, required_module};
use crate::error::Error;
use crate::operations::constant_name;
use crate::walk;

const PASS: &str = "endpoints";

/// Adds a type that implements `Endpoint` to the module of the operations for each builder, with
/// the parameters that it requires as fields, and returns how many there are.
pub(super) fn add(
    client: &mut syn::File,
    operations: &mut syn::File,
    required: &Required,
    document: &Value,
) -> Result<usize, Error> {
    let ids = ids(document);
    let descriptions = docs::parameters(document);
    let builders = required_module(client, "builder", PASS)?;
    let mut added = 0;
    for item in builders {
        let Item::Impl(block) = item else { continue };
        let Some((builder, response)) = request_and_response(block) else {
            continue;
        };
        let Some(id) = ids.get(&folded(&builder.to_string())) else {
            let what = format!("no operation of the document belongs to the builder `{builder}`");
            return Err(Error::postprocess(PASS, what));
        };
        let constant = format_ident!("{}", constant_name(id));
        let doc = format!("The operation `{id}`, for calls that name it; see [`{constant}`].");
        let parameters = required.get(&builder).map_or(&[][..], Vec::as_slice);
        let (mut item, arguments): (syn::ItemStruct, Vec<syn::Expr>) = match parameters {
            [] => (
                parse_quote! { #[derive(Clone, Copy, Debug)] pub struct #builder; },
                Vec::new(),
            ),
            several => {
                let mut item = structure(&builder, several, &descriptions);
                item.attrs.push(parse_quote!(#[derive(Clone, Debug)]));
                let argument = match several {
                    [(name, _)] => parse_quote!(self.#name.clone()),
                    _ => parse_quote!(self.clone()),
                };
                (item, vec![argument])
            }
        };
        item.attrs.insert(0, parse_quote!(#[doc = #doc]));
        operations.items.push(Item::Struct(item));
        operations.items.push(parse_quote! {
            impl crate::operation::sealed::Sealed for #builder {}
        });
        operations.items.push(parse_quote! {
            impl Endpoint for #builder {
                type Request = builder::#builder;
                type Response = #response;
                const OPERATION: Operation<'static> = #constant;

                fn request(&self, client: Client) -> Self::Request {
                    builder::#builder::new(client, #(#arguments),*)
                }

                async fn send(
                    request: Self::Request,
                ) -> Result<ResponseValue<Self::Response>, Error<()>> {
                    request.send().await
                }
            }
        });
        added += 1;
    }
    let first_item = operations
        .items
        .iter()
        .position(|item| !matches!(item, Item::Use(_)));
    operations.items.insert(
        first_item.unwrap_or_default(),
        parse_quote! { use super::{Client, Error, ResponseValue, builder, types}; },
    );
    Ok(added)
}

/// The ids of the operations by their letters and digits, which are all that a name of Rust keeps.
fn ids(document: &Value) -> BTreeMap<String, String> {
    let operations = walk::operations(document);
    let ids = operations.filter_map(|operation| operation.value.get("operationId")?.as_str());
    ids.map(|id| (folded(id), id.to_owned())).collect()
}

fn folded(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// The builder that an `impl` block is for, and what its `send` gives.
fn request_and_response(block: &ItemImpl) -> Option<(syn::Ident, Type)> {
    let Type::Path(target) = block.self_ty.as_ref() else {
        return None;
    };
    let builder = target.path.segments.last()?.ident.clone();
    let send = block.items.iter().find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == "send" => Some(function),
        _ => None,
    })?;
    let syn::ReturnType::Type(_, result) = &send.sig.output else {
        return None;
    };
    let value = first_argument(result, "Result")?;
    let response = first_argument(value, "ResponseValue")?;
    Some((builder, response.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;
    use serde_json::json;

    fn client() -> syn::File {
        parse_quote! {
            pub mod builder {
                pub struct GetTask { client: super::Client }
                impl GetTask {
                    pub async fn send(self) -> Result<ResponseValue<types::Task>, Error<()>> {}
                }
            }
        }
    }

    #[test]
    fn an_operation_is_tied_to_its_builder_and_response() {
        let document = json!({"paths": {"/task": {"get": {"operationId": "get-task"}}}});
        let mut operations: syn::File = parse_quote! { use crate::operation::Operation; };
        let required = Required::from([(
            format_ident!("GetTask"),
            vec![(format_ident!("task_id"), parse_quote!(String))],
        )]);
        assert_eq!(
            add(&mut client(), &mut operations, &required, &document).unwrap(),
            1
        );
        let text = operations.to_token_stream().to_string().replace(' ', "");
        for expected in [
            "pubstructGetTask{#[doc=\"Theparameter`task_id`.\"]pubtask_id:String}",
            "implEndpointforGetTask",
            "builder::GetTask::new(client,self.task_id.clone())",
            "typeResponse=types::Task;",
            "typeRequest=builder::GetTask;",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }

    #[test]
    fn a_builder_without_an_operation_is_an_error() {
        let mut operations: syn::File = parse_quote! {};
        let added = add(&mut client(), &mut operations, &Required::new(), &json!({}));
        assert!(added.unwrap_err().to_string().contains("GetTask"));
    }
}
