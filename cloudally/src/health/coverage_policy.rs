//! What coverage needs of a policy.

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
    /// Whether guests need a backup. They don't by default, because their mailbox is elsewhere.
    pub guests: bool,
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
            guests: false,
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
    /// The column that tells shared mailboxes: yes or no, or a type such as `SharedMailbox`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<String>,
    /// The column that tells guests: yes or no, or a type such as `Guest`.
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
