//! Bills against rows.

mod properties;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{BillingPeriod, BillingRow, ReconcileOutcome, ReconcileReport, reconcile};
use crate::ErrorKind;
use crate::health::{Kind, Policy, Severity};
use crate::types::{Amount, Bill};

const NOW: &str = "2026-04-01T06:00:00Z";

fn policy(reconcile: Value) -> Policy {
    serde_json::from_value(json!({ "reconcile": reconcile })).unwrap()
}

/// Both tenants have an id.
fn mapped() -> Value {
    json!({"tenants": {"Acme 12345": "C-1", "Bolt": "C-2"}})
}

/// A bill of March whose lines are of these services and totals.
fn bill(name: &str, lines: &[(&str, &str)]) -> Bill {
    let total: Decimal = lines
        .iter()
        .map(|(_, total)| total.parse::<Decimal>().unwrap())
        .sum();
    let lines: Vec<_> = lines
        .iter()
        .map(|(service, total)| json!({"serviceType": service, "total": total, "quantity": "1"}))
        .collect();
    let bill = json!({"name": name, "period": "2026-03", "discount": "0.00",
        "total": total.to_string(), "lines": lines});
    serde_json::from_value(bill).unwrap()
}

fn row(tenant: &str, service: &str, total: &str) -> BillingRow {
    let mut row = BillingRow::new(tenant, total);
    row.service = Some(service.into());
    row
}

fn run(bills: &[Bill], rows: &[BillingRow], rules: Value) -> ReconcileReport {
    let period = BillingPeriod::new("2026-03").currency("USD");
    reconcile(bills, rows, &period, &policy(rules), NOW.parse().unwrap()).unwrap()
}

/// The outcome of each comparison, with its service or name.
fn outcomes(report: &ReconcileReport) -> Vec<(ReconcileOutcome, String)> {
    let all = report.comparisons.iter().map(|one| {
        let name = one
            .service
            .clone()
            .or(one.name.clone())
            .or(one.tenant.clone());
        (one.outcome, name.unwrap_or_default())
    });
    all.collect()
}

#[test]
fn every_line_lands_in_one_outcome() {
    use ReconcileOutcome::{Match, MissingBill, MissingRow, Over, Under};
    let bills = [bill(
        "Acme 12345",
        &[
            ("MAIL", "10.00"),
            ("MAIL", "2.50"),
            ("DRIVE", "5.00"),
            ("BOX", "7.00"),
            ("CRM", "1.00"),
        ],
    )];
    let rows = [
        row("C-1", "mail", "12.50"),
        row(" C-1", "DRIVE", "4.99"),
        row("C-1", "Box", "7.01"),
        row("C-1", "SITES", "3.00"),
    ];
    let report = run(&bills, &rows, mapped());
    let expected = [
        (Over, "drive".into()),
        (Under, "box".into()),
        (MissingRow, "crm".into()),
        (MissingBill, "sites".into()),
        (Match, "mail".into()),
    ];
    assert_eq!(outcomes(&report), expected);
    assert_eq!(report.verdict, Severity::Warning);
    assert_eq!((report.lines, report.compared), (9, 9));
    let kinds: Vec<Kind> = report.findings.iter().map(|one| one.kind).collect();
    for kind in [
        Kind::Overbilled,
        Kind::Underbilled,
        Kind::Unbooked,
        Kind::Unbilled,
    ] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let over = report
        .findings
        .iter()
        .find(|one| one.kind == Kind::Overbilled)
        .unwrap();
    assert_eq!(
        over.to_string(),
        "warning: Acme 12345 / drive / 2026-03 overbilled"
    );
    assert_eq!(
        over.reason(),
        Some("billed 5.00, booked 4.99, difference 0.01")
    );
    let again = ReconcileReport::from_json(&report.to_json()).unwrap();
    assert_eq!(again, report);
    // What is within the tolerance matches.
    let tolerant = json!({"tenants": {"Acme 12345": "C-1"}, "tolerance": "0.01"});
    let report = run(&bills, &rows, tolerant);
    assert_eq!(report.totals(Match).unwrap().comparisons, 3);
}

