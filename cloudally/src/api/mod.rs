//! The operations of the service, by resource: one file per tag of the service's document.

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
#[cfg(feature = "restore-record")]
pub(crate) use restores::check_interval;
pub use restores::{
    PreparedRestore, RestoreHandle, RestoreStates, RestoreWaiter, Restores, SavedRestore,
};
pub use tasks::Tasks;
pub use users::Users;

use cloudally_gen::operation::Operation;

use crate::error::Error;

/// Defines a resource that holds nothing but the client.
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

/// Makes the request for a list from its operation, the key of its items, and the names of its
/// parameters for the page size and, if it has one, for the page token.
macro_rules! list {
    ($client:expr, $endpoint:ident, $key:expr, $size:ident $(, $token:ident)?) => {{
        use cloudally_gen::operation::Endpoint as _;
        use cloudally_gen::operations::$endpoint;
        let operation = &$endpoint::OPERATION;
        $crate::list::ListRequest::new(&$client, operation, None, $key, |client, position| {
            Box::pin(async move {
                client
                    .send(&$endpoint, |request| {
                        let mut request = request.$size(position.page_size);
                        if let Some(number) = position.number() {
                            request = request.page(number);
                        }
                        $(if let Some(token) = &position.token {
                            request = request.$token(token.clone());
                        })?
                        request
                    })
                    .await
            })
        })
    }};
}
pub(crate) use list;

/// Checks an id that becomes a segment of the path. Refused is what would name another resource:
/// nothing, dots, and what URL parsers treat as a slash.
pub(crate) fn path_id(operation: &Operation<'_>, id: impl AsRef<str>) -> Result<String, Error> {
    let id = id.as_ref();
    if id.trim().is_empty() {
        return Err(Error::invalid_input("the id is empty").with_operation(operation.id));
    }
    let is_dots = matches!(id.trim(), "." | "..");
    if is_dots || id.contains(['\\', '\t', '\r', '\n']) {
        let what = format!("`{id}` cannot be an id; use the one that the service sent");
        return Err(Error::invalid_input(what).with_operation(operation.id));
    }
    Ok(id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudally_gen::operations::GET_BACKUP_TASK;

    #[test]
    fn an_id_stays_within_its_segment() {
        for id in [
            "",
            " ",
            ".",
            "..",
            "..\\partners",
            "x\\..\\..\\partners",
            "\t..",
            ".\n.",
        ] {
            let error = path_id(&GET_BACKUP_TASK, id).unwrap_err();
            assert_eq!(error.operation(), Some("getBackupTask"), "{id:?}");
        }
        for id in [
            "BT-1", "a/b", "../x", "%2e%2e", "..;a", "ü ?#&", "..%5Cx", "~",
        ] {
            let id = path_id(&GET_BACKUP_TASK, id).unwrap();
            let path = format!("/v1/backup-tasks/{}", progenitor_client::encode_path(&id));
            let url = reqwest::Url::parse("http://localhost")
                .unwrap()
                .join(&path)
                .unwrap();
            assert_eq!(
                url.path_segments().unwrap().count(),
                3,
                "{id:?} became {url}"
            );
            assert!(
                url.path().starts_with("/v1/backup-tasks/"),
                "{id:?} became {url}"
            );
        }
    }
}
