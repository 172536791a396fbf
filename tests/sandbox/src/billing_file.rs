//! The vendor's monthly billing file, for programs that compare it with bills.

use serde_json::Value;

use crate::sandbox::Sandbox;

/// The columns of the file. Evidence: published for the fields; the spelling of the headers, and what
/// the rows have in them, are inferred.
const COLUMNS: [&str; 12] = [
    "Payment Date",
    "Account Email",
    "Partner ID",
    "Partner",
    "Task Account",
    "Friendly Name",
    "Service Type",
    "Price",
    "Users/GB",
    "Total",
    "Units",
    "Currency",
];

/// A billing file that matches the bills of a period, until it is changed.
///
/// It has a row for each line of a bill, and one of the service type `DISCOUNT` for what the total of
/// a bill has beside its lines. The account of a row is the email address of the user.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cloudally_sandbox::Sandbox;
/// let sandbox = Sandbox::start().await?;
/// let period = sandbox.bills()[0]["period"].as_str().unwrap_or_default().to_owned();
/// let file = sandbox.billing_file(&period, "USD").without(0).set(1, "Total", "1,000.00");
/// assert!(file.to_csv().starts_with("Payment Date,Account Email,"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BillingFile {
    rows: Vec<[String; 12]>,
}

impl Sandbox {
    /// Makes the vendor's monthly billing file of the bills of a period, such as `2026-02`, as they
    /// are now.
    #[must_use]
    pub fn billing_file(&self, period: &str, currency: &str) -> BillingFile {
        let data = self.export();
        let list = |name: &str| data[name].as_array().cloned().unwrap_or_default();
        let users = list("users");
        let mut file = BillingFile { rows: Vec::new() };
        for bill in list("bills") {
            if bill["period"] == period {
                let user = users.iter().find(|user| user["id"] == bill["_owner"]);
                file.add(&bill, user.unwrap_or(&Value::Null), period, currency);
            }
        }
        file
    }
}

impl BillingFile {
    fn add(&mut self, bill: &Value, user: &Value, period: &str, currency: &str) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let row = |service: String, price: String, units: String, total: String| {
            [
                format!("{period}-28"),
                text(&user["email"]),
                text(&user["partnerID"]),
                "Partner".to_owned(),
                text(&user["email"]),
                text(&bill["name"]),
                service,
                price,
                units,
                total,
                "users".to_owned(),
                currency.to_owned(),
            ]
        };
        let lines = bill["lines"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut rest = cents(&bill["total"]);
        for line in lines {
            let (price, units) = (text(&line["price"]), text(&line["quantity"]));
            let total = text(&line["total"]);
            rest -= cents(&line["total"]);
            self.rows
                .push(row(text(&line["serviceType"]), price, units, total));
        }
        if rest != 0 {
            let sign = if rest < 0 { "-" } else { "" };
            let rest = rest.unsigned_abs();
            let total = format!("{sign}{}.{:02}", rest / 100, rest % 100);
            let service = "DISCOUNT".to_owned();
            self.rows
                .push(row(service, String::new(), String::new(), total));
        }
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Returns a cell, empty if there is none.
    #[must_use]
    pub fn cell(&self, row: usize, column: &str) -> &str {
        let at = COLUMNS.iter().position(|own| *own == column);
        let cell = at.and_then(|at| self.rows.get(row)?.get(at));
        cell.map_or("", String::as_str)
    }

    /// Sets a cell, as `Total`. Nothing happens if there is no such row or column.
    #[must_use]
    pub fn set(mut self, row: usize, column: &str, value: impl Into<String>) -> Self {
        let at = COLUMNS.iter().position(|own| *own == column);
        if let Some(cell) = at.and_then(|at| self.rows.get_mut(row)?.get_mut(at)) {
            *cell = value.into();
        }
        self
    }

    /// Leaves out a row.
    #[must_use]
    pub fn without(mut self, row: usize) -> Self {
        if row < self.rows.len() {
            self.rows.remove(row);
        }
        self
    }

    /// Adds a row once more, at the end.
    #[must_use]
    pub fn doubled(mut self, row: usize) -> Self {
        if let Some(row) = self.rows.get(row).cloned() {
            self.rows.push(row);
        }
        self
    }

    /// Writes the file as CSV.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing into memory does not fail.
        let _ = writer.write_record(COLUMNS);
        for row in &self.rows {
            let _ = writer.write_record(row);
        }
        let bytes = writer.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

/// An amount of the sandbox, which always has two decimals.
fn cents(amount: &Value) -> i128 {
    let digits = amount.as_str().unwrap_or_default().replace('.', "");
    digits.parse().unwrap_or_default()
}
