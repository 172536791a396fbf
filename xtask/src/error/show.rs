//! Shows the reasons for a refusal. Equal ones are one reason with all of its places, and with the
//! actions for all of them, or a large document would say one thing hundreds of times.

use std::fmt;

use super::{Refusal, Refusals, Shown};

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
        for (number, reason) in reasons.iter().enumerate() {
            let all: Vec<&Refusal> = reason
                .iter()
                .filter_map(|index| self.0.get(*index))
                .collect();
            let Some((first, others)) = all.split_first() else {
                continue;
            };
            write!(f, "\n\n{}. {}: {}", number + 1, first.stage, first.place())?;
            if first.file.is_some() {
                write!(f, "\n   here:  {}", first.pointer)?;
            }
            for other in others.iter().take(NAMED) {
                write!(f, "\n   also:  {}", other.place())?;
                if other.file.is_some() {
                    write!(f, ", here {}", other.pointer)?;
                }
                if other.value != first.value {
                    write!(f, ", with {}", other.value)?;
                }
            }
            if others.len() > NAMED {
                write!(f, "\n   also:  at {} other places", others.len() - NAMED)?;
            }
            write!(f, "\n   found: {}", first.value)?;
            write!(f, "\n   means: {}", first.means)?;
            write!(f, "\n   do:    {}", first.advice)?;
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
