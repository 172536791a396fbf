//! Adds single items, such as users and tasks, to a running sandbox.

mod backup_task;
mod bill;
mod reseller;
mod task;
mod user;

use serde_json::Value;

use crate::data::{self, DataSet, Kind, slug};
use crate::state::State;

pub use backup_task::AddedBackupTask;
pub use bill::AddedBill;
pub use reseller::AddedReseller;
pub use task::AddedTask;
pub use user::AddedUser;
pub(crate) use user::new_user;

/// An item that was added, by its position in the list.
#[derive(Clone, Copy)]
struct Added<'a> {
    state: &'a State,
    kind: Kind,
    at: usize,
}

impl<'a> Added<'a> {
    fn new(state: &'a State, kind: Kind, value: &Value, owner: Option<&str>) -> Self {
        let now = state.clock.now();
        let at = state.data.write().list_mut(kind).push(value, owner, now);
        Self { state, kind, at }
    }

    fn change(self, change: impl FnOnce(&mut Value)) -> Self {
        let now = self.state.clock.now();
        let mut data = self.state.data.write();
        data.change(self.kind, self.at, now, change);
        self
    }

    fn set(self, field: &str, value: Value) -> Self {
        self.change(|item| item[field] = value)
    }

    /// Returns the item as the service serves it now.
    fn value(self) -> Value {
        let data: &DataSet = &self.state.data.read();
        let item = data.list(self.kind).items.get(self.at);
        item.map_or(Value::Null, |item| {
            data::progressed(data, self.kind, item, self.state.clock.now())
                .unwrap_or_else(|| item.value())
        })
    }

    fn id(self) -> String {
        let data = self.state.data.read();
        let item = data.list(self.kind).items.get(self.at);
        let id = item.and_then(|item| item.id.as_deref());
        id.unwrap_or_default().to_owned()
    }

    fn text(self, field: &str) -> String {
        let value = self.value();
        value[field].as_str().unwrap_or_default().to_owned()
    }
}

/// Implements the methods that all types of added items share.
macro_rules! item {
    ($type:ident, $item:tt, $what:literal) => {
        impl $type<'_> {
            #[doc = concat!("Sets a field of the ", $what, " to any value, including null. The field may be new; the id cannot be changed.")]
            pub fn set(mut self, field: &str, value: impl Into<serde_json::Value>) -> Self {
                let is_id = field == self.$item.kind.key() && !self.$item.id().is_empty();
                if !is_id {
                    self.$item = self.$item.set(field, value.into());
                }
                self
            }

            #[doc = concat!("Returns the ", $what, " as the service serves it now.")]
            #[must_use]
            pub fn value(&self) -> serde_json::Value {
                self.$item.value()
            }
        }

        impl std::fmt::Debug for $type<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($type)).field(&self.value()).finish()
            }
        }
    };
}

use item;

/// Returns an email address that no other account has.
fn email(name: &str, id: &str) -> String {
    let number = id.get(..8).unwrap_or(id);
    format!("admin@{}-{number}.example.com", slug(name)).replace("@-", "@")
}
