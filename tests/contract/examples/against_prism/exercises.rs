//! One exercise for each call of the SDK, with every parameter that it has.

use cloudally::types::RestoreRequest;
use cloudally::{Client, Cursor, Error, ListRequest, Page};
use cloudally_contract::made_up::{CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD, REFRESH_TOKEN};
use futures_util::future::BoxFuture;
use serde_json::json;

/// What came back, as far as it says something of Prism.
#[derive(Debug)]
pub(crate) struct Came {
    /// How many items of a list; 1 for what is none.
    pub(crate) items: usize,
}

/// A call.
pub(crate) struct Exercise {
    /// The operation's id.
    pub(crate) id: &'static str,
    /// Whether it asks for a page in the middle of a list. Prism knows of no list, so that it gives
    /// the wrong page.
    pub(crate) is_later_page: bool,
    /// Makes the call.
    pub(crate) run: Box<dyn Fn(Client) -> BoxFuture<'static, Result<Came, Error>>>,
}

/// All of them.
pub(crate) fn all() -> Vec<Exercise> {
    let mut all = vec![
        single("login", |client| {
            client.authentication().login(EMAIL, PASSWORD)
        }),
        single("partnerLogin", |client| {
            client
                .authentication()
                .partner_login(CLIENT_ID, CLIENT_SECRET)
        }),
        single("partnerLogin", |client| {
            client
                .authentication()
                .partner_login_as(CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD)
        }),
        single("refreshToken", |client| {
            client.authentication().refresh_token(REFRESH_TOKEN)
        }),
        single("getPartner", |client| client.partners().profile()),
        single("getReseller", |client| client.partners().reseller("P-2")),
        single("getBackupTask", |client| client.backups().get("BT-1")),
        single("createRestoreRequest", |client| {
            client.restores().create(restore())
        }),
        single("getRestoreStatus", |client| client.restores().status("J-1")),
        single("getResellerDetailsV2", |client| {
            client.resellers().profile()
        }),
        single("getAccountBackupTaskV2", |client| {
            client.resellers().account_backup_task("U-2", "T-2")
        }),
    ];
    all.extend(list("getPartnerStatus", |client| {
        client.partners().backup_statuses()
    }));
    all.extend(list("listPartnerTasks", |client| client.tasks().list()));
    all.extend(list("listPartnerUsers", |client| client.users().list()));
    all.extend(list("listPartnerBills", |client| client.billing().bills()));
    all.extend(list("getPartnerBilling", |client| {
        client.billing().partner_billing()
    }));
    all.extend(list("listResellers", |client| {
        client.partners().resellers()
    }));
    all.extend(list("getReseller", |client| {
        client.partners().reseller_accounts("P-2")
    }));
    all.extend(list("listBackupTasks", |client| client.backups().list()));
    all.extend(list("listResellerAccountsV2", |client| {
        client.resellers().accounts()
    }));
    all.extend(list("listResellerBackupTasksV2", |client| {
        client.resellers().backup_tasks()
    }));
    all.extend(list("listAccountBackupTasksV2", |client| {
        client.resellers().account_backup_tasks("U-2")
    }));
    all.extend(list("listResellerBackupStatusesV2", |client| {
        client.resellers().backup_statuses()
    }));
    all.extend(list("listResellerBillsV2", |client| {
        client.resellers().bills()
    }));
    all
}

fn restore() -> RestoreRequest {
    let mut request = RestoreRequest::default();
    request.task_id = Some("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10".into());
    request.entity_name = Some("ann@acme.example.com".to_owned());
    request.snapshot_date = Some(20_260_301);
    request
}

fn single<T, F>(id: &'static str, call: impl Fn(Client) -> F + 'static) -> Exercise
where
    F: IntoFuture<Output = Result<T, Error>, IntoFuture: Send + 'static>,
{
    Exercise {
        id,
        is_later_page: false,
        run: Box::new(move |client| {
            let answer = call(client).into_future();
            Box::pin(async move { answer.await.map(|_| Came { items: 1 }) })
        }),
    }
}

/// The first page, and the second by number and token.
fn list<T: Send + 'static>(
    id: &'static str,
    list: impl Fn(Client) -> ListRequest<T> + Copy + 'static,
) -> [Exercise; 2] {
    let second = move || -> Cursor {
        // Of one operation there are several lists.
        let subject = match id {
            "getReseller" => Some("P-2"),
            "listAccountBackupTasksV2" => Some("U-2"),
            _ => None,
        };
        let cursor = json!({
            "version": 1, "operation": id, "subject": subject, "page": 2, "token": "bmV4dA", "page_size": 500, "received": 500,
        });
        serde_json::from_value(cursor).unwrap()
    };
    let read = |list: ListRequest<T>| -> BoxFuture<'static, Result<Came, Error>> {
        let page = list.page();
        Box::pin(async move {
            page.await
                .map(|Page { items, .. }| Came { items: items.len() })
        })
    };
    [
        Exercise {
            id,
            is_later_page: false,
            run: Box::new(move |client| read(list(client))),
        },
        Exercise {
            id,
            is_later_page: true,
            run: Box::new(move |client| read(list(client).resume_from(second()))),
        },
    ]
}
