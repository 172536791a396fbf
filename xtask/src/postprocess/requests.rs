//! Makes requests by the project's own means: their URLs from one that is read once, and without
//! the header in which the generator tells the version of the document, which the service does not
//! know.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Stmt, parse_quote};

use super::required_module;
use crate::error::Error;

const PASS: &str = "requests";

/// Rewrites the requests of the operations, and counts them.
pub(super) fn slim(file: &mut syn::File) -> Result<usize, Error> {
    let operations = required_module(file, "builder", PASS)?;
    let mut slim = Slim::default();
    for item in operations.iter_mut() {
        slim.visit_item_mut(item);
    }
    if slim.urls != slim.versions {
        return Err(Error::postprocess(
            PASS,
            format!(
                "of {} requests with a URL {} have a header with a version",
                slim.urls, slim.versions
            ),
        ));
    }
    Ok(slim.urls)
}

#[derive(Default)]
struct Slim {
    urls: usize,
    versions: usize,
}

impl VisitMut for Slim {
    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        for statement in &mut block.stmts {
            if let Stmt::Local(local) = statement
                && names(&local.pat, "url")
                && let Some(initial) = &mut local.init
                && let Expr::Macro(format) = &*initial.expr
                && format.mac.path.is_ident("format")
            {
                let text = &format.mac.tokens;
                initial.expr = parse_quote!(
                    client
                        .url(format_args!(#text))
                        .map_err(Error::InvalidRequest)?
                );
                self.urls += 1;
            }
        }
        let before = block.stmts.len();
        block.stmts.retain(|statement| !tells_version(statement));
        self.versions += before - block.stmts.len();
        if before != block.stmts.len() {
            drop_unused_headers(block);
        }
    }
}

/// `header_map.append("api-version", ...)`
fn tells_version(statement: &Stmt) -> bool {
    let Stmt::Expr(Expr::MethodCall(call), _) = statement else {
        return false;
    };
    call.method == "append"
        && call
            .args
            .to_token_stream()
            .to_string()
            .contains("\"api-version\"")
}

/// A map of headers to which nothing is added need not be made.
fn drop_unused_headers(block: &mut Block) {
    let mut uses = Uses(0);
    uses.visit_block(block);
    // It is made, and it is sent.
    if uses.0 != 2 {
        return;
    }
    block
        .stmts
        .retain(|statement| !matches!(statement, Stmt::Local(local) if names(&local.pat, HEADERS)));
    Without.visit_block_mut(block);
}

const HEADERS: &str = "header_map";

fn names(pattern: &syn::Pat, name: &str) -> bool {
    matches!(pattern, syn::Pat::Ident(pattern) if pattern.ident == name)
}

struct Uses(usize);

impl<'ast> Visit<'ast> for Uses {
    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        self.0 += usize::from(ident == HEADERS);
        visit::visit_ident(self, ident);
    }
}

/// Drops `.headers(header_map)`.
struct Without;

impl VisitMut for Without {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = &*expression
            && call.method == "headers"
            && call.args.to_token_stream().to_string() == HEADERS
        {
            *expression = (*call.receiver).clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slimmed(rest: Option<Stmt>) -> String {
        let mut file: syn::File = parse_quote! {
            pub mod builder {
                async fn send() {
                    let url = format!("{}/auth", client.baseurl);
                    let mut header_map = HeaderMap::with_capacity(1usize);
                    header_map.append(HeaderName::from_static("api-version"), version());
                    #rest
                    let request = client.client.get(url).headers(header_map).build()?;
                }
            }
        };
        assert_eq!(slim(&mut file).unwrap(), 1);
        file.to_token_stream().to_string().replace(' ', "")
    }

    #[test]
    fn headers_go_where_only_the_version_was_in_them() {
        let text = slimmed(None);
        assert!(text.contains("leturl=client.url(format_args!(\"{}/auth\",client.baseurl)).map_err(Error::InvalidRequest)?;"));
        assert!(text.contains("client.client.get(url).build()?"), "{text}");
        assert!(
            !text.contains("header_map") && !text.contains("api-version"),
            "{text}"
        );
    }

    #[test]
    fn headers_of_the_operation_stay() {
        let text = slimmed(Some(parse_quote!(header_map.append("client-id", value);)));
        assert!(text.contains(".append(\"client-id\",value)"), "{text}");
        assert!(
            text.contains(".headers(header_map)") && !text.contains("api-version"),
            "{text}"
        );
    }

    #[test]
    fn a_request_without_the_header_means_that_the_generator_has_changed() {
        let mut file: syn::File = parse_quote! {
            pub mod builder { async fn send() { let url = format!("{}/auth", client.baseurl); } }
        };
        assert!(slim(&mut file).is_err());
    }
}