#[test]
fn names_are_suggested_and_never_joined_unless_the_policy_says_so() {
    let bills = [
        bill("Acme 12345", &[("MAIL", "5.00")]),
        bill("Bolt", &[("MAIL", "6.00")]),
    ];
    let named = |name: &str, total: &str| {
        let mut row = row("", "MAIL", total);
        (row.tenant, row.name) = (None, Some(name.into()));
        row
    };
    let rows = [named("ACME", "5.00"), named("bolt ", "6.00")];
    let report = run(&bills, &rows, json!({}));
    assert_eq!(
        report.totals(ReconcileOutcome::Unmappable).unwrap().lines,
        4
    );
    assert_eq!((report.verdict, report.compared), (Severity::Unknown, 0));
    let acme = report
        .comparisons
        .iter()
        .find(|one| one.name.as_deref() == Some("Acme 12345"));
    assert_eq!(acme.unwrap().suggestions, ["ACME"]);
    assert!(acme.unwrap().to_string().contains("it may be ACME"));
    let report = run(&bills, &rows, json!({"trust_names": true}));
    // `Acme 12345` and `ACME` are alike and not the same.
    assert_eq!(report.totals(ReconcileOutcome::Match).unwrap().lines, 2);
    assert_eq!(
        report.totals(ReconcileOutcome::Unmappable).unwrap().lines,
        2
    );
    // A row with an id is not missing on the other side if a bill has a name like its own.
    let mut with_id = named("Acme", "5.00");
    with_id.tenant = Some("C-1".into());
    let report = run(&bills, &[with_id, row("C-9", "MAIL", "1.00")], json!({}));
    assert_eq!(
        report.totals(ReconcileOutcome::Unmappable).unwrap().lines,
        3
    );
    assert_eq!(
        report.totals(ReconcileOutcome::MissingBill).unwrap().lines,
        1
    );
    let nobody = BillingRow {
        total: "5.00".into(),
        ..BillingRow::default()
    };
    let report = run(&bills, &[nobody.clone(), nobody], mapped());
    assert_eq!(
        report
            .totals(ReconcileOutcome::Unmappable)
            .unwrap()
            .comparisons,
        2
    );
}

#[test]
fn two_bills_of_one_tenant_are_ambiguous() {
    let bills = [
        bill("Bolt", &[("MAIL", "5.00")]),
        bill("Bolt", &[("MAIL", "5.00")]),
    ];
    let report = run(&bills, &[row("C-2", "MAIL", "10.00")], mapped());
    assert_eq!(
        outcomes(&report),
        [(ReconcileOutcome::Unmappable, "mail".into())]
    );
    assert_eq!(
        report.totals(ReconcileOutcome::Unmappable).unwrap().lines,
        3
    );
    assert!(report.comparisons[0].reasons[0].contains("2 bills of the period"));
    // Of another period it is no second one.
    let mut bills = bills;
    bills[1].period = Some("2026-02".into());
    let report = run(&bills, &[row("C-2", "MAIL", "5.00")], mapped());
    assert_eq!((report.verdict, report.other_bills), (Severity::Ok, 1));
}

#[test]
fn what_cannot_be_compared_says_why() {
    let good = || bill("Bolt", &[("MAIL", "5.00")]);
    let with = |change: fn(&mut BillingRow)| {
        let mut row = row("C-2", "MAIL", "5.00");
        row.line = Some(7);
        change(&mut row);
        row
    };
    for (row, expected) in [
        (
            with(|row| row.total = "5,00".into()),
            "line 7: the amount `5,00`",
        ),
        (
            with(|row| row.total = "$5".into()),
            "line 7: the amount `$5`",
        ),
        (
            with(|row| row.total = String::new()),
            "line 7: it has no amount",
        ),
        (
            with(|row| row.currency = Some("EUR".into())),
            "line 7: it is in EUR and not in USD",
        ),
        (
            with(|row| row.currency = Some(" ".into())),
            "line 7: it is in no currency",
        ),
        (
            with(|row| row.period = Some("03/04/2026".into())),
            "its period `03/04/2026`",
        ),
        (
            with(|row| row.period = Some(String::new())),
            "line 7: it has no period",
        ),
    ] {
        let report = run(&[good()], std::slice::from_ref(&row), mapped());
        assert_eq!(
            outcomes(&report),
            [(ReconcileOutcome::NotComparable, "mail".into())],
            "{row:?}"
        );
        assert!(
            report.comparisons[0].reasons[0].contains(expected),
            "{:?}",
            report.comparisons
        );
        assert_eq!(report.verdict, Severity::Unknown);
        assert_eq!(report.findings[0].kind, Kind::NotComparable);
    }
    let changed = |field: &str, value: Value| {
        let mut bill = serde_json::to_value(good()).unwrap();
        bill[field] = value;
        serde_json::from_value::<Bill>(bill).unwrap()
    };
    for (bill, expected) in [
        (changed("period", json!(null)), "it has no period"),
        (
            changed("total", json!("4.50")),
            "its lines add up to 5.00, its total is 4.50",
        ),
        (
            changed("total", json!("1,000")),
            "its total `1,000` is no plain decimal",
        ),
        (
            changed("lines", json!([])),
            "it has no lines; compare by tenant",
        ),
        (
            changed("lines", json!([{"serviceType": "MAIL", "total": "free"}])),
            "`free`",
        ),
        (
            changed("lines", json!([{"serviceType": "MAIL"}])),
            "it has no total",
        ),
    ] {
        let report = run(&[bill], &[row("C-2", "MAIL", "5.00")], mapped());
        let reasons = report.comparisons.iter().flat_map(|one| &one.reasons);
        let reasons: Vec<_> = reasons.collect();
        assert!(
            reasons.iter().any(|one| one.contains(expected)),
            "{expected}: {reasons:?}"
        );
        assert_eq!(report.verdict, Severity::Unknown, "{expected}");
    }
}

