//! The calls of the suite, one for each operation.

use cloudally::reqwest::Method;
use cloudally::types::{RestoreRequest, Secret};
use cloudally::{Call, Client, Error, ListRequest};
use serde::Serialize;
use serde_json::Value;

use super::Target;
use crate::made_up::NOTHING;
use crate::spec;

/// How many items the first pages have, so that small lists have several of them.
const PAGE_SIZE: u32 = 2;

/// So much of a list is looked at.
const MAX_ITEMS: u64 = 2_000;

/// What nobody signs in with.
const WRONG: &str = "canary-of-nobody";

/// A good answer.
#[derive(Debug)]
pub(super) struct Answered {
    /// Each with the component of the document that it is of.
    pub(super) values: Vec<(&'static str, Value)>,
    /// The status, where the SDK tells it.
    pub(super) status: Option<u16>,
}

/// What the operations are asked for and with: what the target has, and what its answers told.
#[derive(Clone, Debug)]
pub(super) struct Subjects {
    partner: Option<(String, Secret)>,
    user: Option<(String, Secret)>,
    refresh_token: Option<Secret>,
    reseller: Option<String>,
    /// An account of the reseller with one of its tasks.
    account_task: Option<(String, String)>,
    backup_task: Option<String>,
    restore: Option<RestoreRequest>,
    job: Option<String>,
}

impl Subjects {
    pub(super) fn of(target: &impl Target) -> Self {
        Self {
            partner: target.partner(),
            user: target.user(),
            refresh_token: None,
            reseller: None,
            account_task: None,
            backup_task: None,
            restore: target.restore(),
            job: None,
        }
    }

    /// The same people with secrets that are not theirs, and something to ask for, be it there or
    /// not.
    pub(super) fn wrong(&self) -> Self {
        let wrong = |(name, _): (String, Secret)| (name, WRONG.into());
        let any = |id: &Option<String>| Some(id.clone().unwrap_or_else(|| NOTHING.to_owned()));
        Self {
            reseller: any(&self.reseller),
            account_task: self.account_task.clone().or_else(nothing_of_nobody),
            backup_task: any(&self.backup_task),
            job: any(&self.job),
            partner: self.partner.clone().map(wrong),
            user: self.user.clone().map(wrong),
            refresh_token: Some(WRONG.into()),
            ..self.clone()
        }
    }

    /// What nobody has.
    pub(super) fn missing(&self) -> Self {
        Self {
            reseller: Some(NOTHING.to_owned()),
            account_task: nothing_of_nobody(),
            backup_task: Some(NOTHING.to_owned()),
            restore: self.restore.as_ref().map(|_| RestoreRequest::new(NOTHING)),
            job: Some(NOTHING.to_owned()),
            ..self.clone()
        }
    }

