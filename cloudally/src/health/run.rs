//! What the entries of one item tell of its last run.

use std::sync::Arc;

use super::date::{Reading, WireDate};
use super::duration::seconds;
use super::finding::Failure;
use super::policy::Policy;
use super::snapshot::{EntryRow, SubSourceRow};
use super::text::is_blank;
use super::words::{Meaning, Words};

/// What the last run came to. The greater one is the worse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// Nothing says that it failed.
    NoFailure,
    /// Some sub-sources failed, or have an error text.
    Partial,
    /// All sub-sources failed.
    Failed,
}

/// How an assessment reads dates and words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    pub(super) words: &'a Words,
    pub(super) now: i64,
    pub(super) tolerance: i64,
    pub(super) slack: i64,
}

/// What is known of one (task, source, entity).
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// The entry of the newest attempt.
    pub(super) entry: &'a EntryRow,
    /// When it was last attempted, or else when it last worked.
    pub(super) attempt: Option<i64>,
    /// The same as it was stated, which does not move with now: a day is its end.
    pub(super) stated_attempt: Option<i64>,
    /// When it last worked.
    pub(super) success: Option<i64>,
    pub(super) outcome: Outcome,
    /// Words without a known meaning that matter, because a date or an error text speaks against
    /// the run.
    pub(super) has_bad_word: bool,
    /// Whether a date of any entry cannot be used.
    pub(super) has_bad_success: bool,
    pub(super) has_bad_attempt: bool,
    /// Words without a known meaning beside good dates.
    pub(super) has_odd_word: bool,
}

/// An entry with its dates read.
struct Read<'a> {
    entry: &'a EntryRow,
    success: Reading,
    attempt: Reading,
    outcome: Outcome,
    odd: Odd,
}