#[test]
fn without_a_currency_nothing_is_summed() {
    let rows = [row("C-2", "MAIL", "5.00")];
    let period = BillingPeriod::new("2026-03");
    let bills = [bill("Bolt", &[("MAIL", "5.00")])];
    let report = reconcile(
        &bills,
        &rows,
        &period,
        &policy(mapped()),
        NOW.parse().unwrap(),
    );
    let report = report.unwrap();
    assert_eq!(
        report
            .totals(ReconcileOutcome::NotComparable)
            .unwrap()
            .lines,
        2
    );
    assert_eq!((&report.billed, &report.booked), (&None, &None));
    assert_eq!(report.comparisons[0].billed, None);
    assert!(report.comparisons[0].reasons[0].contains("no currency"));
}

#[test]
fn whole_tenants_are_compared_by_the_total_of_the_bill() {
    let mut one = bill("Bolt", &[("MAIL", "6.00"), ("DRIVE", "4.00")]);
    (one.total, one.discount) = (Some("9.00".into()), Some("1.00".into()));
    let rows = [row("C-2", "a", "4.00"), row("C-2", "b", "5.00")];
    let rules = json!({"by": "tenant", "tenants": {"Bolt": "C-2"}});
    let report = run(&[one], &rows, rules);
    assert_eq!((report.verdict, report.lines), (Severity::Ok, 3));
    assert_eq!(report.billed, Some(Amount::from("9.00")));
    assert_eq!(
        report.comparisons[0].billed_quantity,
        Some(Amount::from("2"))
    );
}

#[test]
fn nothing_compared_is_not_fine() {
    let report = run(&[], &[], json!({}));
    assert_eq!(report.verdict, Severity::Unknown);
    let says = |what: &str| report.notices.iter().any(|it| it.contains(what));
    assert!(says("nothing was compared") && says("no bill is of") && says("no row is of"));
    let mut old = bill("Bolt", &[("MAIL", "5.00")]);
    old.period = Some("February 2026".into());
    let mut late = row("C-2", "MAIL", "5.00");
    late.period = Some("2026-04-02".into());
    let report = run(&[old.clone()], &[late.clone()], mapped());
    assert_eq!(
        (report.lines, report.other_bills, report.other_rows),
        (0, 1, 1)
    );
    assert_eq!(report.verdict, Severity::Unknown);
    // What was used in March is paid in April.
    old.period = Some("March 2026".into());
    let mut rules = mapped();
    rules["months_later"] = json!(1);
    assert_eq!(run(&[old], &[late], rules).verdict, Severity::Ok);
}

