//! What reconciling needs of a policy.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::policy::{Misfit, refused};
use super::text::normalized;
use crate::types::Amount;

/// How billing rows are read and joined with bills; see [`reconcile`](crate::reconcile).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
#[non_exhaustive]
pub struct ReconcilePolicy {
    /// What is compared with what: by default the lines of a tenant for one service.
    pub by: CompareBy,
    /// Which field of a bill's line is its service: `serviceType` by default.
    pub bill_service: BillField,
    /// Whether a name that is the same on both sides, and of one tenant on each, joins them; an id
    /// that rows have beside the name then becomes the bill's. It does not by default: names repeat
    /// and change, so they are only suggested.
    pub trust_names: bool,
    /// The ids of tenants by the names that bills and rows have. A name that is listed here joins.
    pub tenants: BTreeMap<String, String>,
    /// The services of the bills by the names that the rows have for them. A name that is not
    /// listed is taken as it is, without regard to case.
    pub services: BTreeMap<String, String>,
    /// The difference up to which two sums match; 0 by default.
    pub tolerance: Amount,
    /// How many months after the period a row is dated. 0 by default; 1 if what was used in March is
    /// paid in April.
    pub months_later: u8,
    /// Whether the day comes first in a row's dates such as `03/04/2026`, or the month. Without it such
    /// a date is not understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_first: Option<bool>,
    /// The character between the groups of digits of an amount, as in `1,000.00`. None by default:
    /// an amount that has one is then not comparable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands_separator: Option<char>,
    /// The character before the decimals, `.` or `,`. Without it, it is `.`, and an amount with three
    /// decimals is not comparable if there is no `thousands_separator` either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal_separator: Option<char>,
    /// What amounts may begin or end with, and the code of the currency that it stands for, such as
    /// `$` for `USD`. None by default.
    pub currency_signs: BTreeMap<String, String>,
    /// The columns of the rows; by default those of the vendor's monthly file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<BillingColumns>,
}

impl Default for ReconcilePolicy {
    fn default() -> Self {
        Self {
            by: CompareBy::default(),
            bill_service: BillField::default(),
            trust_names: false,
            tenants: BTreeMap::new(),
            services: BTreeMap::new(),
            tolerance: Amount::from(0),
            months_later: 0,
            day_first: None,
            thousands_separator: None,
            decimal_separator: None,
            currency_signs: BTreeMap::new(),
            columns: None,
        }
    }
}

impl ReconcilePolicy {
    pub(super) fn verify(&self) -> Result<(), Misfit> {
        let refuse = |name, what: &str| Err(refused("reconcile.", name, what));
        if self.tolerance().is_none() {
            return refuse(
                "tolerance",
                "is no decimal of at least 0; write one such as \"0.01\"",
            );
        }
        let decimal = self.decimal_separator.unwrap_or('.');
        if !matches!(decimal, '.' | ',') {
            return refuse("decimal_separator", "is neither `.` nor `,`");
        }
        let is_separator = |it: char| {
            matches!(
                it,
                '.' | ',' | ' ' | '\'' | '’' | '_' | '\u{a0}' | '\u{202f}'
            )
        };
        if self.thousands_separator.is_some_and(|it| !is_separator(it)) {
            return refuse("thousands_separator", "is none; write `,` or `.`, say");
        }
        if self.thousands_separator == Some(decimal) {
            let problem = "is the decimal separator as well; set both";
            return refuse("thousands_separator", problem);
        }
        let is_sign = |(sign, code): (&String, &String)| {
            let sign = sign.trim();
            let is_part = |it: char| it.is_numeric() || matches!(it, '.' | ',' | '-' | '+');
            !sign.is_empty() && !sign.contains(is_part) && !code.trim().is_empty()
        };
        if !self.currency_signs.iter().all(is_sign) {
            let problem =
                "has a sign that is blank or part of a number, or that stands for nothing";
            return refuse("currency_signs", problem);
        }
        for (name, map) in [("tenants", &self.tenants), ("services", &self.services)] {
            let mut known = BTreeMap::new();
            for (own, other) in map {
                if own.trim().is_empty() || other.trim().is_empty() {
                    return refuse(name, "has a blank name; remove it");
                }
                let first = known.entry(normalized(own)).or_insert(other);
                if *first != other {
                    let problem = format!("has `{own}` in two spellings that differ; keep one");
                    return refuse(name, &problem);
                }
            }
        }
        let Some(columns) = &self.columns else {
            return Ok(());
        };
        if columns.total.trim().is_empty() {
            return Err(refused("reconcile.columns.", "total", "names no column"));
        }
        if columns.tenant.is_none() && columns.name.is_none() {
            let what = "and `name` are missing; name the column of the tenants' ids or names";
            return Err(refused("reconcile.columns.", "tenant", what));
        }
        Ok(())
    }

    /// The tolerance, if it is a decimal that is not negative.
    pub(crate) fn tolerance(&self) -> Option<Decimal> {
        let tolerance = self.tolerance.decimal();
        tolerance.filter(|it| *it >= Decimal::ZERO)
    }
}

/// What is compared with what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CompareBy {
    /// All lines of a tenant for one service.
    #[default]
    Service,
    /// All lines of a tenant.
    Tenant,
}

/// A field of a line of a bill that says what is billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BillField {
    /// `serviceType`.
    #[default]
    ServiceType,
    /// `service`.
    Service,
    /// `source`.
    Source,
}

/// The headers of the columns of billing rows. Case does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
#[non_exhaustive]
pub struct BillingColumns {
    /// The column of the tenant's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The column of the tenant's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The column of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The column of the period or of a date within it. Without one all rows are of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// The column of the quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    /// The column of the total of the row.
    pub total: String,
    /// The column of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}
