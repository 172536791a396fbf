//! Sets the headers of operations that send or ask for another media type than the generator knows.

use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Lit, Stmt, parse_quote};

use super::required_module;
use crate::error::Error;
use crate::normalize::Media;

const PASS: &str = "media";

/// Sets each header just before the request is sent.
pub(super) fn set(file: &mut syn::File, media: &[Media]) -> Result<(), Error> {
    if media.is_empty() {
        return Ok(());
    }
    let mut rewrite = Rewrite { media, count: 0 };
    for item in required_module(file, "builder", PASS)? {
        rewrite.visit_item_mut(item);
    }
    if rewrite.count == media.len() {
        return Ok(());
    }
    Err(Error::postprocess(
        PASS,
        format!(
            "{} headers have a place in place of {}",
            rewrite.count,
            media.len()
        ),
    ))
}

struct Rewrite<'m> {
    media: &'m [Media],
    count: usize,
}

impl VisitMut for Rewrite<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        let found = block.stmts.iter().enumerate();
        let mut found = found.filter_map(|(at, statement)| Some((at, operation(statement)?)));
        let Some((at, id)) = found.next() else {
            return;
        };
        let headers = self.media.iter().filter(|media| media.operation == id);
        let headers: Vec<Stmt> = headers
            .map(|media| {
                let name = quote::format_ident!("{}", media.header);
                let value = &media.value;
                parse_quote! {
                    request.headers_mut().insert(
                        ::reqwest::header::#name,
                        ::reqwest::header::HeaderValue::from_static(#value),
                    );
                }
            })
            .collect();
        self.count += headers.len();
        block.stmts.splice(at..at, headers);
    }
}

/// `let info = OperationInfo { operation_id: "..." };`
fn operation(statement: &Stmt) -> Option<String> {
    let Stmt::Local(local) = statement else {
        return None;
    };
    let Expr::Struct(info) = local.init.as_ref()?.expr.as_ref() else {
        return None;
    };
    if !info.path.is_ident("OperationInfo") {
        return None;
    }
    match &info.fields.first()?.expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(id) => Some(id.value()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    #[test]
    fn the_header_of_one_operation_is_set_before_it_is_sent() {
        let mut file: syn::File = parse_quote! {
            pub mod builder {
                async fn send() {
                    let mut request = client.get(url).build()?;
                    let info = OperationInfo { operation_id: "get_report" };
                    client.pre(&mut request, &info).await?;
                }
            }
        };
        let of = |operation: &str| Media {
            operation: operation.to_owned(),
            header: "ACCEPT",
            value: "text/csv".to_owned(),
        };
        set(&mut file, &[of("get_report")]).unwrap();
        let text = file.to_token_stream().to_string().replace(' ', "");
        let set = "request.headers_mut().insert(::reqwest::header::ACCEPT,::reqwest::header::HeaderValue::from_static(\"text/csv\"),);letinfo";
        assert!(text.contains(set), "{text}");
        assert!(super::set(&mut file, &[of("other")]).is_err());
    }
}
