//! Flat rows of the types, for CSV files and tables.
//!
//! A type of the service has lists and unknown fields, which a CSV writer refuses. A row has
//! neither: every column is text, empty where the service sent nothing, and the columns of a row
//! type never change their order. Amounts and numbers are written as the service sent them, dates
//! with a known form as RFC 3339 in UTC and others as the service sent them.
//!
//! Names come from users of the service. A spreadsheet may take a cell that begins with `=`, `+`,
//! `-` or `@` for a formula, so import such a file as text.
//!
//! # Examples
//!
//! ```
//! use cloudally::types::rows::BillRow;
//! use cloudally::types::{Bill, BillLine};
//!
//! let line = BillLine::default().with_service("Mail").with_total("7.50");
//! let bill = Bill::default().with_name("Acme 12345").with_lines([line]);
//! let mut writer = csv::Writer::from_writer(Vec::new());
//! for row in BillRow::of(&bill) {
//!     writer.serialize(row)?;
//! }
//! let text = String::from_utf8(writer.into_inner()?)?;
//! assert!(text.ends_with("Acme 12345,,Mail,,,,,7.50,,,,\n"), "{text}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use cloudally_gen::types::{BackupStatus, Bill, BillLine, SubSourceStatus, Task, User};
use serde::Serialize;

/// Defines a row type, whose columns are all text.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident { $($(#[$column_doc:meta])* $column:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$column_doc])* pub $column: String,)*
        }
    };
}

row! {
    /// One line of a bill, or a bill without lines.
    BillRow {
        /// The name on the bill. It is not an id, and names repeat.
        name,
        /// The period of the bill.
        period,
        /// The service of the line.
        service,
        /// The kind of that service.
        service_type,
        /// The source that is backed up.
        source,
        /// The quantity.
        quantity,
        /// The price of one.
        price,
        /// The total of the line, in a currency that the bill does not state.
        total,
        /// The seats.
        seat,
        /// The storage.
        storage,
        /// The total of the whole bill, repeated on each of its lines.
        bill_total,
        /// The discount of the whole bill, repeated on each of its lines.
        bill_discount,
    }
}

impl BillRow {
    /// Makes a row for each line of a bill, or a single one for a bill without lines.
    #[must_use]
    pub fn of(bill: &Bill) -> Vec<Self> {
        let lines = bill.lines.as_deref().unwrap_or_default();
        if lines.is_empty() {
            return vec![Self::of_line(bill, &BillLine::default())];
        }
        lines.iter().map(|line| Self::of_line(bill, line)).collect()
    }

    fn of_line(bill: &Bill, line: &BillLine) -> Self {
        Self {
            name: text(bill.name.as_ref()),
            period: text(bill.period.as_ref()),
            service: text(line.service.as_ref()),
            service_type: text(line.service_type.as_ref()),
            source: text(line.source.as_ref()),
            quantity: text(line.quantity.as_ref()),
            price: text(line.price.as_ref()),
            total: text(line.total.as_ref()),
            seat: text(line.seat.as_ref()),
            storage: text(line.storage.as_ref()),
            bill_total: text(bill.total.as_ref()),
            bill_discount: text(bill.discount.as_ref()),
        }
    }
}

row! {
    /// One sub-source of a backup status, or a backup status without sub-sources.
    BackupStatusRow {
        /// The id of the user.
        user_id,
        /// The id of the task, which the list of tasks may lack.
        task_id,
        /// The source that is backed up.
        source,
        /// The entity, such as a mailbox. It can occur several times.
        entity_name,
        /// When a backup last worked.
        last_backup_date,
        /// When a backup was last attempted.
        last_backup_attempt_date,
        /// The name of the sub-source.
        sub_source,
        /// The status of the sub-source.
        status,
        /// The error of the sub-source.
        error,
        /// The address at which the vendor explains the error.
        err_faq_link,
        /// The size of the backup, in a unit that is not documented.
        size,
    }
}

