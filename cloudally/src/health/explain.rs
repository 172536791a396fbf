//! The explanation of a finding in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::duration;
use super::finding::{Finding, Orphan};
use super::kind::{Class, Kind, Severity};
use super::text::one_line;

/// An explanation of a finding: the rule, its inputs, the threshold, and when the finding turns
/// critical.
///
/// `Display` is one line per part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// The number of the rule, and what it says.
    pub rule: Box<str>,
    /// The inputs of the rule, one sentence each.
    pub inputs: Vec<Box<str>>,
    /// The threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Box<str>>,
    /// When it turns critical, if nothing changes; none if it is or never does by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<Box<str>>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)?;
        for input in &self.inputs {
            write!(f, "\n- {input}")?;
        }
        for more in [&self.threshold, &self.critical].into_iter().flatten() {
            write!(f, "\n- {more}")?;
        }
        Ok(())
    }
}

/// How many members of a storm an explanation names.
const MAX_MEMBERS: usize = 10;

fn rule(kind: Kind) -> &'static str {
    match kind {
        Kind::Incomplete => {
            "a list was not read to its end, or there are no tasks: what was not read may have failed"
        }
        Kind::Inactive => "the task is archived or paused, so nothing else of it is judged",
        Kind::NewlyInactive => {
            "the task is archived or paused, and was active when the ledger last saw it"
        }
        Kind::Pending => "it never worked, no attempt failed, and it is young",
        Kind::NeverSucceeded => "it never worked, and is old or was tried and failed",
        Kind::Failed => "all sub-sources of the last run failed",
        Kind::Partial => "some sub-sources of the last run failed or have an error text",
        Kind::Stale | Kind::Overdue => {
            "the last success is too old; that `lastBackupDate` is one is inferred"
        }
        Kind::Unexplained => {
            "it was attempted after the last success, and nothing says that it failed"
        }
        Kind::Skipped => "it was not attempted while others of its task were",
        Kind::Dormant => {
            "it was not attempted for a long time while others of its task were, as with the mailbox of a leaver"
        }
        Kind::BadData => "a date or a word that the verdict needs cannot be used",
        Kind::SizeDrop => {
            "the size fell while the number of entities held; what the size means is a guess"
        }
        Kind::Unproven => "there is no status entry and no date of a last backup",
        Kind::NoTasks => "the tenant is active and has no task",
        Kind::Vanished => {
            "the ledger knew it active, and it is absent from two complete snapshots in a row"
        }
        Kind::Unprotected => "no entry of an active task proves a fresh backup of the account",
        Kind::PaidLeaver => "the account is disabled and has a licence",
        Kind::Overbilled => "the bills say more than the rows",
        Kind::Underbilled => "the bills say less than the rows",
        Kind::Unbooked => "the bills have it, and no row does",
        Kind::Unbilled => "the rows have it, and no bill does",
        Kind::Unmappable => "whose lines these are is not known for sure",
        Kind::NotComparable => "an amount, a period or a currency cannot be compared",
        Kind::Storm => "most tasks fail for one cause",
    }
}

