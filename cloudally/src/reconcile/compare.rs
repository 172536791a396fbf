//! The comparison: a pure function of bills, rows, period, policy and time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::lines::{BillingRow, Line, Place, Reader, RowRef, add, sum};
use super::parties::{PartyLines, parties};
use super::period::BillingPeriod;
use super::report::{Comparison, OutcomeTotals, ReconcileOutcome, ReconcileReport};
use crate::error::{Error, ErrorKind};
use crate::health::{
    CompareBy, Finding, Fingerprint, Policy, ReconcilePolicy, Severity, Subject, TenantRef,
    Version, exclude, sort,
};
use crate::types::{Amount, Bill};

/// How many reasons of its lines a comparison keeps.
const MAX_REASONS: usize = 5;

/// Compares the bills of a period with billing rows.
///
/// It performs no I/O, and its result depends on nothing but its arguments. Every line of a bill of
/// the period, and every row of it, is in exactly one comparison. An exclusion of the policy with the
/// tenant's id takes a finding out of the verdict until it expires.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if the period or its currency is blank, or a sum has more than 28
/// digits; [`ErrorKind::Configuration`] if the policy makes no sense.
///
/// # Examples
///
/// ```
/// use cloudally::health::{Policy, Severity};
/// use cloudally::reconcile::{BillingPeriod, BillingRow, ReconcileOutcome, reconcile};
/// use cloudally::types::Bill;
/// let policy: Policy = serde_json::from_str(r#"{"reconcile": {
///     "by": "tenant", "tenants": {"Acme 12345": "C-1"}
/// }}"#)?;
/// let bill = Bill::default().with_name("Acme 12345").with_period("2026-03").with_total("36.00");
/// let rows = [BillingRow::new("C-1", "30.00")];
/// let period = BillingPeriod::new("2026-03").currency("USD");
/// let now = "2026-04-01T06:00:00Z".parse()?;
/// let report = reconcile(&[bill], &rows, &period, &policy, now)?;
/// assert_eq!(report.comparisons[0].outcome, ReconcileOutcome::Over);
/// assert_eq!(report.comparisons[0].to_string(), "over: Acme 12345: billed 36.00, booked 30.00, difference 6.00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn reconcile(
    bills: &[Bill],
    rows: &[BillingRow],
    period: &BillingPeriod,
    policy: &Policy,
    now: Timestamp,
) -> Result<ReconcileReport, Error> {
    policy.check()?;
    let refuse = |detail: &str| Err(Error::new(ErrorKind::InvalidInput, detail));
    if period.text.trim().is_empty() {
        return refuse("the period is blank; state one such as `2026-03`");
    }
    if period
        .currency
        .as_ref()
        .is_some_and(|it| it.trim().is_empty())
    {
        return refuse("the currency is blank; state one such as `USD`, or none");
    }
    let rules = &policy.reconcile;
    let lines = Reader::new(period, rules).read(bills, rows);
    let has_currency = period.currency.is_some();
    let all = Sums::of(lines.all.iter())?;
    let count = lines.all.len();
    let has_rows = lines
        .all
        .iter()
        .any(|line| matches!(line.place, Place::Row(_)));
    let has_bills = lines
        .all
        .iter()
        .any(|line| matches!(line.place, Place::Bill(_)));
    let mut comparisons = Vec::new();
    for party in parties(lines.all, rules) {
        compare(party, rules, &mut comparisons)?;
    }
    comparisons.sort_by(|one, other| {
        let key = |it: &Comparison| (it.outcome, it.name.clone(), it.tenant.clone());
        let order = key(one)
            .cmp(&key(other))
            .then_with(|| one.service.cmp(&other.service));
        order.then_with(|| (&one.bills, &one.rows).cmp(&(&other.bills, &other.rows)))
    });
    let totals = ReconcileOutcome::ALL.map(|outcome| totals(outcome, &comparisons, has_currency));
    let totals = totals.into_iter().collect::<Result<Vec<_>, _>>()?;
    let is_compared = |one: &&OutcomeTotals| {
        !matches!(
            one.outcome,
            ReconcileOutcome::NotComparable | ReconcileOutcome::Unmappable
        )
    };
    let compared: u64 = totals.iter().filter(is_compared).map(|one| one.lines).sum();
    let mut notices = Vec::new();
    let mut floor = Severity::Ok;
    let sides = ["no bill", "no row"].into_iter().zip([has_bills, has_rows]);
    for (what, _) in sides.filter(|(_, has_any)| !has_any) {
        floor = Severity::Unknown;
        let text = &period.text;
        notices.push(
            format!("{what} is of the period `{text}`, so check the period and the files").into(),
        );
    }
    notices.extend(doubled(rows));
    if compared == 0 {
        floor = Severity::Unknown;
        let (bills, rows) = (lines.other_bills, lines.other_rows);
        notices.push(format!(
            "nothing was compared: {count} lines are of the period, and {bills} bills and {rows} rows are of others"
        ).into());
    }
    let mut findings = findings(&comparisons, period, now);
    let mut excluded = exclude(policy, now, &mut findings, &mut notices);
    sort(&mut findings);
    sort(&mut excluded);
    let worst = findings.iter().map(|finding| finding.severity).max();
    Ok(ReconcileReport {
        version: Version,
        period: period.clone(),
        now,
        verdict: worst.unwrap_or_default().max(floor),
        lines: length(count),
        compared,
        other_bills: lines.other_bills,
        other_rows: lines.other_rows,
        billed: has_currency.then(|| amount(all.billed.unwrap_or_default())),
        booked: has_currency.then(|| amount(all.booked.unwrap_or_default())),
        totals,
        comparisons,
        findings,
        excluded,
        notices,
    })
}