#[test]
fn an_exclusion_takes_a_finding_out_until_it_expires() {
    let bills = [bill("Bolt", &[("MAIL", "5.00")])];
    let rows = [row("C-2", "MAIL", "4.00")];
    let period = BillingPeriod::new("2026-03").currency("USD");
    let mut policy = policy(mapped());
    for (expires, verdict) in [
        ("2026-04-01", Severity::Ok),
        ("2026-03-31", Severity::Warning),
    ] {
        let exclusion = json!({"tenant": "c-2", "kind": "overbilled", "reason": "agreed",
            "expires": expires});
        policy.exclusions = vec![serde_json::from_value(exclusion).unwrap()];
        let report = reconcile(&bills, &rows, &period, &policy, NOW.parse().unwrap()).unwrap();
        assert_eq!(report.verdict, verdict, "{expires}");
        assert_eq!(report.comparisons[0].outcome, ReconcileOutcome::Over);
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let now = NOW.parse().unwrap();
    let refused = |rows: &[BillingRow], period: BillingPeriod| {
        let result = reconcile(&[], rows, &period, &policy(mapped()), now);
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        error.to_string()
    };
    assert!(refused(&[], BillingPeriod::new(" ")).contains("period is blank"));
    assert!(refused(&[], BillingPeriod::new("2026-03").currency("")).contains("currency is blank"));
    let large = "7".repeat(28);
    let rows = [row("C-2", "MAIL", &large), row("C-2", "MAIL", &large)];
    let rows: Vec<_> = rows.iter().cloned().cycle().take(20).collect();
    let period = BillingPeriod::new("2026-03").currency("USD");
    assert!(refused(&rows, period).contains("more than 28 digits"));
    for (rules, expected) in [
        (json!({"tolerance": "-1"}), "reconcile.tolerance"),
        (json!({"tolerance": "some"}), "reconcile.tolerance"),
        (
            json!({"decimal_separator": "5"}),
            "reconcile.decimal_separator",
        ),
        (
            json!({"thousands_separator": "."}),
            "reconcile.thousands_separator",
        ),
        (
            json!({"thousands_separator": "-"}),
            "reconcile.thousands_separator",
        ),
        (
            json!({"decimal_separator": " "}),
            "reconcile.decimal_separator",
        ),
        (
            json!({"thousands_separator": "$"}),
            "reconcile.thousands_separator",
        ),
        (
            json!({"currency_signs": {" ": "USD"}}),
            "reconcile.currency_signs",
        ),
        (
            json!({"currency_signs": {"1": "USD"}}),
            "reconcile.currency_signs",
        ),
        (
            json!({"currency_signs": {"$": ""}}),
            "reconcile.currency_signs",
        ),
        (
            json!({"tenants": {"Acme": "C-1", "ACME ": "C-2"}}),
            "reconcile.tenants",
        ),
        (json!({"services": {"": "MAIL"}}), "reconcile.services"),
        (
            json!({"columns": {"total": "Amount"}}),
            "reconcile.columns.tenant",
        ),
        (
            json!({"columns": {"name": "Customer"}}),
            "reconcile.columns.total",
        ),
    ] {
        let error = policy(rules.clone()).check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(expected), "{rules}: {error}");
    }
}

#[test]
fn one_side_without_lines_is_not_compared() {
    let rows = [row("C-2", "MAIL", "5.00")];
    for (bills, rows, expected) in [
        (vec![], &rows[..], "no bill is of"),
        (vec![bill("Bolt", &[("MAIL", "5.00")])], &[], "no row is of"),
    ] {
        let report = run(&bills, rows, mapped());
        assert_eq!(report.verdict, Severity::Unknown);
        assert!(report.notices[0].contains(expected), "{:?}", report.notices);
    }
}

#[test]
fn rows_without_a_service_are_compared_by_tenant_or_not_at_all() {
    let bills = [bill("Bolt", &[("MAIL", "5.00"), ("DRIVE", "1.00")])];
    let rows = [BillingRow::new("C-2", "6.00")];
    let report = run(&bills, &rows, mapped());
    let lost = report.totals(ReconcileOutcome::NotComparable).unwrap();
    assert_eq!((lost.lines, report.verdict), (3, Severity::Unknown));
    assert!(report.comparisons[0].reasons[0].contains("name no service"));
    let by_tenant = json!({"by": "tenant", "tenants": {"Bolt": "C-2"}});
    assert_eq!(run(&bills, &rows, by_tenant).verdict, Severity::Ok);
}

#[test]
fn a_trusted_name_takes_the_id_of_its_rows() {
    let bills = [bill("Bolt", &[("MAIL", "5.00")])];
    let mut known = row("C-2", "MAIL", "3.00");
    known.name = Some("BOLT".into());
    let mut other = row("", "MAIL", "2.00");
    (other.tenant, other.name) = (None, Some("Bolt".into()));
    let trusted = json!({"trust_names": true});
    let report = run(&bills, &[known.clone(), other.clone()], trusted.clone());
    assert_eq!(report.verdict, Severity::Ok, "{:?}", report.comparisons);
    assert_eq!(report.comparisons[0].tenant.as_deref(), Some("C-2"));
    assert_eq!(report.comparisons[0].booked_quantity, None);
    // Of two tenants it is neither's.
    other.tenant = Some("C-3".into());
    let report = run(&bills, &[known, other], trusted);
    assert_eq!(
        report.totals(ReconcileOutcome::Unmappable).unwrap().lines,
        3
    );
    assert_eq!(report.comparisons[0].difference, None);
}

