//! The record for people.

use std::fmt::Write;

use jiff::Timestamp;

use super::steps::{RecordedOutcome, RestoreRecord};

impl RecordedOutcome {
    /// Returns what it means, in one or two sentences for somebody who does not know this crate.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NotSent => "The restore was prepared and not sent. Nothing was restored.",
            Self::NotCarriedOut => {
                "The restore was not carried out: the request was not sent, or the service refused it. Nothing was restored."
            }
            Self::OutcomeUnknown => {
                "Whether the restore was carried out is not known. The request was sent, and no answer shows whether the service accepted it, so it may have been carried out in whole, in part, or not at all. It was not sent again after that, because a restore that is carried out twice can overwrite data."
            }
            Self::AcceptedWithoutJob => {
                "The service accepted the restore and named no job, so its end could not be followed. It may have been carried out in whole, in part, or not at all."
            }
            Self::Accepted => {
                "The service accepted the restore, and it was not done when it was last looked at. Its end is not known."
            }
            Self::Done => {
                "The service says that the restore is done. This record does not show that the restored data is complete or correct."
            }
            Self::Failed => {
                "The service says that the restore failed. Data may have been restored in part."
            }
        }
    }

    /// What is left to be done by a person.
    fn remedy(self) -> Option<&'static str> {
        match self {
            Self::OutcomeUnknown | Self::AcceptedWithoutJob | Self::Accepted => Some(
                "To settle it, look for the restore in the portal of the service and at its target, and note who looked, when, and what they found.",
            ),
            Self::Done => Some(
                "To settle it, compare a sample of the restored data with what was expected, and note who looked, when, and what they found.",
            ),
            Self::Failed => Some(
                "To settle it, look at the target, and note who looked, when, and what they found.",
            ),
            Self::NotSent | Self::NotCarriedOut => None,
        }
    }
}

impl RestoreRecord {
    /// Writes the record as Markdown, with the hash over it.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        let request = &self.request;
        let task = request.task_id.as_ref().map(|id| id.as_str());
        let _ = writeln!(text, "# Restore record\n");
        let _ = writeln!(
            text,
            "**Outcome: {}.** {}",
            self.outcome,
            self.outcome.meaning()
        );
        if let Some(remedy) = self.outcome.remedy() {
            let _ = writeln!(text, "{remedy}");
        }
        let _ = writeln!(text, "\n| what | |\n|---|---|");
        let mut row = |what: &str, value: Option<String>| {
            if let Some(value) = value {
                let _ = writeln!(text, "| {what} | {} |", cell(&value));
            }
        };
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        row("purpose", self.purpose.clone());
        row("service", Some(self.base_url.clone()));
        row("task", task.map(str::to_owned));
        row("entity", request.entity_name.clone());
        let point = match self.restored_point.is_missing() {
            true => "not named, so the service chose it".to_owned(),
            false => self.restored_point.shown(),
        };
        row("restored point", Some(point));
        let age = self.age().map(|age| format!("at most {}", period(age)));
        row("age of the restored point", age);
        let extra = serde_json::to_string(&request.extra).ok();
        row(
            "further fields of the request",
            extra.filter(|_| !request.extra.is_empty()),
        );
        row("prepared at", Some(self.prepared_at.to_string()));
        row("sent at", time(self.sent_at));
        row("answered at", time(self.answered_at));
        row(
            "attempts to send",
            (self.attempts > 0).then(|| self.attempts.to_string()),
        );
        row(
            "HTTP status of the answer",
            self.status.map(|status| status.to_string()),
        );
        row("request id", self.request_id.clone());
        row("job", self.job_id.as_ref().map(|id| id.as_str().to_owned()));
        row("finished at", time(self.finished_at));
        row("duration", self.duration().map(period));
        row("what failed", self.error.clone());
        if !self.states.is_empty() {
            let _ = writeln!(
                text,
                "\n| state read at | status | progress | message |\n|---|---|---|---|"
            );
        }
        for state in &self.states {
            let progress = state.progress.map(|progress| format!("{progress} %"));
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                state.at,
                cell(state.status.as_deref().unwrap_or_default()),
                progress.unwrap_or_default(),
                cell(state.message.as_deref().unwrap_or_default())
            );
        }
        for note in &self.notes {
            let _ = writeln!(text, "\nNote: {}", cell(note));
        }
        let _ = writeln!(
            text,
            "\nTimes are in UTC, by the clock of the machine that made this record."
        );
        let _ = writeln!(text, "SHA-256 over the record: `{}`", self.hash());
        text
    }
}

/// A text as the cell of a table: on one line, and without any meaning in Markdown.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for character in text.replace("://", ":\u{0}//").chars() {
        match character {
            // What looks like an address would be made a link.
            '\u{0}' => cell.push('\\'),
            // What turns the direction of a text, or cannot be seen, can hide what it says.
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => cell.push('\u{fffd}'),
            it if it.is_control() => cell.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&'
            | '!' => {
                cell.push('\\');
                cell.push(character);
            }
            it => cell.push(it),
        }
    }
    cell
}

/// A period of time in its two largest units.
fn period(period: std::time::Duration) -> String {
    let seconds = period.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, minutes) => format!("{minutes} min {rest} s"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}
