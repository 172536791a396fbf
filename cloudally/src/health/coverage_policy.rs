//! What coverage needs of a policy.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::policy::{Misfit, refused};

/// Which accounts of a directory need a backup, and how the directory is read; see
/// [`coverage`](crate::coverage).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
#[non_exhaustive]
pub struct CoveragePolicy {
    /// Sources such as `EXCHANGE` that must each have a backup of the account. Any one source is
    /// enough if the list is empty, as it is by default. Case does not matter.
    pub sources: Vec<String>,
    /// Whether shared mailboxes need a backup. They do by default; the vendor does not bill them
    /// (published).
    pub shared: bool,
    /// Whether the mailboxes of rooms and equipment need a backup. They do by default.
    pub resources: bool,
    /// Whether guests need a backup. They don't by default, because their mailbox is elsewhere.
    pub guests: bool,
    /// Licences that do not count, such as free ones, by their names. Case does not matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored_licenses: Vec<String>,
    /// What the types of accounts mean that this crate does not know, such as those of another
    /// language. Case does not matter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, AccountKind>,
    /// The columns of the directory; by default those of the exports that are known by their
    /// headers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<DirectoryColumns>,
}

impl Default for CoveragePolicy {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            shared: true,
            resources: true,
            guests: false,
            ignored_licenses: Vec::new(),
            types: BTreeMap::new(),
            columns: None,
        }
    }
}

impl CoveragePolicy {
    pub(super) fn verify(&self) -> Result<(), Misfit> {
        if self.sources.iter().any(|source| source.trim().is_empty()) {
            return Err(refused(
                "coverage.",
                "sources",
                "has a blank source; remove it",
            ));
        }
        let Some(columns) = &self.columns else {
            return Ok(());
        };
        if columns.address.is_empty() {
            let what = "names no column; name the one of the addresses";
            return Err(refused("coverage.columns.", "address", what));
        }
        if columns.enabled.is_some() && columns.disabled.is_some() {
            let what = "and `disabled` are both set; keep one";
            return Err(refused("coverage.columns.", "enabled", what));
        }
        Ok(())
    }
}

/// What kind of account of a directory it is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum AccountKind {
    /// A guest, whose mailbox is elsewhere.
    Guest,
    /// A person's, as far as is known.
    #[default]
    User,
    /// The mailbox of a room or of equipment, whose sign-in is always disabled.
    Resource,
    /// A shared mailbox, whose sign-in is usually disabled.
    Shared,
}

/// The headers of the columns of a directory. Case does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
#[non_exhaustive]
pub struct DirectoryColumns {
    /// The columns of the address. The first that is not empty names the account, and the others
    /// are aliases.
    #[serde(deserialize_with = "one_or_many")]
    pub address: Vec<String>,
    /// The columns of further addresses, several in a cell separated by `;`, `,`, `|` or space, or
    /// as `SMTP:` lists by `+`.
    #[serde(
        deserialize_with = "one_or_many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub aliases: Vec<String>,
    /// The column that says whether the account is enabled: yes or no, or a word such as `Active`
    /// or `Suspended`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<String>,
    /// The column that says whether the account is disabled: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<String>,
    /// The column of the licences: their names, or yes or no. Empty, `Unlicensed` and `None` mean
    /// that there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licenses: Option<String>,
    /// The column that tells shared mailboxes: yes or no, or a type such as `SharedMailbox`. A type
    /// that is not known is an error, unless [`CoveragePolicy::types`] has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<String>,
    /// The column that tells guests: yes or no, or a type such as `Guest`. Without one, an address
    /// with `#EXT#` is a guest's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
}

/// A list, or the only item of one.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "it is neither a header nor a list of headers")]
    enum Headers {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Headers::deserialize(deserializer)? {
        Headers::One(header) => vec![header],
        Headers::Many(headers) => headers,
    })
}
