//! What counts as fresh, as a failure and as an exception.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::coverage_policy::CoveragePolicy;
use super::date::WireDate;
use super::duration::{self, hours};
use super::exclusion::Exclusion;
use super::kind::Kind;
use super::reconcile_policy::ReconcilePolicy;
use super::version::Version;
use super::words::Words;
use crate::error::Error;

/// The rules as data: thresholds, words, overrides and exclusions.
///
/// The default fits a service that backs up once a day. A policy can be stored as JSON, and with
/// the feature `toml` read by `Policy::from_toml`; keys are then in snake case, durations are
/// text such as `36h`, and a key that is not known is an error.
///
/// # Examples
///
/// ```
/// use cloudally::health::Policy;
/// let policy: Policy = serde_json::from_str(r#"{
///     "interval": "12h",
///     "overrides": [{"source": "SALESFORCE", "interval": "7d"}],
///     "exclusions": [{"tenant": "U-7", "reason": "leaves in May", "expires": "2026-05-31"}]
/// }"#)?;
/// policy.check()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
#[non_exhaustive]
pub struct Policy {
    version: Version,
    /// How often a backup runs, where no joined backup task says so. 24 hours by default, because
    /// backups run daily (published).
    #[serde(with = "duration")]
    pub interval: Duration,
    /// How much later than the last success the last attempt may be and still be the same run. 1
    /// hour by default.
    #[serde(with = "duration")]
    pub slack: Duration,
    /// How old a task may be that never worked. 48 hours by default.
    #[serde(with = "duration")]
    pub grace: Duration,
    /// A last success that is older than this many intervals is stale. 1.5 by default, which covers
    /// days of 25 hours.
    pub stale_factor: f64,
    /// No last success younger than this is stale. 6 hours by default.
    #[serde(with = "duration")]
    pub stale_floor: Duration,
    /// A last success that is older than this many intervals is overdue. 3 by default.
    pub overdue_factor: f64,
    /// No last success younger than this is overdue. 12 hours by default.
    #[serde(with = "duration")]
    pub overdue_floor: Duration,
    /// How long an entity that its task leaves out is skipped before it is dormant. 30 days by
    /// default.
    #[serde(with = "duration")]
    pub dormant_after: Duration,
    /// How long a task that became inactive is reported. 7 days by default.
    #[serde(with = "duration")]
    pub newly_inactive_for: Duration,
    /// How far ahead of now a date may be. 10 minutes by default.
    #[serde(with = "duration")]
    pub clock_tolerance: Duration,
    /// How long after its start a run that goes on hides that the last success is old. 24 hours by
    /// default.
    #[serde(with = "duration")]
    pub running_for: Duration,
    /// From which failed run in a row a failure is critical although the last success is fresh. 3
    /// by default.
    pub critical_failed_runs: u32,
    /// From which drop of the size, in per cent, there is a notice. 30 by default.
    pub size_drop_notice: u8,
    /// From which drop of the size, in per cent, there is a warning. 60 by default.
    pub size_drop_warning: u8,
    /// How many earlier days there must be to compare the size with. 3 by default, and at most 7.
    pub size_drop_days: u8,
    /// How many tasks at least fail in a storm. 5 by default.
    pub storm_tasks: u32,
    /// Of how many tasks, in per cent, more must fail in a storm. 50 by default.
    pub storm_share: u8,
    /// Whether an account without tasks is fine. It isn't by default, because that is also what a
    /// wrong account looks like.
    pub allow_no_tasks: bool,
    /// The meanings of the words that the service uses as a status.
    pub words: Words,
    /// Other thresholds for some tasks. Of several that fit, the last that sets a value wins.
    pub overrides: Vec<Override>,
    /// What is known and accepted for a while.
    pub exclusions: Vec<Exclusion>,
    /// Which accounts of a directory need a backup.
    pub coverage: CoveragePolicy,
    /// How bills are compared with billing rows.
    pub reconcile: ReconcilePolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: Version,
            interval: hours(24),
            slack: hours(1),
            grace: hours(48),
            stale_factor: 1.5,
            stale_floor: hours(6),
            overdue_factor: 3.0,
            overdue_floor: hours(12),
            dormant_after: hours(30 * 24),
            newly_inactive_for: hours(7 * 24),
            clock_tolerance: Duration::from_secs(600),
            running_for: hours(24),
            critical_failed_runs: 3,
            size_drop_notice: 30,
            size_drop_warning: 60,
            size_drop_days: 3,
            storm_tasks: 5,
            storm_share: 50,
            allow_no_tasks: false,
            words: Words::default(),
            overrides: Vec::new(),
            exclusions: Vec::new(),
            coverage: CoveragePolicy::default(),
            reconcile: ReconcilePolicy::default(),
        }
    }
}

