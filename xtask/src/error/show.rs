//! Shows the reasons for a refusal. Equal ones are one reason with all of its places, and with the
//! actions for all of them, or a large document would say one thing hundreds of times.

use std::fmt;

use serde_json::Value;

use super::{Refusal, Refusals, Shown, cut};
use crate::overlay::Edit;

/// How many further places of a reason are named; all of them are in its actions.
const NAMED: usize = 8;

impl Refusals {
    /// The reasons, each with the numbers of its refusals, in the order in which they were met.
    fn reasons(&self) -> Vec<Vec<usize>> {
        let mut reasons: Vec<Vec<usize>> = Vec::new();
        for (index, refusal) in self.0.iter().enumerate() {
            let is_same = |other: &Vec<usize>| {
                let first = other.first().and_then(|first| self.0.get(*first));
                first.is_some_and(|first| first.is_like(refusal))
            };
            match reasons.iter_mut().find(|other| is_same(other)) {
                Some(reason) => reason.push(index),
                None => reasons.push(vec![index]),
            }
        }
        reasons
    }
}

impl Refusal {
    /// Whether it says the same of another place.
    fn is_like(&self, other: &Self) -> bool {
        (self.stage, &self.means, &self.advice) == (other.stage, &other.means, &other.advice)
    }

    /// The place, in the file that it was taken from.
    fn place(&self) -> String {
        match &self.file {
            Some((path, place)) => format!("{}: {place}", path.display()),
            None => self.pointer.to_string(),
        }
    }

    fn actions(&self) -> &str {
        match &self.shown {
            Shown::Actions(actions) => actions,
            Shown::Nothing | Shown::With(_) => "",
        }
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons = self.reasons();
        let count = reasons.len();
        let plural = if count == 1 { "reason" } else { "reasons" };
        write!(f, "the document is refused, for {count} {plural}")?;
        if self.0.len() > count {
            write!(f, " at {} places", self.0.len())?;
        }
        if self.1 {
            write!(
                f,
                "\nWARNING: the printed actions take out every operation, so the client would have no function"
            )?;
        }
        for (number, reason) in reasons.iter().enumerate() {
            let all: Vec<&Refusal> = reason
                .iter()
                .filter_map(|index| self.0.get(*index))
                .collect();
            let Some((first, others)) = all.split_first() else {
                continue;
            };
            write!(f, "\n\n{}. {}: {}", number + 1, first.stage, first.place())?;
            let is_elsewhere = |one: &Refusal| {
                one.file
                    .as_ref()
                    .is_some_and(|(_, place)| *place != one.pointer)
            };
            if is_elsewhere(first) {
                write!(f, "\n   here:  {}", first.pointer)?;
            }
            for other in others.iter().take(NAMED) {
                write!(f, "\n   also:  {}", other.place())?;
                if is_elsewhere(other) {
                    write!(f, ", here {}", other.pointer)?;
                }
                if other.value != first.value {
                    write!(f, ", with {}", cut(&other.value))?;
                }
            }
            if others.len() > NAMED {
                write!(f, "\n   also:  at {} other places", others.len() - NAMED)?;
            }
            write!(f, "\n   found: {}", first.value)?;
            write!(f, "\n   means: {}", first.means)?;
            let mut sides: Vec<&String> = Vec::new();
            for side in all.iter().flat_map(|each| &each.sides) {
                if !sides.contains(&side) {
                    write!(f, "\n   where: {side}")?;
                    sides.push(side);
                }
            }
            write!(f, "\n   do:    {}", first.advice)?;
            edits(f, &all)?;
            let with = all.iter().find_map(|each| match each.shown {
                Shown::With(other) => reasons.iter().position(|them| them.contains(&other)),
                _ => None,
            });
            // An action for several of the places is needed once.
            let mut actions: Vec<&str> = Vec::new();
            for each in &all {
                if !each.actions().is_empty() && !actions.contains(&each.actions()) {
                    actions.push(each.actions());
                }
            }
            match with {
                _ if !actions.is_empty() => {
                    write!(f, "\n   overlay action:")?;
                    for line in actions.iter().flat_map(|actions| actions.lines()) {
                        write!(f, "\n     {line}")?;
                    }
                }
                Some(other) => write!(f, "\n   overlay action: that of {}", other + 1)?,
                None => {}
            }
        }
        Ok(())
    }
}

/// The edits of the overlay, in the order in which they are made, and then the actions to paste.
fn edits(f: &mut fmt::Formatter<'_>, all: &[&Refusal]) -> fmt::Result {
    let edits: Vec<&(Option<usize>, Edit)> = all.iter().flat_map(|each| &each.edits).collect();
    let is_pasted = |edit: &Edit| matches!(edit, Edit::First(_) | Edit::Last(_));
    if edits.iter().any(|(_, edit)| !is_pasted(edit)) {
        write!(f, "\n   overlay edit:")?;
    }
    for (line, edit) in edits.iter().filter(|(_, edit)| !is_pasted(edit)) {
        match line {
            Some(line) => write!(f, "\n     line {line}: {edit}")?,
            None => write!(f, "\n     {edit}")?,
        }
    }
    let mut pasted: [Vec<&Value>; 2] = Default::default();
    let [first, last] = &mut pasted;
    for (_, edit) in edits {
        let (list, action) = match edit {
            Edit::First(action) => (&mut *first, action),
            Edit::Last(action) => (&mut *last, action),
            _ => continue,
        };
        if !list.contains(&action) {
            list.push(action);
        }
    }
    for (title, actions) in ["overlay action, before all others:", "overlay action:"]
        .iter()
        .zip(pasted)
    {
        if actions.is_empty() {
            continue;
        }
        write!(f, "\n   {title}")?;
        for action in actions {
            let members = action.as_object().into_iter().flatten();
            let (target, others): (Vec<_>, Vec<_>) = members.partition(|(key, _)| *key == "target");
            // Text of JSON is text of YAML.
            for (index, (key, value)) in target.into_iter().chain(others).enumerate() {
                let start = if index == 0 { "- " } else { "  " };
                write!(f, "\n     {start}{key}: {value}")?;
            }
        }
    }
    Ok(())
}