#[test]
fn what_two_bills_may_be_is_not_missing() {
    let bills = [
        bill("Bolt", &[("MAIL", "5.00")]),
        bill("Bolt", &[("MAIL", "6.00")]),
    ];
    let mut rows = [row("C-2", "MAIL", "5.00"), row("C-3", "MAIL", "6.00")];
    for row in &mut rows {
        row.name = Some("Bolt".into());
    }
    let report = run(&bills, &rows, mapped());
    assert_eq!(
        report.totals(ReconcileOutcome::Unmappable).unwrap().lines,
        4
    );
    // Two ids are two tenants, and names that many have suggest nobody.
    let report = run(&bills[..1], &rows, mapped());
    assert_eq!(
        report.totals(ReconcileOutcome::MissingBill).unwrap().lines,
        1
    );
    let many: Vec<_> = (0..40)
        .map(|at| bill(&format!("Customer {at}"), &[("MAIL", "1.00")]))
        .collect();
    let mut other = row("", "MAIL", "1.00");
    (other.tenant, other.name) = (None, Some("Customer 41".into()));
    let report = run(&many, &[other], json!({"trust_names": true}));
    assert_eq!(
        report.totals(ReconcileOutcome::MissingRow).unwrap().lines,
        40
    );
    // A name that is a number is a name.
    let numbers = [bill("10012", &[("MAIL", "1.00")])];
    let mut number = row("", "MAIL", "1.00");
    (number.tenant, number.name) = (None, Some("20012".into()));
    let report = run(&numbers, &[number], json!({"trust_names": true}));
    assert_eq!(
        report.totals(ReconcileOutcome::Unmappable).unwrap().lines,
        0
    );
}

#[test]
fn an_amount_of_another_currency_is_not_compared() {
    let rows = [row("C-2", "MAIL", "€5.00")];
    let mut rules = mapped();
    rules["currency_signs"] = json!({"€": "EUR", "$": "USD"});
    let report = run(&[bill("Bolt", &[("MAIL", "5.00")])], &rows, rules.clone());
    assert_eq!(report.verdict, Severity::Unknown);
    assert!(report.comparisons[0].reasons[0].contains("is in EUR and not in USD"));
    let rows = [row("C-2", "MAIL", "$5.00")];
    assert_eq!(
        run(&[bill("Bolt", &[("MAIL", "5.00")])], &rows, rules).verdict,
        Severity::Ok
    );
}

#[test]
fn sums_are_exact_or_refused() {
    let large = "100000000000000000000000000.00";
    let rows = [row("C-2", "MAIL", large), row("C-2", "MAIL", "0.0004")];
    let period = BillingPeriod::new("2026-03").currency("USD");
    let result = reconcile(&[], &rows, &period, &policy(mapped()), NOW.parse().unwrap());
    assert!(
        result
            .unwrap_err()
            .to_string()
            .contains("more than 28 digits")
    );
    let zero = [row("C-2", "MAIL", "-0")];
    let report = run(&[bill("Bolt", &[("MAIL", "0.00")])], &zero, mapped());
    assert_eq!(
        report.comparisons[0].detail(),
        "billed 0.00, booked 0, difference 0"
    );
}

#[test]
fn what_is_not_known_is_not_excluded_and_nobody_has_a_name_of_its_own() {
    let nobody = |line| BillingRow {
        line,
        service: Some("MAIL".into()),
        total: "5.00".into(),
        ..BillingRow::default()
    };
    let rows = [nobody(None), nobody(None), nobody(Some(7))];
    let mut policy = policy(mapped());
    let exclusion = json!({"source": "mail", "kind": "unmappable", "reason": "known",
        "expires": "2026-04-30"});
    policy.exclusions = vec![serde_json::from_value(exclusion).unwrap()];
    let period = BillingPeriod::new("2026-03").currency("USD");
    let bills = [bill("", &[("MAIL", "5.00")]), bill("", &[("MAIL", "5.00")])];
    let report = reconcile(&bills, &rows, &period, &policy, NOW.parse().unwrap()).unwrap();
    assert_eq!(
        (report.verdict, report.excluded.len()),
        (Severity::Unknown, 0)
    );
    let names: std::collections::BTreeSet<_> =
        report.findings.iter().map(|one| one.fingerprint).collect();
    assert_eq!(names.len(), 5, "{:#?}", report.findings);
    assert!(
        report
            .notices
            .iter()
            .any(|it| it.contains("rows are the same"))
    );
    // What is known for its backups is not known for its bills.
    let any = json!({"tenant": "C-2", "reason": "paused", "expires": "2026-04-30"});
    policy.exclusions = vec![serde_json::from_value(any).unwrap()];
    let rows = [row("C-2", "MAIL", "4.00")];
    let bills = [bill("Bolt", &[("MAIL", "5.00")])];
    let report = reconcile(&bills, &rows, &period, &policy, NOW.parse().unwrap()).unwrap();
    assert_eq!(report.verdict, Severity::Warning);
}

