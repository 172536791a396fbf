//! The pipeline: from the vendor's document to the files that are checked in, in memory.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread::{self, ScopedJoinHandle};

use serde_json::Value;

use crate::error::Error;
use crate::overlay::{Kind, Review};
use crate::progress::Progress;
use crate::report::Report;
use crate::write::Outputs;
use crate::{
    bundle, down, generate, lower, operations, overlay, pages, plain, polish, profile, read, refs,
    structure, widen,
};

/// Where the inputs lie and the outputs go.
pub(crate) struct Paths {
    document: PathBuf,
    overlay: PathBuf,
    bundled: PathBuf,
    lowered: PathBuf,
    log: PathBuf,
    pub(crate) generated: PathBuf,
}

impl Paths {
    pub(crate) fn below(root: &Path) -> Self {
        let spec = root.join("spec");
        Self {
            document: spec.join("openapi.yaml"),
            overlay: spec.join("overlay.yaml"),
            bundled: spec.join("bundled.json"),
            lowered: spec.join("lowered.json"),
            log: spec.join("regen.log"),
            generated: root.join("cloudally-gen").join("src").join("generated"),
        }
    }
}

/// What a run would write.
pub(crate) struct Run {
    pub(crate) outputs: Outputs,
    pub(crate) rewrites: usize,
    /// What the vendor gave.
    pub(crate) vendor: Value,
    pub(crate) bundled: Value,
    pub(crate) overlay: Value,
    /// What became of the actions of the overlay.
    pub(crate) review: Review,
}

/// Runs every stage but the writing.
pub(crate) fn run(paths: &Paths, progress: &mut Progress) -> Result<Run, Error> {
    let mut report = Report::default();
    let report = &mut report;
    let document = progress.stage("read", || read::read(&paths.document))?;
    bundle::version(&document)?;
    let overlay = progress.stage("read", || read::read(&paths.overlay))?;
    let document = progress.stage("refs", || refs::resolve(document, &paths.document, report))?;
    let vendor = document.clone();
    let (made, review) = thread::scope(|scope| {
        // It goes through the document once for each action, and nothing needs it before all is
        // made.
        let review = scope.spawn(|| overlay::review(vendor.clone(), &overlay));
        let overlaid = progress.stage("overlay", || {
            overlay::apply(document, &paths.overlay, overlay.clone(), true, report)
        });
        let made = match overlaid {
            Ok(overlaid) => make(overlaid, paths, progress, report)?,
            Err(error) => return Err(with_the_others(error, &ended(review))),
        };
        Ok((made, progress.stage("review", || ended(review))))
    })?;
    Ok(Run {
        outputs: made.outputs,
        vendor,
        bundled: made.bundled,
        overlay,
        review,
        rewrites: report.len(),
    })
}

/// What the thread made. If it panicked, so does this one.
fn ended<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// What is made of the document once the overlay is applied.
struct Made {
    outputs: Outputs,
    bundled: Value,
}

fn make(
    overlaid: Value,
    paths: &Paths,
    progress: &mut Progress,
    report: &mut Report,
) -> Result<Made, Error> {
    let whole = progress.stage("refs", || refs::resolve(overlaid, &paths.document, report))?;
    progress.stage("structure", || structure::check(&whole, report));
    let bundled = progress.stage("bundle", || {
        bundle::bundle(whole, profile::OWN.names, report)
    })?;
    let widened = progress.stage("widen", || widen::widen(bundled.clone(), report))?;
    let down = progress.stage("down", || down::down(widened, report))?;
    progress.stage("plain", || plain::check(lower::called(&down), report))?;
    let plain = progress.stage("plain", || plain::plain(&down, &profile::OWN, report));
    drop(down);
    let lowered = progress.stage("lower", || lower::lower(plain.document, report))?;
    // All stages have looked by now: whatever stands in the way is told at once.
    report.settle(&bundled, profile::OWN.evidence)?;
    let generated = progress
        .stage("generate", || {
            generate::generate(&lowered, &profile::OWN, &pages::pages(&lowered), &[])
        })
        .map_err(|error| report.located(error, &bundled, profile::OWN.evidence))?;
    let operations = operations::operations(&bundled)?;
    let modules = progress.stage("polish", || {
        polish::polish(generated, operations, &lowered, report)
    })?;

    let mut outputs = Outputs::from([
        (paths.bundled.clone(), json(&bundled)),
        (paths.lowered.clone(), json(&lowered)),
        (paths.log.clone(), report.render().into_bytes()),
    ]);
    for (name, source) in modules {
        outputs.insert(paths.generated.join(name), source.into_bytes());
    }
    Ok(Made { outputs, bundled })
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

/// Keys come sorted, so the same document is always the same bytes.
fn json(value: &Value) -> Vec<u8> {
    let mut text = format!("{value:#}");
    text.push('\n');
    text.into_bytes()
}
