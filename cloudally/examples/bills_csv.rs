//! Writes all bills as CSV to the standard output, one row per line of a bill.
//!
//! ```sh
//! cargo run -p cloudally --example bills_csv > bills.csv
//! ```
//!
//! It reads from the service that the environment names; see the README for the variables. A bill
//! does not state its currency, and names its tenant by a name that may repeat.

use std::error::Error;
use std::io;

use cloudally::Client;
use cloudally::types::rows::BillRow;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::from_env()?;
    // All bills are read before anything is written, so that the file is complete or empty.
    let bills = client.billing().bills().collect().await?;
    let mut writer = csv::Writer::from_writer(io::stdout().lock());
    for bill in &bills {
        for row in BillRow::of(bill) {
            writer.serialize(row)?;
        }
    }
    writer.flush()?;
    eprintln!("{} bills", bills.len());
    Ok(())
}
