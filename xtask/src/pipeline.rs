//! The one way of a document, the project's own or any other: read, refs, overlay, normalize,
//! generate, postprocess. All is in memory; nothing is written.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread::{self, ScopedJoinHandle};

use serde_json::{Map, Value};

use crate::error::{Error, Evidence, Refusals};
use crate::normalize::Normalized;
use crate::overlay::{Moves, Review};
use crate::pointer::Pointer;
use crate::profile::Profile;
use crate::progress::Progress;
use crate::report::Report;
use crate::{
    bundle, down, emit, generate, lower, normalize, operations, overlay, pages, postprocess, read,
    refs, structure, widen,
};

/// What is made of a document.
#[derive(Debug)]
pub(crate) struct Made {
    /// The document that the client speaks; kept only where it is written.
    pub(crate) bundled: Value,
    pub(crate) lowered: Value,
    /// The parts of the document that the front page of a crate shows.
    pub(crate) front: Value,
    /// The generated modules: file name and source.
    pub(crate) modules: BTreeMap<String, String>,
    /// The examples of the document, each with the path of its type in the crate.
    pub(crate) examples: Vec<(String, Value)>,
    pub(crate) report: Report,
}

impl Made {
    /// Whether the client has no function.
    pub(crate) fn is_empty(&self) -> bool {
        has_no_operation(&self.lowered)
    }
}

fn has_no_operation(document: &Value) -> bool {
    let paths = document.get("paths").and_then(Value::as_object);
    paths.is_none_or(Map::is_empty)
}

/// What is made of a document with the project's overlay, and what became of its actions.
pub(crate) struct Reviewed {
    pub(crate) made: Made,
    /// What the vendor gave.
    pub(crate) vendor: Value,
    pub(crate) overlay: Value,
    pub(crate) review: Review,
}

/// Generates the client of a document, or returns all reasons for a refusal.
pub(crate) fn run(
    document: &Path,
    overlays: &[PathBuf],
    profile: &Profile,
    progress: &mut Progress,
) -> Result<Made, Error> {
    let mut report = Report::default();
    let mut value = whole(document, &mut report, progress)?;
    for path in overlays {
        let actions = read::read(path)?;
        value = overlaid(
            value,
            (document, path),
            actions,
            profile,
            &mut report,
            progress,
        )?;
    }
    from_value(value, profile, report, progress)
}

/// Does the same with one overlay, each of whose actions is checked against the document. `before`
/// is the vendor's previous document, or null.
pub(crate) fn run_reviewed(
    document: &Path,
    path: &Path,
    profile: &Profile,
    before: Value,
    progress: &mut Progress,
) -> Result<Reviewed, Error> {
    let mut report = Report::default();
    let vendor = whole(document, &mut report, progress)?;
    let overlay = progress.stage("read", || read::read(path))?;
    let moves = Moves::between(before, &vendor);
    let (made, review) = thread::scope(|scope| {
        // It goes through the document once for each action, and nothing needs it before all is
        // made.
        let review = scope.spawn(|| overlay::review(vendor.clone(), &overlay, &moves));
        let overlaid = overlaid(
            vendor.clone(),
            (document, path),
            overlay.clone(),
            profile,
            &mut report,
            progress,
        );
        let made = overlaid.and_then(|overlaid| from_value(overlaid, profile, report, progress));
        (made, progress.stage("review", || ended(review)))
    });
    let is_sound = !review.findings.iter().any(|finding| finding.kind.stops());
    match made {
        Ok(made) if is_sound => Ok(Reviewed {
            made,
            vendor,
            overlay,
            review,
        }),
        Err(error) if is_sound => Err(error),
        made => Err(everything(
            made.err(),
            &vendor,
            (document, path),
            &overlay,
            &moves,
            profile,
        )),
    }
}

