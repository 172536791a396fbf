//! Finds what protects each account: by its address, or by an alias that no other account has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::directory::{Directory, DirectoryAccount};
use crate::health::{FixedMap, ProtectedEntity, Protection, normalized};

/// How many places a notice names.
const MAX_NAMED: usize = 5;

/// An account, with all lines that have its address.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) account: DirectoryAccount,
    pub(super) lines: Vec<u64>,
    /// What its lines say of whether it is enabled (0) and has a licence (1).
    said: BTreeSet<(u8, bool)>,
}

/// The accounts by address, each once, and sorted.
pub(super) fn merge(
    directory: &Directory,
    notices: &mut Vec<Box<str>>,
) -> BTreeMap<String, Merged> {
    let mut accounts: BTreeMap<String, Merged> = BTreeMap::new();
    for account in &directory.accounts {
        let key = normalized(&account.address).into_owned();
        let merged = accounts.entry(key).or_insert_with(|| Merged {
            account: DirectoryAccount {
                aliases: Vec::new(),
                ..account.clone()
            },
            lines: Vec::new(),
            said: BTreeSet::new(),
        });
        merged.add(account);
    }
    let named = |is_it: fn(&Merged) -> bool| -> Vec<String> {
        let all = accounts.values().filter(|one| is_it(one));
        all.map(Merged::place).collect()
    };
    let doubled = named(|one| one.lines.len() > 1);
    note(
        notices,
        &doubled,
        "several lines have one address, which is counted once",
    );
    let disputed = named(|one| {
        let both = |what| one.said.contains(&(what, true)) && one.said.contains(&(what, false));
        both(0) || both(1)
    });
    let what = "several lines of one address differ, and the reading counts that needs a backup";
    note(notices, &disputed, what);
    accounts
}

impl Merged {
    /// Adds a line. Of two readings the one counts that needs a backup.
    fn add(&mut self, line: &DirectoryAccount) {
        let or = |one: Option<bool>, other: Option<bool>| match (one, other) {
            (Some(one), Some(other)) => Some(one || other),
            // Another export may say what this one does not.
            (one, other) => one.or(other),
        };
        let own = &mut self.account;
        own.enabled = or(own.enabled, line.enabled);
        own.licensed = or(own.licensed, line.licensed);
        own.kind = own.kind.max(line.kind);
        own.address = own.address.as_str().min(&line.address).to_owned();
        own.aliases.extend_from_slice(&line.aliases);
        self.said.extend(line.enabled.map(|enabled| (0, enabled)));
        self.said
            .extend(line.licensed.map(|licensed| (1, licensed)));
        self.lines.extend(line.line);
        self.lines.sort_unstable();
    }

    fn place(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(u64::to_string).collect();
        if lines.is_empty() {
            return self.account.address.clone();
        }
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
        accounts: &BTreeMap<String, Merged>,
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
        one: &Merged,
        accounts: &BTreeMap<String, Merged>,
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

    /// The sources of which there is no entry.
    pub(super) fn unknown_sources<'a>(&self, sources: &'a [String]) -> Vec<&'a String> {
        let is_known = |source: &&String| {
            let all = self
                .entities
                .values()
                .flat_map(|entity| &entity.protections);
            let mut all = all.filter_map(|one| one.source.as_deref());
            all.any(|own| own.trim().eq_ignore_ascii_case(source.trim()))
        };
        sources.iter().filter(|source| !is_known(source)).collect()
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
        let domains: BTreeSet<&str> = domains.collect();
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
