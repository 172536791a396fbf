//! Adds users to a running sandbox.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Added, email, item};
use crate::account::AccountKind;
use crate::credentials::Credentials;
use crate::data::{self, Kind, Scope};
use crate::sandbox::Sandbox;
use crate::state::State;

/// A user that was added with [`Sandbox::add_user`] or
/// [`AddedReseller::add_user`](crate::AddedReseller::add_user).
#[derive(Clone, Copy)]
pub struct AddedUser<'a>(pub(super) Added<'a>);

item!(AddedUser, 0, "user");

impl Sandbox {
    /// Adds a user that belongs to the ordinary partner.
    ///
    /// ```
    /// use cloudally_sandbox::Sandbox;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudally_sandbox::SandboxError> {
    /// let sandbox = Sandbox::builder().empty().start().await?;
    /// let task = sandbox
    ///     .add_user("Acme 12345")
    ///     .add_task("EXCHANGE")
    ///     .alias("Mail of the sales team")
    ///     .fail("MAIL", "token expired")
    ///     .succeed("CALENDAR");
    /// assert_eq!(task.status()["backupStatus"][0]["error"], "token expired");
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_user(&self, name: &str) -> AddedUser<'_> {
        let owner = self.state().data.profiles.partner["partnerId"].clone();
        add_user(self.state(), name, owner.as_str().unwrap_or_default())
    }
}

pub(super) fn add_user<'a>(state: &'a State, name: &str, owner: &str) -> AddedUser<'a> {
    let value = new_user(&state.data.new_id(), name, owner, state.clock.now());
    AddedUser(Added::new(state, Kind::Users, &value, Some(owner)))
}

/// Returns an active user of a reseller or partner.
pub(crate) fn new_user(id: &str, name: &str, owner: &str, now: Timestamp) -> Value {
    let email = email(name, id);
    json!({
        "id": id,
        "name": name,
        "email": email,
        "status": "ACTIVE",
        "date": data::day_number(now),
        "dailyReport": false,
        "region": "US_EST",
        "discount": 0,
        "reportEmails": [email],
        "partnerID": owner,
        "currency": "USD",
        "customStorage": null,
        "ms365EnterprisePlan": false,
        "gsuiteEnterprisePlan": false,
    })
}

impl AddedUser<'_> {
    /// Returns the id of the user.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id()
    }

    /// Creates a portal account of the user, which sees the backup tasks that were added to it.
    /// Each call creates another account.
    pub fn credentials(&self) -> Credentials {
        let scope = Scope::User(Arc::from(self.id()));
        let authority = &self.0.state.authority;
        authority.add_new(AccountKind::PortalUser, scope, &self.0.text("email"))
    }
}
