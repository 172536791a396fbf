//! Runs progenitor on the lowered document.

use std::panic::{AssertUnwindSafe, catch_unwind};

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::{Value, json};

use crate::error::Error;
use crate::formats::FORMATS;
use crate::pages::Page;

/// What progenitor makes of the document.
pub(crate) struct Generated {
    pub(crate) client: TokenStream,
    pub(crate) httpmock: TokenStream,
}

/// Generates the client, its types and its mocks. `pages` are the envelopes that the hand-written `Page` stands
/// for.
pub(crate) fn generate(document: &Value, pages: &[Page]) -> Result<Generated, Error> {
    let refuse = |message: String| Error::Generate { message };
    let api: OpenAPI = serde_json::from_value(document.clone())
        .map_err(|error| refuse(format!("not an OpenAPI 3.0 document: {error}")))?;
    let settings = settings(pages).map_err(|error| refuse(error.to_string()))?;

    let run = || -> Result<Generated, progenitor::Error> {
        let client = Generator::new(&settings).generate_tokens(&api)?;
        let httpmock = Generator::new(&settings).httpmock(&api, "crate")?;
        Ok(Generated { client, httpmock })
    };
    // progenitor asserts where it meets what it does not know.
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(done) => done.map_err(|error| refuse(error.to_string())),
        Err(_) => Err(refuse(
            "progenitor gave up on the document; its own message stands above".to_owned(),
        )),
    }
}

fn settings(pages: &[Page]) -> Result<GenerationSettings, serde_json::Error> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::session::Session))
        .with_map_type("::std::collections::BTreeMap");
    let formats = FORMATS
        .iter()
        .map(|(kind, format, name)| (json!({"type": kind, "format": format}), *name));
    let number = (json!({"type": "number"}), "crate::amount::Amount");
    for (schema, name) in formats.chain([number]) {
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