impl Read<'_> {
    /// What decides which entry counts. A failure without a date may be the newest.
    fn rank(&self) -> (Option<i64>, Outcome, Odd) {
        let undated = (self.outcome > Outcome::NoFailure).then_some(i64::MAX);
        (self.last_attempt().or(undated), self.outcome, self.odd)
    }

    fn stated_attempt(&self) -> Option<i64> {
        let stated = |date: &WireDate, reading: Reading| reading.at().and_then(|_| date.stated());
        let attempt = stated(&self.entry.last_attempt, self.attempt);
        attempt.max(stated(&self.entry.last_success, self.success))
    }

    /// When it was last attempted: a success is an attempt as well.
    fn last_attempt(&self) -> Option<i64> {
        self.attempt.at().max(self.success.at())
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(policy: &'a Policy, now: i64) -> Self {
        Self {
            words: &policy.words,
            now,
            tolerance: seconds(policy.clock_tolerance),
            slack: seconds(policy.slack),
        }
    }

    /// Reads the entries of an item: the newest attempt counts, and of several the worst; the last
    /// success is the newest of all.
    pub(super) fn run<'e>(&self, entries: impl Iterator<Item = &'e EntryRow>) -> Option<Run<'e>> {
        let mut newest: Option<Read<'e>> = None;
        let (mut success, mut has_bad_success, mut has_bad_attempt) = (None, false, false);
        for entry in entries {
            let read = self.read(entry);
            success = success.max(read.success.at());
            has_bad_success |= read.success.is_bad();
            has_bad_attempt |= read.attempt.is_bad();
            let is_newer = newest
                .as_ref()
                .is_none_or(|newest| (read.rank(), read.entry) > (newest.rank(), newest.entry));
            if is_newer {
                newest = Some(read);
            }
        }
        let newest = newest?;
        let attempt = newest.last_attempt();
        let mut run = Run {
            entry: newest.entry,
            attempt,
            stated_attempt: newest.stated_attempt(),
            success,
            outcome: newest.outcome,
            has_bad_word: false,
            has_bad_success,
            has_bad_attempt,
            has_odd_word: false,
        };
        match newest.odd {
            Odd::No => {}
            Odd::Word if self.has_good_dates(&run) => run.has_odd_word = true,
            Odd::Word | Odd::WordWithError => run.has_bad_word = true,
        }
        Some(run)
    }

    fn read<'e>(&self, entry: &'e EntryRow) -> Read<'e> {
        let (mut failed, mut has_problem, mut odd) = (0, false, Odd::No);
        for one in &*entry.sub_sources {
            let has_error = !is_blank(one.error.as_ref());
            match self.words.meaning(one.status.as_deref()) {
                Meaning::Failure => failed += 1,
                Meaning::Fine => has_problem |= has_error,
                // That is bad data, and says neither.
                Meaning::Unknown if has_error => odd = Odd::WordWithError,
                Meaning::Unknown => odd = odd.max(Odd::Word),
            }
        }
        let outcome = if failed > 0 && failed == entry.sub_sources.len() {
            Outcome::Failed
        } else if failed > 0 || has_problem {
            Outcome::Partial
        } else {
            Outcome::NoFailure
        };
        Read {
            entry,
            success: entry.last_success.read(self.now, self.tolerance),
            attempt: entry.last_attempt.read(self.now, self.tolerance),
            outcome,
            odd,
        }
    }

    pub(super) fn is_unknown(&self, sub_source: &SubSourceRow) -> bool {
        self.words.meaning(sub_source.status.as_deref()) == Meaning::Unknown
    }

    /// Whether the last attempt is the last success.
    fn has_good_dates(&self, run: &Run<'_>) -> bool {
        !run.has_bad_success && !run.has_bad_attempt && run.success.is_some() && !self.is_late(run)
    }

    /// Whether it was attempted after the last success.
    pub(super) fn is_late(&self, run: &Run<'_>) -> bool {
        match (run.attempt, run.success) {
            (Some(attempt), Some(success)) => attempt > success.saturating_add(self.slack),
            _ => false,
        }
    }

    /// The sub-sources that failed or have an error text.
    pub(super) fn failures(&self, entry: &EntryRow) -> Vec<Failure> {
        let has_problem = |one: &&SubSourceRow| {
            let is_failure = self.words.meaning(one.status.as_deref()) == Meaning::Failure;
            is_failure || !is_blank(one.error.as_ref())
        };
        let failures = entry.sub_sources.iter().filter(has_problem);
        let mut failures: Vec<_> = failures
            .map(|one| Failure {
                sub_source: one.name.as_ref().map(Arc::clone),
                status: one.status.clone(),
                error: one.error.clone(),
                link: one.link.clone(),
            })
            .collect();
        failures.sort();
        failures
    }
}