/// A notice of rows that are the same but for their line.
fn doubled(rows: &[BillingRow]) -> Option<Box<str>> {
    let mut known: BTreeMap<BillingRow, usize> = BTreeMap::new();
    let mut places = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let shown = |row: &BillingRow, place: usize| match row.line {
            Some(line) => format!("line {line}"),
            None => format!("row {place}"),
        };
        let key = BillingRow {
            line: None,
            ..row.clone()
        };
        match known.get(&key) {
            Some(&first) => {
                let first = rows
                    .get(first)
                    .map(|it| shown(it, first))
                    .unwrap_or_default();
                places.push(format!("{} as {first}", shown(row, place)));
            }
            None => {
                known.insert(key, place);
            }
        }
    }
    let more = places.len().saturating_sub(MAX_REASONS);
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    places.truncate(MAX_REASONS);
    let notice = format!(
        "rows are the same, and all of them count: {}{rest}",
        places.join(", ")
    );
    (!places.is_empty()).then(|| notice.into())
}

/// The sums of the lines of both sides that can be summed; none where there is none.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    billed: Option<Decimal>,
    booked: Option<Decimal>,
}

impl Sums {
    fn of<'a>(lines: impl Iterator<Item = &'a Line>) -> Result<Self, Error> {
        let mut sums = Self::default();
        for line in lines {
            let side = match line.place {
                Place::Bill(_) => &mut sums.billed,
                Place::Row(_) => &mut sums.booked,
            };
            if let Some(total) = line.total {
                let sum = add(side.unwrap_or_default(), total);
                *side = Some(sum.ok_or_else(too_large)?);
            }
        }
        Ok(sums)
    }
}

fn too_large() -> Error {
    let detail = "the amounts add up to more than 28 digits; check the file";
    Error::new(ErrorKind::InvalidInput, detail)
}

/// Compares the lines of one tenant, service by service.
fn compare(
    party: PartyLines,
    rules: &ReconcilePolicy,
    comparisons: &mut Vec<Comparison>,
) -> Result<(), Error> {
    let mut services: BTreeMap<Option<String>, Vec<Line>> = BTreeMap::new();
    for line in party.lines {
        services.entry(line.service.clone()).or_default().push(line);
    }
    let is_row = |line: &Line| matches!(line.place, Place::Row(_));
    let unnamed = services.get(&None);
    // Which service the rows are for is not known, so neither is what is missing.
    let has_unnamed_rows = rules.by == CompareBy::Service
        && services.len() > 1
        && unnamed.is_some_and(|lines| lines.iter().any(is_row));
    for (service, lines) in services {
        let sums = Sums::of(lines.iter())?;
        let problems = lines.iter().filter_map(|line| {
            let problem = line.problem.as_deref()?;
            let place = match line.place {
                Place::Row(row) => row.line.map(|line| format!("line {line}: ")),
                Place::Bill(_) => None,
            };
            Some(Box::from(format!("{}{problem}", place.unwrap_or_default())))
        });
        let mut reasons: Vec<Box<str>> = problems.collect();
        let is_one_sided = lines.iter().all(is_row) || !lines.iter().any(is_row);
        if has_unnamed_rows && is_one_sided {
            let what = "rows of the tenant name no service; name the column in the policy's `reconcile.columns`, or compare by tenant";
            reasons.push(what.into());
        }
        reasons.sort();
        reasons.dedup();
        let more = reasons.len().saturating_sub(MAX_REASONS);
        if more > 0 {
            reasons.truncate(MAX_REASONS);
            reasons.push(format!("and {more} more reasons").into());
        }
        let mut bills = Vec::new();
        let mut rows = Vec::new();
        for line in &lines {
            match line.place {
                Place::Bill(own) => bills.push(own),
                Place::Row(own) => rows.push(own),
            }
        }
        let difference = match (sums.billed, sums.booked) {
            (Some(billed), Some(booked)) => Some(add(billed, -booked).ok_or_else(too_large)?),
            _ => None,
        };
        let tolerance = rules.tolerance().unwrap_or_default();
        let outcome = match (&party.problem, difference) {
            _ if !reasons.is_empty() => ReconcileOutcome::NotComparable,
            (Some(problem), _) => {
                reasons.push(problem.as_str().into());
                ReconcileOutcome::Unmappable
            }
            (None, _) if rows.is_empty() => ReconcileOutcome::MissingRow,
            (None, _) if bills.is_empty() => ReconcileOutcome::MissingBill,
            (None, Some(difference)) if difference > tolerance => ReconcileOutcome::Over,
            (None, Some(difference)) if difference < -tolerance => ReconcileOutcome::Under,
            (None, Some(_)) => ReconcileOutcome::Match,
            (None, None) => {
                reasons.push("one side has no amount that can be summed".into());
                ReconcileOutcome::NotComparable
            }
        };
        let is_known = !matches!(
            outcome,
            ReconcileOutcome::NotComparable | ReconcileOutcome::Unmappable
        );
        let quantity = |is_bill: bool| {
            let own = lines
                .iter()
                .filter(|it| matches!(it.place, Place::Bill(_)) == is_bill);
            let own: Vec<Option<Decimal>> = own.map(|line| line.quantity).collect();
            let all = own.iter().copied().collect::<Option<Vec<_>>>();
            all.filter(|all| !all.is_empty())
                .and_then(|all| sum(all.into_iter()))
        };
        comparisons.push(Comparison {
            outcome,
            tenant: party.id.clone(),
            name: party.name.clone(),
            service,
            billed: sums.billed.map(amount),
            booked: sums.booked.map(amount),
            difference: difference.filter(|_| is_known).map(amount),
            billed_quantity: quantity(true).map(amount),
            booked_quantity: quantity(false).map(amount),
            bills,
            rows,
            reasons,
            suggestions: party.suggestions.clone(),
        });
    }
    Ok(())
}

