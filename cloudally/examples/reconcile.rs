//! Compares the bills of a period with billing rows: your own, or the vendor's monthly file.
//!
//! ```sh
//! cargo run -p cloudally --features csv,toml --example reconcile -- rows.csv 2026-03 USD [policy.toml]
//! ```
//!
//! It reads from the service that the environment names; see the README for the variables. The policy
//! names the columns and says which names are which tenant: see docs/reconcile.md.

#![allow(clippy::disallowed_methods, reason = "the program has the clock")]

use std::error::Error;
use std::{env, fs};

use cloudally::Client;
use cloudally::health::Policy;
use cloudally::jiff::Timestamp;
use cloudally::reconcile::{BillingPeriod, BillingRow, reconcile};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [rows, period, currency, policy @ ..] = arguments.as_slice() else {
        return Err("usage: reconcile ROWS_CSV PERIOD CURRENCY [POLICY_TOML]".into());
    };
    let read = |file: &String| fs::read(file).map_err(|error| format!("{file}: {error}"));
    let policy = match policy.first() {
        Some(file) => Policy::from_toml(&String::from_utf8(read(file)?)?)?,
        None => Policy::default(),
    };
    let rows = BillingRow::from_csv(&read(rows)?, &policy)?;
    let bills = Client::from_env()?.billing().bills().collect().await?;
    let period = BillingPeriod::new(period).currency(currency);
    let report = reconcile(&bills, &rows, &period, &policy, Timestamp::now())?;
    for comparison in &report.comparisons {
        println!("{comparison}");
    }
    for notice in &report.notices {
        println!("note: {notice}");
    }
    for totals in &report.totals {
        if let (1.., Some(billed), Some(booked)) = (totals.lines, &totals.billed, &totals.booked) {
            let (outcome, lines) = (totals.outcome, totals.lines);
            println!("{outcome:<14} {lines:>6} lines, billed {billed:>12}, booked {booked:>12}");
        }
    }
    let (bills, rows) = (report.other_bills, report.other_rows);
    println!("{bills} bills and {rows} rows are of other periods");
    println!(
        "{}: {} of {} lines were compared",
        report.verdict, report.compared, report.lines
    );
    Ok(())
}
