//! Collects what the stages did to the document, and writes it as `regen.log`; and what they cannot
//! take.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Error;
use crate::error::{Action, Evidence, Refusals};
use crate::pointer::Pointer;

/// How many places are listed of rewrites that are the same.
const LISTED: usize = 20;
/// The end of a rewrite after which more is read than the document allows.
const WIDER: &str = ": reads got wider";

/// Every rewrite of a run, in the order in which it happened, and every reason to refuse the
/// document.
#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<String>,
    refusals: Refusals,
    /// The operations that the client has no function for, each with why.
    pub(crate) without_function: BTreeMap<Pointer, String>,
    /// The places that were taken from other files, each with the file and the place in it.
    origins: BTreeMap<Pointer, (PathBuf, Pointer)>,
}

impl Report {
    /// Notes a rewrite at a place.
    pub(crate) fn note(&mut self, stage: &'static str, pointer: &Pointer, what: impl AsRef<str>) {
        // A tab or a line break in a name must not look like a column or a line.
        let plain = |text: &str| text.replace(['\t', '\n', '\r'], " ");
        self.lines.push(format!(
            "{stage}\t{}\t{}",
            plain(&pointer.to_string()),
            plain(what.as_ref())
        ));
    }

    /// Notes a rewrite after which more values are read than the document allows.
    pub(crate) fn wider(&mut self, stage: &'static str, pointer: &Pointer, what: impl AsRef<str>) {
        self.note(stage, pointer, format!("{}{WIDER}", what.as_ref()));
    }

    /// Notes that the client has no function for an operation.
    pub(crate) fn left_out(&mut self, stage: &'static str, pointer: &Pointer, what: &str) {
        self.note(stage, pointer, format!("left out: {what}"));
        self.without_function
            .insert(pointer.clone(), what.to_owned());
    }

    /// Keeps a reason to refuse the document; the stage goes on, to find the others.
    pub(crate) fn refuse(
        &mut self,
        stage: &'static str,
        pointer: &Pointer,
        value: &Value,
        means: impl Into<String>,
        advice: impl Into<String>,
        action: &Action<'_>,
    ) {
        self.refusals
            .add(stage, pointer, value, means, advice, action);
    }

    /// Keeps where a place of the document was taken from.
    pub(crate) fn taken(&mut self, pointer: Pointer, file: &Path, place: Pointer) {
        self.origins.insert(pointer, (file.to_owned(), place));
    }

    /// An error with every reason so far, if there is one.
    pub(crate) fn settle(&mut self, document: &Value, evidence: Evidence) -> Result<(), Error> {
        let refusals = std::mem::take(&mut self.refusals);
        let result = refusals.into_result();
        result.map_err(|error| self.located(error, document, evidence))
    }

    /// The error with the file that each of its places was taken from, and its actions as they are
    /// for this document.
    pub(crate) fn located(&self, error: Error, document: &Value, evidence: Evidence) -> Error {
        match error {
            Error::Refused(mut refusals) => {
                refusals.aim(document, evidence);
                refusals.locate(|pointer| self.origin(pointer));
                Error::Refused(refusals)
            }
            Error::Document {
                stage,
                pointer,
                mut message,
                advice,
            } => {
                if let Some((path, place)) = self.origin(&pointer) {
                    message = format!("in {} at {place}: {message}", path.display());
                }
                Error::Document {
                    stage,
                    pointer,
                    message,
                    advice,
                }
            }
            other => other,
        }
    }

    /// The file that a place was taken from, and the place in it.
    pub(crate) fn origin(&self, pointer: &Pointer) -> Option<(PathBuf, Pointer)> {
        let mut above = pointer.clone();
        loop {
            if let Some((path, place)) = self.origins.get(&above) {
                let rest = pointer.as_str().strip_prefix(above.as_str())?;
                return Some((path.clone(), place.join(&Pointer::parse(rest))));
            }
            if above == Pointer::root() {
                return None;
            }
            above = above.parent();
        }
    }

    /// The whole report: one line a rewrite, in columns parted by tabs. Those after which more is
    /// read than the document allows come first; of those that say the same of many places, some
    /// are listed and the others are counted.
    pub(crate) fn render(&self) -> String {
        let mut text = String::from("# stage\twhere\twhat was done there\n");
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let is_wider = |line: &&String| line.ends_with(WIDER);
        let wider = self.lines.iter().filter(is_wider);
        let others = self.lines.iter().filter(|line| !is_wider(line));
        for line in wider.chain(others) {
            let (stage, rest) = line.split_once('\t').unwrap_or_default();
            let (_, what) = rest.split_once('\t').unwrap_or_default();
            let count = counts.entry((stage, what)).or_default();
            *count += 1;
            if *count <= LISTED {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{line}");
            }
        }
        for ((stage, what), count) in counts.iter().filter(|(_, count)| **count > LISTED) {
            let rest = count - LISTED;
            let _ = writeln!(text, "{stage}\tat {rest} more places\t{what}");
        }
        text
    }

    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }
}
