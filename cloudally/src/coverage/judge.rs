//! The comparison: a pure function of snapshot, directory, policy and time.

use jiff::Timestamp;

use super::directory::{Directory, DirectoryAccount};
use super::index::{Lookup, Merged, merge, note};
use super::report::{CoverageCounts, CoverageReport, CoverageRow, CoverageStatus, UnlistedEntity};
use crate::error::{Error, ErrorKind};
use crate::health::{
    AccountKind, CoveragePolicy, Finding, Fingerprint, FixedMap, Kind, ListState, Policy, Proof,
    Protection, Scope, Severity, Snapshot, Subject, TenantRef, Version, exclude, protections, sort,
};

/// Says which accounts of a directory are backed up.
///
/// It performs no I/O, and its result depends on nothing but its arguments. An exclusion of the
/// policy with the address as its `entity` takes a finding out of the verdict until it expires.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if the directory is empty, its tenant is not in the snapshot, or the
/// snapshot has no entities because it is of the account's own backup tasks;
/// [`ErrorKind::Configuration`] if the policy makes no sense.
///
/// # Examples
///
/// ```
/// use cloudally::coverage::{CoverageStatus, Directory, DirectoryAccount, coverage};
/// use cloudally::health::{Policy, Scope, Severity, Snapshot};
/// let now = "2026-03-31T06:00:00Z".parse()?;
/// let snapshot = Snapshot::new(Scope::Partner, "https://api.cloudally.com", now);
/// let directory = Directory::new([DirectoryAccount::new("ann@acme.example.com")]);
/// let report = coverage(&snapshot, &directory, &Policy::default(), now)?;
/// assert_eq!(report.rows[0].status, CoverageStatus::Unknown, "nothing was read");
/// assert_eq!(report.verdict, Severity::Unknown);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn coverage(
    snapshot: &Snapshot,
    directory: &Directory,
    policy: &Policy,
    now: Timestamp,
) -> Result<CoverageReport, Error> {
    policy.check()?;
    check(snapshot, directory)?;
    let mut notices = Vec::new();
    let accounts = merge(directory, &mut notices);
    let entities = protections(snapshot, policy, now);
    let tenant = directory.tenant.as_ref();
    let mut lookup = Lookup::new(entities, &accounts, tenant, &mut notices);
    let judge = Judge {
        policy: &policy.coverage,
        is_complete: open_lists(snapshot).next().is_none(),
        tenant: tenant_of(snapshot, directory),
        now,
    };
    let mut findings = incomplete(snapshot, &judge);
    let mut rows = Vec::with_capacity(accounts.len());
    let mut idle = Vec::new();
    for (address, one) in &accounts {
        let protections = lookup.protections(address, one, &accounts);
        let (row, finding) = judge.account(one, protections);
        let is_idle = row.status == CoverageStatus::NotRequired && row.kind == AccountKind::User;
        if is_idle && !directory.has_shared_column {
            idle.push(row.address.to_string());
        }
        findings.extend(finding);
        rows.push(row);
    }
    let excluded = exclude(policy, now, &mut findings, &mut notices);
    let reasons = excluded.iter().filter(|one| one.kind == Kind::Unprotected);
    let reasons = reasons.filter_map(|one| Some((one.entity.as_deref()?, one.excluded.as_ref()?)));
    let reasons: FixedMap<&str, &Box<str>> = reasons.collect();
    for row in &mut rows {
        if let Some(&reason) = reasons.get(&*row.address) {
            row.status = CoverageStatus::Excluded;
            row.reason = Some(reason.clone());
        }
    }
    let mut floor = Severity::Ok;
    if !idle.is_empty() {
        let what = "these are disabled or have no licence, and are not backed up, and the directory does not say which are shared mailboxes, which need a backup";
        note(&mut notices, &idle, what);
        floor = Severity::Notice;
    }
    let counts = count(&rows);
    if counts.accounts == counts.not_required {
        let what = "no account of the directory needs a backup, so nothing was compared; check its columns";
        notices.push(what.into());
        floor = Severity::Unknown;
    } else if !lookup.has_found() {
        let what = "not one account of the directory was found among the entities; check that it is the directory of this account";
        notices.push(what.into());
        floor = Severity::Unknown;
    }
    for source in lookup.unknown_sources(&policy.coverage.sources) {
        let what = format!(
            "no entry at all is of the source `{source}` that the policy's `coverage.sources` names; check its name"
        );
        notices.push(what.into());
        floor = Severity::Unknown;
    }
    let domains = accounts.keys();
    let domains = domains.filter_map(|address| address.rsplit_once('@').map(|(_, it)| it));
    let unlisted = lookup.unlisted(domains).into_iter();
    let is_backed_up = |one: &Protection| one.proof == Proof::Fresh;
    let unlisted = unlisted.filter(|entity| entity.protections.iter().any(is_backed_up));
    let unlisted: Vec<_> = unlisted
        .map(|entity| UnlistedEntity {
            entity: std::sync::Arc::clone(&entity.name),
            protections: entity.protections.clone(),
        })
        .collect();
    sort(&mut findings);
    rows.sort();
    let worst = findings.iter().map(|finding| finding.severity).max();
    let mut excluded = excluded;
    sort(&mut excluded);
    Ok(CoverageReport {
        version: Version,
        account: snapshot.account.clone(),
        tenant: directory.tenant.clone(),
        read_at: snapshot.read_at,
        now,
        verdict: worst.unwrap_or_default().max(floor),
        counts,
        rows,
        findings,
        excluded,
        unlisted,
        notices,
    })
}

