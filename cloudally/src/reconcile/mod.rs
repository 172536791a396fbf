//! Is what is billed what is in the books?
//!
//! [`reconcile`] compares the bills of a period with billing rows: those of the own bookkeeping, or of
//! the vendor's monthly file. It performs no I/O, keeps decimals to the end, and guesses nothing: every
//! line lands in exactly one [`Comparison`], and what cannot be compared says why.
//!
//! ```
//! # #[cfg(feature = "csv")] {
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloudally_sandbox::Sandbox::start().await?;
//! # let client = cloudally_sandbox::client!(sandbox)?;
//! use cloudally::health::Policy;
//! use cloudally::reconcile::{BillingPeriod, BillingRow, reconcile};
//!
//! let policy: Policy = serde_json::from_str(r#"{"reconcile": {
//!     "by": "tenant",
//!     "tenants": {"Acme 12345": "C-1"},
//!     "columns": {"tenant": "Customer", "total": "Amount"}
//! }}"#)?;
//! let rows = BillingRow::from_csv(b"Customer,Amount\nC-1,125.50\n", &policy)?;
//! let bills = client.billing().bills().collect().await?;
//! let period = BillingPeriod::new("2026-03").currency("USD");
//! let report = reconcile(&bills, &rows, &period, &policy, cloudally::jiff::Timestamp::now())?;
//! println!("{}: {} of {} lines were compared", report.verdict, report.compared, report.lines);
//! for comparison in &report.comparisons {
//!     println!("{comparison}");
//! }
//! # Ok(())
//! # }
//! # }
//! ```
//!
//! # What joins
//!
//! A bill has no id, only a name, and names repeat and change: since March 2026 the portal appends a
//! number to them. So a name joins only if the policy lists it with an id
//! ([`tenants`](crate::health::ReconcilePolicy::tenants)), or if the policy
//! [trusts names](crate::health::ReconcilePolicy::trust_names) and it is of one tenant on both sides. What
//! looks alike is suggested. Two bills of one tenant and period are ambiguous, and are reported.
//!
//! # What is known of bills
//!
//! That a bill states its total and lines as decimal text is observed. What `discount` means, and
//! whether it is deducted already, is not documented: where the lines do not add up to the total, the
//! difference is a line of its own that is not comparable, unless whole tenants are compared. A bill
//! names no currency. That of the caller counts; without one nothing is summed.

mod amount;
mod compare;
#[cfg(feature = "csv")]
mod csv;
mod lines;
mod parties;
mod period;
mod report;
#[cfg(test)]
mod tests;

pub use self::compare::reconcile;
pub use self::lines::{BillLineRef, BillingRow, RowRef};
pub use self::period::BillingPeriod;
pub use self::report::{Comparison, OutcomeTotals, ReconcileOutcome, ReconcileReport};
