//! Data by hand: users, tasks and what belongs to them, added to a running sandbox.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::account::AccountKind;
use crate::credentials::Credentials;
use crate::data::{self, DAY, DataSet, HOUR, Kind, Scope, slug};
use crate::sandbox::Sandbox;
use crate::state::State;

/// A user that was added, from [`Sandbox::add_user`].
#[derive(Clone, Copy)]
pub struct AddedUser<'a>(Added<'a>);

/// A reseller that was added, from [`Sandbox::add_reseller`].
#[derive(Clone, Copy)]
pub struct AddedReseller<'a>(Added<'a>);

/// A task with its status entry, from [`AddedUser::add_task`].
#[derive(Clone, Copy)]
pub struct AddedTask<'a> {
    task: Added<'a>,
    status: Added<'a>,
}

/// A backup task, from [`AddedUser::add_backup_task`].
#[derive(Clone, Copy)]
pub struct AddedBackupTask<'a>(Added<'a>);

/// A bill, from [`AddedUser::add_bill`].
#[derive(Clone, Copy)]
pub struct AddedBill<'a>(Added<'a>);

/// One item of a list.
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

    /// The item as the service shows it now.
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

/// What all that was added has in common.
macro_rules! item {
    ($type:ident, $item:tt, $what:literal) => {
        impl $type<'_> {
            #[doc = concat!("Sets any field of the ", $what, ", be it to null or to what no document knows. The id stays.")]
            pub fn set(mut self, field: &str, value: impl Into<Value>) -> Self {
                let is_id = field == self.$item.kind.key() && !self.$item.id().is_empty();
                if !is_id {
                    self.$item = self.$item.set(field, value.into());
                }
                self
            }

            #[doc = concat!("The ", $what, " as the service shows it now.")]
            #[must_use]
            pub fn value(&self) -> Value {
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

item!(AddedUser, 0, "user");
item!(AddedReseller, 0, "reseller");
item!(AddedTask, task, "task");
item!(AddedBackupTask, 0, "backup task");
item!(AddedBill, 0, "bill");

impl Sandbox {
    /// Adds a user of the partner's.
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

    /// Adds a reseller of the distributor's.
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

fn add_user<'a>(state: &'a State, name: &str, owner: &str) -> AddedUser<'a> {
    let id = state.data.new_id();
    let email = email(name, &id);
    let value = json!({
        "id": id,
        "name": name,
        "email": email,
        "status": "ACTIVE",
        "date": data::day_number(state.clock.now()),
        "dailyReport": false,
        "region": "US_EST",
        "discount": 0,
        "reportEmails": [email],
        "partnerID": owner,
        "currency": "USD",
        "customStorage": null,
        "ms365EnterprisePlan": false,
        "gsuiteEnterprisePlan": false,
    });
    AddedUser(Added::new(state, Kind::Users, &value, Some(owner)))
}

/// A mail address that nobody else has.
fn email(name: &str, id: &str) -> String {
    let number = id.get(..8).unwrap_or(id);
    format!("admin@{}-{number}.example.com", slug(name)).replace("@-", "@")
}

impl AddedReseller<'_> {
    /// The reseller's `partnerId`.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id()
    }

    /// An account of the reseller, which sees the users added to it. Each call makes another one.
    pub fn credentials(&self) -> Credentials {
        let scope = Scope::Reseller(Arc::from(self.id()));
        let authority = &self.0.state.authority;
        authority.add_new(AccountKind::Reseller, scope, &self.0.text("resellerEmail"))
    }
}

impl<'a> AddedReseller<'a> {
    /// Adds a user of this reseller.
    pub fn add_user(&self, name: &str) -> AddedUser<'a> {
        add_user(self.0.state, name, &self.id())
    }
}

impl AddedUser<'_> {
    /// The user's id.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id()
    }

    /// A portal account of the user, which sees the backup tasks added to it. Each call makes another one.
    pub fn credentials(&self) -> Credentials {
        let scope = Scope::User(Arc::from(self.id()));
        let authority = &self.0.state.authority;
        authority.add_new(AccountKind::PortalUser, scope, &self.0.text("email"))
    }
}

