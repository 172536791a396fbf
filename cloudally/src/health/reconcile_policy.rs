//! What reconciling needs of a policy.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::policy::{Misfit, refused};
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
    /// The character before the decimals; `.` by default.
    pub decimal_separator: char,
    /// The signs and codes of the currency that amounts may begin or end with, such as `$`. None by
    /// default.
    pub currency_signs: Vec<String>,
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
            decimal_separator: '.',
            currency_signs: Vec::new(),
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
        let is_mark = |it: char| !it.is_alphanumeric() && !matches!(it, '-' | '+');
        if !is_mark(self.decimal_separator) {
            return refuse("decimal_separator", "is part of a number; write `.` or `,`");
        }
        if self.thousands_separator.is_some_and(|it| !is_mark(it)) {
            return refuse(
                "thousands_separator",
                "is part of a number; write `,` or `.`, say",
            );
        }
        if self.thousands_separator == Some(self.decimal_separator) {
            return refuse(
                "thousands_separator",
                "is the decimal separator as well; set both",
            );
        }
        let is_sign = |sign: &String| {
            let sign = sign.trim();
            let is_part = |it: char| it.is_numeric() || matches!(it, '.' | ',' | '-' | '+');
            !sign.is_empty() && !sign.contains(is_part)
        };
        if !self.currency_signs.iter().all(is_sign) {
            return refuse(
                "currency_signs",
                "has one that is empty or part of a number",
            );
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
