//! Errors that abort `regen`, and the refusals of a document, which are collected so that a reader
//! learns of all of them at once. Each says where, and what to do.

mod show;

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::overlay::{Edit, Finding};
use crate::pointer::Pointer;
use crate::walk::METHODS;

/// Why a regeneration stopped. Nothing was changed, unless it says so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },

    #[error("{}:{line}:{column}: not valid {language}: {message}", path.display())]
    Syntax {
        path: PathBuf,
        language: &'static str,
        line: u64,
        column: u64,
        message: String,
    },

    #[error("{}: {pointer}: {message}", path.display())]
    In {
        path: PathBuf,
        pointer: Pointer,
        message: String,
    },

    #[error("{stage}: {pointer}: {message}; {advice}")]
    Document {
        stage: &'static str,
        pointer: Pointer,
        message: String,
        advice: String,
    },

    #[error("{0}")]
    Refused(Refusals),

    #[error(
        "{error}; what was written before could not be put back, so these are left half-done: {paths}"
    )]
    HalfDone { error: Box<Error>, paths: String },

    #[error("cannot write to the standard output: {source}; {done}")]
    Unprinted { source: io::Error, done: String },

    #[error("generate: {message}")]
    Generate { message: String },

    #[error("postprocess: {pass}: {message}")]
    Postprocess { pass: &'static str, message: String },

    #[error("{message}")]
    Usage { message: String },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.into(),
            source,
        }
    }

    pub(crate) fn document(
        stage: &'static str,
        pointer: &Pointer,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::Document {
            stage,
            pointer: pointer.clone(),
            message: message.into(),
            advice: advice.into(),
        }
    }

    pub(crate) fn postprocess(pass: &'static str, message: impl Into<String>) -> Self {
        Self::Postprocess {
            pass,
            message: message.into(),
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
        }
    }
}

/// How much of an offending value is shown.
const SHOWN: usize = 120;

/// One reason, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    stage: &'static str,
    pointer: Pointer,
    /// Another file that the place was taken from, and the place in that.
    file: Option<(PathBuf, Pointer)>,
    value: String,
    means: String,
    advice: String,
    /// What an overlay would do about it.
    steps: Vec<Step>,
    shown: Shown,
    /// What the vendor and the overlay say, side by side.
    sides: Vec<String>,
    /// What brings the overlay itself up to date, each with the line of the action.
    edits: Vec<(Option<usize>, Edit)>,
}

/// One action of an overlay, at a place of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    place: Pointer,
    /// What is merged into the place; without it, the place is taken out.
    update: Option<String>,
}

/// What is shown of the actions for a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Shown {
    #[default]
    Nothing,
    Actions(String),
    /// The actions for the refusal of this number do for this one, too.
    With(usize),
}

/// Every reason, in the order in which the stages met them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusals(Vec<Refusal>, LeavesNothing);

/// Whether the printed actions take every operation out.
type LeavesNothing = bool;

/// What an overlay would do about a refusal.
pub(crate) enum Action<'a> {
    /// Nothing that could be said without knowing the service.
    None,
    /// Take the place out.
    Remove(&'a Pointer),
    /// Merge this into the place.
    Update(&'a Pointer, &'a str),
    /// All of these, in their order.
    Several(&'a [Action<'a>]),
}

/// Whether the actions of the overlay must say where they have their facts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    Needed,
    Optional,
}

impl Action<'_> {
    fn steps(&self, steps: &mut Vec<Step>) {
        let (place, update) = match self {
            Self::None => return,
            Self::Remove(place) => (*place, None),
            Self::Update(place, update) => (*place, Some((*update).to_owned())),
            Self::Several(all) => return all.iter().for_each(|one| one.steps(steps)),
        };
        steps.push(Step {
            place: place.clone(),
            update,
        });
    }
}

impl Refusals {
    pub(crate) fn add(
        &mut self,
        stage: &'static str,
        pointer: &Pointer,
        value: &Value,
        means: impl Into<String>,
        advice: impl Into<String>,
        action: &Action<'_>,
    ) {
        // A place is refused once: what comes after often follows from the first.
        if self.0.iter().any(|each| each.pointer == *pointer) {
            return;
        }
        let mut steps = Vec::new();
        action.steps(&mut steps);
        self.0.push(Refusal {
            stage,
            pointer: pointer.clone(),
            file: None,
            value: shorten(value),
            means: means.into(),
            advice: advice.into(),
            steps,
            shown: Shown::Nothing,
            sides: Vec::new(),
            edits: Vec::new(),
        });
    }

