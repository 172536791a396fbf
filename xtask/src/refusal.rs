//! Collects what a document cannot be generated for, so that a reader learns of all of it at once.

use std::fmt;
use std::path::PathBuf;

use serde_json::Value;

use crate::error::Error;
use crate::pointer::Pointer;

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
    /// Actions of an overlay, ready to paste.
    action: Option<String>,
}

/// Every reason, in the order in which the stages met them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusals(Vec<Refusal>);

/// What an overlay would do about a refusal.
pub(crate) enum Action<'a> {
    /// Nothing that could be said without knowing the service.
    None,
    /// Take the place out.
    Remove(&'a Pointer),
    /// Take what has this name out of the list: an index would name something else once another is gone.
    RemoveFrom(&'a Pointer, &'a str),
    /// Merge this into the place.
    Update(&'a Pointer, &'a str),
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
        let action = match action {
            Action::None => None,
            Action::Remove(place) => Some(format!(
                "- target: {}\n  remove: true",
                yaml(&place.json_path())
            )),
            Action::RemoveFrom(list, name) => Some(format!(
                "- target: {}\n  remove: true",
                yaml(&format!(
                    "{}[?@.name == '{}']",
                    list.json_path(),
                    name.replace('\\', "\\\\").replace('\'', "\\'")
                ))
            )),
            Action::Update(place, update) => Some(format!(
                "- target: {}\n  update: {update}",
                yaml(&place.json_path())
            )),
        };
        let refusal = Refusal {
            stage,
            pointer: pointer.clone(),
            file: None,
            value: shorten(value),
            means: means.into(),
            advice: advice.into(),
            action,
        };
        // A place is refused once: what comes after often follows from the first.
        if !self.0.iter().any(|each| each.pointer == *pointer) {
            self.0.push(refusal);
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

fn shorten(value: &Value) -> String {
    let text = match value {
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    };
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

/// A path with a colon or a hash must be quoted in YAML, and quotes in it doubled.
fn yaml(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let plural = if count == 1 { "reason" } else { "reasons" };
        write!(f, "the document is refused, for {count} {plural}")?;
        for (index, refusal) in self.0.iter().enumerate() {
            let Refusal {
                stage,
                pointer,
                file,
                value,
                means,
                advice,
                action,
            } = refusal;
            match file {
                Some((path, place)) => {
                    write!(f, "\n\n{}. {stage}: {}: {place}", index + 1, path.display())?;
                    write!(f, "\n   here:  {pointer}")?;
                }
                None => write!(f, "\n\n{}. {stage}: {pointer}", index + 1)?,
            }
            write!(f, "\n   found: {value}")?;
            write!(f, "\n   means: {means}")?;
            write!(f, "\n   do:    {advice}")?;
            let same = |other: &Refusal| action.is_some() && other.action == *action;
            if let Some(first) = self.0.iter().take(index).position(same) {
                // Pasted twice, it would match nothing the second time.
                write!(f, "\n   overlay action: that of {}", first + 1)?;
            } else if let Some(action) = action {
                write!(f, "\n   overlay action:")?;
                for line in action.lines() {
                    write!(f, "\n     {line}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_reason_is_shown_with_an_action_to_paste() {
        let mut refusals = Refusals::default();
        let place = Pointer::root().child("paths").child("/a'b").child("trace");
        refusals.add(
            "calls",
            &place,
            &json!({"x": 1}),
            "means",
            "do",
            &Action::Remove(&place),
        );
        refusals.add(
            "calls",
            &place.child("x"),
            &json!("y".repeat(500)),
            "means",
            "do",
            &Action::None,
        );
        refusals.add(
            "calls",
            &place.child("y"),
            &json!(1),
            "means",
            "do",
            &Action::Remove(&place),
        );
        let text = refusals.into_result().unwrap_err().to_string();
        assert!(text.ends_with("overlay action: that of 1"), "{text}");
        assert!(text.contains("3 reasons") && text.contains("/paths/~1a'b/trace"));
        assert!(
            text.contains(r#"- target: "$.paths['/a\\'b'].trace""#),
            "{text}"
        );
        assert!(text.lines().all(|line| line.len() < 200), "{text}");
    }
}
