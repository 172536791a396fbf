//! Reads billing rows from CSV.

use super::lines::BillingRow;
use crate::error::Error;
use crate::health::{BillingColumns, Policy};
use crate::table::{Column, Table};

/// The columns of the vendor's monthly billing file. Evidence: published for the fields, inferred for
/// the spelling of the headers.
fn vendor() -> BillingColumns {
    let column = |name: &str| Some(name.to_owned());
    BillingColumns {
        tenant: column("account email"),
        name: column("friendly name"),
        service: column("service type"),
        period: column("payment date"),
        quantity: column("users/GB"),
        total: "total".to_owned(),
        currency: column("currency"),
    }
}

impl BillingRow {
    /// Reads billing rows from a CSV file.
    ///
    /// The file may be in UTF-8 or UTF-16, with cells separated by `,`, `;`, `|` or tabs. The policy
    /// names its columns; without that it is the vendor's monthly billing file, in which the email
    /// address of the account is the id of the tenant. Amounts are kept as text.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if a column is missing, or with
    /// the line of what cannot be read; [`ErrorKind::Configuration`](crate::ErrorKind::Configuration)
    /// if the policy makes no sense.
    ///
    /// # Examples
    ///
    /// ```
    /// use cloudally::health::Policy;
    /// use cloudally::reconcile::BillingRow;
    /// let file = b"Payment date,Account email,Friendly name,Service type,Users/GB,Total,Currency\n\
    ///     2026-03-31,admin@acme.example.com,Acme,BACKUP,12,36.00,USD\n";
    /// let rows = BillingRow::from_csv(file, &Policy::default())?;
    /// assert_eq!(rows[0].total, "36.00");
    /// # Ok::<(), cloudally::Error>(())
    /// ```
    pub fn from_csv(bytes: &[u8], policy: &Policy) -> Result<Vec<Self>, Error> {
        policy.check()?;
        let table = Table::read(bytes, "billing file")?;
        let columns = policy.reconcile.columns.clone().unwrap_or_else(vendor);
        let is_named = policy.reconcile.columns.is_some();
        let hint = |error: Error| {
            if is_named {
                return error;
            }
            let problem = format!(
                "is not the vendor's monthly file; name its columns in the policy's `reconcile.columns`, of {}",
                table.columns()
            );
            table.refuse(&problem)
        };
        let total = table.require(&columns.total).map_err(hint)?;
        let find = |header: &Option<String>| -> Result<Option<Column>, Error> {
            let column = header
                .as_ref()
                .map(|header| table.require(header).map_err(hint));
            column.transpose()
        };
        let tenant = find(&columns.tenant)?;
        let name = find(&columns.name)?;
        let service = find(&columns.service)?;
        let period = find(&columns.period)?;
        let quantity = find(&columns.quantity)?;
        let currency = find(&columns.currency)?;
        let rows = table.rows().map(|row| {
            let text = |column| row.text(column).map(str::to_owned);
            // Where there is a column, an empty cell is not the same as none.
            let cell = |column: Option<Column>| column.map(|column| row.cell(column).to_owned());
            Self {
                line: Some(row.line),
                tenant: text(tenant),
                name: text(name),
                service: text(service),
                period: cell(period),
                quantity: text(quantity),
                total: row.cell(total).to_owned(),
                currency: cell(currency),
            }
        });
        Ok(rows.collect())
    }
}
