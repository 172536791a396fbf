//! Reads answers by the project's own functions: within the limit of the session, and in one buffer.
//! One that is not JSON is given as its bytes. One that has no body is not read at all.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Type, parse_quote};

use super::required_module;
use crate::error::Error;

const PASS: &str = "reads";

/// Rewrites the reads of the operations, and counts them.
pub(super) fn within_limit(file: &mut syn::File) -> Result<usize, Error> {
    let operations = required_module(file, "builder", PASS)?;
    let mut rewrite = Rewrite::default();
    for item in operations.iter_mut() {
        rewrite.visit_item_mut(item);
    }
    match rewrite.other {
        Some(other) => Err(Error::postprocess(
            PASS,
            format!("an answer is read by `{other}`, which knows no limit"),
        )),
        None => Ok(rewrite.reads),
    }
}

#[derive(Default)]
struct Rewrite {
    reads: usize,
    /// Another function of the generator's that reads an answer.
    other: Option<String>,
}

impl VisitMut for Rewrite {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        if *ty == parse_quote!(ByteStream) {
            *ty = parse_quote!(::bytes::Bytes);
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        // It is ready without a wait, and what reads it is not.
        let stream: Expr = parse_quote!(Ok(ResponseValue::stream(response)));
        if *expression == stream {
            *expression = parse_quote!(client.read_bytes(response).await);
            self.reads += 1;
        }
        visit_mut::visit_expr_mut(self, expression);
        let Expr::Call(call) = &*expression else {
            return;
        };
        let Expr::Path(function) = call.func.as_ref() else {
            return;
        };
        let mut segments = function.path.segments.iter().rev();
        let (Some(name), Some(owner)) = (segments.next(), segments.next()) else {
            return;
        };
        if owner.ident != "ResponseValue" {
            return;
        }
        if name.ident == "from_response" {
            let arguments = &call.args;
            *expression = parse_quote!(client.read(#arguments));
            self.reads += 1;
        } else if name.ident != "empty" {
            self.other = Some(name.ident.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    fn rewritten(read: Expr) -> (Result<usize, Error>, String) {
        let mut file: syn::File = parse_quote! {
            pub mod builder { async fn send() { match 200 { 200 => #read, _ => Err(0) } } }
        };
        let count = within_limit(&mut file);
        (count, file.to_token_stream().to_string().replace(' ', ""))
    }

    #[test]
    fn an_answer_is_read_through_the_client() {
        let read = parse_quote!(ResponseValue::from_response(response).await);
        let (count, text) = rewritten(read);
        assert_eq!(count.unwrap(), 1);
        assert!(text.contains("200=>client.read(response).await"), "{text}");
    }

    #[test]
    fn an_answer_without_a_body_is_left_as_it_is() {
        let (count, text) = rewritten(parse_quote!(Ok(ResponseValue::empty(response))));
        assert_eq!(count.unwrap(), 0);
        assert!(text.contains("ResponseValue::empty(response)"), "{text}");
    }

    #[test]
    fn a_stream_is_read_as_its_bytes() {
        let (count, text) = rewritten(parse_quote!(Ok(ResponseValue::stream(response))));
        assert_eq!(count.unwrap(), 1);
        assert!(
            text.contains("200=>client.read_bytes(response).await"),
            "{text}"
        );
        let mut file: syn::File = parse_quote! {
            pub mod builder { async fn send() -> Result<ResponseValue<ByteStream>, Error<()>> {} }
        };
        within_limit(&mut file).unwrap();
        let text = file.to_token_stream().to_string().replace(' ', "");
        assert!(text.contains("ResponseValue<::bytes::Bytes>"), "{text}");
    }

    #[test]
    fn what_would_have_no_limit_is_an_error() {
        let (count, _) = rewritten(parse_quote!(ResponseValue::upgrade(response).await));
        assert!(count.unwrap_err().to_string().contains("upgrade"));
    }
}