fn check(snapshot: &Snapshot, directory: &Directory) -> Result<(), Error> {
    let refuse = |detail: String| Err(Error::new(ErrorKind::InvalidInput, detail));
    if directory.accounts.is_empty() {
        return refuse("the directory has no account; export it again".into());
    }
    if snapshot.scope == Scope::OwnBackupTasks {
        let detail = "the snapshot is of the account's own backup tasks, which name no entities; read it with the scope `Partner` or `Reseller`";
        return refuse(detail.into());
    }
    let Some(tenant) = &directory.tenant else {
        return Ok(());
    };
    let is_known = snapshot
        .tenants
        .iter()
        .any(|row| row.id.as_ref() == Some(tenant));
    if snapshot.lists.tenants.is_complete() && !is_known {
        return refuse(format!(
            "the tenant `{tenant}` of the directory is not in the snapshot; take an id of its list of tenants"
        ));
    }
    Ok(())
}

/// The tenant of the findings: the directory's, else none is known.
fn tenant_of(snapshot: &Snapshot, directory: &Directory) -> TenantRef {
    let Some(id) = &directory.tenant else {
        return TenantRef::default();
    };
    let row = snapshot
        .tenants
        .iter()
        .find(|row| row.id.as_ref() == Some(id));
    TenantRef {
        id: Some(std::sync::Arc::clone(id)),
        name: row.map_or_else(
            || std::sync::Arc::clone(id),
            |row| std::sync::Arc::clone(&row.name),
        ),
    }
}

/// The lists that are needed and were not read. Backup tasks are usually another account's, and may
/// then not be available; half of them may be those that are paused.
fn open_lists(snapshot: &Snapshot) -> impl Iterator<Item = (&'static str, &ListState)> {
    snapshot.lists.iter().filter(|(name, state)| match *name {
        "tasks" | "statuses" => !state.is_complete(),
        "backupTasks" => state.is_incomplete(),
        _ => false,
    })
}

/// A finding for each list that is needed and is not complete.
fn incomplete(snapshot: &Snapshot, judge: &Judge<'_>) -> Vec<Finding> {
    let open = open_lists(snapshot);
    open.map(|(name, state)| {
        let subject = Subject {
            source: Some(name),
            ..Subject::default()
        };
        let mut finding = judge.finding(Kind::Incomplete, Severity::Unknown, subject);
        finding.tenant = TenantRef::default();
        finding.source = Some(name.into());
        let reason = match state {
            ListState::Incomplete { reason } => reason.clone(),
            ListState::NotAvailable => "the account may not read the list".into(),
            _ => "the list was not read".into(),
        };
        finding.evidence.reasons.push(reason);
        finding
    })
    .collect()
}

struct Judge<'a> {
    policy: &'a CoveragePolicy,
    /// Whether all was read that could prove a backup.
    is_complete: bool,
    tenant: TenantRef,
    now: Timestamp,
}

