//! Adds resellers to a running sandbox.

use std::sync::Arc;

use serde_json::json;

use super::user::{AddedUser, add_user};
use super::{Added, email, item};
use crate::account::AccountKind;
use crate::credentials::Credentials;
use crate::data::{Kind, Scope};
use crate::sandbox::Sandbox;

/// A reseller that was added with [`Sandbox::add_reseller`].
#[derive(Clone, Copy)]
pub struct AddedReseller<'a>(Added<'a>);

item!(AddedReseller, 0, "reseller");

impl Sandbox {
    /// Adds a reseller to the distributor's resellers.
    pub fn add_reseller(&self, name: &str) -> AddedReseller<'_> {
        let id = self.state().data.new_id();
        let value = json!({
            "resellerName": name,
            "contactName": null,
            "resellerEmail": email(name, &id),
            "partnerId": id,
            "region": "US_EST",
            "countryCode": "US",
            "customStorage": null,
            "waiveSharedMailboxes": false,
            "whiteLabel": false,
            "notificationSettings": null,
        });
        AddedReseller(Added::new(self.state(), Kind::Resellers, &value, None))
    }
}

impl AddedReseller<'_> {
    /// Returns the reseller's `partnerId`.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id()
    }

    /// Creates an account of the reseller, which sees the users that were added to it. Each call
    /// creates another account.
    pub fn credentials(&self) -> Credentials {
        let scope = Scope::Reseller(Arc::from(self.id()));
        let authority = &self.0.state.authority;
        authority.add_new(AccountKind::Reseller, scope, &self.0.text("resellerEmail"))
    }
}

impl<'a> AddedReseller<'a> {
    /// Adds a user that belongs to this reseller.
    pub fn add_user(&self, name: &str) -> AddedUser<'a> {
        add_user(self.0.state, name, &self.id())
    }
}
