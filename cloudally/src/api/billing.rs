//! Bills of a partner.

use cloudally_gen::types::Bill;

use crate::api::{list, resource};
use crate::list::{Key, ListRequest};

resource! {
    /// The bills of the partner.
    ///
    /// Money is an [`Amount`](crate::types::Amount): a decimal, and never floating point. A bill
    /// does not say in which currency it is: both the [partner](crate::types::Partner) and each
    /// [user](crate::types::User) have a `currency`, and which of them applies is not documented.
    /// Nor does a bill name its tenant by id, only by a name, and names repeat.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// for bill in client.billing().bills().collect().await? {
    ///     match bill.total.as_ref().and_then(|total| total.decimal()) {
    ///         Some(total) => println!("{}: {total}", bill.label()),
    ///         None => println!("{}: unreadable total {:?}", bill.label(), bill.total),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Billing
}

impl Billing {
    /// Lists the bills: `GET /v1/partners/bills`, which the service's document lacks and public
    /// clients use.
    ///
    /// [Evidence](crate#evidence): observed.
    pub fn bills(&self) -> ListRequest<Bill> {
        list!(
            self.client,
            ListPartnerBills,
            Key::whole(),
            page_size,
            next_page_token
        )
    }

    /// Lists the bills by the path of the service's document: `GET /v1/partners/billing`.
    ///
    /// [Evidence](crate#evidence): spec for the path, inferred that the response is that of
    /// [`bills`](Self::bills).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// println!("{} bills", client.billing().partner_billing().collect().await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn partner_billing(&self) -> ListRequest<Bill> {
        list!(
            self.client,
            GetPartnerBilling,
            Key::whole(),
            page_size,
            next_page_token
        )
    }
}
