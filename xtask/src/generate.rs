//! Runs progenitor on the lowered document.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Mutex, PoisonError};

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::{Value, json};

use crate::error::Error;
use crate::error::{Action, Refusals};
use crate::normalize::Union;
use crate::pages::Page;
use crate::pointer::Pointer;
use crate::profile::Profile;
use crate::walk::METHODS;

/// What progenitor makes of the document.
pub(crate) struct Generated {
    pub(crate) client: TokenStream,
    pub(crate) httpmock: TokenStream,
}

/// Generates the client and its types, and for the project's own client its mocks. `pages` are the
/// envelopes that the hand-written `Page` stands for, `unions` the choices that `emit` writes.
pub(crate) fn generate(
    document: &Value,
    profile: &Profile,
    pages: &[Page],
    unions: &[Union],
) -> Result<Generated, Error> {
    let settings = settings(profile, pages, unions).map_err(refuse)?;
    run(document, |api| {
        let client = Generator::new(&settings).generate_tokens(api)?;
        let httpmock = match profile.is_own {
            true => Generator::new(&settings).httpmock(api, "crate")?,
            false => TokenStream::new(),
        };
        Ok(Generated { client, httpmock })
    })
}

fn refuse(error: impl std::fmt::Display) -> Error {
    Error::Generate {
        message: error.to_string(),
    }
}

fn run<T>(
    document: &Value,
    generate: impl Fn(&OpenAPI) -> Result<T, progenitor::Error>,
) -> Result<T, Error> {
    let give_up = match attempt(document, &generate) {
        Ok(done) => return Ok(done),
        Err(give_up) => give_up,
    };
    // One operation at a time, to say which of them it is.
    let mut refusals = Refusals::default();
    for (path, item) in document
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let mut alone = document.clone();
            alone["paths"] = json!({path: {method: operation, "parameters": item.get("parameters").unwrap_or(&json!([]))}});
            if let Err(message) = attempt(&alone, &generate) {
                let at = Pointer::root().child("paths").child(path).child(method);
                refusals.add(
                    "generate",
                    &at,
                    operation,
                    format!(
                        "progenitor gives up on it, or on a schema that it leads to: {message}"
                    ),
                    "simplify it by an overlay action, or take it out",
                    &Action::Remove(&at),
                );
            }
        }
    }
    refusals.into_result()?;
    Err(refuse(give_up))
}

static HOOK: Mutex<()> = Mutex::new(());

/// Generates from a document, or returns why it cannot. progenitor panics on what it does not
/// support, and the message of the panic is then the reason.
fn attempt<T>(
    document: &Value,
    generate: impl Fn(&OpenAPI) -> Result<T, progenitor::Error>,
) -> Result<T, String> {
    let api: OpenAPI = serde_json::from_value(document.clone())
        .map_err(|error| format!("not an OpenAPI 3.0 document: {error}"))?;
    // The hook is one for the whole process.
    let _one = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let before = take_hook();
    // The message is told with the place that it is about.
    set_hook(Box::new(|_| {}));
    let done = catch_unwind(AssertUnwindSafe(|| generate(&api)));
    set_hook(before);
    match done {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            let text: Vec<&str> = text
                .unwrap_or("no reason given")
                .split_whitespace()
                .collect();
            Err(text.join(" "))
        }
    }
}

fn settings(
    profile: &Profile,
    pages: &[Page],
    unions: &[Union],
) -> Result<GenerationSettings, serde_json::Error> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_map_type(profile.map);
    if profile.is_own {
        settings.with_inner_type(quote!(crate::session::Session));
    }
    let formats = profile.formats.iter();
    let formats =
        formats.map(|(kind, format, name)| (json!({"type": kind, "format": format}), *name));
    for (schema, name) in formats.chain([(json!({"type": "number"}), profile.number)]) {
        settings.with_conversion(
            serde_json::from_value(schema)?,
            name,
            std::iter::empty::<TypeImpl>(),
        );
    }
    for page in pages {
        let name = format!("crate::page::Page<crate::types::{}>", page.item);
        settings.with_replacement(&page.envelope, name, [TypeImpl::Default].into_iter());
    }
    for union in unions {
        settings.with_replacement(
            &union.name,
            format!("crate::unions::{}", union.name),
            std::iter::empty::<TypeImpl>(),
        );
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::ANY;

    #[test]
    fn what_progenitor_gives_up_on_is_named() {
        let good = json!({"operationId": "good", "responses": {"204": {"description": "d"}}});
        let bad = json!({"operationId": "bad", "responses": {
            "200": {"description": "d"}, "201": {"description": "d", "content": {"application/json": {"schema": {}}}},
        }});
        let document = json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {
            "/good": {"get": good}, "/bad": {"get": bad},
        }});
        let Err(error) = generate(&document, &ANY, &[], &[]) else {
            panic!("progenitor takes it");
        };
        let error = error.to_string();
        assert!(
            error.contains("/paths/~1bad/get")
                && error.contains("assert")
                && !error.contains("~1good"),
            "{error}"
        );
    }
}
