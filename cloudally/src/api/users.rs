//! Users of a partner.

use cloudally_gen::types::User;

use crate::api::{list, resource};
use crate::list::{Key, ListRequest, id_text};

resource! {
    /// The users of the partner, which are its tenants.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// for user in client.users().list().collect().await? {
    ///     println!("{:?} {} {:?}", user.id, user.label(), user.date());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Users
}

impl Users {
    /// Lists the users: `GET /v1/partners/users`.
    ///
    /// [Evidence](crate#evidence): spec for the path, observed for the shape.
    pub fn list(&self) -> ListRequest<User> {
        list!(
            self.client,
            ListPartnerUsers,
            Key::id(|user| id_text(user.id.as_ref())),
            page_size,
            next_page_token
        )
    }
}
