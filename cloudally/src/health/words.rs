//! The meanings of the words that the service uses as a status.

use serde::{Deserialize, Serialize};

/// The words that the service uses as a status, by what they mean. They are compared without regard
/// to case.
///
/// The service documents no word. `FAILED`, `ACTIVE` and `ARCHIVED` are observed; those of backup
/// tasks are published; that `SUCCESS` is success is a guess. A word in no list is unknown: beside
/// good dates it is counted in [`Report::unknown_words`](super::Report::unknown_words), and
/// otherwise it is [`Kind::BadData`](super::Kind::BadData). Add a word once you know what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
#[non_exhaustive]
pub struct Words {
    /// Words that say that a run failed.
    pub failure: Vec<String>,
    /// Words that say neither that a run failed nor that it worked.
    pub neutral: Vec<String>,
    /// Words that say that a run worked.
    pub success: Vec<String>,
    /// Words of a task, of its backup task or of a tenant that is no longer backed up.
    pub inactive: Vec<String>,
    /// Words of a task that is running now.
    pub running: Vec<String>,
}

impl Default for Words {
    fn default() -> Self {
        let list = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Self {
            failure: list(&["FAILED"]),
            neutral: list(&["ACTIVE", "ARCHIVED", "pending", "in_progress", "paused"]),
            success: list(&["SUCCESS"]),
            inactive: list(&["ARCHIVED", "paused"]),
            running: list(&["in_progress"]),
        }
    }
}

/// What the status of a sub-source means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Failure,
    Fine,
    Unknown,
}

fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|own| own.eq_ignore_ascii_case(word))
}

impl Words {
    /// What the status of a sub-source means. A missing one is unknown.
    pub(super) fn meaning(&self, word: Option<&str>) -> Meaning {
        let word = word.unwrap_or_default().trim_ascii();
        if has(&self.failure, word) {
            Meaning::Failure
        } else if has(&self.success, word) || has(&self.neutral, word) {
            Meaning::Fine
        } else {
            Meaning::Unknown
        }
    }

    pub(super) fn is_failure(&self, word: Option<&str>) -> bool {
        self.meaning(word) == Meaning::Failure
    }

    pub(super) fn is_inactive(&self, word: Option<&str>) -> bool {
        word.is_some_and(|word| has(&self.inactive, word.trim_ascii()))
    }

    pub(super) fn is_running(&self, word: Option<&str>) -> bool {
        word.is_some_and(|word| has(&self.running, word.trim_ascii()))
    }

    /// Whether the status of a task has a known meaning.
    pub(super) fn is_known(&self, word: Option<&str>) -> bool {
        self.is_inactive(word) || self.is_running(word) || self.meaning(word) != Meaning::Unknown
    }

    pub(super) fn lists(&self) -> [(&'static str, &Vec<String>); 5] {
        [
            ("failure", &self.failure),
            ("neutral", &self.neutral),
            ("success", &self.success),
            ("inactive", &self.inactive),
            ("running", &self.running),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_regard_to_case() {
        let words = Words::default();
        for (word, meaning) in [
            (Some("FAILED"), Meaning::Failure),
            (Some(" failed\t"), Meaning::Failure),
            (Some("Success"), Meaning::Fine),
            (Some("ACTIVE"), Meaning::Fine),
            (Some("archived"), Meaning::Fine),
            (Some("HALF_DONE"), Meaning::Unknown),
            (Some(""), Meaning::Unknown),
            (None, Meaning::Unknown),
        ] {
            assert_eq!(words.meaning(word), meaning, "{word:?}");
        }
        assert!(words.is_inactive(Some("Archived")) && words.is_inactive(Some("PAUSED")));
        assert!(!words.is_inactive(None) && !words.is_inactive(Some("HIBERNATED")));
        assert!(words.is_known(Some("in_progress")) && !words.is_known(Some("HIBERNATED")));
    }
}
