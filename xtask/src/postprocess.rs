//! Passes over the generated code, for what no setting of the generator reaches. A pass that finds
//! nothing to do where it should is an error: then the generator has changed, and the pass must be
//! read again.

mod bodies;
mod collide;
mod derives;
mod docs;
mod endpoints;
mod enums;
mod lenient;
mod media;
mod mocks;
mod nesting;
mod owned_client;
mod parse;
mod reads;
mod renames;
mod requests;
mod required;
mod secrets;
mod setters;
mod shadow;
mod shared_bodies;
mod split;
mod unknown;

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use serde_json::Value;

use crate::error::Error;
use crate::generate::Generated;
use crate::normalize::{Media, RenameMap};
use crate::pointer::Pointer;
use crate::report::Report;

/// What is put beside the generated code.
pub(crate) struct Extras {
    /// The table of operations, which only the project's own client has.
    pub(crate) operations: Option<TokenStream>,
    pub(crate) unions: Option<TokenStream>,
    /// Names that stand in for those on the wire.
    pub(crate) wire: RenameMap,
    pub(crate) media: Vec<Media>,
}

/// The generated modules: file name and source.
pub(crate) fn postprocess(
    generated: Generated,
    extras: Extras,
    document: &Value,
    report: &mut Report,
) -> Result<BTreeMap<String, String>, Error> {
    let wire = &extras.wire;
    let mut client = parse("client", generated.client, &|tokens| {
        renames::put_back(tokens, wire)
    })?;
    media::set(&mut client, &extras.media)?;
    let unions = extras
        .unions
        .map(|unions| parse("unions", unions, &|tokens| tokens));
    let mut unions = unions.transpose()?;
    let mut beside: Vec<(syn::Item, &str)> = Vec::new();
    if unions.is_some() {
        let module = syn::parse_quote!(
            pub mod unions;
        );
        beside.push((module, "Values that have one of several shapes."));
        let module = syn::parse_quote!(
            pub(crate) mod choice;
        );
        beside.push((module, "Finds out which of several shapes a value has."));
    }
    let mut sources = match extras.operations {
        Some(operations) => {
            let httpmock = parse("httpmock", generated.httpmock, &|tokens| {
                renames::put_back(tokens, wire)
            })?;
            own(
                (client, unions.as_mut()),
                httpmock,
                operations,
                beside,
                document,
                report,
            )?
        }
        None => any(client, beside, document, report)?,
    };
    if let Some(unions) = unions {
        sources.insert("unions.rs".to_owned(), split::render(unions));
        let choice = include_str!("templates/choice.rs.in").replace("\r\n", "\n");
        sources.insert("choice.rs".to_owned(), format!("{}{choice}", split::MARK));
    }
    Ok(sources)
}

/// The project's own client, around which `cloudally-gen` is written by hand.
fn own(
    (mut client, unions): (syn::File, Option<&mut syn::File>),
    mut httpmock: syn::File,
    operations: TokenStream,
    beside: Vec<(syn::Item, &str)>,
    document: &Value,
    report: &mut Report,
) -> Result<BTreeMap<String, String>, Error> {
    let secret_headers = secrets::headers(document);

    let opened = enums::open(&mut client)?;
    note(report, "enums", "opened enums", found("enums", opened)?);
    let taken = bodies::without_type_builders(&mut client)?;
    note(
        report,
        "bodies",
        "request bodies taken as they are",
        found("bodies", taken)?,
    );
    let owned = owned_client::own(&mut client)?;
    note(
        report,
        "owned_client",
        "builders that own their client",
        found("owned_client", owned)?,
    );
    let shared = shared_bodies::share(&mut client)?;
    note(
        report,
        "shared_bodies",
        "request bodies shared between attempts",
        found("shared_bodies", shared)?,
    );
    let required = required::arguments(&mut client, "operations")?;
    note(
        report,
        "required",
        "builders with required parameters",
        found("required", required::count(&required))?,
    );
    note(
        report,
        "secrets",
        "secret headers marked sensitive",
        secrets::mark(&mut client, &secret_headers)?,
    );
    let slimmed = requests::slim(&mut client)?;
    note(
        report,
        "requests",
        "requests made by our own means",
        found("requests", slimmed)?,
    );
    let read = reads::within_limit(&mut client)?;
    note(
        report,
        "reads",
        "answers read within the limit",
        found("reads", read)?,
    );
    let derived = derives::derive(&mut client)?;
    derives::compare(&mut client, unions)?;
    found("derives", derived.kept)?;
    note(
        report,
        "derives",
        "types given Default and a schema",
        found("derives", derived.types)?,
    );
    let unknown = unknown::keep(&mut client)?;
    note(
        report,
        "unknown",
        "types that keep unknown fields",
        found("unknown", unknown)?,
    );
    note(
        report,
        "lenient",
        "fields read in more than one form",
        lenient::read(&mut client)?,
    );
    let setters = setters::add(&mut client)?;
    note(
        report,
        "setters",
        "fields given a setter",
        found("setters", setters)?,
    );
    note(
        report,
        "docs",
        "items given docs",
        docs::complete(&mut client, document),
    );
    let copies = shadow::add(&mut client)?;
    note(
        report,
        "shadow",
        "types whose serde derives are on a private copy",
        found("shadow", copies)?,
    );

    note(
        report,
        "mocks",
        "mocked parameters that show a secret",
        mocks::expose(&mut httpmock, &secret_headers)?,
    );
    note(
        report,
        "mocks",
        "operations that can be planned",
        mocks::plan(&mut httpmock)?,
    );
    let failing = mocks::fail(&mut httpmock);
    note(
        report,
        "mocks",
        "mocks that can respond with an error",
        found("mocks", failing)?,
    );
    note(
        report,
        "docs",
        "items of the mocks given docs",
        docs::complete(&mut httpmock, document),
    );

    let mut operations = parse("operations", operations, &|tokens| tokens)?;
    let endpoints = endpoints::add(&mut client, &mut operations, &required, document)?;
    note(
        report,
        "endpoints",
        "operations that can be called by their type",
        found("endpoints", endpoints)?,
    );

    let mut others = split::project_modules();
    others.extend(beside);
    let mut sources = split::split(client, others)?;
    sources.insert("httpmock.rs".to_owned(), split::render(httpmock));
    sources.insert("operations.rs".to_owned(), split::render(operations));
    Ok(sources)
}

