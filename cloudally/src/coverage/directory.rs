//! The accounts that a directory lists.

use std::sync::Arc;

use crate::health::AccountKind;

/// An account of a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct DirectoryAccount {
    /// The address. Case does not matter.
    pub address: String,
    /// Its other addresses.
    pub aliases: Vec<String>,
    /// Whether it can sign in; none if the directory does not say.
    pub enabled: Option<bool>,
    /// Whether it has a licence; none if the directory does not say.
    pub licensed: Option<bool>,
    /// The kind.
    pub kind: AccountKind,
    /// The line of the file.
    pub line: Option<u64>,
}

impl DirectoryAccount {
    /// Creates an account of which nothing but the address is known.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            ..Self::default()
        }
    }
}

/// A list of accounts, some of which need a backup.
///
/// # Examples
///
/// ```
/// use cloudally::coverage::{Directory, DirectoryAccount};
/// let mut ann = DirectoryAccount::new("ann@acme.example.com");
/// ann.licensed = Some(true);
/// let directory = Directory::new([ann]).of_tenant("U-7");
/// assert_eq!(directory.accounts.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Directory {
    /// The accounts.
    pub accounts: Vec<DirectoryAccount>,
    /// The id of the tenant whose directory it is. Only that tenant's tasks count then; those of
    /// all if it is missing.
    pub tenant: Option<Arc<str>>,
    /// Whether it has a column that says which accounts are shared mailboxes.
    pub has_shared_column: bool,
}

impl Directory {
    /// Creates a directory of accounts from elsewhere than a CSV file.
    #[must_use]
    pub fn new(accounts: impl IntoIterator<Item = DirectoryAccount>) -> Self {
        let accounts: Vec<_> = accounts.into_iter().collect();
        Self {
            has_shared_column: accounts.iter().any(|one| one.kind == AccountKind::Shared),
            accounts,
            tenant: None,
        }
    }

    /// Adds the accounts of another export of the same directory: of an account that is in both, what
    /// one does not say the other does.
    ///
    /// # Examples
    ///
    /// ```
    /// use cloudally::coverage::{Directory, DirectoryAccount};
    /// let users = Directory::new([DirectoryAccount::new("ann@acme.example.com")]);
    /// let mailboxes = Directory::new([DirectoryAccount::new("team@acme.example.com")]);
    /// assert_eq!(users.merge(mailboxes).accounts.len(), 2);
    /// ```
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.accounts.extend(other.accounts);
        self.has_shared_column |= other.has_shared_column;
        self.tenant = self.tenant.or(other.tenant);
        self
    }

    /// Says whose directory it is, so that only this tenant's tasks count.
    #[must_use]
    pub fn of_tenant(mut self, id: impl Into<Arc<str>>) -> Self {
        self.tenant = Some(id.into());
        self
    }
}
