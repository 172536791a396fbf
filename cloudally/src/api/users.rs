//! Users of a partner.

use cloudally_gen::types::User;

use crate::api::{list, resource};
use crate::page::{List, key};

resource! {
    /// The users, that is the tenants, of the partner.
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// for user in client.users().list().all().await? {
    ///     println!("{:?} {:?}", user.id, user.name);
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
            |user, hasher| key::id(user.id.as_ref(), hasher),
            list_partner_users,
            page_size,
            next_page_token
        )
    }
}
