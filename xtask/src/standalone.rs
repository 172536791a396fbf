//! The pipeline for any document: from a document and its overlays to a whole crate, in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Error;
use crate::progress::Progress;
use crate::report::Report;
use crate::write::Outputs;
use crate::{
    bundle, down, emit, generate, lower, overlay, plain, polish, profile, read, refs, structure,
    widen,
};

/// A crate that is not written yet.
#[derive(Debug)]
pub(crate) struct Crate {
    /// The files by their paths in the crate.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) rewrites: usize,
    /// The examples of the document, each with the path of its type in the crate.
    pub(crate) examples: Vec<(String, Value)>,
}

/// Makes the crate of a document, or says everything that stands in the way.
pub(crate) fn run(
    document: &Path,
    overlays: &[PathBuf],
    name: Option<&str>,
    progress: &mut Progress,
) -> Result<Crate, Error> {
    let mut report = Report::default();
    let value = progress.stage("read", || read::read(document))?;
    bundle::version(&value)?;
    let mut value = progress.stage("refs", || refs::resolve(value, document, &mut report))?;
    for path in overlays {
        let actions = read::read(path)?;
        value = progress.stage("overlay", || {
            overlay::apply(value, path, actions, false, &mut report)
        })?;
        value = refs::resolve(value, document, &mut report)?;
    }
    from_value(value, name, report, progress)
}

/// The stages from a document without references to other files.
pub(crate) fn from_value(
    value: Value,
    name: Option<&str>,
    mut report: Report,
    progress: &mut Progress,
) -> Result<Crate, Error> {
    let report = &mut report;
    progress.stage("structure", || structure::check(&value, report));
    let bundled = progress.stage("bundle", || {
        bundle::bundle(value, profile::ANY.names, report)
    })?;
    let name = emit::crate_name(name, &bundled)?;
    let front = emit::front(&bundled);
    let widened = progress.stage("widen", || widen::widen(bundled, report))?;
    let downed = progress.stage("down", || down::down(widened, report))?;
    let plain = progress.stage("plain", || plain::plain(&downed, &profile::ANY, report));
    // What was found so far is told at once: the stages below rely on a sound document.
    report.settle(&downed, profile::ANY.evidence)?;
    drop(downed);
    let lowered = progress.stage("lower", || lower::lower(plain.document, report))?;
    report.settle(&lowered, profile::ANY.evidence)?;
    // What no operation needs is no type, and its parts are none.
    let exists = |name: &str| {
        let place = format!("/components/schemas/{name}");
        lowered.pointer(&place).is_some()
    };
    let mut unions = plain.unions;
    unions.retain(|union| exists(&union.name));
    let client = progress
        .stage("generate", || {
            generate::generate(&lowered, &profile::ANY, &[], &unions)
        })
        .map_err(|error| report.located(error, &lowered, profile::ANY.evidence))?;
    let modules = progress.stage("polish", || {
        polish::polish_crate(
            client.client,
            emit::unions(&unions),
            &lowered,
            &plain.wire,
            report,
        )
    })?;
    let mut files = emit::files(&name, &front, modules, &plain.media);
    files.insert("openapi.lowered.json".to_owned(), format!("{lowered:#}\n"));
    files.insert("regen.log".to_owned(), report.render());
    let in_crate = |(name, example): (String, Value)| {
        let is_union = unions.iter().any(|union| union.name == name);
        let module = if is_union { "unions" } else { "types" };
        exists(&name).then(|| (format!("{module}::{name}"), example))
    };
    Ok(Crate {
        examples: plain.examples.into_iter().filter_map(in_crate).collect(),
        files,
        rewrites: report.len(),
    })
}

/// The files where they go. A folder that holds anything but an earlier crate of ours is left
/// alone.
pub(crate) fn outputs(made: Crate, folder: &Path) -> Result<Outputs, Error> {
    let manifest = folder.join("Cargo.toml");
    let is_ours = std::fs::read_to_string(&manifest).is_ok_and(|text| text.contains(emit::MARK));
    let is_empty = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(Error::io("list", folder, error)),
    };
    if !is_ours && !is_empty {
        return Err(Error::usage(format!(
            "{} holds something else than a crate of regen's: name a new folder, or empty it",
            folder.display()
        )));
    }
    Ok(made
        .files
        .into_iter()
        .map(|(name, text)| (folder.join(name), text.into_bytes()))
        .collect())
}
