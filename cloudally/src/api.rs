//! The operations by resource, one file for each tag of the service's document.

mod authentication;
mod backups;
mod billing;
mod partners;
mod resellers;
mod restores;
mod tasks;
mod users;

pub use authentication::Authentication;
pub use backups::Backups;
pub use billing::Billing;
pub use partners::Partners;
pub use resellers::Resellers;
pub use restores::{RestoreHandle, Restores};
pub use tasks::Tasks;
pub use users::Users;

use crate::error::{Error, ErrorKind};

/// A resource that holds nothing but the client.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            client: $crate::Client,
        }

        impl $name {
            pub(crate) fn new(client: &$crate::Client) -> Self {
                Self { client: client.clone() }
            }
        }
    };
}
pub(crate) use resource;

/// The list of an operation: its page size goes by this name, and its token by that, if it has one.
macro_rules! list {
    ($client:expr, $operation:ident, $method:ident, $size:ident $(, $token:ident)?) => {{
        let client = $client.clone();
        $crate::page::List::new(&cloudally_gen::operations::$operation, client.page_size(), move |cursor| {
            let client = client.clone();
            Box::pin(async move {
                let answer = client.call(&cloudally_gen::operations::$operation, |raw| {
                    let cursor = cursor.clone();
                    async move {
                        let mut request = raw.$method().$size(cursor.page_size);
                        if let Some(number) = cursor.number() {
                            request = request.page(number);
                        }
                        $(if let Some(token) = cursor.token {
                            request = request.$token(token);
                        })?
                        request.send().await
                    }
                });
                Ok(answer.await?.value)
            })
        })
    }};
}
pub(crate) use list;

/// An id that a path can carry: an empty one or a dot would name another resource.
pub(crate) fn path_id(what: &str, id: &str) -> Result<String, Error> {
    match id.trim() {
        "" | "." | ".." => Err(Error::new(
            ErrorKind::InvalidRequest,
            format!("`{id}` is no {what} id; nothing was sent"),
        )),
        _ => Ok(id.to_owned()),
    }
}