/// Whether an entry has a word without a known meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Odd {
    No,
    Word,
    WordWithError,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: i64 = 1_774_936_800; // 2026-03-31T06:00:00Z

    fn run(entries: &[Value], check: impl Fn(&Reader<'_>, &Run<'_>)) {
        let words = Words::default();
        let reader = Reader {
            words: &words,
            now: NOW,
            tolerance: 600,
            slack: 3600,
        };
        let rows: Vec<EntryRow> = entries
            .iter()
            .map(|entry| serde_json::from_value(entry.clone()).unwrap())
            .collect();
        check(&reader, &reader.run(rows.iter()).unwrap());
        check(&reader, &reader.run(rows.iter().rev()).unwrap());
    }

    #[test]
    fn a_run_failed_in_part_or_whole_by_its_words_and_error_texts() {
        let failed = json!({"status": "Failed"});
        let fine = json!({"status": "SUCCESS"});
        let blank = json!({"status": "ACTIVE", "error": "  "});
        let error = json!({"status": "SUCCESS", "error": "2 items were skipped"});
        let odd = json!({"status": "HALF_DONE"});
        let odd_error = json!({"status": "HALF_DONE", "error": "quota"});
        let none = json!({});
        for (sub_sources, outcome, has_odd, has_bad) in [
            (vec![], Outcome::NoFailure, false, false),
            (vec![&fine, &blank], Outcome::NoFailure, false, false),
            (vec![&failed], Outcome::Failed, false, false),
            (vec![&failed, &failed], Outcome::Failed, false, false),
            (vec![&failed, &fine], Outcome::Partial, false, false),
            (vec![&error], Outcome::Partial, false, false),
            (vec![&failed, &odd], Outcome::Partial, true, false),
            (vec![&odd], Outcome::NoFailure, true, false),
            (vec![&none], Outcome::NoFailure, true, false),
            (vec![&odd_error], Outcome::NoFailure, false, true),
            (
                vec![&odd, &odd_error, &fine],
                Outcome::NoFailure,
                false,
                true,
            ),
        ] {
            let entry = json!({"lastSuccess": "2026-03-31T02:00:00Z", "subSources": sub_sources});
            run(&[entry], |_, run| {
                assert_eq!(run.outcome, outcome, "{sub_sources:?}");
                assert_eq!(run.has_odd_word, has_odd, "{sub_sources:?}");
                assert_eq!(run.has_bad_word, has_bad, "{sub_sources:?}");
            });
        }
    }

    #[test]
    fn the_last_success_may_be_an_hour_before_the_attempt_and_no_more() {
        for (attempt, is_late) in [
            ("2026-03-31T02:00:00Z", false),
            ("2026-03-31T03:00:00Z", false),
            ("2026-03-31T03:00:01Z", true),
        ] {
            let entry = json!({"lastSuccess": "2026-03-31T02:00:00Z", "lastAttempt": attempt,
                "subSources": [{"status": "HALF_DONE"}]});
            run(&[entry], |reader, run| {
                assert_eq!(reader.is_late(run), is_late, "{attempt}");
                assert_eq!(
                    run.has_odd_word, !is_late,
                    "an unknown word beside good dates"
                );
                assert_eq!(
                    run.has_bad_word, is_late,
                    "an unknown word without good dates"
                );
            });
        }
    }

    #[test]
    fn of_several_entries_the_newest_attempt_counts_and_of_ties_the_worst() {
        let entry = |success: &str, attempt: &str, word: &str| json!({"lastSuccess": success, "lastAttempt": attempt, "subSources": [{"status": word}]});
        let (old, new) = ("2026-03-30T02:00:00Z", "2026-03-31T02:00:00Z");
        for (entries, outcome) in [
            (
                [entry(old, old, "FAILED"), entry(new, new, "SUCCESS")],
                Outcome::NoFailure,
            ),
            (
                [entry(old, new, "FAILED"), entry(new, old, "SUCCESS")],
                Outcome::Failed,
            ),
            (
                [entry(old, new, "FAILED"), entry(new, new, "SUCCESS")],
                Outcome::Failed,
            ),
        ] {
            run(&entries, |_, run| {
                assert_eq!(run.outcome, outcome, "{entries:?}");
                assert_eq!(run.success, Some(NOW - 4 * 3600), "the newest of all");
            });
        }
    }

    #[test]
    fn a_failure_without_a_date_may_be_the_newest() {
        let good = json!({"lastSuccess": "2026-03-31T02:00:00Z"});
        run(
            &[good, json!({"subSources": [{"status": "FAILED"}]})],
            |_, run| {
                assert_eq!((run.outcome, run.attempt), (Outcome::Failed, None));
            },
        );
    }

    #[test]
    fn a_date_of_any_entry_that_cannot_be_used_is_known() {
        let good = json!({"lastSuccess": "2026-03-31T02:00:00Z"});
        for (bad, success, attempt) in [
            (json!({"lastSuccess": "soon"}), true, false),
            (json!({"lastAttempt": "2026-03-31T06:11:00Z"}), false, true),
        ] {
            run(&[good.clone(), bad], |_, run| {
                assert_eq!(run.has_bad_success, success);
                assert_eq!(run.has_bad_attempt, attempt);
                assert_eq!(run.success, Some(NOW - 4 * 3600));
            });
        }
        run(&[json!({})], |_, run| {
            assert_eq!((run.success, run.attempt), (None, None));
        });
    }
}
