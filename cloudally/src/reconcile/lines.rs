//! The lines of both sides in one form.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount;
use super::period::{BillingPeriod, Relation};
use crate::health::{BillField, CompareBy, FixedMap, ReconcilePolicy, normalized, one_line};
use crate::types::{Amount, Bill, BillLine};

/// A row of the own bookkeeping, or of the vendor's monthly file. Every field is text as the file has
/// it; amounts are read as the policy says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct BillingRow {
    /// The line of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The id of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The name of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The period, or a day within it; none if all rows are of the period. An empty text is not
    /// understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// The quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    /// The total.
    pub total: String,
    /// The currency; none if the caller states it for all rows. An empty text is another currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

impl BillingRow {
    /// Creates a row from elsewhere than a CSV file, of a tenant's id and a total.
    #[must_use]
    pub fn new(tenant: impl Into<String>, total: impl Into<String>) -> Self {
        Self {
            tenant: Some(tenant.into()),
            total: total.into(),
            ..Self::default()
        }
    }
}

/// A line of a bill by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BillLineRef {
    /// The place of the bill among those given, from 0.
    pub bill: usize,
    /// The place of the line in the bill, from 0; none for the whole bill, or for what its total has
    /// beside its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// A billing row by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RowRef {
    /// The place of the row among those given, from 0.
    pub row: usize,
    /// The line of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// Which side a line is of, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Bill(BillLineRef),
    Row(RowRef),
}

/// A line of either side.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) place: Place,
    /// The id of the tenant, by the row or by the policy, as it is written there.
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    /// The service as it is compared; none if whole tenants are.
    pub(super) service: Option<String>,
    /// The total, if it is one in the currency.
    pub(super) total: Option<Decimal>,
    pub(super) quantity: Option<Decimal>,
    /// Why it cannot be compared.
    pub(super) problem: Option<String>,
}

/// The lines of a period, and how much is of others.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) all: Vec<Line>,
    pub(super) other_bills: u64,
    pub(super) other_rows: u64,
}

/// Makes lines.
pub(super) struct Reader<'a> {
    period: &'a BillingPeriod,
    policy: &'a ReconcilePolicy,
    /// The ids by the names of the policy.
    ids: FixedMap<String, String>,
    /// The services of the bills by those of the rows.
    services: FixedMap<String, String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(period: &'a BillingPeriod, policy: &'a ReconcilePolicy) -> Self {
        let normal = |(one, other): (&String, &String)| {
            (normalized(one).into_owned(), other.trim().to_owned())
        };
        Self {
            period,
            policy,
            ids: policy.tenants.iter().map(normal).collect(),
            services: policy.services.iter().map(normal).collect(),
        }
    }

    pub(super) fn read(&self, bills: &[Bill], rows: &[BillingRow]) -> Lines {
        let mut lines = Lines::default();
        for (at, bill) in bills.iter().enumerate() {
            match self.period.relation(bill.period.as_deref(), 0, None) {
                Relation::Outside => lines.other_bills += 1,
                relation => self.bill(at, bill, relation, &mut lines.all),
            }
        }
        for (at, row) in rows.iter().enumerate() {
            let relation = match &row.period {
                Some(period) => {
                    let rules = self.policy;
                    let text = Some(period.as_str());
                    self.period
                        .relation(text, rules.months_later, rules.day_first)
                }
                None => Relation::Within,
            };
            match relation {
                Relation::Outside => lines.other_rows += 1,
                relation => lines.all.push(self.row(at, row, relation)),
            }
        }
        lines
    }

    fn bill(&self, at: usize, bill: &Bill, relation: Relation, lines: &mut Vec<Line>) {
        let name = bill
            .name
            .as_deref()
            .map(str::trim)
            .filter(|it| !it.is_empty());
        let line = |line: Option<usize>, service: Option<&String>, total: Option<&Amount>| Line {
            place: Place::Bill(BillLineRef { bill: at, line }),
            id: name.and_then(|name| self.id_of(name)),
            name: name.map(str::to_owned),
            service: self.service(service.map(String::as_str)),
            total: total.and_then(Amount::decimal),
            quantity: None,
            problem: self
                .unknown_period(relation, bill.period.as_deref())
                .or_else(|| total_problem(total)),
        };
        let parts = bill.lines.as_deref().unwrap_or_default();
        if self.policy.by == CompareBy::Tenant {
            let quantities = parts.iter().map(|it| it.quantity.as_ref()?.decimal());
            let quantities = quantities.collect::<Option<Vec<_>>>();
            let mut whole = line(None, None, bill.total.as_ref());
            whole.quantity = quantities.and_then(|all| sum(all.into_iter()));
            lines.push(self.in_currency(whole, None));
            return;
        }
        for (at, part) in parts.iter().enumerate() {
            let mut line = line(Some(at), self.service_of(part), part.total.as_ref());
            line.quantity = part.quantity.as_ref().and_then(Amount::decimal);
            lines.push(self.in_currency(line, None));
        }
        let Some((rest, problem)) = rest_of(bill) else {
            return;
        };
        let mut remainder = line(None, None, None);
        remainder.total = rest;
        remainder.problem = self
            .unknown_period(relation, bill.period.as_deref())
            .or(Some(problem));
        lines.push(self.in_currency(remainder, None));
    }

    fn row(&self, at: usize, row: &BillingRow, relation: Relation) -> Line {
        let text = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim);
            text.filter(|it| !it.is_empty()).map(str::to_owned)
        };
        let name = text(&row.name);
        let id = text(&row.tenant);
        let total = amount::read(&row.total, self.policy, self.period.currency.as_deref());
        let quantity = text(&row.quantity);
        let quantity = quantity.and_then(|it| amount::read(&it, self.policy, None).ok());
        let service = text(&row.service);
        let mapped = service
            .as_deref()
            .and_then(|own| self.services.get(&*normalized(own)));
        let service = mapped.cloned().or(service);
        let line = Line {
            place: Place::Row(RowRef {
                row: at,
                line: row.line,
            }),
            id: id.or_else(|| name.as_deref().and_then(|name| self.id_of(name))),
            name,
            service: self.service(service.as_deref()),
            problem: self
                .unknown_period(relation, row.period.as_deref())
                .or_else(|| total.as_ref().err().cloned()),
            total: total.ok(),
            quantity,
        };
        self.in_currency(line, row.currency.as_deref())
    }

    /// Takes the total out of a line that is not in the currency.
    fn in_currency(&self, mut line: Line, stated: Option<&str>) -> Line {
        let problem = match (&self.period.currency, stated.map(str::trim)) {
            (None, _) => Some("no currency is stated, so nothing is summed".to_owned()),
            (Some(own), Some(other)) if !own.eq_ignore_ascii_case(other) => {
                let other = if other.is_empty() {
                    "no currency"
                } else {
                    other
                };
                Some(format!("it is in {other} and not in {own}"))
            }
            _ => None,
        };
        if problem.is_some() {
            line.total = None;
            line.problem = problem;
        }
        line
    }

    fn unknown_period(&self, relation: Relation, text: Option<&str>) -> Option<String> {
        let stated = text.map(str::trim).filter(|it| !it.is_empty());
        (relation == Relation::Unknown).then(|| match stated {
            Some(text) => format!(
                "its period `{}` is not known to be `{}`; write a month such as 2026-03 or a day such as 2026-03-31, or say in the policy's `reconcile.day_first` which number is the day",
                one_line(text),
                self.period.text
            ),
            None => "it has no period".to_owned(),
        })
    }

    /// The id that the policy has for a name.
    fn id_of(&self, name: &str) -> Option<String> {
        self.ids.get(&*normalized(name)).cloned()
    }

    fn service_of<'b>(&self, line: &'b BillLine) -> Option<&'b String> {
        match self.policy.bill_service {
            BillField::ServiceType => line.service_type.as_ref(),
            BillField::Service => line.service.as_ref(),
            BillField::Source => line.source.as_ref(),
        }
    }

    fn service(&self, service: Option<&str>) -> Option<String> {
        let service = service.map(normalized).filter(|it| !it.is_empty());
        let is_compared = self.policy.by == CompareBy::Service;
        service
            .filter(|_| is_compared)
            .map(std::borrow::Cow::into_owned)
    }
}

