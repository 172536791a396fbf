//! Puts the names on the wire back, where others stood in for them.

use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use quote::ToTokens;

use crate::normalize::RenameMap;

/// The same code, with the names on the wire in its texts and docs.
pub(super) fn put_back(tokens: TokenStream, wire: &RenameMap) -> TokenStream {
    if wire.is_empty() {
        return tokens;
    }
    tokens.into_iter().map(|tree| tree_of(tree, wire)).collect()
}

fn tree_of(tree: TokenTree, wire: &RenameMap) -> TokenTree {
    match tree {
        TokenTree::Group(group) => {
            let (delimiter, span, stream) = (group.delimiter(), group.span(), group.stream());
            // What nobody else holds is moved and not copied.
            drop(group);
            let mut new = Group::new(delimiter, put_back(stream, wire));
            new.set_span(span);
            TokenTree::Group(new)
        }
        TokenTree::Literal(literal) => match text(&literal) {
            Some(text) => {
                TokenTree::Literal(own(&text, wire).map_or(literal, |own| Literal::string(&own)))
            }
            None => TokenTree::Literal(literal),
        },
        other => other,
    }
}

/// The text with every name on the wire in its place; nothing, if there is none to put back.
fn own(text: &str, wire: &RenameMap) -> Option<String> {
    if let Some(own) = wire.get(text) {
        return Some(own.clone());
    }
    let mut within: Vec<_> = wire
        .iter()
        .filter(|(stand_in, _)| text.contains(stand_in.as_str()))
        .collect();
    // A longer one may hold a shorter one.
    within.sort_by_key(|(stand_in, _)| std::cmp::Reverse(stand_in.len()));
    let replaced =
        |text: String, (stand_in, own): &(&String, &String)| text.replace(stand_in.as_str(), own);
    (!within.is_empty()).then(|| within.iter().fold(text.to_owned(), replaced))
}

fn text(literal: &Literal) -> Option<String> {
    match syn::parse2::<syn::Lit>(literal.to_token_stream()) {
        Ok(syn::Lit::Str(text)) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn a_name_is_put_back_in_attributes_and_calls() {
        let wire = RenameMap::from([("a_b 2§".to_owned(), "aB".to_owned())]);
        let done = put_back(
            quote! { struct A { #[serde(rename = "a_b 2§")] a: () } fn f() { q("a_b 2§", 1) } },
            &wire,
        )
        .to_string();
        assert_eq!(done.matches("\"aB\"").count(), 2, "{done}");
        assert!(!done.contains('§'), "{done}");
    }
}
