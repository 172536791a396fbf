//! Snapshots and ledgers without names, for others to look at.

use std::sync::Arc;

use siphasher::sip128::SipHasher24;

use super::date::WireDate;
use super::finding::{TaskRef, TenantRef};
use super::fingerprint::{Fingerprint, Subject};
use super::kind::Class;
use super::ledger::{Ledger, OpenFinding};
use super::snapshot::{Account, EntryRow, Snapshot, TaskRow};
use super::storm::masked;
use super::text::{FixedMap, normalized};

/// The secret of pseudonyms: 16 bytes that nobody else knows.
///
/// With one key, one name has one pseudonym in all snapshots and ledgers. Who knows the key can test
/// whether a pseudonym is of a name that he guesses.
#[derive(Clone)]
pub struct PseudonymKey([u8; 16]);

/// What this crate calls those without an id, which names nobody.
const OWN_NAMES: [&str; 3] = ["unassigned", "own account", "all tenants"];

impl PseudonymKey {
    /// Creates a key from 16 bytes that the caller drew at random.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PseudonymKey([redacted])")
    }
}

/// Replaces texts, each kind under a name of its own, so that a task that is called like its
/// mailbox does not show it.
struct Pseudonyms<'a> {
    key: &'a PseudonymKey,
}

impl Pseudonyms<'_> {
    fn text(&self, kind: &str, text: &str) -> Arc<str> {
        let hash =
            SipHasher24::new_with_key(&self.key.0).hash(format!("{kind}\0{text}").as_bytes());
        format!("{kind}-{:016x}", hash.h2).into()
    }

    fn option(&self, kind: &str, text: &mut Option<Arc<str>>) {
        if let Some(text) = text {
            *text = self.text(kind, text);
        }
    }

    /// An entity keeps one pseudonym however its name is written.
    fn entity(&self, entity: &mut Option<Arc<str>>) {
        if let Some(entity) = entity {
            *entity = self.text("entity", &normalized(entity));
        }
    }

    fn account(&self, account: &mut Account) {
        self.option("partner", &mut account.partner_id);
    }

    fn date(date: &mut WireDate) {
        if matches!(date, WireDate::Unreadable(_)) {
            *date = WireDate::Unreadable("unreadable".into());
        }
    }

    fn task(&self, task: &mut TaskRow) {
        self.option("task", &mut task.id);
        self.option("tenant", &mut task.tenant);
        self.option("backup-task", &mut task.backup_task);
        task.label = self.text("label", &task.label);
        Self::date(&mut task.created);
        let dates = task.last_backups.iter().map(|(source, date)| {
            let mut date = date.clone();
            Self::date(&mut date);
            (Arc::clone(source), date)
        });
        task.last_backups = dates.collect();
    }

    fn entry(&self, entry: &mut EntryRow) {
        let entity = entry.entity.clone();
        self.option("tenant", &mut entry.tenant);
        self.option("task", &mut entry.task);
        self.entity(&mut entry.entity);
        Self::date(&mut entry.last_success);
        Self::date(&mut entry.last_attempt);
        let sub_sources = &entry.sub_sources;
        if sub_sources
            .iter()
            .all(|one| one.error.is_none() && one.link.is_none())
        {
            return;
        }
        let replaced = sub_sources.iter().map(|one| {
            let mut one = one.clone();
            if let Some(error) = &one.error {
                // What is the same cause stays the same cause.
                let masked = masked(error, entity.as_deref());
                one.error = Some(if masked.is_empty() {
                    "".into()
                } else {
                    letters(&self.text("error", &masked))
                });
            }
            self.option("link", &mut one.link);
            one
        });
        entry.sub_sources = replaced.collect();
    }

    /// A cause is a link, or a masked error text.
    fn cause(&self, cause: &str) -> Arc<str> {
        if cause.contains("://") {
            self.text("link", cause)
        } else {
            letters(&self.text("error", cause))
        }
    }

    fn tenant_ref(&self, tenant: &mut TenantRef) {
        let is_ours = OWN_NAMES.contains(&&*tenant.name);
        if tenant.id.is_some() || !is_ours {
            tenant.name = self.text("name", &tenant.name);
        }
        self.option("tenant", &mut tenant.id);
    }

    fn open(&self, open: &mut OpenFinding) {
        self.tenant_ref(&mut open.tenant);
        if let Some(task) = &mut open.task {
            self.task_ref(task);
        }
        self.option("tenant", &mut open.stated_tenant);
        self.entity(&mut open.entity);
    }

    fn task_ref(&self, task: &mut TaskRef) {
        self.option("task", &mut task.id);
        task.label = self.text("label", &task.label);
    }
}