impl Finding {
    /// Explains the finding: the rule, its inputs, the threshold, and when the finding turns
    /// critical.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        Explanation {
            rule: format!("rule {}: {}", self.rule, rule(self.kind)).into(),
            inputs: self.inputs(),
            threshold: self.threshold(),
            critical: self.critical(),
        }
    }

    fn inputs(&self) -> Vec<Box<str>> {
        let mut inputs: Vec<Box<str>> = Vec::new();
        let mut add = |text: String| inputs.push(text.into());
        let is_about_runs = self.kind.class() != Class::Billing
            && !matches!(
                self.kind,
                Kind::Incomplete
                    | Kind::NoTasks
                    | Kind::PaidLeaver
                    | Kind::SizeDrop
                    | Kind::Inactive
                    | Kind::NewlyInactive
            );
        if let Some(id) = self.task.as_ref().and_then(|task| task.id.as_deref()) {
            add(format!("task: {}", one_line(id)));
        }
        if let Some(at) = self.last_attempt {
            add(format!("last attempt: {at}"));
        }
        match self.last_success {
            Some(at) => add(format!("last success: {at}")),
            None if is_about_runs => add("last success: none is known".to_owned()),
            None => {}
        }
        for failure in &self.failures {
            let name = failure.sub_source.as_deref().unwrap_or("sub-source");
            let status = failure.status.as_deref().unwrap_or("no status");
            let error = failure.error.as_deref().unwrap_or("no error text");
            let link = failure.link.as_deref().map(|link| format!(" ({link})"));
            let link = link.unwrap_or_default();
            add(one_line(&format!("{name}: {status}: {error}{link}")).into_owned());
        }
        let evidence = &self.evidence;
        if let Some(runs) = evidence.failed_runs {
            add(format!(
                "failed runs in a row, as far as the ledger knows: {runs}"
            ));
        }
        if let Some(reason) = self.why_critical() {
            add(reason);
        }
        if let (Some(size), Some(median)) = (evidence.size, evidence.median_size) {
            add(format!(
                "size: {size}, and {median} in the median of earlier days"
            ));
        }
        if let Some((tasks, total)) = evidence.tasks {
            add(format!("{tasks} of {total} active tasks fail"));
        }
        if let Some(cause) = &evidence.cause {
            add(format!("cause: {}", one_line(cause)));
        }
        for reason in &evidence.reasons {
            add(one_line(reason).into_owned());
        }
        for member in self.members.iter().take(MAX_MEMBERS) {
            add(format!("member: {member}"));
        }
        if let Some(more @ 1..) = self.members.len().checked_sub(MAX_MEMBERS) {
            add(format!("and {more} more members"));
        }
        if let Some(orphan) = self.orphan {
            let what = match orphan {
                Orphan::EntryWithoutTask => "the entry names no known task",
                Orphan::EntryWithoutTenant => "the entry names no known tenant",
                Orphan::TaskWithoutTenant => "the task names no known tenant",
            };
            let stated = self.stated_tenant.as_deref();
            let stated = stated.map(|id| format!("; the id of its tenant is {}", one_line(id)));
            add(format!("{what}{}", stated.unwrap_or_default()));
        }
        if let Some(at) = self.acknowledged {
            add(format!("acknowledged: {at}"));
        }
        if let Some(reason) = &self.excluded {
            add(format!("excluded by the policy: {reason}"));
        }
        inputs
    }

    fn threshold(&self) -> Option<Box<str>> {
        let threshold = duration::format(self.evidence.threshold?);
        let of = self
            .evidence
            .interval
            .map(|interval| format!(", for a backup every {}", duration::format(interval)));
        Some(format!("threshold: {threshold}{}", of.unwrap_or_default()).into())
    }

    /// Why a failure is critical, for which there are two ways.
    fn why_critical(&self) -> Option<String> {
        let evidence = &self.evidence;
        let (runs, most) = (evidence.failed_runs?, evidence.critical_failed_runs?);
        if self.severity < Severity::Critical {
            return None;
        }
        if runs >= most {
            return Some(format!(
                "critical from the failed run number {most} in a row"
            ));
        }
        Some(match self.last_success {
            Some(_) => "critical because the last success is older than the threshold".to_owned(),
            None => "critical because no success is known".to_owned(),
        })
    }

    fn critical(&self) -> Option<Box<str>> {
        if self.severity >= Severity::Critical {
            return None;
        }
        let at = self.evidence.critical_at.map(|at| format!("at {at}"));
        let runs = self
            .evidence
            .critical_failed_runs
            .map(|runs| format!("with the failed run number {runs} in a row"));
        let when: Vec<_> = [at, runs].into_iter().flatten().collect();
        (!when.is_empty()).then(|| format!("turns critical {}", when.join(", or ")).into())
    }
}
