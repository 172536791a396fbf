//! The bills of the sandbox against its billing files, matching and broken.

use cloudally::blocking;
use cloudally::health::{Policy, Severity};
use cloudally::jiff::Timestamp;
use cloudally::reconcile::{
    BillingPeriod, BillingRow, ReconcileOutcome, ReconcileReport, reconcile,
};
use cloudally::types::{Amount, Bill};
use cloudally_contract::accounts::{client, every};
use cloudally_sandbox::{BillingFile, Sandbox};
use serde_json::{Map, Value, json};

/// A policy that maps each name that only one bill of the period has to the account of its rows.
fn policy(bills: &[Bill], file: &BillingFile, period: &str, by: &str) -> Policy {
    let mut tenants = Map::new();
    for row in 0..file.rows() {
        let name = file.cell(row, "Friendly Name");
        let of_period = |bill: &&Bill| {
            bill.period.as_deref() == Some(period) && bill.name.as_deref() == Some(name)
        };
        if bills.iter().filter(of_period).count() == 1 {
            tenants.insert(name.to_owned(), json!(file.cell(row, "Account Email")));
        }
    }
    serde_json::from_value(json!({"reconcile": {"by": by, "tenants": tenants}})).unwrap()
}

fn compare(bills: &[Bill], file: &BillingFile, period: &str, policy: &Policy) -> ReconcileReport {
    let rows = BillingRow::from_csv(file.to_csv().as_bytes(), policy).unwrap();
    let period = BillingPeriod::new(period).currency("USD");
    let report = reconcile(bills, &rows, &period, policy, Timestamp::UNIX_EPOCH).unwrap();
    // The sums of the parts are the whole, whatever was broken.
    let of = |amount: &Option<Amount>| amount.as_ref().unwrap().decimal().unwrap();
    let sum: cloudally::rust_decimal::Decimal = report
        .totals
        .iter()
        .map(|one| of(&one.billed) - of(&one.booked))
        .sum();
    assert_eq!(sum, of(&report.billed) - of(&report.booked));
    report
}

/// A tenant with bills that are alone under their name.
async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().empty().start().await.unwrap();
    for (name, total) in [("Acme 12345", "10.00"), ("Bolt", "20.50"), ("Core", "0.10")] {
        sandbox.add_user(name).add_bill("2026-03", total);
        let user = sandbox.add_user(&format!("{name} old"));
        user.add_bill("2026-02", "99.00");
    }
    sandbox
}

async fn bills(sandbox: &Sandbox) -> Vec<Bill> {
    let client = client(sandbox, every(sandbox.partner()));
    client.billing().bills().collect().await.unwrap()
}

#[tokio::test]
async fn a_matching_file_matches_and_each_break_is_found() {
    let sandbox = sandbox().await;
    let bills = bills(&sandbox).await;
    assert_eq!(bills.len(), 6);
    let file = sandbox.billing_file("2026-03", "USD");
    let policy = policy(&bills, &file, "2026-03", "service");
    let report = compare(&bills, &file, "2026-03", &policy);
    assert_eq!(report.verdict, Severity::Ok, "{:#?}", report.comparisons);
    assert_eq!(
        (report.lines, report.compared, report.other_bills),
        (6, 6, 3)
    );
    for (broken, outcome) in [
        (file.clone().set(0, "Total", "9.99"), ReconcileOutcome::Over),
        (
            file.clone().set(0, "Total", "10.01"),
            ReconcileOutcome::Under,
        ),
        (file.clone().doubled(0), ReconcileOutcome::Under),
        (file.clone().without(0), ReconcileOutcome::MissingRow),
        (
            file.clone().set(0, "Service Type", "ARCHIVE"),
            ReconcileOutcome::MissingBill,
        ),
        (
            file.clone().set(0, "Total", "1,000.00"),
            ReconcileOutcome::NotComparable,
        ),
        (
            file.clone().set(0, "Total", "$10.00"),
            ReconcileOutcome::NotComparable,
        ),
        (
            file.clone().set(0, "Currency", "EUR"),
            ReconcileOutcome::NotComparable,
        ),
        (
            file.clone().set(0, "Payment Date", "03/04/2026"),
            ReconcileOutcome::NotComparable,
        ),
        (
            file.clone()
                .set(0, "Account Email", "")
                .set(0, "Friendly Name", "ACME"),
            ReconcileOutcome::Unmappable,
        ),
    ] {
        let report = compare(&bills, &broken, "2026-03", &policy);
        let found = report.totals(outcome).unwrap();
        assert!(found.lines > 0, "{outcome}: {:#?}", report.comparisons);
        assert!(report.verdict >= Severity::Warning, "{outcome}");
        assert!(report.totals(ReconcileOutcome::Match).unwrap().lines < 6);
    }
    let nothing = compare(&bills, &file, "2026-01", &policy);
    assert_eq!((nothing.verdict, nothing.lines), (Severity::Unknown, 0));
}

#[tokio::test]
async fn a_generated_fleet_matches_by_tenant_but_for_names_that_repeat() {
    let sandbox = Sandbox::start().await.unwrap();
    let bills = bills(&sandbox).await;
    let period = bills[0].period.clone().unwrap();
    let file = sandbox.billing_file(&period, "USD");
    let policy = policy(&bills, &file, &period, "tenant");
    let report = compare(&bills, &file, &period, &policy);
    for one in &report.comparisons {
        assert!(
            matches!(
                one.outcome,
                ReconcileOutcome::Match | ReconcileOutcome::Unmappable
            ),
            "{one}"
        );
    }
    let matching = report.totals(ReconcileOutcome::Match).unwrap();
    assert!(matching.comparisons > 20, "{matching:?}");
    assert_eq!(matching.billed, matching.booked);
}

#[test]
fn without_a_runtime_and_without_a_currency() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime.block_on(sandbox());
    let blocking = blocking::Client::new(client(&sandbox, every(sandbox.partner()))).unwrap();
    let bills = blocking.billing().bills().collect().unwrap();
    let file = sandbox.billing_file("2026-03", "USD");
    let policy = policy(&bills, &file, "2026-03", "service");
    let rows = BillingRow::from_csv(file.to_csv().as_bytes(), &policy).unwrap();
    let period = BillingPeriod::new("2026-03");
    let report = reconcile(&bills, &rows, &period, &policy, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!((report.verdict, report.compared), (Severity::Unknown, 0));
    let json: Value = serde_json::from_str(&report.to_json()).unwrap();
    assert!(json.get("billed").is_none() && json["comparisons"][0].get("billed").is_none());
}