    /// Adds an action of the overlay that the document has grown out of.
    pub(crate) fn add_finding(&mut self, path: &Path, lines: &[usize], finding: Finding) {
        let line = |place: &Pointer| {
            let index: usize = place.keys().nth(1)?.parse().ok()?;
            lines.get(index).copied()
        };
        let advice = match finding.edits.is_empty() {
            true => "change or drop the action",
            false => "edit the overlay as follows; the numbers are those that its actions have now",
        };
        let at = line(&finding.pointer).map_or_else(String::new, |line| format!(":{line}"));
        let edits = finding.edits.into_iter().map(|edit| {
            let line = match &edit {
                Edit::Drop(place) | Edit::Set(place, _) | Edit::Rename(place, _) => line(place),
                Edit::First(_) | Edit::Last(_) => None,
            };
            (line, edit)
        });
        self.0.push(Refusal {
            stage: "overlay",
            file: Some((
                format!("{}{at}", path.display()).into(),
                finding.pointer.clone(),
            )),
            pointer: finding.pointer,
            value: finding.subject,
            means: finding.what,
            advice: advice.to_owned(),
            steps: Vec::new(),
            shown: Shown::Nothing,
            sides: finding.sides,
            edits: edits.collect(),
        });
    }

    /// Whether an action of the overlay is among the reasons.
    pub(crate) fn are_of_overlay(&self) -> bool {
        self.0.iter().any(|each| each.stage == "overlay")
    }

    /// Adds what stopped a later stage.
    pub(crate) fn add_error(&mut self, error: Error) -> Result<(), Error> {
        match error {
            Error::Refused(others) => {
                self.1 |= others.1;
                let before = self.0.len();
                self.0.extend(others.0.into_iter().map(|mut other| {
                    // It was counted without those that stand here already.
                    if let Shown::With(index) = &mut other.shown {
                        *index += before;
                    }
                    other
                }));
            }
            Error::Document {
                stage,
                pointer,
                message,
                advice,
            } => {
                self.add(
                    stage,
                    &pointer,
                    &Value::Null,
                    message,
                    advice,
                    &Action::None,
                );
            }
            other => return Err(other),
        }
        Ok(())
    }

    /// Writes the actions down, so that they can be applied to the document one after the other:
    /// what another takes out as a whole is not taken apart before or after.
    pub(crate) fn aim(&mut self, document: &Value, evidence: Evidence) {
        for step in self.0.iter_mut().flat_map(|each| &mut each.steps) {
            step.place = step.place.followed(document);
        }
        let removed: Vec<(usize, Pointer)> = self
            .0
            .iter()
            .enumerate()
            .flat_map(|(index, each)| each.steps.iter().map(move |step| (index, step)))
            .filter(|(_, step)| step.update.is_none())
            .map(|(index, step)| (index, step.place.clone()))
            .collect();
        self.1 = leaves_nothing(document, &removed);
        for (index, refusal) in self.0.iter_mut().enumerate() {
            let covering = |step: &Step| {
                let covers = |(other, place): &&(usize, Pointer)| {
                    let is_first = step.update.is_some() || *other < index;
                    *other != index
                        && step.place.is_within(place)
                        && (step.place != *place || is_first)
                };
                removed.iter().find(covers).map(|(other, _)| *other)
            };
            let (done, open): (Vec<&Step>, Vec<&Step>) = refusal
                .steps
                .iter()
                .partition(|step| covering(step).is_some());
            let actions: Vec<String> = open
                .iter()
                .filter_map(|step| step.written(document, evidence, &refusal.means))
                .collect();
            refusal.shown = match done.first().and_then(|step| covering(step)) {
                Some(other) if open.is_empty() => Shown::With(other),
                _ if actions.is_empty() => Shown::Nothing,
                _ => Shown::Actions(actions.join("\n")),
            };
        }
    }

    /// Says of each place where it was taken from.
    pub(crate) fn locate(&mut self, origin: impl Fn(&Pointer) -> Option<(PathBuf, Pointer)>) {
        for refusal in &mut self.0 {
            refusal.file = origin(&refusal.pointer);
        }
    }

    /// An error, if there is a reason for one.
    pub(crate) fn into_result(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Refused(self))
        }
    }
}

impl Step {
    /// The action as an overlay has it; nothing, if there is nothing that it could be for.
    fn written(&self, document: &Value, evidence: Evidence, source: &str) -> Option<String> {
        let target = quoted(&self.place.json_path(document)?);
        let mut text = format!("- target: {target}");
        if evidence == Evidence::Needed {
            text.push_str(&format!(
                "\n  x-evidence: spec\n  x-source: {}",
                quoted(source)
            ));
        }
        match &self.update {
            Some(update) => text.push_str(&format!("\n  update: {update}")),
            None => text.push_str("\n  remove: true"),
        }
        Some(text)
    }
}

fn leaves_nothing(document: &Value, removed: &[(usize, Pointer)]) -> bool {
    let paths = document.get("paths").and_then(Value::as_object);
    let places = paths.into_iter().flatten().flat_map(|(path, item)| {
        let at = Pointer::root().child("paths").child(path);
        let here = METHODS.iter().filter(|method| item.get(**method).is_some());
        here.map(move |method| at.child(method))
    });
    let mut places = places.peekable();
    places.peek().is_some()
        && places.all(|place| removed.iter().any(|(_, gone)| place.is_within(gone)))
}

fn shorten(value: &Value) -> String {
    let text = match value {
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    };
    cut(&text)
}

fn cut(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if text.chars().count() > SHOWN {
        shown.push_str(" ...");
    }
    shown
}

/// A text as YAML has it. A path with a colon or a hash must be quoted, and quotes in it escaped.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests;
