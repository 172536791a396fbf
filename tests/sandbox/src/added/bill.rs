//! Adds bills to a running sandbox.

use serde_json::json;

use super::user::AddedUser;
use super::{Added, item};
use crate::data::Kind;

/// A bill that was added with [`AddedUser::add_bill`].
#[derive(Clone, Copy)]
pub struct AddedBill<'a>(Added<'a>);

item!(AddedBill, 0, "bill");

impl<'a> AddedUser<'a> {
    /// Adds a bill of one line for the user, with a period such as `2026-02` and a total such as
    /// `12.50`.
    pub fn add_bill(&self, period: &str, total: &str) -> AddedBill<'a> {
        let bill = json!({
            "name": self.0.text("name"),
            "period": period,
            "discount": "0.00",
            "total": total,
            "lines": [{
                "serviceType": "BACKUP",
                "service": "Daily backup, per seat",
                "quantity": "1",
                "price": total,
                "total": total,
                "seat": "1",
                "storage": "0",
                "source": "GMAIL",
            }],
            "paymentType": "INVOICE",
            "trialDaysLeft": 0,
            "subscribed": true,
        });
        AddedBill(Added::new(
            self.0.state,
            Kind::Bills,
            &bill,
            Some(&self.id()),
        ))
    }
}
