//! The pipeline: from the vendor's document to the files that are checked in, in memory.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Error;
use crate::report::Report;
use crate::write::Outputs;
use crate::{bundle, down, generate, lower, operations, overlay, pages, polish, read};

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
}

/// Runs every stage but the writing.
pub(crate) fn run(paths: &Paths) -> Result<Run, Error> {
    let mut report = Report::default();
    let document = read::read(&paths.document)?;
    bundle::version(&document)?;
    let overlay = read::read(&paths.overlay)?;
    let overlaid = overlay::apply(document, &paths.overlay, overlay, &mut report)?;
    let bundled = bundle::bundle(overlaid)?;
    let down = down::down(bundled.clone(), &mut report)?;
    let lowered = lower::lower(down, &mut report)?;
    let generated = generate::generate(&lowered, &pages::pages(&lowered))?;
    let operations = operations::operations(&bundled)?;
    let modules = polish::polish(generated, operations, &lowered, &mut report)?;

    let mut outputs = Outputs::from([
        (paths.bundled.clone(), json(&bundled)),
        (paths.lowered.clone(), json(&lowered)),
        (paths.log.clone(), report.render().into_bytes()),
    ]);
    for (name, source) in modules {
        outputs.insert(paths.generated.join(name), source.into_bytes());
    }
    Ok(Run {
        outputs,
        rewrites: report.len(),
    })
}

/// Keys come sorted, so the same document is always the same bytes.
fn json(value: &Value) -> Vec<u8> {
    let mut text = format!("{value:#}");
    text.push('\n');
    text.into_bytes()
}
