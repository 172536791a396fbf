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
pub use restores::{RestoreHandle, Restores, SavedRestore};
pub use tasks::Tasks;
pub use users::Users;

use cloudally_gen::operation::Operation;

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

/// The list of an operation, by the key of its items: its page size goes by this name, and its token by that, if it has one.
macro_rules! list {
    ($client:expr, $operation:ident, $key:expr, $method:ident, $size:ident $(, $token:ident)?) => {{
        let client = $client.clone();
        $crate::page::List::new(&cloudally_gen::operations::$operation, None, client.page_size(), $key, move |cursor| {
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
                answer.await
            })
        })
    }};
}
pub(crate) use list;

/// An id as a segment of a path. Refused is what would name another resource: nothing, dots, and what URLs take for a
/// slash.
pub(crate) fn path_id(operation: &Operation<'_>, id: impl AsRef<str>) -> Result<String, Error> {
    let id = id.as_ref();
    let is_dots = matches!(id.trim(), "" | "." | "..");
    if is_dots || id.contains(['\\', '\t', '\r', '\n']) {
        let what =
            format!("`{id}` cannot be an id; give the one that the service told, nothing was sent");
        return Err(Error::new(ErrorKind::InvalidRequest, what).operation_id(operation.id));
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
