//! The table of all calls: one for each operation, with what goes out, what is answered, and what
//! comes back.

use cloudally::types::RestoreRequest;
use cloudally::{Client, Error};
use cloudally_gen::operation::Operation;
use cloudally_gen::operations;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::made_up::{CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD, REFRESH_TOKEN};
use crate::request::Request;
use crate::{fixtures, spec};

/// Makes the call and gives what came back, as JSON again.
pub type Run = fn(Client) -> BoxFuture<'static, Result<Value, Error>>;

/// The operations that must not happen twice, whatever the SDK's own table says of them.
pub const AT_MOST_ONCE: [&str; 2] = ["refreshToken", "createRestoreRequest"];

/// A call of one operation.
#[derive(Debug)]
pub struct Call {
    /// The operation's id.
    pub id: &'static str,
    /// What goes out, without the sign-in before it.
    pub request: Request,
    /// The status and body that the service answers.
    pub answer: (u16, Value),
    /// What comes back.
    pub returns: Value,
    /// Makes the call.
    pub run: Run,
}

impl Call {
    /// The operation.
    #[must_use]
    pub fn operation(&self) -> &'static Operation<'static> {
        operations::ALL
            .iter()
            .find(|operation| operation.id == self.id)
            .unwrap_or_else(|| panic!("there is no operation {}", self.id))
    }

    /// Whether the call needs no token, for it gets one.
    #[must_use]
    pub fn is_sign_in(&self) -> bool {
        self.request.path.starts_with("/auth")
    }

    /// Whether the call may go out again when its outcome is not known.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        !AT_MOST_ONCE.contains(&self.id)
    }

    /// The good answer.
    #[must_use]
    pub fn good(&self) -> Answer {
        Answer::json(self.answer.0, &self.answer.1)
    }

    /// The script up to this call: a sign-in, if it needs one.
    #[must_use]
    pub fn before(&self) -> Vec<Answer> {
        if self.is_sign_in() {
            Vec::new()
        } else {
            vec![Answer::signed_in()]
        }
    }
}

fn encoded(value: impl Serialize) -> Result<Value, Error> {
    Ok(serde_json::to_value(value).unwrap())
}

/// Makes a [`Run`] of an expression over a client.
macro_rules! run {
    (|$client:ident| $call:expr) => {
        |$client| Box::pin(async move { encoded($call.await?) })
    };
}

fn sign_in(id: &'static str, request: Request, run: Run) -> Call {
    single(
        id,
        request,
        "AccessToken",
        fixtures::full("access_token"),
        run,
    )
}

fn single(id: &'static str, request: Request, component: &str, value: Value, run: Run) -> Call {
    Call {
        id,
        request,
        returns: spec::without_known_nulls(component, &value),
        answer: (200, value),
        run,
    }
}

fn list(id: &'static str, request: Request, component: &str, fixture: &str, run: Run) -> Call {
    let items = fixtures::both(fixture).map(|item| spec::without_known_nulls(component, &item));
    Call {
        id,
        request,
        answer: (200, fixtures::page(fixture)),
        returns: Value::from(items.to_vec()),
        run,
    }
}

fn v1(path: &str) -> Request {
    Request::get(path).query([("pageSize", "500")])
}

fn v2(path: &str) -> Request {
    Request::get(path).query([("limit", "500")])
}

/// The restore that the table asks for.
#[must_use]
pub fn restore_request() -> RestoreRequest {
    serde_json::from_value(fixtures::full("restore_request")).unwrap()
}