/// Other thresholds for the tasks of a source, of a tenant, or of both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
#[non_exhaustive]
pub struct Override {
    /// The source that it is for, such as `GMAIL`; any if missing. Case does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The id of the tenant that it is for; any if missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// How often a backup runs, whatever the joined backup task says.
    #[serde(with = "duration::option", skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    /// How old a task may be that never worked.
    #[serde(with = "duration::option", skip_serializing_if = "Option::is_none")]
    pub grace: Option<Duration>,
    /// How many intervals make a last success stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_factor: Option<f64>,
    /// How many intervals make a last success overdue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdue_factor: Option<f64>,
    /// Whether backups are started by hand, so that no age is too old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manual: Option<bool>,
}

impl Override {
    pub(super) fn is_for(&self, source: Option<&str>, tenant: Option<&str>) -> bool {
        let is_source = |own: &String| source.is_some_and(|it| it.eq_ignore_ascii_case(own));
        self.source.as_ref().is_none_or(is_source)
            && self.tenant.as_ref().is_none_or(|own| tenant == Some(own))
    }
}

impl Policy {
    /// Checks that the values make sense together. An assessment does so too.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) with the name of the value
    /// that does not.
    pub fn check(&self) -> Result<(), Error> {
        self.verify().map_err(Error::from)
    }

    pub(super) fn verify(&self) -> Result<(), Misfit> {
        let factors = [
            ("stale_factor", Some(self.stale_factor)),
            ("overdue_factor", Some(self.overdue_factor)),
        ];
        check_factors("", &factors)?;
        for (at, one) in self.overrides.iter().enumerate() {
            let place = format!("overrides[{at}].");
            let factors = [
                ("stale_factor", one.stale_factor),
                ("overdue_factor", one.overdue_factor),
            ];
            check_factors(&place, &factors)?;
            if let Some(interval) = one.interval {
                check_interval(&place, interval)?;
            }
        }
        check_interval("", self.interval)?;
        let (notice, warning) = (self.size_drop_notice, self.size_drop_warning);
        if !(1..=100).contains(&notice) || !(notice..=100).contains(&warning) {
            let what = "and `size_drop_warning` are per cent, from 1 to 100, and the first is not the larger one";
            return Err(refused("", "size_drop_notice", what));
        }
        if !(1..=7).contains(&self.size_drop_days) {
            return Err(refused("", "size_drop_days", "is not from 1 to 7"));
        }
        if self.storm_tasks < 2 {
            return Err(refused("", "storm_tasks", "is less than 2"));
        }
        if self.storm_share > 99 {
            return Err(refused("", "storm_share", "is not from 0 to 99 per cent"));
        }
        if self.critical_failed_runs == 0 {
            return Err(refused("", "critical_failed_runs", "is 0; set at least 1"));
        }
        self.check_words()?;
        self.coverage.verify()?;
        self.reconcile.verify()?;
        self.check_exclusions()
    }

    fn check_words(&self) -> Result<(), Misfit> {
        let words = &self.words;
        for (list, others) in [
            ("failure", [&words.neutral, &words.success]),
            ("success", [&words.failure, &words.neutral]),
        ] {
            let own = if list == "failure" {
                &words.failure
            } else {
                &words.success
            };
            let is_in = |word: &String, list: &[String]| {
                list.iter().any(|other| other.eq_ignore_ascii_case(word))
            };
            let twice = own
                .iter()
                .find(|word| others.iter().any(|other| is_in(word, other)));
            if let Some(word) = twice {
                let what = format!("has `{word}`, which is in another list too; keep one");
                return Err(refused("words.", list, &what));
            }
        }
        for (list, words) in words.lists() {
            if words.iter().any(|word| word.trim().is_empty()) {
                return Err(refused("words.", list, "has a blank word; remove it"));
            }
        }
        Ok(())
    }

    fn check_exclusions(&self) -> Result<(), Misfit> {
        for (at, one) in self.exclusions.iter().enumerate() {
            let place = format!("exclusions[{at}].");
            if one.subject().is_empty() {
                let what = "is missing, and so are `task`, `source` and `entity`: it would exclude everything";
                return Err(refused(&place, "tenant", what));
            }
            if matches!(one.kind, Some(Kind::Incomplete)) {
                let what =
                    "is `incomplete`, which no exclusion can take out of a report; remove it";
                return Err(refused(&place, "kind", what));
            }
            if one.reason.trim().is_empty() {
                return Err(refused(&place, "reason", "is blank; say why"));
            }
            if matches!(one.expires, WireDate::Missing | WireDate::Unreadable(_)) {
                let shown = one.expires.shown();
                let what = format!("is {shown}, which is no date; write a day such as 2026-05-31");
                return Err(refused(&place, "expires", &what));
            }
        }
        Ok(())
    }
}

