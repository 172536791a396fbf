//! Runs progenitor on the lowered document.

use std::panic::{AssertUnwindSafe, catch_unwind};

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::{Value, json};

use crate::error::Error;
use crate::pages::Page;
use crate::plain::Union;

/// What progenitor makes of the document.
pub(crate) struct Generated {
    pub(crate) client: TokenStream,
    pub(crate) httpmock: TokenStream,
}

/// Generates the client, its types and its mocks. `pages` are the envelopes that the hand-written `Page` stands
/// for.
pub(crate) fn generate(document: &Value, pages: &[Page]) -> Result<Generated, Error> {
    let settings = settings(pages).map_err(refuse)?;
    run(document, |api| {
        let client = Generator::new(&settings).generate_tokens(api)?;
        let httpmock = Generator::new(&settings).httpmock(api, "crate")?;
        Ok(Generated { client, httpmock })
    })
}

/// Generates the client and the types of a crate that has nothing written by hand but what `emit` puts there.
pub(crate) fn generate_crate(document: &Value, unions: &[Union]) -> Result<TokenStream, Error> {
    let settings = crate_settings(unions).map_err(refuse)?;
    run(document, |api| {
        Generator::new(&settings).generate_tokens(api)
    })
}

fn refuse(error: impl std::fmt::Display) -> Error {
    Error::Generate {
        message: error.to_string(),
    }
}

fn run<T>(
    document: &Value,
    generate: impl FnOnce(&OpenAPI) -> Result<T, progenitor::Error>,
) -> Result<T, Error> {
    let api: OpenAPI = serde_json::from_value(document.clone())
        .map_err(|error| refuse(format!("not an OpenAPI 3.0 document: {error}")))?;
    // progenitor asserts where it meets what it does not know.
    match catch_unwind(AssertUnwindSafe(|| generate(&api))) {
        Ok(done) => done.map_err(refuse),
        Err(_) => Err(refuse(
            "progenitor gave up on the document; its own message stands above",
        )),
    }
}

fn crate_settings(unions: &[Union]) -> Result<GenerationSettings, serde_json::Error> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_map_type("::std::collections::BTreeMap");
    for (schema, name) in [
        (
            json!({"type": "string", "format": "password"}),
            "crate::secret::Secret",
        ),
        (json!({"type": "number"}), "::serde_json::Number"),
    ] {
        settings.with_conversion(
            serde_json::from_value(schema)?,
            name,
            std::iter::empty::<TypeImpl>(),
        );
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

fn settings(pages: &[Page]) -> Result<GenerationSettings, serde_json::Error> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::session::Session))
        .with_map_type("::std::collections::BTreeMap");
    let conversions = [
        (
            json!({"type": "string", "format": "password"}),
            "crate::secret::Secret",
        ),
        (
            json!({"type": "string", "format": "date-time"}),
            "crate::timestamp::Timestamp",
        ),
        (
            json!({"type": "integer", "format": "yyyymmdd"}),
            "crate::timestamp::Timestamp",
        ),
        (
            json!({"type": "integer", "format": "yyyymmddhhmmss"}),
            "crate::timestamp::Timestamp",
        ),
        (
            json!({"type": "integer", "format": "seconds"}),
            "crate::seconds::Seconds",
        ),
        (json!({"type": "number"}), "::serde_json::Number"),
    ];
    for (schema, name) in conversions {
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
    Ok(settings)
}
