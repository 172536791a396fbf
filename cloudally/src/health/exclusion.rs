//! What is known and accepted for a while.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::date::WireDate;
use super::finding::Finding;
use super::kind::{Class, Kind, Severity};
use super::policy::Policy;
use super::text::{FixedMap, normalized};

/// Findings that are known and accepted until a date. They stay in
/// [`Report::excluded`](super::Report::excluded), and change no verdict.
///
/// It needs at least one of tenant, task, source and entity; those that are set must all fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
#[non_exhaustive]
pub struct Exclusion {
    /// The id of the tenant. Case does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The id of the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The source, such as `GMAIL`. Case does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The name of the entity. Case and space around it do not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The kind of finding. Any but those about bills if missing: these must be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Why it is accepted. A report repeats it.
    pub reason: String,
    /// When it ends: a point in time, or a day, at whose end in UTC it ends.
    #[serde(deserialize_with = "date")]
    pub expires: WireDate,
}

/// A date as text, or as the date of TOML, which is read as an object with the text in it.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<WireDate, D::Error> {
    let mut value = Value::deserialize(deserializer)?;
    if let Some(text) = value.get_mut("$__toml_private_datetime") {
        value = text.take();
    }
    serde_json::from_value(value).map_err(D::Error::custom)
}

impl Exclusion {
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        match &self.expires {
            WireDate::At(at) => *at <= now,
            WireDate::Day(day) => {
                let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
                *day < today
            }
            WireDate::Missing | WireDate::Unreadable(_) => true,
        }
    }

    pub(super) fn is_for(&self, finding: &Finding) -> bool {
        let is = |own: &Option<String>, other: Option<&str>| {
            own.as_ref().is_none_or(|own| other == Some(own))
        };
        let is_source = |own: &String| {
            let source = finding.source.as_deref();
            source.is_some_and(|source| source.eq_ignore_ascii_case(own))
        };
        let is_entity = |own: &String| {
            let entity = finding.entity.as_deref();
            entity.is_some_and(|entity| normalized(entity) == normalized(own))
        };
        let task = finding.task.as_ref().and_then(|task| task.id.as_deref());
        let is_tenant = |own: &String| {
            let tenant = finding.tenant.id.as_deref();
            tenant.is_some_and(|tenant| normalized(tenant) == normalized(own))
        };
        // A tenant that is known for its backups is not known for its bills.
        let is_kind = |own: Option<Kind>| match own {
            Some(own) => own == finding.kind,
            None => finding.kind.class() != Class::Billing,
        };
        self.tenant.as_ref().is_none_or(is_tenant)
            && is(&self.task, task)
            && self.source.as_ref().is_none_or(is_source)
            && self.entity.as_ref().is_none_or(is_entity)
            && is_kind(self.kind)
    }

    fn key(&self) -> Key<'_> {
        match (&self.entity, &self.task, &self.tenant, &self.source) {
            (Some(entity), ..) => (Part::Entity, normalized(entity)),
            (_, Some(task), ..) => (Part::Task, task.into()),
            (_, _, Some(tenant), _) => (Part::Tenant, normalized(tenant)),
            (.., source) => {
                let source = source.as_deref().unwrap_or_default();
                (Part::Source, source.to_ascii_lowercase().into())
            }
        }
    }

    /// What the exclusion is for, on one line.
    pub(super) fn subject(&self) -> String {
        let parts = [
            ("tenant", &self.tenant),
            ("task", &self.task),
            ("source", &self.source),
            ("entity", &self.entity),
        ];
        let parts = parts.into_iter().filter_map(|(name, value)| {
            let value = value.as_ref()?;
            Some(format!("{name} {value}"))
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// Takes the findings that the policy excludes out of `findings`, and adds a notice for each
/// exclusion that is over.
pub(crate) fn exclude(
    policy: &Policy,
    now: Timestamp,
    findings: &mut Vec<Finding>,
    notices: &mut Vec<Box<str>>,
) -> Vec<Finding> {
    let (over, valid): (Vec<_>, Vec<_>) =
        policy.exclusions.iter().partition(|one| one.is_over(now));
    notices.extend(over.into_iter().map(|one| {
        let notice = format!(
            "the exclusion of {} ({}) ended on {} and counts no more; remove it from the policy",
            one.subject(),
            one.reason,
            one.expires.shown()
        );
        Box::from(notice)
    }));
    // There can be thousands of both, so each finding meets only those that name a part of it.
    let mut places: FixedMap<Key<'_>, Vec<usize>> = FixedMap::default();
    for (place, one) in valid.iter().enumerate() {
        places.entry(one.key()).or_default().push(place);
    }
    let is_excluded = |finding: &mut Finding| {
        // What is not known is not known with a good reason either.
        if matches!(finding.severity, Severity::Ok | Severity::Unknown) || valid.is_empty() {
            return false;
        }
        let named = keys(finding).into_iter().flatten();
        let named = named.filter_map(|key| places.get(&key)).flatten();
        let fitting = named.filter(|&&place| valid.get(place).is_some_and(|it| it.is_for(finding)));
        // Of several the first of the policy counts.
        let first = fitting.min().and_then(|&place| valid.get(place));
        let reason = first.map(|one| one.reason.as_str().into());
        finding.excluded = reason.or(finding.excluded.take());
        first.is_some()
    };
    findings.extract_if(.., is_excluded).collect()
}

/// The part by which an exclusion is found: of those that it names the one that is the rarest.
type Key<'a> = (Part, Cow<'a, str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part {
    Entity,
    Task,
    Tenant,
    Source,
}

/// The parts of a finding.
fn keys(finding: &Finding) -> [Option<Key<'_>>; 4] {
    let task = finding.task.as_ref().and_then(|task| task.id.as_deref());
    let entity = finding.entity.as_deref().map(normalized);
    let source = finding.source.as_deref();
    [
        entity.map(|it| (Part::Entity, it)),
        task.map(|it| (Part::Task, it.into())),
        finding
            .tenant
            .id
            .as_deref()
            .map(|it| (Part::Tenant, normalized(it))),
        source.map(|it| (Part::Source, it.to_ascii_lowercase().into())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_exclusion_ends_with_its_day_or_at_its_time() {
        for (expires, now, is_over) in [
            ("2026-03-31", "2026-03-31T23:59:59Z", false),
            ("2026-03-31", "2026-04-01T00:00:00Z", true),
            ("2026-03-31T06:00:00Z", "2026-03-31T05:59:59Z", false),
            ("2026-03-31T06:00:00Z", "2026-03-31T06:00:00Z", true),
        ] {
            let one: Exclusion =
                serde_json::from_value(json!({"reason": "x", "expires": expires})).unwrap();
            assert_eq!(
                one.is_over(now.parse().unwrap()),
                is_over,
                "{expires} {now}"
            );
        }
    }
}