/// All calls.
#[must_use]
pub fn all() -> Vec<Call> {
    [
        authentication(),
        partners(),
        backups_and_restores(),
        resellers(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The call of this operation.
#[must_use]
pub fn of(id: &str) -> Call {
    all()
        .into_iter()
        .find(|call| call.id == id)
        .unwrap_or_else(|| panic!("the table has no call of {id}"))
}

fn authentication() -> Vec<Call> {
    let person = json!({"email": EMAIL, "password": PASSWORD});
    vec![
        sign_in(
            "login",
            Request::post("/auth", person).without("authorization"),
            run!(|client| client.authentication().login(EMAIL, PASSWORD)),
        ),
        sign_in(
            "partnerLogin",
            Request::sign_in(),
            run!(|client| client
                .authentication()
                .partner_login(CLIENT_ID, CLIENT_SECRET)),
        ),
        sign_in(
            "refreshToken",
            Request::refresh(),
            run!(|client| client.authentication().refresh_token(REFRESH_TOKEN)),
        ),
    ]
}

fn partners() -> Vec<Call> {
    vec![
        single(
            "getPartner",
            Request::get("/v1/partners"),
            "Partner",
            fixtures::full("partner"),
            run!(|client| client.partners().profile()),
        ),
        list(
            "getPartnerStatus",
            v1("/v1/partners/status"),
            "BackupStatus",
            "status_entry",
            run!(|client| client.partners().backup_statuses().collect()),
        ),
        list(
            "listPartnerTasks",
            v1("/v1/partners/tasks"),
            "Task",
            "task",
            run!(|client| client.tasks().list().collect()),
        ),
        list(
            "listPartnerUsers",
            v1("/v1/partners/users"),
            "User",
            "user",
            run!(|client| client.users().list().collect()),
        ),
        list(
            "listPartnerBills",
            v1("/v1/partners/bills"),
            "Bill",
            "bill",
            run!(|client| client.billing().bills().collect()),
        ),
        list(
            "getPartnerBilling",
            v1("/v1/partners/billing"),
            "Bill",
            "bill",
            run!(|client| client.billing().partner_billing().collect()),
        ),
        list(
            "listResellers",
            v1("/v1/partners/resellers"),
            "Reseller",
            "reseller",
            run!(|client| client.partners().resellers().collect()),
        ),
        single(
            "getReseller",
            Request::get("/v1/partners/resellers/P-2001"),
            "ResellerDetails",
            fixtures::reseller_details(),
            run!(|client| client.partners().reseller("P-2001")),
        ),
    ]
}

fn backups_and_restores() -> Vec<Call> {
    vec![
        list(
            "listBackupTasks",
            v1("/v1/backup-tasks"),
            "BackupTask",
            "backup_task",
            run!(|client| client.backups().list().collect()),
        ),
        single(
            "getBackupTask",
            Request::get("/v1/backup-tasks/BT-1"),
            "BackupTask",
            fixtures::full("backup_task"),
            run!(|client| client.backups().get("BT-1")),
        ),
        Call {
            answer: (201, fixtures::full("restore_job")),
            ..single(
                "createRestoreRequest",
                Request::post("/v1/restore", fixtures::full("restore_request")),
                "RestoreJob",
                fixtures::full("restore_job"),
                |client| {
                    Box::pin(async move {
                        let restore = client.restores().create(restore_request()).await?;
                        encoded(restore.initial_job())
                    })
                },
            )
        },
        single(
            "getRestoreStatus",
            Request::get("/v1/restore/J-1"),
            "RestoreJob",
            fixtures::full("restore_job"),
            run!(|client| client.restores().status("J-1")),
        ),
    ]
}

fn resellers() -> Vec<Call> {
    vec![
        single(
            "getResellerDetailsV2",
            Request::get("/v2/resellers/details"),
            "Reseller",
            fixtures::full("reseller"),
            run!(|client| client.resellers().profile()),
        ),
        list(
            "listResellerAccountsV2",
            v2("/v2/resellers/accounts"),
            "User",
            "user",
            run!(|client| client.resellers().accounts().collect()),
        ),
        list(
            "listResellerBackupTasksV2",
            v2("/v2/resellers/accounts/backup-tasks"),
            "Task",
            "task",
            run!(|client| client.resellers().backup_tasks().collect()),
        ),
        list(
            "listAccountBackupTasksV2",
            v2("/v2/resellers/accounts/U-1/backup-tasks"),
            "Task",
            "task",
            run!(|client| client.resellers().account_backup_tasks("U-1").collect()),
        ),
        single(
            "getAccountBackupTaskV2",
            Request::get("/v2/resellers/accounts/U-1/backup-tasks/T-1"),
            "Task",
            fixtures::full("task"),
            run!(|client| client.resellers().account_backup_task("U-1", "T-1")),
        ),
        list(
            "listResellerBackupStatusesV2",
            v2("/v2/resellers/accounts/backup-statuses"),
            "BackupStatus",
            "status_entry",
            run!(|client| client.resellers().backup_statuses().collect()),
        ),
        list(
            "listResellerBillsV2",
            v2("/v2/resellers/bills"),
            "Bill",
            "bill",
            run!(|client| client.resellers().bills().collect()),
        ),
    ]
}
