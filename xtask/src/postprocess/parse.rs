//! Reads the generated code item by item, so that its tokens and its tree are never in memory as a
//! whole both at once.

use proc_macro2::token_stream::IntoIter;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, ItemMod};

/// What is done to the tokens of an item before they are read.
type Rewrite<'r> = &'r dyn Fn(TokenStream) -> TokenStream;

/// The code as a tree, without the builders of types, which are half of it: see `bodies`.
pub(super) fn file(tokens: TokenStream, rewrite: Rewrite<'_>) -> syn::Result<syn::File> {
    let (attrs, items) = inside(tokens, &[], rewrite)?;
    Ok(syn::File {
        shebang: None,
        frontmatter: None,
        attrs,
        items,
    })
}

/// The inner attributes and the items of the file, or of the module of this path.
fn inside(
    tokens: TokenStream,
    path: &[String],
    rewrite: Rewrite<'_>,
) -> syn::Result<(Vec<Attribute>, Vec<Item>)> {
    let mut tokens = tokens.into_iter();
    let mut attributes = TokenStream::new();
    let mut items = Vec::new();
    while let Some(chunk) = chunk(&mut tokens) {
        match chunk {
            Chunk::Attribute(attribute) => attributes.extend(attribute),
            Chunk::Module(head, name, body) => {
                let mut path = path.to_vec();
                path.push(name);
                if path == ["types", "builder"] {
                    continue;
                }
                let empty = Group::new(Delimiter::Brace, TokenStream::new());
                let head = head.into_iter().chain([TokenTree::Group(empty)]);
                let mut module: ItemMod = syn::parse2(rewrite(head.collect()))?;
                let (inner, inside) = inside(body, &path, rewrite)?;
                module.attrs.extend(inner);
                if let Some((_, content)) = &mut module.content {
                    *content = inside;
                }
                items.push(Item::Mod(module));
            }
            Chunk::Item(item) => {
                items.push(syn::parse2(rewrite(item.into_iter().collect()))?);
            }
        }
    }
    let attributes: syn::File = syn::parse2(rewrite(attributes))?;
    Ok((attributes.attrs, items))
}

enum Chunk {
    /// `#![...]`
    Attribute(Vec<TokenTree>),
    /// What stands before the braces, the name, and what is in them.
    Module(Vec<TokenTree>, String, TokenStream),
    Item(Vec<TokenTree>),
}

/// The next item: it ends with its braces, or with a semicolon.
fn chunk(tokens: &mut IntoIter) -> Option<Chunk> {
    let mut found: Vec<TokenTree> = Vec::new();
    // The words that say what kind of item it is, and its name.
    let mut words: Vec<String> = Vec::new();
    for tree in tokens {
        match &tree {
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                found.push(tree);
                return Some(Chunk::Item(found));
            }
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let is_item = match kind(&words).as_slice() {
                    ["mod", name, ..] => {
                        let name = (*name).to_owned();
                        return Some(Chunk::Module(found, name, group.stream()));
                    }
                    // There, braces are part of a list or of a value.
                    ["use" | "static" | "type", ..] => false,
                    ["const", next, ..] => *next == "fn",
                    _ => true,
                };
                found.push(tree);
                if is_item {
                    return Some(Chunk::Item(found));
                }
                continue;
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                found.push(tree);
                if is_inner(&found) {
                    return Some(Chunk::Attribute(found));
                }
                continue;
            }
            _ => {}
        }
        found.push(tree);
    }
    (!found.is_empty()).then_some(Chunk::Item(found))
}

/// The words of an item after its visibility.
fn kind(words: &[String]) -> Vec<&str> {
    words
        .iter()
        .map(String::as_str)
        .skip_while(|word| *word == "pub")
        .take(2)
        .collect()
}

fn is_inner(found: &[TokenTree]) -> bool {
    let text: Vec<String> = found
        .iter()
        .take(2)
        .map(|tree| tree.to_token_stream().to_string())
        .collect();
    found.len() == 3 && text == ["#", "!"]
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn item_by_item_is_as_all_at_once_but_for_the_builders() {
        let tokens = quote! {
            #![allow(x)]
            //! Docs.
            use a::{b, c};
            pub use d;
            const LIST: &[T] = &[T { a: 1 }];
            pub const fn one() -> u8 { 1 }
            #[derive(Debug)]
            pub struct Unit;
            pub struct Pair(pub u8, #[x] pub u8);
            pub(crate) enum E { A { b: u8 }, C }
            /// Docs.
            pub mod types {
                #![allow(y)]
                #[doc = "s"]
                pub struct S<T> where T: Copy { s: T }
                impl<T> S<T> { fn f(&self) -> [u8; 2] { [1, 2] } }
                pub mod other { pub struct O {} }
            }
            mod empty {}
            pub mod builder { pub struct B { a: u8 } }
            macro_rules! m { () => {} }
        };
        let whole: syn::File = syn::parse2(tokens.clone()).unwrap();
        let done = file(tokens, &|tokens| tokens).unwrap();
        assert_eq!(prettyplease::unparse(&done), prettyplease::unparse(&whole));
        let slim = file(
            quote! { pub mod types { struct S; pub mod builder { pub struct S { s: u8 } } } },
            &|tokens| tokens,
        );
        assert_eq!(
            prettyplease::unparse(&slim.unwrap()),
            "pub mod types {\n    struct S;\n}\n"
        );
    }
}