impl<'a> AddedUser<'a> {
    /// Adds a task for a source (`GMAIL`, `EXCHANGE`, ...), which was backed up an hour ago and will be in
    /// 23 hours, and its status entry.
    pub fn add_task(&self, source: &str) -> AddedTask<'a> {
        let state = self.0.state;
        let (user, id, now) = (self.id(), state.data.new_id(), state.clock.now());
        let account = self.0.text("email");
        let last = data::ago(now, HOUR);
        let task = json!({
            "id": id,
            "account": account,
            "type": "BACKUP",
            "source": source,
            "userId": user,
            "domain": account.split_once('@').map(|(_, domain)| domain),
            "status": "ACTIVE",
            "region": "US_EST",
            "alias": account,
            "backupTaskId": state.data.new_id(),
            "index": true,
            "snapshotDate": null,
            "lastBackupDates": {source: data::second_number(last)},
            "nextBackup": "In 23 hours",
            "progress": null,
            "size": 0,
            "createDate": data::rfc3339(data::ago(now, 30 * DAY)),
            "numOfBilledEntities": 1,
            "numOfEntities": 1,
            "userEmail": account,
            "multiEntitiesTask": false,
        });
        let status = json!({
            "userId": user,
            "taskId": id,
            "source": source,
            "entityName": account,
            "lastBackupDate": data::rfc3339(last),
            "lastBackupAttemptDate": data::rfc3339(last),
            "backupDuration": 60,
            "size": 0,
            "backupStatus": [],
        });
        AddedTask {
            task: Added::new(state, Kind::Tasks, &task, Some(&user)),
            status: Added::new(state, Kind::Statuses, &status, Some(&user)),
        }
    }

    /// Adds a backup task of a type (`MS365`, `BOX`, ...) with a name, for the user's portal account.
    pub fn add_backup_task(&self, kind: &str, name: &str) -> AddedBackupTask<'a> {
        let state = self.0.state;
        let now = state.clock.now();
        let task = json!({
            "id": state.data.new_id(),
            "name": name,
            "type": kind,
            "status": "success",
            "lastBackup": data::rfc3339(data::ago(now, HOUR)),
            "createdAt": data::rfc3339(data::ago(now, 30 * DAY)),
            "size": 0,
            "schedule": {"frequency": "daily", "timezone": "UTC"},
        });
        AddedBackupTask(Added::new(
            state,
            Kind::BackupTasks,
            &task,
            Some(&self.id()),
        ))
    }

    /// Adds a bill of one line to the user: a period such as `2026-02`, and a sum such as `12.50`.
    pub fn add_bill(&self, period: &str, total: &str) -> AddedBill<'a> {
        let bill = json!({
            "name": self.0.text("name"),
            "period": period,
            "discount": "0.00",
            "total": total,
            "lines": [{
                "serviceType": "BACKUP",
                "service": "Daily backup, per seat",
                "quantity": "1",
                "price": total,
                "total": total,
                "seat": "1",
                "storage": "0",
                "source": "GMAIL",
            }],
            "paymentType": "INVOICE",
            "trialDaysLeft": 0,
            "subscribed": true,
        });
        AddedBill(Added::new(
            self.0.state,
            Kind::Bills,
            &bill,
            Some(&self.id()),
        ))
    }
}

impl AddedTask<'_> {
    /// The task's id.
    #[must_use]
    pub fn id(&self) -> String {
        self.task.id()
    }

    /// The task's status entry as the service shows it now.
    #[must_use]
    pub fn status(&self) -> Value {
        self.status.value()
    }

    /// Sets the task's alias.
    pub fn alias(self, alias: &str) -> Self {
        self.set("alias", alias)
    }

    /// Archives the task: it has no backups any more.
    pub fn archived(self) -> Self {
        self.set("status", "ARCHIVED")
            .set("nextBackup", Value::Null)
    }

    /// Lets the last backup of a part of the source fail, with the service's words. What failed keeps on
    /// failing; the last good backup was a day before.
    pub fn fail(self, sub_source: &str, error: &str) -> Self {
        let result = json!({
            "subSource": sub_source,
            "status": "FAILED",
            "error": error,
            "errFAQLink": null,
        });
        self.result(result, true)
    }

    /// Lets the last backup of a part of the source go well.
    pub fn succeed(self, sub_source: &str) -> Self {
        let result = json!({
            "subSource": sub_source,
            "status": "SUCCESS",
            "error": null,
            "errFAQLink": null,
        });
        self.result(result, false)
    }

    /// Sets when the last good backup was, and the last attempt, on the task and on its status entry.
    pub fn backed_up(self, last: Timestamp) -> Self {
        let (text, number) = (data::rfc3339(last), data::second_number(last));
        self.task.change(|task| {
            let source = task["source"].as_str().unwrap_or_default().to_owned();
            task["lastBackupDates"] = json!({source: number});
        });
        self.status.change(|entry| {
            entry["lastBackupDate"] = json!(text);
            entry["lastBackupAttemptDate"] = json!(text);
        });
        self
    }

    /// Sets any field of the task's status entry.
    pub fn set_status(self, field: &str, value: impl Into<Value>) -> Self {
        self.status.set(field, value.into());
        self
    }

    fn result(self, result: Value, failed: bool) -> Self {
        let now = self.status.state.clock.now();
        self.status.change(|entry| {
            if failed {
                entry["lastBackupDate"] = json!(data::rfc3339(data::ago(now, HOUR + DAY)));
            }
            match &mut entry["backupStatus"] {
                Value::Array(results) => results.push(result),
                other => *other = json!([result]),
            }
        });
        self
    }
}

impl AddedBackupTask<'_> {
    /// The backup task's id.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id()
    }
}
