//! What holds whatever the bills and rows are.

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::run;
use crate::health::Severity;
use crate::reconcile::{BillingRow, OutcomeTotals, ReconcileReport};
use crate::types::{Amount, Bill};

fn a_bill() -> impl Strategy<Value = Bill> {
    let amount = prop_oneof![
        8 => (-9_999..99_999_i64).prop_map(|cents| Some(Decimal::new(cents, 2).to_string())),
        1 => Just(Some("1,000".to_owned())),
        1 => Just(None)
    ];
    let line = (prop::option::of("[AB]"), amount.clone());
    let period = prop_oneof![4 => Just("2026-03"), 1 => Just("2026-02"), 1 => Just("?")];
    (
        "[abc]( 1)?",
        period,
        prop::collection::vec(line, 0..4),
        amount,
        any::<bool>(),
    )
        .prop_map(|(name, period, lines, total, adds_up)| {
            let sum: Option<Decimal> = lines
                .iter()
                .map(|(_, it)| it.as_ref()?.parse::<Decimal>().ok())
                .sum();
            let total = if adds_up {
                sum.map(|sum| sum.to_string())
            } else {
                total
            };
            let lines: Vec<_> = lines
                .iter()
                .map(|(service, total)| json!({"serviceType": service, "total": total}))
                .collect();
            let bill = json!({"name": name, "period": period, "lines": lines, "total": total});
            serde_json::from_value(bill).unwrap()
        })
}

fn a_row() -> impl Strategy<Value = BillingRow> {
    let total = prop_oneof![
        8 => (-9_999..99_999_i64).prop_map(|cents| Decimal::new(cents, 2).to_string()),
        1 => Just("$5".to_owned())
    ];
    let currency = prop_oneof![
        Just(None),
        Just(Some("USD".to_owned())),
        Just(Some("EUR".into()))
    ];
    let period = prop_oneof![4 => Just(None), 1 => Just(Some("2026-02".to_owned()))];
    let tenant = prop::option::of("[AB]");
    (
        tenant,
        prop::option::of("[abc]"),
        prop::option::of("[AB]"),
        total,
        currency,
        period,
    )
        .prop_map(
            |(tenant, name, service, total, currency, period)| BillingRow {
                line: None,
                tenant,
                name,
                service,
                period,
                quantity: None,
                total,
                currency,
            },
        )
}

proptest! {
    /// Every line is in one comparison, the sums of the parts are the whole, and the order of the
    /// input does not change what is said.
    #[test]
    fn the_parts_are_the_whole(
        bills in prop::collection::vec(a_bill(), 0..6),
        rows in prop::collection::vec(a_row(), 0..8),
        by_tenant in any::<bool>(),
        trust_names in any::<bool>(),
    ) {
        let by = if by_tenant { "tenant" } else { "service" };
        let rules = json!({"by": by, "trust_names": trust_names, "tenants": {"a": "A", "b 1": "B"}});
        let report = run(&bills, &rows, rules.clone());
        let mut seen = std::collections::BTreeSet::new();
        for one in &report.comparisons {
            for place in &one.bills {
                prop_assert!(seen.insert((0, place.bill, place.line)), "twice: {:?}", place);
            }
            for place in &one.rows {
                prop_assert!(seen.insert((1, place.row, None)), "twice: {:?}", place);
            }
        }
        prop_assert_eq!(u64::try_from(seen.len()).unwrap(), report.lines);
        let of_period = |at: &usize| bills[*at].period.as_deref() != Some("2026-02");
        for at in (0..bills.len()).filter(of_period) {
            let count = bills[at].lines.as_ref().map_or(0, Vec::len);
            for line in (0..count).filter(|_| !by_tenant) {
                prop_assert!(seen.contains(&(0, at, Some(line))), "lost: {} {}", at, line);
            }
            prop_assert!(seen.iter().any(|(side, bill, _)| (*side, *bill) == (0, at)));
        }
        for (at, row) in rows.iter().enumerate() {
            prop_assert_eq!(seen.contains(&(1, at, None)), row.period.is_none());
        }
        let total = |of: fn(&OutcomeTotals) -> &Option<Amount>| -> Decimal {
            report.totals.iter().map(|one| of(one).as_ref().unwrap().decimal().unwrap()).sum()
        };
        let whole = |amount: &Option<Amount>| amount.as_ref().unwrap().decimal().unwrap();
        prop_assert_eq!(total(|one| &one.billed), whole(&report.billed));
        prop_assert_eq!(total(|one| &one.booked), whole(&report.booked));
        prop_assert_eq!(report.totals.iter().map(|one| one.lines).sum::<u64>(), report.lines);
        if report.verdict == Severity::Ok {
            prop_assert_eq!(whole(&report.billed), whole(&report.booked));
            prop_assert!(report.compared == report.lines && report.compared > 0);
        }
        let said = |report: &ReconcileReport| {
            let mut said: Vec<String> =
                report.comparisons.iter().map(ToString::to_string).collect();
            said.sort();
            (said, report.verdict, report.totals.clone())
        };
        let (mut bills, mut rows) = (bills, rows);
        bills.reverse();
        rows.reverse();
        prop_assert_eq!(said(&run(&bills, &rows, rules)), said(&report));
    }
}
