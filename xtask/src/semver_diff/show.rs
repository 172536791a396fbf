//! Tells of changes: in a few lines on the terminal, in full as Markdown.

use std::fmt::Write;

use super::{Baseline, Change, Changes, Class, Origin, Version};
use crate::overlay::{Kind, Review};

impl Class {
    fn word(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Additive => "additive",
            Self::Docs => "docs only",
        }
    }
}

impl Origin {
    fn word(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Overlay => "overlay",
            Self::Unknown => "unknown",
        }
    }
}

/// How many changes of one kind are listed one by one.
const LISTED: usize = 5;

/// The changes, the worst first. Of those that say the same of other names, some are listed and
/// the others are counted. What changes words only is not listed.
pub(crate) fn list(changes: &Changes, colored: bool) -> String {
    let mut text = String::new();
    let mut keys: Vec<(Class, Origin, String)> = Vec::new();
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes
        .all
        .iter()
        .filter(|change| change.class != Class::Docs)
    {
        let key = (change.class, change.origin, without_names(&change.what));
        let known = keys.iter().position(|other| *other == key);
        match known.and_then(|index| groups.get_mut(index)) {
            Some(group) => group.push(change),
            None => {
                keys.push(key);
                groups.push(vec![change]);
            }
        }
    }
    for ((class, origin, _), group) in keys.into_iter().zip(groups) {
        let word = class.word();
        let word = match (colored, class) {
            (true, Class::Breaking) => format!("\x1b[31m{word}\x1b[0m"),
            (true, _) => format!("\x1b[32m{word}\x1b[0m"),
            (false, _) => word.to_owned(),
        };
        let origin = origin.word();
        for change in group.iter().take(LISTED) {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{word}: {}: {} ({origin})",
                change.pointer, change.what
            );
        }
        if group.len() > LISTED {
            let rest = group.len() - LISTED;
            let _ = writeln!(
                text,
                "{word}: and {rest} more of this kind ({origin}); --report FILE lists them"
            );
        }
    }
    text
}

/// A change without the names that are quoted in it.
fn without_names(what: &str) -> String {
    what.split('`').step_by(2).collect()
}

/// The lines for the terminal; none, if nothing changed. What changes words only is counted and not
/// listed.
pub(crate) fn summary(
    changes: &Changes,
    review: &Review,
    baseline: &Baseline,
    colored: bool,
) -> String {
    let mut text = list(changes, colored);
    let mut in_part = 0;
    for finding in &review.findings {
        // What is needless in part hurts nobody.
        in_part += usize::from(finding.kind == Kind::Partly);
        if finding.kind == Kind::Partly && in_part > LISTED {
            continue;
        }
        let _ = writeln!(text, "overlay: {}: {}", finding.pointer, finding.what);
        for side in &finding.sides {
            let _ = writeln!(text, "   where: {side}");
        }
        if !finding.edits.is_empty() {
            let _ = writeln!(text, "   overlay edit:");
        }
        for edit in &finding.edits {
            let _ = writeln!(text, "     {edit}");
        }
    }
    if in_part > LISTED {
        let rest = in_part - LISTED;
        let _ = writeln!(
            text,
            "overlay: and {rest} more actions that are needless in part; --report FILE lists them"
        );
    }
    for change in &changes.hidden {
        let _ = writeln!(
            text,
            "overlay: {}{}: the vendor says something new, and the overlay hides it: {}",
            hider(review, change),
            change.pointer,
            change.what
        );
    }
    if !changes.all.is_empty() {
        let _ = writeln!(text, "{}", verdict(changes, baseline));
    }
    text
}

fn verdict(changes: &Changes, baseline: &Baseline) -> String {
    let count = |class: Class| {
        changes
            .all
            .iter()
            .filter(|change| change.class == class)
            .count()
    };
    let mut text = format!(
        "since {}: {} breaking, {} additive, {} docs only",
        baseline.name,
        count(Class::Breaking),
        count(Class::Additive),
        count(Class::Docs)
    );
    if let Some((from, to)) = bump(changes, baseline) {
        let _ = write!(text, "; after {from} the version is {to}");
    }
    text
}

/// The version before, and the least one after.
pub(crate) fn bump(changes: &Changes, baseline: &Baseline) -> Option<(Version, Version)> {
    let from = baseline.version?;
    Some((from, from.after(changes.class()?)))
}

/// The whole report.
pub(crate) fn markdown(changes: &Changes, review: &Review, baseline: &Baseline) -> String {
    let mut text = String::from("# What changed in the document\n\n");
    if changes.all.is_empty() {
        let _ = writeln!(text, "Nothing since {}.", code(&baseline.name));
    } else {
        let verdict = verdict(changes, baseline);
        let _ = writeln!(
            text,
            "{}{}.",
            verdict.get(..1).unwrap_or_default().to_uppercase(),
            verdict.get(1..).unwrap_or_default()
        );
    }
    for class in [Class::Breaking, Class::Additive, Class::Docs] {
        let of_class: Vec<&Change> = changes
            .all
            .iter()
            .filter(|change| change.class == class)
            .collect();
        if of_class.is_empty() {
            continue;
        }
        let title = match class {
            Class::Breaking => "Breaking: code that uses the crate must change",
            Class::Additive => "Additive: code that uses the crate stays as it is",
            Class::Docs => "Docs only",
        };
        let _ = write!(
            text,
            "\n## {title}\n\n| Where | What | From |\n|---|---|---|\n"
        );
        for change in of_class {
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                code(&change.pointer.to_string()),
                cell(&change.what),
                change.origin.word()
            );
        }
    }
    if !review.findings.is_empty() || !changes.hidden.is_empty() {
        text.push_str("\n## The overlay\n\n");
        for finding in &review.findings {
            let _ = writeln!(
                text,
                "- {}, {}: {}",
                code(finding.pointer.as_str()),
                code(&finding.subject),
                finding.what
            );
            for line in &finding.sides {
                let _ = writeln!(text, "  - {}", cell(line));
            }
            for edit in &finding.edits {
                let _ = writeln!(text, "  - do: {}", code(&edit.to_string()));
            }
        }
        for change in &changes.hidden {
            let _ = writeln!(
                text,
                "- {}{}: the vendor says something new, and the overlay hides it: {}",
                hider(review, change),
                code(change.pointer.as_str()),
                cell(&change.what)
            );
        }
    }
    text
}

/// The action that has the last word, in front of the place.
fn hider(review: &Review, change: &Change) -> String {
    let action = review.changed_by(&change.pointer);
    action.map_or_else(String::new, |action| format!("{action}: "))
}

fn code(text: &str) -> String {
    format!("`{}`", cell(text).replace('`', "'"))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