impl BackupStatusRow {
    /// Makes a row for each sub-source of an entry, or a single one for an entry without
    /// sub-sources.
    #[must_use]
    pub fn of(entry: &BackupStatus) -> Vec<Self> {
        let sub_sources = entry.backup_status.as_deref().unwrap_or_default();
        if sub_sources.is_empty() {
            return vec![Self::of_sub_source(entry, &SubSourceStatus::default())];
        }
        let rows = sub_sources
            .iter()
            .map(|status| Self::of_sub_source(entry, status));
        rows.collect()
    }

    fn of_sub_source(entry: &BackupStatus, status: &SubSourceStatus) -> Self {
        Self {
            user_id: text(entry.user_id.as_ref()),
            task_id: text(entry.task_id.as_ref()),
            source: text(entry.source.as_ref()),
            entity_name: text(entry.entity_name.as_ref()),
            last_backup_date: text(entry.last_backup_date.as_ref()),
            last_backup_attempt_date: text(entry.last_backup_attempt_date.as_ref()),
            sub_source: text(status.sub_source.as_ref()),
            status: text(status.status.as_ref()),
            error: text(status.error.as_ref()),
            err_faq_link: text(status.err_faq_link.as_ref()),
            size: text(entry.size.as_ref()),
        }
    }
}

row! {
    /// A task.
    TaskRow {
        /// The id of the task.
        id,
        /// The id of the user.
        user_id,
        /// The name of the task.
        alias,
        /// The account that is backed up.
        account,
        /// The source that is backed up.
        source,
        /// The status of the task.
        status,
        /// The latest backup of any source whose date has a known form.
        last_backup,
        /// When the task was created.
        create_date,
        /// The number of entities.
        num_of_entities,
        /// The number of entities that are billed.
        num_of_billed_entities,
        /// The size of the backup, in a unit that is not documented.
        size,
    }
}

impl From<&Task> for TaskRow {
    fn from(task: &Task) -> Self {
        Self {
            id: text(task.id.as_ref()),
            user_id: text(task.user_id.as_ref()),
            alias: text(task.alias.as_ref()),
            account: text(task.account.as_ref()),
            source: text(task.source.as_ref()),
            status: text(task.status.as_ref()),
            last_backup: text(task.last_backup().as_ref()),
            create_date: text(task.create_date.as_ref()),
            num_of_entities: text(task.num_of_entities.as_ref()),
            num_of_billed_entities: text(task.num_of_billed_entities.as_ref()),
            size: text(task.size.as_ref()),
        }
    }
}

row! {
    /// A user, which is a tenant.
    UserRow {
        /// The id of the user.
        id,
        /// The name, with the number that the portal appends.
        name,
        /// The address.
        email,
        /// The status of the user.
        status,
        /// A day, of which it is not documented what happened on it.
        date,
        /// The region of the user's backups.
        region,
        /// The currency of the user.
        currency,
        /// The discount, in a unit that is not documented.
        discount,
    }
}

impl From<&User> for UserRow {
    fn from(user: &User) -> Self {
        Self {
            id: text(user.id.as_ref()),
            name: text(user.name.as_ref()),
            email: text(user.email.as_ref()),
            status: text(user.status.as_ref()),
            date: text(user.date.as_ref()),
            region: text(user.region.as_ref()),
            currency: text(user.currency.as_ref()),
            discount: text(user.discount.as_ref()),
        }
    }
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_of_a_bill_or_status_without_lines_is_lost() {
        let bill = Bill::default().with_name("Acme").with_total("1.00");
        let rows = BillRow::of(&bill);
        assert_eq!((rows.len(), rows[0].bill_total.as_str()), (1, "1.00"));
        let entry = BackupStatus::default().with_entity_name("ann@acme.example.com");
        assert_eq!(BackupStatusRow::of(&entry).len(), 1);
    }

    #[test]
    fn unknown_fields_do_not_reach_a_row() {
        let task: Task = serde_json::from_value(json!({
            "id": "T-1", "new": {"a": [1]}, "lastBackupDates": {"GMAIL": 20230330202812_u64},
        }))
        .unwrap();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.serialize(TaskRow::from(&task)).unwrap();
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        assert!(text.contains("T-1,,,,,,2023-03-30T20:28:12Z,,,,"), "{text}");
    }
}