/// The client of any document. Here a pass may well find nothing to do.
fn any(
    mut client: syn::File,
    mut beside: Vec<(syn::Item, &str)>,
    document: &Value,
    report: &mut Report,
) -> Result<BTreeMap<String, String>, Error> {
    let opened = enums::open(&mut client)?;
    note(report, "enums", "opened enums", opened);
    let taken = bodies::without_type_builders(&mut client)?;
    note(report, "bodies", "request bodies taken as they are", taken);
    let required = required::arguments(&mut client, "parameters")?;
    let count = required::count(&required);
    note(
        report,
        "required",
        "builders with required parameters",
        count,
    );
    let parameters = required::module(&required, &docs::parameters(document));
    if parameters.is_some() {
        let module = syn::parse_quote!(
            pub mod parameters;
        );
        beside.push((
            module,
            "The required parameters of operations that have several.",
        ));
    }
    let marked = secrets::mark(&mut client, &secrets::headers(document))?;
    note(report, "secrets", "secret headers marked sensitive", marked);
    let derived = derives::derive(&mut client)?;
    note(report, "derives", "types given Default", derived.types);
    let boxed = nesting::box_deep(&mut client);
    note(report, "nesting", "fields boxed", boxed);
    let documented = docs::complete(&mut client, document);
    note(report, "docs", "items given docs", documented);
    collide::check(&client)?;
    let mut sources = split::split(client, beside)?;
    if let Some(parameters) = parameters {
        sources.insert("parameters.rs".to_owned(), split::render(parameters));
    }
    Ok(sources)
}

/// Passes that have something to do for every operation.
const OF_EVERY_OPERATION: [&str; 3] = ["owned_client", "reads", "endpoints"];

/// A pass that finds nothing to do for any operation has met a generator that has changed. What
/// the others look for, such as an enum or a body, the vendor's document may well lack: that they
/// found nothing is in the log.
fn found(pass: &'static str, count: usize) -> Result<usize, Error> {
    if count == 0 && OF_EVERY_OPERATION.contains(&pass) {
        return Err(Error::postprocess(pass, "there is nothing for it to do"));
    }
    Ok(count)
}

fn note(report: &mut Report, pass: &str, what: &str, count: usize) {
    report.note(
        "postprocess",
        &Pointer::root(),
        format!("{pass}: {count} {what}"),
    );
}

fn parse(
    what: &'static str,
    tokens: TokenStream,
    rewrite: &dyn Fn(TokenStream) -> TokenStream,
) -> Result<syn::File, Error> {
    parse::file(tokens, rewrite).map_err(|error| {
        Error::postprocess(what, format!("the generated code does not parse: {error}"))
    })
}

/// The items of an inline module, found by its name.
fn module<'f>(file: &'f mut syn::File, name: &str) -> Option<&'f mut Vec<syn::Item>> {
    file.items.iter_mut().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == name => {
            module.content.as_mut().map(|(_, items)| items)
        }
        _ => None,
    })
}

/// The items of an inline module that a pass needs.
fn required_module<'f>(
    file: &'f mut syn::File,
    name: &str,
    pass: &'static str,
) -> Result<&'f mut Vec<syn::Item>, Error> {
    module(file, name)
        .ok_or_else(|| Error::postprocess(pass, format!("there is no module `{name}`")))
}

/// The first type argument of a type with this name, such as the `T` of an `Option<T>`.
fn first_argument<'t>(outer: &'t syn::Type, name: &str) -> Option<&'t syn::Type> {
    let syn::Type::Path(path) = outer else {
        return None;
    };
    let last = path.path.segments.last()?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        syn::GenericArgument::Type(inner) if last.ident == name => Some(inner),
        _ => None,
    }
}

/// The name of the type that an `impl` block is for, if it is a plain name.
fn impl_target(item: &syn::ItemImpl) -> Option<&syn::Ident> {
    match item.self_ty.as_ref() {
        syn::Type::Path(path) => path.path.get_ident(),
        _ => None,
    }
}

/// The last name of the trait that an `impl` block implements.
fn impl_trait(item: &syn::ItemImpl) -> Option<String> {
    item.trait_
        .as_ref()
        .and_then(|(path, _)| path.segments.last())
        .map(|segment| segment.ident.to_string())
}

/// The value of `#[serde(rename = "...")]`.
fn serde_name(attributes: &[syn::Attribute]) -> Option<String> {
    let mut found = None;
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // An attribute of another form has no name to find.
        let _ = attribute.parse_nested_meta(|meta| {
            let value = match meta.value() {
                Ok(value) => Some(value.parse::<syn::Expr>()?),
                Err(_) => None,
            };
            if meta.path.is_ident("rename")
                && let Some(syn::Expr::Lit(literal)) = value
                && let syn::Lit::Str(text) = literal.lit
            {
                found = Some(text.value());
            }
            Ok(())
        });
    }
    found
}