/// All that is wrong with an overlay that no longer fits, and with what comes after once it does.
fn everything(
    error: Option<Error>,
    vendor: &Value,
    (document, path): (&Path, &Path),
    overlay: &Value,
    moves: &Moves,
    profile: &Profile,
) -> Error {
    let mut refusals = Refusals::default();
    let (findings, mended) = overlay::mend(vendor, overlay, moves);
    let lines = overlay::lines(path, overlay);
    // As somebody who stands in the workspace would write it.
    let here = std::env::current_dir().unwrap_or_default();
    let shown = path.strip_prefix(here).unwrap_or(path);
    for finding in findings {
        refusals.add_finding(shown, &lines, finding);
    }
    let mut report = Report::default();
    let progress = &mut Progress::default();
    let later = refs::resolve(mended, document, &mut report)
        .and_then(|mended| from_value(mended, profile, report, progress));
    // What cannot be told as a reason is an error of the tool's own.
    let told = later
        .err()
        .map_or(Ok(()), |later| refusals.add_error(later));
    match refusals.into_result() {
        Err(refused) => refused,
        Ok(()) => told
            .err()
            .or(error)
            .unwrap_or_else(|| Error::usage("the overlay does not fit the document")),
    }
}

/// The document, of however many files it is.
fn whole(path: &Path, report: &mut Report, progress: &mut Progress) -> Result<Value, Error> {
    let document = progress.stage("read", || read::read(path))?;
    bundle::version(&document)?;
    progress.stage("refs", || refs::resolve(document, path, report))
}

fn overlaid(
    value: Value,
    (document, overlay): (&Path, &Path),
    actions: Value,
    profile: &Profile,
    report: &mut Report,
    progress: &mut Progress,
) -> Result<Value, Error> {
    let is_graded = profile.evidence == Evidence::Needed;
    let value = progress.stage("overlay", || {
        overlay::apply(value, overlay, actions, is_graded, report)
    })?;
    progress.stage("refs", || refs::resolve(value, document, report))
}

/// What the thread made. If it panicked, so does this one.
fn ended<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// The stages from a document without references to other files.
pub(crate) fn from_value(
    mut value: Value,
    profile: &Profile,
    mut report: Report,
    progress: &mut Progress,
) -> Result<Made, Error> {
    let report_of_all = &mut report;
    let report = &mut *report_of_all;
    progress.stage("structure", || {
        structure::without_nulls(&mut value, report)?;
        structure::check(&value, report);
        Ok::<_, Error>(())
    })?;
    let mut bundled = progress.stage("bundle", || bundle::bundle(value, profile.names, report))?;
    let front = emit::front(&bundled);
    let widened = match profile.is_own {
        true => bundled.clone(),
        false => std::mem::take(&mut bundled),
    };
    let widened = progress.stage("widen", || widen::widen(widened, report))?;
    let downed = progress.stage("down", || down::down(widened, report))?;
    let normalized = progress.stage("normalize", || {
        normalize::normalize(&downed, profile, report)
    });
    // What was found is told at once: the stages below rely on a sound document.
    report.settle(&downed, profile.evidence)?;
    drop(downed);
    let Normalized {
        document,
        mut unions,
        wire,
        media,
        examples,
        ids,
    } = normalized;
    let lowered = progress.stage("lower", || lower::lower(document, report))?;
    if profile.is_own && has_no_operation(&lowered) {
        return Err(Error::document(
            "bundle",
            &Pointer::root().child("paths"),
            "the document has no operation, so the client would have no function",
            "give the whole document; webhooks are what the service calls",
        ));
    }
    // What no operation needs is no type, and its parts are none.
    let exists = |name: &str| {
        let place = format!("/components/schemas/{name}");
        lowered.pointer(&place).is_some()
    };
    unions.retain(|union| exists(&union.name));
    let pages = match profile.is_own {
        true => pages::pages(&lowered),
        false => Vec::new(),
    };
    let generated = progress
        .stage("generate", || {
            generate::generate(&lowered, profile, &pages, &unions)
        })
        .map_err(|error| report.located(error, &lowered, profile.evidence))?;
    let operations = match profile.is_own {
        true => Some(operations::operations(&bundled, &ids)?),
        false => None,
    };
    let extras = postprocess::Extras {
        operations,
        unions: emit::unions(&unions, profile),
        wire,
        media,
    };
    let modules = progress.stage("postprocess", || {
        postprocess::postprocess(generated, extras, &lowered, report)
    })?;
    let in_crate = |(name, example): (String, Value)| {
        let is_union = unions.iter().any(|union| union.name == name);
        let module = if is_union { "unions" } else { "types" };
        exists(&name).then(|| (format!("{module}::{name}"), example))
    };
    let examples = examples.into_iter().filter_map(in_crate).collect();
    Ok(Made {
        bundled,
        front,
        modules,
        examples,
        lowered,
        report: std::mem::take(report_of_all),
    })
}
