//! The one way of a document, the project's own or any other: read, refs, overlay, normalize,
//! generate, postprocess. All is in memory; nothing is written.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread::{self, ScopedJoinHandle};

use serde_json::{Map, Value};

use crate::error::{Error, Evidence};
use crate::normalize::Normalized;
use crate::overlay::{Kind, Review};
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
    /// What of the document is told at the front of a crate.
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
        let paths = self.lowered.get("paths").and_then(Value::as_object);
        paths.is_none_or(Map::is_empty)
    }
}

/// What is made of a document with the project's overlay, and what became of its actions.
pub(crate) struct Reviewed {
    pub(crate) made: Made,
    /// What the vendor gave.
    pub(crate) vendor: Value,
    pub(crate) overlay: Value,
    pub(crate) review: Review,
}

/// Makes the client of a document, or says everything that stands in the way.
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

/// The same for a document with one overlay, of which each action is looked at.
pub(crate) fn run_reviewed(
    document: &Path,
    path: &Path,
    profile: &Profile,
    progress: &mut Progress,
) -> Result<Reviewed, Error> {
    let mut report = Report::default();
    let vendor = whole(document, &mut report, progress)?;
    let overlay = progress.stage("read", || read::read(path))?;
    let (made, review) = thread::scope(|scope| {
        // It goes through the document once for each action, and nothing needs it before all is
        // made.
        let review = scope.spawn(|| overlay::review(vendor.clone(), &overlay));
        let overlaid = overlaid(
            vendor.clone(),
            (document, path),
            overlay.clone(),
            profile,
            &mut report,
            progress,
        );
        let made = match overlaid {
            Ok(overlaid) => from_value(overlaid, profile, report, progress)?,
            Err(error) => return Err(with_the_others(error, &ended(review))),
        };
        Ok((made, progress.stage("review", || ended(review))))
    })?;
    Ok(Reviewed {
        made,
        vendor,
        overlay,
        review,
    })
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

/// Of several actions that are wrong, the overlay's own error names the first.
fn with_the_others(error: Error, review: &Review) -> Error {
    let Error::In {
        path,
        pointer,
        mut message,
    } = error
    else {
        return error;
    };
    for finding in review
        .findings
        .iter()
        .filter(|each| each.kind == Kind::Wrong && each.pointer != pointer)
    {
        message.push_str(&format!(
            "\n{}: {}: target {}: {}",
            path.display(),
            finding.pointer,
            finding.target,
            finding.what
        ));
    }
    Error::In {
        path,
        pointer,
        message,
    }
}
