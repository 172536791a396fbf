//! Refresh tokens. Each works once; using one a second time revokes all tokens of its sign-in.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

use crate::account::Account;

/// The number of refresh tokens that are kept, including used ones, and of revoked sign-ins.
const REMEMBERED: usize = 10_000;

/// The id of a sign-in, which all tokens that are issued for it share.
pub(crate) type Family = u64;

pub(crate) struct Grants {
    rng: ChaCha8Rng,
    lifetime: Duration,
    revokes_on_reuse: bool,
    families: Family,
    by_token: HashMap<String, Grant>,
    order: VecDeque<String>,
    revoked: Recent<Family>,
}

#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) account: Arc<Account>,
    pub(crate) family: Family,
    expires: Timestamp,
    spent: bool,
}

/// Why a refresh token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Unknown,
    Expired,
    Reused,
}

impl Grants {
    pub(crate) fn new(rng: ChaCha8Rng, lifetime: Duration, revokes_on_reuse: bool) -> Self {
        Self {
            rng,
            lifetime,
            revokes_on_reuse,
            families: 0,
            by_token: HashMap::new(),
            order: VecDeque::new(),
            revoked: Recent::default(),
        }
    }

    pub(crate) fn new_family(&mut self) -> Family {
        self.families += 1;
        self.families
    }

    /// Issues a refresh token for a sign-in.
    pub(crate) fn issue(
        &mut self,
        account: Arc<Account>,
        family: Family,
        now: Timestamp,
    ) -> String {
        let random: [u64; 4] = self.rng.random();
        let token = random.map(|part| format!("{part:016x}")).concat();
        let lifetime = SignedDuration::try_from(self.lifetime).unwrap_or(SignedDuration::MAX);
        let grant = Grant {
            account,
            family,
            expires: now.checked_add(lifetime).unwrap_or(Timestamp::MAX),
            spent: false,
        };
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_token.remove(&oldest);
        }
        self.order.push_back(token.clone());
        self.by_token.insert(token.clone(), grant);
        token
    }

    /// Uses a refresh token, which invalidates it.
    pub(crate) fn spend(&mut self, token: &str, now: Timestamp) -> Result<Grant, Refused> {
        let grant = self.by_token.get_mut(token).ok_or(Refused::Unknown)?;
        if grant.spent || self.revoked.contains(&grant.family) {
            if self.revokes_on_reuse {
                self.revoked.insert(grant.family);
            }
            return Err(Refused::Reused);
        }
        if now >= grant.expires {
            return Err(Refused::Expired);
        }
        grant.spent = true;
        Ok(grant.clone())
    }

    pub(crate) fn is_revoked(&self, family: Family) -> bool {
        self.revoked.contains(&family)
    }
}

/// A set that drops its oldest elements once it is full.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    set: HashSet<T>,
    order: VecDeque<T>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self {
            set: HashSet::new(),
            order: VecDeque::new(),
        }
    }
}

impl<T: Hash + Eq + Clone> Recent<T> {
    pub(crate) fn insert(&mut self, value: T) {
        if !self.set.insert(value.clone()) {
            return;
        }
        self.order.push_back(value);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.set.remove(&oldest);
        }
    }

    pub(crate) fn contains(&self, value: &T) -> bool {
        self.set.contains(value)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::account::AccountKind;
    use crate::credentials::Credentials;
    use crate::data::Scope;

    const HOUR: Duration = Duration::from_secs(3600);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn account() -> Arc<Account> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        Arc::new(Account {
            kind: AccountKind::Partner,
            credentials: Credentials::generate(&mut rng, "a@example.com"),
            scope: Scope::All,
        })
    }

    fn grants(revokes_on_reuse: bool) -> Grants {
        Grants::new(ChaCha8Rng::seed_from_u64(2), HOUR, revokes_on_reuse)
    }

    #[test]
    fn a_token_used_twice_takes_the_others_along() {
        for (revokes, after) in [(true, Some(Refused::Reused)), (false, None)] {
            let mut grants = grants(revokes);
            let family = grants.new_family();
            let first = grants.issue(account(), family, at(0));
            grants.spend(&first, at(1)).ok().unwrap();
            let second = grants.issue(account(), family, at(1));
            assert_eq!(grants.spend(&first, at(2)).err(), Some(Refused::Reused));
            assert_eq!(grants.is_revoked(family), revokes);
            assert_eq!(grants.spend(&second, at(3)).err(), after);
        }
    }

    #[test]
    fn a_token_expires() {
        let mut grants = grants(true);
        let token = grants.issue(account(), 1, at(0));
        assert_eq!(grants.spend(&token, at(3600)).err(), Some(Refused::Expired));
        assert_eq!(grants.spend(&token, at(3599)).err(), None);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut grants = grants(true);
        let first = grants.issue(account(), 1, at(0));
        for _ in 0..REMEMBERED {
            grants.issue(account(), 1, at(0));
        }
        assert_eq!(grants.by_token.len(), REMEMBERED);
        assert_eq!(grants.spend(&first, at(1)).err(), Some(Refused::Unknown));
        let mut recent = Recent::default();
        (0..=REMEMBERED).for_each(|value| recent.insert(value));
        assert!(!recent.contains(&0) && recent.contains(&1));
        assert_eq!(recent.set.len(), REMEMBERED);
    }
}
