//! Where the files of the project lie, and which of them a run writes.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Error;
use crate::pipeline::{self, Reviewed};
use crate::profile;
use crate::progress::Progress;
use crate::read;
use crate::write::Outputs;

/// Where the inputs lie and the outputs go.
pub(crate) struct Paths {
    pub(crate) document: PathBuf,
    overlay: PathBuf,
    bundled: PathBuf,
    lowered: PathBuf,
    log: PathBuf,
    pub(crate) generated: PathBuf,
}

impl Paths {
    pub(crate) fn below(root: &Path) -> Result<Self, Error> {
        let spec = root.join("spec");
        Ok(Self {
            document: read::document_in(&spec)?,
            overlay: spec.join("overlay.yaml"),
            bundled: spec.join("bundled.json"),
            lowered: spec.join("lowered.json"),
            log: spec.join("regen.log"),
            generated: root.join("cloudally-gen").join("src").join("generated"),
        })
    }
}

/// Makes the project's own client. `before` is the vendor's last document, or
/// null.
pub(crate) fn run(
    paths: &Paths,
    before: Value,
    progress: &mut Progress,
) -> Result<Reviewed, Error> {
    pipeline::run_reviewed(
        &paths.document,
        &paths.overlay,
        &profile::OWN,
        before,
        progress,
    )
}

/// The files where they go.
pub(crate) fn outputs(done: &Reviewed, paths: &Paths) -> Outputs {
    let made = &done.made;
    let mut outputs = Outputs::from([
        (paths.bundled.clone(), json(&made.bundled)),
        (paths.lowered.clone(), json(&made.lowered)),
        (paths.log.clone(), made.report.render().into_bytes()),
    ]);
    for (name, source) in &made.modules {
        outputs.insert(paths.generated.join(name), source.clone().into_bytes());
    }
    outputs
}

/// Keys come sorted, so the same document is always the same bytes.
fn json(value: &Value) -> Vec<u8> {
    let mut text = format!("{value:#}");
    text.push('\n');
    text.into_bytes()
}
