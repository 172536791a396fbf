//! The assessment: a pure function of snapshot, policy, ledger and time.

use std::sync::Arc;

use jiff::Timestamp;

use super::assessment::Assessment;
use super::exclusion::exclude;
use super::finding::{Finding, sort};
use super::fingerprint::Fingerprint;
use super::kind::{Kind, Severity};
use super::ledger::Ledger;
use super::policy::Policy;
use super::report::{Report, TenantHealth, UnknownWord};
use super::rules;
use super::snapshot::Snapshot;
use super::storm;
use super::text::FixedSet;
use super::version::Version;
use crate::error::Error;

/// How many reasons are kept of findings with one name.
const MAX_REASONS: usize = 10;

/// Says whether the backups of a snapshot worked.
///
/// It performs no I/O, and its result depends on nothing but its arguments: the same snapshot,
/// policy, ledger and time make the same report, byte for byte. Without a ledger there is no memory:
/// each failure counts as the first, and what is gone is not missed.
///
/// # Errors
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the policy makes no sense;
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the ledger is of another account.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// use cloudally::health::{Policy, Scope, Snapshot, assess};
/// let snapshot = Snapshot::read(&client, Scope::Partner).await?;
/// let report = assess(&snapshot, &Policy::default(), None, snapshot.read_at)?;
/// println!("{}", report.verdict);
/// for finding in &report.findings {
///     println!("{finding}");
/// }
/// # Ok(())
/// # }
/// ```
pub fn assess(
    snapshot: &Snapshot,
    policy: &Policy,
    previous: Option<&Ledger>,
    now: Timestamp,
) -> Result<Report, Error> {
    policy.check()?;
    if let Some(ledger) = previous {
        ledger.check(snapshot)?;
    }
    let mut assessment = Assessment::new(snapshot, policy, previous, now);
    let entries = u64::try_from(snapshot.entries.len());
    assessment.counts.entries = entries.unwrap_or(u64::MAX);
    rules::fleet::incomplete(&mut assessment);
    let groups = std::mem::take(&mut assessment.index.groups);
    for group in &groups {
        rules::task::judge(&mut assessment, group);
    }
    rules::fleet::tenants_without_tasks(&mut assessment);
    rules::fleet::vanished(&mut assessment, previous, &groups);
    Ok(assessment.finish())
}

impl Assessment<'_> {
    fn finish(mut self) -> Report {
        // What has the same name may be of several tenants, and excluded in part.
        let excluded = exclude(self.policy, self.at, &mut self.findings, &mut self.notices);
        let excluded = merged(excluded);
        let findings = std::mem::take(&mut self.findings);
        for finding in &findings {
            if finding.kind != Kind::Incomplete {
                self.raise(&finding.tenant, finding.severity, 0);
            }
        }
        let mut findings = merged(findings);
        let is_as_it_should_be = |one: &mut Finding| one.severity == Severity::Ok;
        let informational = findings.extract_if(.., is_as_it_should_be);
        let informational: Vec<_> = informational.collect();
        for finding in &findings {
            if finding.kind != Kind::Incomplete {
                self.raise(&finding.tenant, finding.severity, 1);
            }
        }
        let mut findings = storm::gather(&self, findings);
        let mut counts = self.counts;
        for finding in &findings {
            match finding.severity {
                Severity::Critical => counts.critical += 1,
                Severity::Unknown => counts.unknown += 1,
                Severity::Warning => counts.warning += 1,
                Severity::Notice => counts.notice += 1,
                Severity::Ok => {}
            }
        }
        counts.excluded = u64::try_from(excluded.len()).unwrap_or(u64::MAX);
        sort(&mut findings);
        let (mut informational, mut excluded) = (informational, excluded);
        sort(&mut informational);
        sort(&mut excluded);
        let mut tenants: Vec<_> = self.tenants.into_values().collect();
        if !self.is_complete {
            for tenant in &mut tenants {
                tenant.verdict = tenant.verdict.max(Severity::Unknown);
            }
        }
        tenants.sort_by(|one, other| {
            let key = |it: &TenantHealth| (std::cmp::Reverse(it.verdict), Arc::clone(&it.name));
            (key(one), &one.id).cmp(&(key(other), &other.id))
        });
        let unknown_words: Vec<_> = self.unknown_words.into_iter().collect();
        let worst = findings.iter().map(|finding| finding.severity);
        let worst = worst.chain(tenants.iter().map(|tenant| tenant.verdict));
        let verdict = worst.max().unwrap_or_default().max(self.floor);
        Report {
            version: Version,
            scope: self.snapshot.scope,
            account: self.snapshot.account.clone(),
            read_at: self.snapshot.read_at,
            now: self.at,
            verdict,
            complete: self.is_complete,
            counts,
            tenants,
            findings,
            informational,
            excluded,
            notices: self.notices,
            unknown_words: unknown_words
                .into_iter()
                .map(|(word, count)| UnknownWord { word, count })
                .collect(),
        }
    }
}

/// Keeps the worst of the findings with one fingerprint, which things without a name have in
/// common, and says of it how many more there are.
fn merged(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut known: FixedSet<Fingerprint> = FixedSet::default();
    if findings.iter().all(|one| known.insert(one.fingerprint)) {
        return findings;
    }
    // By all that they hold, so that the order of the input does not matter.
    findings.sort_by(|one, other| {
        let key = |it: &Finding| (it.fingerprint, std::cmp::Reverse(it.severity));
        key(one).cmp(&key(other)).then_with(|| one.cmp(other))
    });
    let mut kept: Vec<Finding> = Vec::with_capacity(known.len());
    for alike in findings.chunk_by(|one, other| one.fingerprint == other.fingerprint) {
        let Some((worst, more)) = alike.split_first() else {
            continue;
        };
        let mut worst = worst.clone();
        let others = more.iter().filter(|one| one.kind == worst.kind);
        for reason in others.flat_map(|one| &one.evidence.reasons) {
            let reasons = &mut worst.evidence.reasons;
            if reasons.len() < MAX_REASONS && !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
        if !more.is_empty() {
            let reason = format!("{} more like it cannot be told from it by name", more.len());
            worst.evidence.reasons.push(reason.into());
        }
        kept.push(worst);
    }
    kept
}
