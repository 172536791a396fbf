//! Collects what the stages did to the document, and writes it as `regen.log`.

use std::fmt::Write;

use crate::pointer::Pointer;

/// Every rewrite of a run, in the order in which it happened.
#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<String>,
}

impl Report {
    /// Notes a rewrite at a place.
    pub(crate) fn note(&mut self, stage: &'static str, pointer: &Pointer, what: impl AsRef<str>) {
        self.lines
            .push(format!("{stage}\t{pointer}\t{}", what.as_ref()));
    }

    /// The whole report: one line a rewrite, in columns parted by tabs.
    pub(crate) fn render(&self) -> String {
        let mut text = String::from("# stage\twhere\twhat was done there\n");
        for line in &self.lines {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{line}");
        }
        text
    }

    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }
}
