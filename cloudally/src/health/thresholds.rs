//! The thresholds of one task.

use super::duration::seconds;
use super::policy::Policy;

/// The thresholds of one task, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Thresholds {
    pub(super) interval: i64,
    pub(super) stale: i64,
    pub(super) overdue: i64,
    pub(super) grace: i64,
    /// Whether backups are started by hand.
    pub(super) is_manual: bool,
}

impl Thresholds {
    /// An override counts before the schedule of the joined backup task, and that before the
    /// interval of the policy.
    pub(super) fn new(
        policy: &Policy,
        source: Option<&str>,
        tenant: Option<&str>,
        schedule: Option<&str>,
    ) -> Self {
        let is = |word: &str| schedule.is_some_and(|own| own.trim().eq_ignore_ascii_case(word));
        let mut interval = policy.interval;
        if is("every_3_hours") {
            interval = super::duration::hours(3);
        }
        let mut is_manual = is("manual");
        let (mut grace, mut stale, mut overdue) =
            (policy.grace, policy.stale_factor, policy.overdue_factor);
        for one in &policy.overrides {
            if one.is_for(source, tenant) {
                interval = one.interval.unwrap_or(interval);
                grace = one.grace.unwrap_or(grace);
                stale = one.stale_factor.unwrap_or(stale);
                overdue = one.overdue_factor.unwrap_or(overdue);
                is_manual = one.manual.unwrap_or(is_manual);
            }
        }
        let stale = seconds(interval.mul_f64(stale).max(policy.stale_floor));
        Self {
            interval: seconds(interval),
            stale,
            overdue: seconds(interval.mul_f64(overdue).max(policy.overdue_floor)).max(stale),
            grace: seconds(grace),
            is_manual,
        }
    }

    /// Whether the last success is of an age that is not too old. Backups that are started by hand
    /// have no such age.
    pub(super) fn is_fresh(&self, age: Option<i64>) -> bool {
        age.is_some_and(|age| age <= self.stale || self.is_manual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_override_counts_before_the_schedule_and_that_before_the_default() {
        let policy: Policy = serde_json::from_value(json!({"overrides": [
            {"source": "box", "interval": "48h"},
            {"tenant": "U-2", "interval": "12h", "manual": false, "grace": "1h"},
            {"source": "BOX", "tenant": "U-2", "overdue_factor": 6},
        ]}))
        .unwrap();
        let hours = |it: i64| it * 3600;
        for (source, tenant, schedule, interval, stale, overdue, is_manual) in [
            (None, None, None, 24, 36, 72, false),
            (Some("GMAIL"), Some("U-1"), Some("daily"), 24, 36, 72, false),
            (None, None, Some("weekly"), 24, 36, 72, false),
            // At least 6 and 12 hours.
            (None, None, Some("every_3_hours"), 3, 6, 12, false),
            (None, None, Some("Every_3_Hours"), 3, 6, 12, false),
            (None, None, Some("manual"), 24, 36, 72, true),
            (Some("Box"), None, Some("every_3_hours"), 48, 72, 144, false),
            (None, Some("U-2"), Some("manual"), 12, 18, 36, false),
            (Some("BOX"), Some("U-2"), None, 12, 18, 72, false),
        ] {
            let own = Thresholds::new(&policy, source, tenant, schedule);
            let found = (own.interval, own.stale, own.overdue, own.is_manual);
            let expected = (hours(interval), hours(stale), hours(overdue), is_manual);
            assert_eq!(found, expected, "{source:?} {tenant:?} {schedule:?}");
            let grace = if tenant.is_some_and(|it| it == "U-2") {
                1
            } else {
                48
            };
            assert_eq!(own.grace, hours(grace));
        }
    }
}