fn check_interval(place: &str, interval: Duration) -> Result<(), Misfit> {
    if interval.is_zero() {
        return Err(refused(place, "interval", "is 0; allow more time"));
    }
    if interval > duration::MAX {
        return Err(refused(place, "interval", "is more than 36500 days"));
    }
    Ok(())
}

fn check_factors(place: &str, factors: &[(&str, Option<f64>); 2]) -> Result<(), Misfit> {
    for (name, factor) in factors {
        if factor.is_some_and(|factor| !(1.0..=1000.0).contains(&factor)) {
            return Err(refused(place, name, "is not from 1 to 1000"));
        }
    }
    match factors {
        [(_, Some(stale)), (_, Some(overdue))] if stale > overdue => {
            let what = format!("is {stale}, which is above `overdue_factor`, {overdue}; lower it");
            Err(refused(place, "stale_factor", &what))
        }
        _ => Ok(()),
    }
}

/// A value that makes no sense, or none with another.
#[derive(Debug)]
pub(super) struct Misfit {
    /// Where it is, such as `exclusions[0].reason`.
    pub(super) path: String,
    pub(super) problem: String,
}

pub(super) fn refused(place: &str, name: &str, problem: &str) -> Misfit {
    Misfit {
        path: format!("{place}{name}"),
        problem: problem.to_owned(),
    }
}

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        let Misfit { path, problem } = misfit;
        Self::configuration(format!("the policy's `{path}` {problem}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use serde_json::json;

    fn policy(json: serde_json::Value) -> Result<Policy, String> {
        let policy: Policy = serde_json::from_value(json).map_err(|error| error.to_string())?;
        match policy.check() {
            Ok(()) => Ok(policy),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Configuration);
                Err(error.to_string())
            }
        }
    }

    #[test]
    fn a_policy_is_written_and_read_again() {
        let given = json!({"interval": "12h", "words": {"success": ["SUCCESS", "DONE"]},
            "overrides": [{"source": "BOX", "interval": "7d", "manual": true}],
            "exclusions": [{"task": "T-1", "reason": "known", "expires": "2026-05-31", "kind": "stale"}]});
        let read = policy(given).unwrap();
        assert_eq!(
            read.words.failure,
            ["FAILED"],
            "what is not given is as by default"
        );
        let text = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), read);
        assert_eq!(policy(json!({})).unwrap(), Policy::default());
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let exclusion = |field: &str, value: serde_json::Value| {
            let mut one = json!({"task": "T-1", "reason": "known", "expires": "2026-05-31"});
            one[field] = value;
            json!({"exclusions": [one]})
        };
        for (given, expected) in [
            (json!({"intervall": "12h"}), "intervall"),
            (json!({"version": 2}), "version 2"),
            (json!({"interval": "12"}), "`12` is no duration"),
            (json!({"interval": "0s"}), "`interval` is 0"),
            (json!({"stale_factor": 0.5}), "`stale_factor`"),
            (json!({"stale_factor": 4}), "above `overdue_factor`"),
            (json!({"size_drop_notice": 0}), "size_drop_notice"),
            (json!({"size_drop_notice": 70}), "size_drop_notice"),
            (json!({"size_drop_days": 8}), "size_drop_days"),
            (json!({"storm_tasks": 1}), "storm_tasks"),
            (json!({"storm_share": 100}), "storm_share"),
            (json!({"critical_failed_runs": 0}), "critical_failed_runs"),
            (json!({"words": {"fail": []}}), "fail"),
            (
                json!({"words": {"success": ["Failed"]}}),
                "`FAILED`, which is in another list",
            ),
            (json!({"words": {"inactive": [" "]}}), "words.inactive"),
            (
                json!({"overrides": [{"interval": "0s"}]}),
                "overrides[0].interval",
            ),
            (json!({"overrides": [{"every": "1h"}]}), "every"),
            (exclusion("task", json!(null)), "exclusions[0].tenant"),
            (exclusion("reason", json!(" ")), "exclusions[0].reason"),
            (exclusion("expires", json!("soon")), "exclusions[0].expires"),
            (exclusion("until", json!("2026-05-31")), "until"),
            (
                json!({"exclusions": [{"task": "T-1", "reason": "known"}]}),
                "expires",
            ),
        ] {
            let error = policy(given.clone()).unwrap_err();
            assert!(error.contains(expected), "{given}: {error}");
        }
    }
}
