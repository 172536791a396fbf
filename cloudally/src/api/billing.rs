//! Bills of a partner.

use cloudally_gen::types::Bill;

use crate::api::{list, resource};
use crate::page::List;
use crate::page::key::{Key, hash};

resource! {
    /// The bills of the partner. Money is an [`Amount`](crate::types::Amount): decimal, never floating point. The currency is
    /// that of the [partner](crate::types::Partner).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// use cloudally::rust_decimal::Decimal;
    /// let bills = client.billing().bills().all().await?;
    /// let mut sum = Decimal::ZERO;
    /// for bill in &bills {
    ///     match bill.total.as_ref().and_then(|total| total.decimal()) {
    ///         Some(total) => sum += total,
    ///         None => println!("{:?} has no total that can be read: {:?}", bill.name, bill.total),
    ///     }
    /// }
    /// println!("{} bills, {sum} in all", bills.len());
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
            Key::Whole(hash),
            list_partner_bills,
            page_size,
            next_page_token
        )
    }

    /// The same by the path of the service's document: `GET /v1/partners/billing` (spec). That it answers like
    /// [`bills`](Self::bills) is inferred.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// println!("{} bills", client.billing().partner_billing().all().await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn partner_billing(&self) -> List<Bill> {
        list!(
            self.client,
            GET_PARTNER_BILLING,
            Key::Whole(hash),
            get_partner_billing,
            page_size,
            next_page_token
        )
    }
}