#[test]
fn many_reasons_are_counted() {
    let rows: Vec<_> = (0..9)
        .map(|at| row("C-2", "MAIL", &format!("{at},0")))
        .collect();
    let report = run(&[bill("Bolt", &[("MAIL", "5.00")])], &rows, mapped());
    let reasons = &report.comparisons[0].reasons;
    assert_eq!((reasons.len(), &*reasons[5]), (6, "and 4 more reasons"));
}

#[cfg(feature = "csv")]
#[test]
fn rows_are_read_from_the_own_books_and_from_the_vendor() {
    let columns = json!({"name": "Kunde", "service": "Dienst", "total": "Betrag",
        "quantity": "Menge", "currency": "Währung"});
    let rules = json!({"columns": columns, "thousands_separator": ".", "decimal_separator": ",",
        "services": {"Postfach": "MAIL"}, "tenants": {"Bolt GmbH": "C-2", "Bolt": "C-2"}});
    let text = "Kunde;Dienst;Menge;Betrag;Währung\r\nBolt GmbH;Postfach;1;1.000,50;usd\r\n";
    let utf16: Vec<u8> = "\u{feff}"
        .chars()
        .chain(text.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [text.as_bytes(), &utf16] {
        let rows = BillingRow::from_csv(bytes, &policy(rules.clone())).unwrap();
        let report = run(
            &[bill("Bolt", &[("MAIL", "1000.50")])],
            &rows,
            rules.clone(),
        );
        assert_eq!(report.verdict, Severity::Ok, "{:?}", report.comparisons);
        assert_eq!(report.comparisons[0].rows[0].line, Some(2));
    }
    let vendor = "Payment Date,Account Email,Partner ID,Partner,Task Account,Friendly Name,Service Type,Price,Users/GB,Total,Units,Currency\n\
        2026-03-31,C-2,P-1,Us,admin@bolt.example,Bolt,MAIL,3.00,2,6.00,users,USD\n\
        2026-04-01,C-2,P-1,Us,admin@bolt.example,Bolt,MAIL,3.00,2,6.00,users,USD\n";
    let rows = BillingRow::from_csv(vendor.as_bytes(), &Policy::default()).unwrap();
    let report = run(&[bill("Bolt", &[("MAIL", "6.00")])], &rows, mapped());
    assert_eq!((report.verdict, report.other_rows), (Severity::Ok, 1));
    // An empty cell of a column that is there is not the same as no column.
    for (cells, expected) in [
        (
            "2026-03-31,C-2,,,,Bolt,MAIL,,2,6.00,users,",
            "in no currency",
        ),
        (",C-2,,,,Bolt,MAIL,,2,6.00,users,USD", "it has no period"),
    ] {
        let header = vendor.lines().next().unwrap();
        let text = format!("{header}\n{cells}\n");
        let rows = BillingRow::from_csv(text.as_bytes(), &Policy::default()).unwrap();
        let report = run(&[bill("Bolt", &[("MAIL", "6.00")])], &rows, mapped());
        let reasons = &report.comparisons[0].reasons;
        assert!(reasons[0].contains(expected), "{reasons:?}");
        assert_eq!(report.verdict, Severity::Unknown);
    }
    let unknown = BillingRow::from_csv(b"Customer,Amount\nBolt,5\n", &Policy::default());
    let unknown = unknown.unwrap_err().to_string();
    assert!(
        unknown.contains("`reconcile.columns`, of `Customer`, `Amount`"),
        "{unknown}"
    );
    let missing = BillingRow::from_csv(b"Kunde;Betrag\nBolt;5\n", &policy(rules));
    assert!(missing.unwrap_err().to_string().contains("no column `"));
}