impl Judge<'_> {
    fn finding(&self, kind: Kind, severity: Severity, subject: Subject<'_>) -> Finding {
        let fingerprint = Fingerprint::new(kind.class(), subject);
        Finding::new(kind, severity, fingerprint, self.tenant.clone(), self.now)
    }

    fn account(
        &self,
        one: &Merged,
        protections: Vec<Protection>,
    ) -> (CoverageRow, Option<Finding>) {
        let account = &one.account;
        let gap = self.gap(&protections);
        let is_leaver = account.enabled == Some(false) && account.kind == AccountKind::User;
        let (status, reason) = match (gap, self.needs_no_backup(account)) {
            (gap, _) if is_leaver && account.licensed == Some(true) => {
                let is = match gap {
                    None => "is backed up",
                    Some(_) if self.is_complete => "is not backed up",
                    Some(_) => "was not found, and not all tasks and entries were read",
                };
                let reason = format!("the account is disabled, has a licence, and {is}");
                (CoverageStatus::PaidLeaver, Some(reason))
            }
            (None, _) => (CoverageStatus::Protected, None),
            (Some(_), Some(why)) => (CoverageStatus::NotRequired, Some(why.to_owned())),
            (Some(gap), None) if !self.is_complete => {
                let reason = format!("{gap}, and not all tasks and entries were read");
                (CoverageStatus::Unknown, Some(reason))
            }
            (Some(gap), None) => (CoverageStatus::Unprotected, Some(gap)),
        };
        let kind = match status {
            CoverageStatus::Unprotected => Some((Kind::Unprotected, Severity::Warning)),
            CoverageStatus::PaidLeaver => Some((Kind::PaidLeaver, Severity::Notice)),
            _ => None,
        };
        let finding = kind.map(|(kind, severity)| {
            let subject = Subject {
                tenant: self.tenant.id.as_deref(),
                entity: Some(&account.address),
                ..Subject::default()
            };
            let mut finding = self.finding(kind, severity, subject);
            finding.entity = Some(account.address.as_str().into());
            finding.last_success = protections.iter().filter_map(|it| it.last_success).max();
            finding
                .evidence
                .reasons
                .extend(reason.as_deref().map(Box::from));
            finding
        });
        let row = CoverageRow {
            status,
            address: account.address.as_str().into(),
            lines: one.lines.clone(),
            kind: account.kind,
            enabled: account.enabled,
            licensed: account.licensed,
            reason: reason.map(Into::into),
            protections,
        };
        (row, finding)
    }

    /// Why an account needs no backup.
    fn needs_no_backup(&self, account: &DirectoryAccount) -> Option<&'static str> {
        match account.kind {
            AccountKind::Guest => (!self.policy.guests).then_some("it is a guest"),
            AccountKind::Shared => (!self.policy.shared).then_some("it is a shared mailbox"),
            AccountKind::Resource => {
                (!self.policy.resources).then_some("it is the mailbox of a room or of equipment")
            }
            AccountKind::User if account.enabled == Some(false) => Some("it is disabled"),
            AccountKind::User => (account.licensed == Some(false)).then_some("it has no licence"),
        }
    }

    /// What is missing for the account to be backed up.
    fn gap(&self, protections: &[Protection]) -> Option<String> {
        let sources = &self.policy.sources;
        if sources.is_empty() {
            return gap_of(protections.iter(), "entry");
        }
        sources.iter().find_map(|source| {
            let is_it = |one: &&Protection| {
                let own = one.source.as_deref().unwrap_or_default();
                own.trim().eq_ignore_ascii_case(source.trim())
            };
            gap_of(
                protections.iter().filter(is_it),
                &format!("entry of {source}"),
            )
        })
    }
}

/// Why what is done proves no backup. The best proof comes first.
fn gap_of<'a>(mut protections: impl Iterator<Item = &'a Protection>, what: &str) -> Option<String> {
    let Some(best) = protections.next() else {
        return Some(format!("no {what} has its address"));
    };
    match (best.proof, best.last_success) {
        (Proof::Fresh, _) => None,
        (Proof::Inactive, _) => Some(format!("the task of its {what} is archived or paused")),
        (Proof::Unreadable, _) => Some(format!("the last success of its {what} cannot be read")),
        (_, Some(at)) => Some(format!("the last success of its {what} is of {at}")),
        (_, None) => Some(format!("the backup of its {what} never worked")),
    }
}

fn count(rows: &[CoverageRow]) -> CoverageCounts {
    let mut counts = CoverageCounts::default();
    for row in rows {
        counts.accounts += 1;
        counts.shared += u64::from(row.kind == AccountKind::Shared);
        counts.resources += u64::from(row.kind == AccountKind::Resource);
        counts.guests += u64::from(row.kind == AccountKind::Guest);
        match row.status {
            CoverageStatus::Protected => counts.protected += 1,
            CoverageStatus::Unprotected => counts.unprotected += 1,
            CoverageStatus::PaidLeaver => counts.paid_leavers += 1,
            CoverageStatus::NotRequired => counts.not_required += 1,
            CoverageStatus::Excluded => counts.excluded += 1,
            CoverageStatus::Unknown => counts.unknown += 1,
        }
    }
    counts
}
