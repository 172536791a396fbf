//! What reconciling says.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lines::{BillLineRef, RowRef};
use super::period::BillingPeriod;
use crate::error::Error;
use crate::health::{Finding, Kind, Severity, Version, one_line, rfc3339, stored};
use crate::types::Amount;

/// What the comparison of some lines came to. Every line has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ReconcileOutcome {
    /// An amount, a period or a currency cannot be compared.
    NotComparable,
    /// Whose lines these are is not known for sure.
    Unmappable,
    /// The bills say more than the rows.
    Over,
    /// The bills say less than the rows.
    Under,
    /// The bills have it, and no row does.
    MissingRow,
    /// The rows have it, and no bill does.
    MissingBill,
    /// Both sides say the same.
    Match,
}

impl ReconcileOutcome {
    /// Every outcome, the worst first.
    pub const ALL: [Self; 7] = [
        Self::NotComparable,
        Self::Unmappable,
        Self::Over,
        Self::Under,
        Self::MissingRow,
        Self::MissingBill,
        Self::Match,
    ];

    /// Returns the name, as it is in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotComparable => "notComparable",
            Self::Unmappable => "unmappable",
            Self::Over => "over",
            Self::Under => "under",
            Self::MissingRow => "missingRow",
            Self::MissingBill => "missingBill",
            Self::Match => "match",
        }
    }

    /// The kind of finding that it is.
    pub(super) fn kind(self) -> Option<Kind> {
        match self {
            Self::NotComparable => Some(Kind::NotComparable),
            Self::Unmappable => Some(Kind::Unmappable),
            Self::Over => Some(Kind::Overbilled),
            Self::Under => Some(Kind::Underbilled),
            Self::MissingRow => Some(Kind::Unbooked),
            Self::MissingBill => Some(Kind::Unbilled),
            Self::Match => None,
        }
    }
}

impl fmt::Display for ReconcileOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Lines of both sides that were compared with each other, or could not be.
///
/// `Display` is one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Comparison {
    /// What it came to.
    pub outcome: ReconcileOutcome,
    /// The id of the tenant, if it is known by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The name of the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The service, in lower case; none if whole tenants are compared or nothing names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The sum of the bills' lines that can be summed, in the currency of the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billed: Option<Amount>,
    /// The sum of the rows that can be summed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked: Option<Amount>,
    /// How much more is billed than booked; none unless both sides could be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Amount>,
    /// The sum of the quantities of the bills' lines, if all state one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billed_quantity: Option<Amount>,
    /// The sum of the quantities of the rows, if all state one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked_quantity: Option<Amount>,
    /// The lines of the bills.
    pub bills: Vec<BillLineRef>,
    /// The rows.
    pub rows: Vec<RowRef>,
    /// Why it could not be compared, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Box<str>>,
    /// Tenants of the other side with a similar name, which only a person can confirm.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
}

impl Comparison {
    /// What it says, without whose it is.
    pub(super) fn detail(&self) -> String {
        let amount = |amount: &Option<Amount>| {
            amount
                .as_ref()
                .map_or_else(|| "nothing".to_owned(), Amount::to_string)
        };
        let mut text = format!(
            "billed {}, booked {}",
            amount(&self.billed),
            amount(&self.booked)
        );
        if let Some(difference) = &self.difference {
            text.push_str(&format!(", difference {difference}"));
        }
        if let Some(reason) = self.reasons.first() {
            text.push_str(&format!(": {reason}"));
        }
        if !self.suggestions.is_empty() {
            text.push_str(&format!("; it may be {}", self.suggestions.join(" or ")));
        }
        one_line(&text).into_owned()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().or(self.tenant.as_deref());
        write!(
            f,
            "{}: {}",
            self.outcome,
            one_line(name.unwrap_or("nobody"))
        )?;
        if let Some(service) = &self.service {
            write!(f, " / {}", one_line(service))?;
        }
        write!(f, ": {}", self.detail())
    }
}

/// How much came to one outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OutcomeTotals {
    /// The outcome.
    pub outcome: ReconcileOutcome,
    /// How many comparisons.
    pub comparisons: u64,
    /// How many lines of bills and rows.
    pub lines: u64,
    /// The sum of the bills' lines that can be summed; none without a currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billed: Option<Amount>,
    /// The sum of the rows that can be summed; none without a currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked: Option<Amount>,
}

/// Whether what is billed is what is in the books.
///
/// It is sorted and counted, so that a face only shows it, and it is written as JSON with a
/// `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReconcileReport {
    pub(super) version: Version,
    /// The period and its currency.
    pub period: BillingPeriod,
    /// The time for which it was compared.
    #[serde(with = "rfc3339")]
    pub now: Timestamp,
    /// The worst of everything. It is at least [`Severity::Unknown`] if nothing was compared.
    pub verdict: Severity,
    /// How many lines of the period there are on both sides, those included whose period is not
    /// known.
    pub lines: u64,
    /// How many of them were compared with the other side: those that match, are over or under, or
    /// are missing on the other side.
    pub compared: u64,
    /// Bills of other periods, which were left out.
    pub other_bills: u64,
    /// Rows of other periods, which were left out.
    pub other_rows: u64,
    /// The sum of all bills' lines that can be summed; none without a currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billed: Option<Amount>,
    /// The sum of all rows that can be summed; none without a currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked: Option<Amount>,
    /// How much came to each outcome, the worst first. The sums add up to `billed` and `booked`.
    pub totals: Vec<OutcomeTotals>,
    /// The comparisons by outcome, the worst first, and by tenant and service.
    pub comparisons: Vec<Comparison>,
    /// What is wrong or not known, the worst first.
    pub findings: Vec<Finding>,
    /// What the policy excludes.
    pub excluded: Vec<Finding>,
    /// What there is to say about the comparison itself, one sentence each.
    pub notices: Vec<Box<str>>,
}

impl ReconcileReport {
    /// Writes the report as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a report that was stored as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if it is cut off, of another
    /// version, or no such report.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        stored(json, "reconcile report", "compare the bills again")
    }

    /// Returns how much came to an outcome.
    #[must_use]
    pub fn totals(&self, outcome: ReconcileOutcome) -> Option<&OutcomeTotals> {
        self.totals.iter().find(|one| one.outcome == outcome)
    }
}
