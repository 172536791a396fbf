//! Bills of a partner.

use cloudally_gen::types::Bill;

use crate::api::{list, resource};
use crate::page::{List, key};

resource! {
    /// The bills of the partner. Money is text, for it never goes through floating point.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// use cloudally::rust_decimal::Decimal;
    /// let bills = client.billing().bills().all().await?;
    /// let totals = bills.iter().filter_map(|bill| bill.total.as_ref()?.decimal());
    /// println!("{} bills, {} in all", bills.len(), totals.sum::<Decimal>());
    /// # Ok(())
    /// # }
    /// ```
    Billing
}

impl Billing {
    /// All bills: `GET /v1/partners/bills`, which the service's document lacks and public clients use (observed).
    pub fn bills(&self) -> List<Bill> {
        list!(
            self.client,
            LIST_PARTNER_BILLS,
            key::whole,
            list_partner_bills,
            page_size,
            next_page_token
        )
    }

    /// The same by the path of the service's document: `GET /v1/partners/billing` (spec). That it answers like
    /// [`bills`](Self::bills) is inferred.
    pub fn partner_billing(&self) -> List<Bill> {
        list!(
            self.client,
            GET_PARTNER_BILLING,
            key::whole,
            get_partner_billing,
            page_size,
            next_page_token
        )
    }
}
