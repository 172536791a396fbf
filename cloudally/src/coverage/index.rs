//! Finds what protects each account: by its address, or by an alias that no other account has.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::directory::{AccountKind, Directory, DirectoryAccount};
use crate::health::{FixedMap, ProtectedEntity, Protection, normalized};

/// How many places a notice names.
const MAX_NAMED: usize = 5;

/// An account, with all lines that have its address.
#[derive(Debug)]
pub(super) struct Merged<'a> {
    pub(super) account: DirectoryAccount,
    pub(super) lines: Vec<u64>,
    /// Whether two of its lines say different things of it.
    is_disputed: bool,
    first: &'a DirectoryAccount,
}

/// The accounts by address, each once, and sorted.
pub(super) fn merge<'a>(
    directory: &'a Directory,
    notices: &mut Vec<Box<str>>,
) -> BTreeMap<String, Merged<'a>> {
    let mut accounts: BTreeMap<String, Merged<'a>> = BTreeMap::new();
    for account in &directory.accounts {
        let key = normalized(&account.address).into_owned();
        let Some(known) = accounts.get_mut(&key) else {
            let merged = Merged {
                account: account.clone(),
                lines: account.line.into_iter().collect(),
                is_disputed: false,
                first: account,
            };
            accounts.insert(key, merged);
            continue;
        };
        known.lines.extend(account.line);
        known.is_disputed |= (account.enabled, account.licensed, account.kind)
            != (known.first.enabled, known.first.licensed, known.first.kind);
        known.add(account);
    }
    let doubled = accounts.values().filter(|one| one.lines.len() > 1);
    let doubled: Vec<String> = doubled.map(Merged::place).collect();
    note(
        notices,
        &doubled,
        "several lines have one address, which is counted once",
    );
    let disputed = accounts.values().filter(|one| one.is_disputed);
    let disputed: Vec<String> = disputed.map(Merged::place).collect();
    let what = "several lines of one address differ, and the reading counts that needs a backup";
    note(notices, &disputed, what);
    accounts
}

impl Merged<'_> {
    /// Adds another line of the same address. Of two readings the one counts that needs a backup.
    fn add(&mut self, other: &DirectoryAccount) {
        let or = |one: Option<bool>, other: Option<bool>| match (one, other) {
            (Some(one), Some(other)) => Some(one || other),
            // The line that does not say may be of an account that needs one.
            _ => None,
        };
        let own = &mut self.account;
        own.enabled = or(own.enabled, other.enabled);
        own.licensed = or(own.licensed, other.licensed);
        if own.kind != other.kind {
            own.kind = AccountKind::User;
        }
        own.address = own.address.as_str().min(&other.address).to_owned();
        own.aliases.extend_from_slice(&other.aliases);
    }

    fn place(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(u64::to_string).collect();
        format!("{} (lines {})", self.account.address, lines.join(", "))
    }
}

/// Adds a notice that names some places.
pub(super) fn note(notices: &mut Vec<Box<str>>, places: &[String], what: &str) {
    let Some(more) = places.len().checked_sub(1) else {
        return;
    };
    let named = places.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>();
    let rest = (more + 1).saturating_sub(MAX_NAMED);
    let rest = match rest {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    notices.push(format!("{what}: {}{rest}", named.join(", ")).into());
}

/// What is backed up, and which addresses of the directory were found in it.
#[derive(Debug)]
pub(super) struct Lookup {
    entities: FixedMap<String, ProtectedEntity>,
    /// The account that has an alias; none if several have it.
    aliases: FixedMap<String, Option<String>>,
    /// The names that an account of the directory has.
    found: FixedMap<String, ()>,
}

impl Lookup {
    pub(super) fn new(
        mut entities: FixedMap<String, ProtectedEntity>,
        accounts: &BTreeMap<String, Merged<'_>>,
        tenant: Option<&Arc<str>>,
        notices: &mut Vec<Box<str>>,
    ) -> Self {
        if tenant.is_some() {
            for entity in entities.values_mut() {
                let protections = &mut entity.protections;
                protections.retain(|one| one.tenant.id.as_ref() == tenant);
            }
            entities.retain(|_, entity| !entity.protections.is_empty());
        }
        let mut aliases: FixedMap<String, Option<String>> = FixedMap::default();
        for (address, one) in accounts {
            for alias in &one.account.aliases {
                let alias = normalized(alias).into_owned();
                let owner = aliases
                    .entry(alias)
                    .or_insert_with(|| Some(address.clone()));
                if owner.as_ref().is_some_and(|owner| owner != address) {
                    *owner = None;
                }
            }
        }
        let is_shared = |(alias, owner): &(&String, &Option<String>)| {
            owner.is_none() && !accounts.contains_key(*alias) && entities.contains_key(*alias)
        };
        let shared = aliases.iter().filter(is_shared);
        let mut shared: Vec<String> = shared.map(|(alias, _)| alias.clone()).collect();
        shared.sort();
        let what = "several accounts have one alias, so that its backup proves nothing";
        note(notices, &shared, what);
        Self {
            entities,
            aliases,
            found: FixedMap::default(),
        }
    }

    /// What is done for an account, by its address and by the aliases that are only its own.
    pub(super) fn protections(
        &mut self,
        address: &str,
        one: &Merged<'_>,
        accounts: &BTreeMap<String, Merged<'_>>,
    ) -> Vec<Protection> {
        let mut names = vec![address.to_owned()];
        for alias in &one.account.aliases {
            let alias = normalized(alias).into_owned();
            let is_own = self.aliases.get(&alias).is_some_and(Option::is_some);
            // An address names its own account, whoever has it as an alias too.
            if is_own && !accounts.contains_key(&alias) && !names.contains(&alias) {
                names.push(alias);
            }
        }
        let mut protections = Vec::new();
        for name in names {
            if let Some(entity) = self.entities.get(&name) {
                protections.extend_from_slice(&entity.protections);
                self.found.insert(name, ());
            }
        }
        protections.sort();
        protections
    }

    /// Whether any account was found.
    pub(super) fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// The entities with an address of these domains that belong to no account.
    pub(super) fn unlisted<'a>(
        &'a self,
        domains: impl Iterator<Item = &'a str>,
    ) -> Vec<&'a ProtectedEntity> {
        let domains: std::collections::BTreeSet<&str> = domains.collect();
        let is_unlisted = |name: &str| {
            let domain = name.rsplit_once('@').map(|(_, domain)| domain);
            let is_alias = self.aliases.contains_key(name);
            let is_own = domain.is_some_and(|domain| domains.contains(domain));
            is_own && !is_alias && !self.found.contains_key(name)
        };
        let unlisted = self.entities.iter().filter(|(name, _)| is_unlisted(name));
        let mut unlisted: Vec<_> = unlisted.map(|(_, entity)| entity).collect();
        unlisted.sort_by(|one, other| one.name.cmp(&other.name));
        unlisted
    }
}
