//! Users of a partner.

use cloudally_gen::types::User;

use crate::api::{list, resource};
use crate::page::List;
use crate::page::key::{Key, id_or_all};

resource! {
    /// The users, that is the tenants, of the partner.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// for user in client.users().list().all().await? {
    ///     println!("{:?} {:?} since {:?}", user.id, user.display_name(), user.date());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Users
}

impl Users {
    /// All users: `GET /v1/partners/users` (spec; the shape is observed).
    pub fn list(&self) -> List<User> {
        list!(
            self.client,
            LIST_PARTNER_USERS,
            Key::Id(|user| id_or_all(user, user.id.as_ref())),
            list_partner_users,
            page_size,
            next_page_token
        )
    }
}
