//! The accounts of a sandbox, and what each may see.

use std::collections::HashMap;
use std::sync::Arc;

use crate::credentials::Credentials;
use crate::data::Scope;

/// The role of an account, which decides the operations that it may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountKind {
    /// Sees all users, and has no resellers.
    Partner,
    /// Sees all users and all resellers.
    Distributor,
    /// Sees its own users.
    Reseller,
    /// Sees the backup tasks of one user, or of all users.
    PortalUser,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) kind: AccountKind,
    pub(crate) credentials: Credentials,
    pub(crate) scope: Scope,
}

impl Account {
    pub(crate) fn is_client(&self, (id, secret): (&str, &str)) -> bool {
        self.credentials.client_id == id && self.credentials.client_secret == secret
    }

    pub(crate) fn is_person(&self, (email, password): (&str, &str)) -> bool {
        self.credentials.email == email && self.credentials.password == password
    }
}

/// All accounts, indexed by email address.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    all: Vec<Arc<Account>>,
    by_email: HashMap<String, usize>,
}

impl Accounts {
    /// Adds an account. Returns false, and adds nothing, if the email address is taken.
    pub(crate) fn add(&mut self, account: Account) -> bool {
        let email = account.credentials.email.clone();
        if self.by_email.contains_key(&email) {
            return false;
        }
        self.by_email.insert(email, self.all.len());
        self.all.push(Arc::new(account));
        true
    }

    pub(crate) fn by_email(&self, email: &str) -> Option<&Arc<Account>> {
        self.all.get(*self.by_email.get(email)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Account>> {
        self.all.iter()
    }
}