/// What a bill has beside its lines, and why that cannot be compared.
fn rest_of(bill: &Bill) -> Option<(Option<Decimal>, String)> {
    let lines = bill.lines.as_deref().unwrap_or_default();
    let total = bill.total.as_ref().and_then(Amount::decimal);
    if lines.is_empty() {
        let problem = total_problem(bill.total.as_ref());
        let problem = problem.unwrap_or_else(|| "it has no lines; compare by tenant".to_owned());
        return Some((total, problem));
    }
    bill.total.as_ref()?;
    let Some(total) = total else {
        return Some((None, total_problem(bill.total.as_ref())?));
    };
    let parts = lines.iter().map(|it| it.total.as_ref()?.decimal());
    let Some(parts) = parts
        .collect::<Option<Vec<_>>>()
        .and_then(|all| sum(all.into_iter()))
    else {
        let problem = format!("its total is {total}, and not all of its lines can be read");
        return Some((None, problem));
    };
    let rest = add(total, -parts);
    if rest.is_some_and(|rest| rest.is_zero()) {
        return None;
    }
    let discount = bill.discount.as_ref();
    let discount = discount.map_or_else(|| "none".to_owned(), Amount::to_string);
    let problem = format!(
        "its lines add up to {parts}, its total is {total}, and its discount says {discount}; compare by tenant"
    );
    Some((rest, problem))
}

fn total_problem(total: Option<&Amount>) -> Option<String> {
    match total {
        None => Some("it has no total".to_owned()),
        Some(total) if total.decimal().is_none() => {
            let shown: String = total.to_string().chars().take(40).collect();
            Some(format!("its total `{shown}` is no plain decimal"))
        }
        Some(_) => None,
    }
}

/// The sum, or none if it has more than 28 digits.
pub(super) fn sum(amounts: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    amounts.into_iter().try_fold(Decimal::ZERO, add)
}

/// The exact sum of two. Where it has too many digits, decimals would be rounded away.
pub(super) fn add(one: Decimal, other: Decimal) -> Option<Decimal> {
    let sum = one.checked_add(other)?;
    // A zero has no decimals to lose.
    let is_exact = sum.scale() >= one.scale().max(other.scale());
    (is_exact || one.is_zero() || other.is_zero() || sum.is_zero()).then_some(sum)
}