/// A pseudonym without digits, which a cause would not keep.
fn letters(text: &str) -> Arc<str> {
    let letter = |c: char| match c.to_digit(10) {
        Some(digit) => char::from_u32(u32::from('g') + digit).unwrap_or(c),
        None => c,
    };
    text.chars().map(letter).collect::<String>().into()
}

impl Snapshot {
    /// Returns the snapshot with pseudonyms in place of names, addresses, ids, error texts and
    /// links. Dates, sizes, sources, statuses and the base URL are kept, so that an assessment comes
    /// to the same verdicts; with other fingerprints.
    #[must_use]
    pub fn pseudonymized(&self, key: &PseudonymKey) -> Self {
        let own = Pseudonyms { key };
        let mut snapshot = self.clone();
        own.account(&mut snapshot.account);
        for tenant in &mut snapshot.tenants {
            own.option("tenant", &mut tenant.id);
            tenant.name = own.text("name", &tenant.name);
        }
        snapshot.tasks.iter_mut().for_each(|task| own.task(task));
        snapshot
            .entries
            .iter_mut()
            .for_each(|entry| own.entry(entry));
        for task in &mut snapshot.backup_tasks {
            own.option("backup-task", &mut task.id);
        }
        let lists = &mut snapshot.lists;
        for state in [
            &mut lists.profile,
            &mut lists.tenants,
            &mut lists.tasks,
            &mut lists.statuses,
            &mut lists.backup_tasks,
        ] {
            state.forget_reason();
        }
        snapshot.share_texts();
        snapshot
    }
}

impl Ledger {
    /// Returns the ledger with pseudonyms in place of names, addresses and ids. It fits snapshots
    /// that are pseudonymised under the same key. Its fingerprints are made of the pseudonyms.
    #[must_use]
    pub fn pseudonymized(&self, key: &PseudonymKey) -> Self {
        let own = Pseudonyms { key };
        let mut ledger = self.clone();
        own.account(&mut ledger.account);
        for task in &mut ledger.tasks {
            task.id = own.text("task", &task.id);
            own.option("tenant", &mut task.tenant);
            task.label = own.text("label", &task.label);
        }
        for entity in &mut ledger.entities {
            own.option("tenant", &mut entity.tenant);
            own.option("task", &mut entity.task);
            own.entity(&mut entity.entity);
        }
        let mut renamed: FixedMap<Fingerprint, Fingerprint> = FixedMap::default();
        for open in &mut ledger.open {
            let before = open.fingerprint;
            own.open(open);
            if let Some(cause) = &mut open.cause {
                *cause = own.cause(cause);
            }
            open.fingerprint = fingerprint(open);
            renamed.insert(before, open.fingerprint);
        }
        for open in &mut ledger.open {
            open.storm = open.storm.and_then(|storm| renamed.get(&storm).copied());
        }
        ledger.sort();
        ledger
    }
}

/// The fingerprint of a finding whose names were replaced.
fn fingerprint(open: &OpenFinding) -> Fingerprint {
    let class = open.kind.class();
    let is_of_all = class == Class::Storm && &*open.tenant.name == "all tenants";
    let subject = Subject {
        tenant: open.tenant.id.as_deref().or(open.stated_tenant.as_deref()),
        task: open.task.as_ref().and_then(|task| task.id.as_deref()),
        source: if is_of_all {
            Some("all tenants")
        } else {
            open.source.as_deref()
        },
        entity: match class {
            Class::Storm => open.cause.as_deref(),
            _ => open.entity.as_deref(),
        },
    };
    Fingerprint::new(class, subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_published_hash() {
        let key: [u8; 16] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let data: Vec<u8> = (0..64).collect();
        // From the reference implementation.
        for (length, expected) in [
            (0, "a3817f04ba25a8e66df67214c7550293"),
            (1, "da87c1d86b99af44347659119b22fc45"),
            (2, "8177228da4a45dc7fca38bdef60affe4"),
        ] {
            let bytes = SipHasher24::new_with_key(&key)
                .hash(&data[..length])
                .as_bytes();
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, expected, "{length}");
        }
    }
}