fn totals(
    outcome: ReconcileOutcome,
    comparisons: &[Comparison],
    has_currency: bool,
) -> Result<OutcomeTotals, Error> {
    let own = || comparisons.iter().filter(|one| one.outcome == outcome);
    let total = |of: fn(&Comparison) -> &Option<Amount>| {
        let amounts = own().filter_map(|one| of(one).as_ref()?.decimal());
        let total = sum(amounts).ok_or_else(too_large)?;
        Ok::<_, Error>(has_currency.then(|| amount(total)))
    };
    Ok(OutcomeTotals {
        outcome,
        comparisons: length(own().count()),
        lines: length(own().map(|one| one.bills.len() + one.rows.len()).sum()),
        billed: total(|one| &one.billed)?,
        booked: total(|one| &one.booked)?,
    })
}

fn findings(comparisons: &[Comparison], period: &BillingPeriod, now: Timestamp) -> Vec<Finding> {
    let findings = comparisons.iter().filter_map(|one| {
        let kind = one.outcome.kind()?;
        let severity = match one.outcome {
            ReconcileOutcome::NotComparable | ReconcileOutcome::Unmappable => Severity::Unknown,
            _ => Severity::Warning,
        };
        let name = one
            .name
            .as_deref()
            .or(one.tenant.as_deref())
            .unwrap_or("nobody");
        let place = match (one.rows.first(), one.bills.first()) {
            (
                Some(RowRef {
                    line: Some(line), ..
                }),
                _,
            ) => format!("line {line}"),
            (Some(row), _) => format!("row {}", row.row),
            (None, bill) => format!("bill {}", bill.map_or(0, |bill| bill.bill)),
        };
        let is_nobody = one.name.is_none() && one.tenant.is_none();
        let nobody = Some(place).filter(|_| is_nobody);
        // An id and a name can be the same text.
        let named = one.name.as_deref().filter(|_| one.tenant.is_none());
        let subject = Subject {
            tenant: one.tenant.as_deref(),
            task: nobody.as_deref().or(named),
            source: one.service.as_deref(),
            entity: Some(&period.text),
        };
        let tenant = TenantRef {
            id: one.tenant.as_deref().map(Into::into),
            name: nobody.as_deref().unwrap_or(name).into(),
        };
        let fingerprint = Fingerprint::new(kind.class(), subject);
        let mut finding = Finding::new(kind, severity, fingerprint, tenant, now);
        finding.source = one.service.as_deref().map(Into::into);
        finding.entity = Some(period.text.as_str().into());
        finding.evidence.reasons.push(one.detail().into());
        finding
            .evidence
            .reasons
            .extend(one.reasons.iter().skip(1).cloned());
        Some(finding)
    });
    findings.collect()
}

/// An amount, of which zero has no sign.
fn amount(decimal: Decimal) -> Amount {
    let is_zero = decimal.is_zero();
    Amount::from(if is_zero { decimal.abs() } else { decimal })
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