    /// Takes from an answer what other operations can be asked for.
    pub(super) fn learn(&mut self, operation: &str, answered: &Answered) {
        let first = |field: &str| {
            let mut values = answered.values.iter();
            values.find_map(|(_, value)| Some(value[field].as_str()?.to_owned()))
        };
        match operation {
            "login" | "partnerLogin" => {
                if let Some(token) = first("refreshToken") {
                    self.refresh_token = Some(token.into());
                }
            }
            "listResellers" => self.reseller = first("partnerId"),
            "listResellerBackupTasksV2" => {
                let both = |(_, task): &(_, Value)| {
                    let ids = task["userId"].as_str().zip(task["id"].as_str())?;
                    Some((ids.0.to_owned(), ids.1.to_owned()))
                };
                self.account_task = answered.values.iter().find_map(both);
            }
            "listBackupTasks" => self.backup_task = first("id"),
            "createRestoreRequest" => self.job = first("jobId"),
            _ => {}
        }
    }
}

fn nothing_of_nobody() -> Option<(String, String)> {
    Some((NOTHING.to_owned(), NOTHING.to_owned()))
}

/// Makes the call; nothing if there is nothing to ask for.
pub(super) async fn ask(
    client: &Client,
    operation: &str,
    subjects: &Subjects,
) -> Option<Result<Answered, Error>> {
    let by_hand = client.authentication();
    let (partners, billing) = (client.partners(), client.billing());
    let own = client.resellers();
    Some(match operation {
        "login" => {
            let (email, password) = subjects.user.clone()?;
            single("AccessToken", by_hand.login(email, password)).await
        }
        "partnerLogin" => {
            let (id, secret) = subjects.partner.clone()?;
            let call = match subjects.user.clone() {
                Some((email, password)) => by_hand.partner_login_as(id, secret, email, password),
                None => by_hand.partner_login(id, secret),
            };
            single("AccessToken", call).await
        }
        "refreshToken" => {
            let token = subjects.refresh_token.clone()?;
            single("AccessToken", by_hand.refresh_token(token)).await
        }
        "getPartner" => single("Partner", partners.profile()).await,
        "getPartnerStatus" => {
            list(client, operation, "BackupStatus", || {
                partners.backup_statuses()
            })
            .await
        }
        "listResellers" => list(client, operation, "Reseller", || partners.resellers()).await,
        "getReseller" => {
            let id = subjects.reseller.as_deref()?;
            // The one path is read in two ways.
            let reseller = single("ResellerDetails", partners.reseller(id)).await;
            let accounts = items("User", || partners.reseller_accounts(id)).await;
            both(reseller, accounts)
        }
        "listPartnerUsers" => list(client, operation, "User", || client.users().list()).await,
        "listPartnerTasks" => list(client, operation, "Task", || client.tasks().list()).await,
        "getPartnerBilling" => list(client, operation, "Bill", || billing.partner_billing()).await,
        "listPartnerBills" => list(client, operation, "Bill", || billing.bills()).await,
        "listBackupTasks" => {
            list(client, operation, "BackupTask", || client.backups().list()).await
        }
        "getBackupTask" => {
            let id = subjects.backup_task.as_deref()?;
            single("BackupTask", client.backups().get(id)).await
        }
        "createRestoreRequest" => {
            let response = client.restores().create(subjects.restore.clone()?);
            let response = response.with_response().await;
            response.map(|response| Answered {
                values: vec![("RestoreJob", encoded(response.value.initial_job()))],
                status: Some(response.parts.status().as_u16()),
            })
        }
        "getRestoreStatus" => {
            let id = subjects.job.as_deref()?;
            single("RestoreJob", client.restores().status(id)).await
        }
        "getResellerDetailsV2" => single("Reseller", own.profile()).await,
        "listResellerAccountsV2" => list(client, operation, "User", || own.accounts()).await,
        "listResellerBackupTasksV2" => list(client, operation, "Task", || own.backup_tasks()).await,
        "listAccountBackupTasksV2" => {
            let (account, _) = subjects.account_task.as_ref()?;
            items("Task", || own.account_backup_tasks(account.as_str())).await
        }
        "getAccountBackupTaskV2" => {
            let (account, task) = subjects.account_task.as_ref()?;
            let call = own.account_backup_task(account.as_str(), task.as_str());
            single("Task", call).await
        }
        "listResellerBackupStatusesV2" => {
            list(client, operation, "BackupStatus", || own.backup_statuses()).await
        }
        "listResellerBillsV2" => list(client, operation, "Bill", || own.bills()).await,
        other => panic!("the suite has no call of {other}"),
    })
}

async fn single<T: Serialize + Send + 'static>(
    component: &'static str,
    call: Call<T>,
) -> Result<Answered, Error> {
    let response = call.with_response().await?;
    Ok(Answered {
        values: vec![(component, encoded(&response.value))],
        status: Some(response.parts.status().as_u16()),
    })
}

/// The items of a list, and its page as it comes, for the client keeps the items alone.
async fn list<T: Serialize + Clone + Send + 'static>(
    client: &Client,
    operation: &str,
    component: &'static str,
    list: impl Fn() -> ListRequest<T>,
) -> Result<Answered, Error> {
    let items = items(component, list).await?;
    let operation = spec::operation(operation);
    let request = client.request(Method::GET, operation.path).json::<Value>();
    both(Ok(items), single(operation.answer(), request).await)
}

/// The first two pages, of few items, so that every parameter of paging is sent; then what a client
/// reads of it that asks for no size.
async fn items<T: Serialize + Clone + Send + 'static>(
    component: &'static str,
    list: impl Fn() -> ListRequest<T>,
) -> Result<Answered, Error> {
    let small = list().page_size(PAGE_SIZE).prefetch(false);
    let items: Vec<T> = small.max_items(u64::from(2 * PAGE_SIZE)).collect().await?;
    let whole: Vec<T> = list().max_items(MAX_ITEMS).collect().await?;
    let values = items.iter().chain(&whole);
    Ok(Answered {
        values: values.map(|value| (component, encoded(value))).collect(),
        status: None,
    })
}

/// What two calls of one operation were answered; the first failure, if there is one.
fn both(one: Result<Answered, Error>, other: Result<Answered, Error>) -> Result<Answered, Error> {
    let (mut one, other) = (one?, other?);
    one.values.extend(other.values);
    one.status = one.status.or(other.status);
    Ok(one)
}

fn encoded(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}
