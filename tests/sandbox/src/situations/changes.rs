//! What each situation does to the data.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

use super::kind::Kind;
use super::targets::Target;
use crate::data::{self, DAY, DataSet, HOUR, Kind as List, Schedule, healthy};

const ERRORS: [&str; 3] = [
    "Access token was revoked by the administrator",
    "Mailbox not found: the license was removed",
    "Quota of the service exceeded, retry later",
];
const STORM_LINK: &str = "https://support.example.com/faq/storm";
/// The first number of the links of other failures, each of which has its own, since failures with
/// the same link would be a storm.
const FIRST_LINK: usize = 1000;

/// One change of the data.
pub(super) struct Change<'a> {
    pub(super) set: &'a mut DataSet,
    pub(super) target: &'a Target,
    pub(super) now: Timestamp,
    /// A number that no other change has.
    pub(super) serial: usize,
    /// The `partnerID` of a user that is added.
    pub(super) partner: &'a str,
}

/// Returns the position of the entry that a situation changes, if it changes only one.
pub(super) fn entry_of(kind: Kind, target: &Target) -> Option<usize> {
    match kind {
        Kind::Failed
        | Kind::Partial
        | Kind::Unexplained
        | Kind::UnreadableDate
        | Kind::DateAhead
        | Kind::UnknownWord
        | Kind::EntryWithoutTask
        | Kind::EntryWithoutUser
        | Kind::Duplicate
        | Kind::Tie => target.entries.first().copied(),
        Kind::Skipped | Kind::Dormant => target.entries.last().copied(),
        _ => None,
    }
}

impl Change<'_> {
    fn task(&mut self, change: impl FnOnce(&mut Value)) {
        if let Some(at) = self.target.task {
            self.set.change(List::Tasks, at, self.now, change);
        }
    }

    fn entry(&mut self, at: usize, change: impl FnOnce(&mut Value)) {
        self.set.change(List::Statuses, at, self.now, change);
    }

    fn entries(&mut self, mut change: impl FnMut(&mut Value)) {
        for at in &self.target.entries {
            self.set.change(List::Statuses, *at, self.now, &mut change);
        }
    }

    fn schedule_task(&mut self, schedule: Schedule) {
        if let Some(at) = self.target.task {
            self.set.list_mut(List::Tasks).schedule(at, schedule);
        }
    }

    fn schedule_entry(&mut self, at: usize, schedule: Schedule) {
        self.set.list_mut(List::Statuses).schedule(at, schedule);
    }

    fn value(&self, list: List, at: Option<usize>) -> Value {
        let item = at.and_then(|at| self.set.list(list).items.get(at));
        item.map(|item| item.value()).unwrap_or_default()
    }

    fn ago(&self, seconds: i64) -> Value {
        json!(data::rfc3339(data::ago(self.now, seconds)))
    }

    /// Lets the backups of the task and of all its entities work, and returns the time of the last
    /// one.
    pub(super) fn heal(&mut self) -> Timestamp {
        let now = self.now;
        let (mut run, created) = (now, self.ago(90 * DAY));
        self.schedule_task(Schedule::Runs);
        self.task(|task| {
            run = healthy::task(task, now);
            task["backupTaskId"] = Value::Null;
            if !task["createDate"].is_string() {
                task["createDate"] = created;
            }
        });
        let task = self.value(List::Tasks, self.target.task);
        let mut taken = HashSet::new();
        for at in &self.target.entries {
            self.schedule_entry(*at, Schedule::Runs);
            self.entry(*at, |entry| {
                healthy::entry(entry, run);
                for field in ["userId", "source"] {
                    entry[field] = task[field].clone();
                }
                let name = entry["entityName"].as_str().unwrap_or("shared@example.com");
                let entity = healthy::entity(name, &taken);
                entry["entityName"] = json!(entity);
                taken.insert(entity);
            });
        }
        run
    }

    pub(super) fn apply(mut self, kind: Kind) {
        let run = self.heal();
        let entry = entry_of(kind, self.target).unwrap_or_default();
        let (day_before, serial) = (json!(data::rfc3339(data::ago(run, DAY))), self.serial);
        match kind {
            Kind::NeverRan => self.new_task(90 * DAY, Schedule::Stopped),
            Kind::Pending => self.new_task(HOUR, Schedule::Runs),
            Kind::Failed | Kind::Partial => self.entry(entry, |entry| {
                fail(entry, serial, kind == Kind::Partial);
                entry["lastBackupDate"] = day_before;
            }),
            Kind::Stale => self.ended(2 * DAY, 2 * DAY),
            Kind::Overdue => self.ended(5 * DAY, 5 * DAY),
            Kind::Unexplained => {
                self.entry(entry, |entry| entry["lastBackupDate"] = day_before);
                self.schedule_entry(entry, Schedule::Attempts);
            }
            Kind::Skipped => self.dated(entry, &self.ago(3 * DAY)),
            Kind::Dormant => self.dated(entry, &self.ago(45 * DAY)),
            Kind::UnreadableDate => self.dated(entry, &json!("yesterday, around noon")),
            Kind::DateAhead => self.dated(entry, &self.ago(-365 * DAY)),
            Kind::UnknownWord => self.entry(entry, |entry| {
                entry["backupStatus"][0]["status"] = json!("HALF_DONE");
            }),
            Kind::SizeDrop => {
                self.task(shrink);
                self.entries(shrink);
            }
            Kind::Unproven => {
                self.task(|task| task["lastBackupDates"] = json!({}));
                self.schedule_task(Schedule::Stopped);
                self.remove_entries(0);
            }
            Kind::NoTasks => self.add_user(),
            Kind::Vanished => {
                self.remove_entries(0);
                if let Some(at) = self.target.task {
                    self.set.list_mut(List::Tasks).remove(at);
                }
            }
            Kind::Archived => self.archive(),
            Kind::Paused => self.pause(run),
            Kind::EntryWithoutTask => {
                let task = self.target.new_id.clone();
                self.add_entry(entry, |entry| entry["taskId"] = json!(task));
            }
            Kind::EntryWithoutUser => {
                let user = self.target.new_id.clone();
                self.entry(entry, |entry| entry["userId"] = json!(user));
            }
            Kind::TaskWithoutUser => {
                let without_user = |item: &mut Value| item["userId"] = Value::Null;
                self.task(without_user);
                self.entries(without_user);
            }
            Kind::Duplicate => {
                let (attempt, success) = (self.ago(3 * DAY), self.ago(4 * DAY));
                let at = self.add_entry(entry, |entry| {
                    fail(entry, serial, false);
                    entry["lastBackupAttemptDate"] = attempt;
                    entry["lastBackupDate"] = success;
                });
                self.schedule_entry(at, Schedule::Stopped);
            }
            Kind::Tie => {
                self.add_entry(entry, |entry| {
                    fail(entry, serial, false);
                    entry["lastBackupDate"] = day_before;
                });
            }
            Kind::Running | Kind::Cancelled => {
                self.ended(HOUR, HOUR + DAY);
                self.task(|task| {
                    task["progress"] = json!({
                        "current": 40,
                        "state": "PREPARE",
                        "service": task["source"],
                        "cancelled": kind == Kind::Cancelled,
                    });
                });
            }
            Kind::Storm => self.storm(&day_before, Some(STORM_LINK)),
            Kind::StormWithoutLink => self.storm(&day_before, None),
            // These are fault rules.
            Kind::Incomplete | Kind::Forbidden => {}
        }
    }

    /// Makes a task of one entity that has never been backed up.
    fn new_task(&mut self, age: i64, schedule: Schedule) {
        let created = self.ago(age);
        self.task(|task| {
            task["createDate"] = created;
            task["lastBackupDates"] = json!({});
            task["size"] = json!(0);
            task["numOfEntities"] = json!(1);
            task["numOfBilledEntities"] = json!(1);
            task["multiEntitiesTask"] = json!(false);
        });
        self.entries(|entry| {
            entry["lastBackupDate"] = Value::Null;
            entry["lastBackupAttemptDate"] = Value::Null;
            entry["backupDuration"] = json!(0);
            entry["size"] = json!(0);
            entry["backupStatus"] = json!([]);
        });
        self.remove_entries(1);
        self.schedule_task(schedule);
    }

    /// Sets when the task was attempted last, and when that succeeded last. No other follows.
    fn ended(&mut self, attempt: i64, success: i64) {
        let number = data::second_number(data::ago(self.now, success));
        let (attempt, success) = (self.ago(attempt), self.ago(success));
        self.task(|task| {
            let source = task["source"].as_str().unwrap_or_default().to_owned();
            task["lastBackupDates"] = json!(Map::from_iter([(source, json!(number))]));
        });
        self.entries(|entry| {
            entry["lastBackupAttemptDate"] = attempt.clone();
            entry["lastBackupDate"] = success.clone();
        });
        self.schedule_task(Schedule::Stopped);
    }

    /// Sets both dates of an entry, which stay.
    fn dated(&mut self, entry: usize, date: &Value) {
        self.entry(entry, |entry| {
            entry["lastBackupDate"] = date.clone();
            entry["lastBackupAttemptDate"] = date.clone();
        });
        self.schedule_entry(entry, Schedule::Stopped);
    }

    fn archive(&mut self) {
        self.task(|task| {
            task["status"] = json!("ARCHIVED");
            task["nextBackup"] = Value::Null;
        });
        self.entries(|entry| entry["backupStatus"][0]["status"] = json!("ARCHIVED"));
    }

    fn pause(&mut self, run: Timestamp) {
        let task = self.value(List::Tasks, self.target.task);
        let backup_task = json!({
            "id": self.target.new_id,
            "name": task["alias"],
            "type": "MS365",
            "status": "paused",
            "lastBackup": data::rfc3339(run),
            "createdAt": task["createDate"],
            "size": task["size"],
            "schedule": {"frequency": "daily", "timezone": "UTC"},
        });
        let owner = self.target.user.as_deref();
        let list = self.set.list_mut(List::BackupTasks);
        list.push(&backup_task, owner, self.now);
        self.task(|task| task["backupTaskId"] = backup_task["id"].clone());
        self.schedule_task(Schedule::Stopped);
    }

    fn storm(&mut self, success: &Value, link: Option<&str>) {
        let (id, number) = (self.target.new_id.clone(), 40_000 + 7 * self.serial);
        let error = format!("Request {id} was refused: the consent of tenant {number} has expired");
        self.entries(|entry| {
            for sub_source in entry["backupStatus"].as_array_mut().into_iter().flatten() {
                sub_source["status"] = json!("FAILED");
                sub_source["error"] = json!(error);
                sub_source["errFAQLink"] = json!(link);
            }
            entry["lastBackupDate"] = success.clone();
        });
    }

    fn add_user(&mut self) {
        let id = &self.target.new_id;
        let name = format!("Unprotected Ventures {}", 20_000 + self.serial);
        let user = crate::added::new_user(id, &name, self.partner, self.now);
        self.set.add(List::Users, &user, self.now);
    }

    /// Adds an entry that is a copy of another but for a change, and returns its position.
    fn add_entry(&mut self, of: usize, change: impl FnOnce(&mut Value)) -> usize {
        let mut entry = self.value(List::Statuses, Some(of));
        change(&mut entry);
        let owner = self.target.user.as_deref();
        let list = self.set.list_mut(List::Statuses);
        list.push(&entry, owner, self.now)
    }

    /// Removes all entries but the first ones.
    fn remove_entries(&mut self, keep: usize) {
        for at in self.target.entries.iter().skip(keep) {
            self.set.list_mut(List::Statuses).remove(*at);
        }
    }
}

/// Lets one of two sub-sources fail, or both.
fn fail(entry: &mut Value, serial: usize, only_one: bool) {
    let failed = |sub_source: &Value| {
        json!({
            "subSource": sub_source,
            "status": "FAILED",
            "error": ERRORS[serial % ERRORS.len()],
            "errFAQLink": format!("https://support.example.com/faq/{}", FIRST_LINK + serial),
        })
    };
    let first = entry["backupStatus"][0]["subSource"].clone();
    let other = if first == "CALENDAR" {
        "CONTACTS"
    } else {
        "CALENDAR"
    };
    let other = match only_one {
        true => healthy::succeeded(other),
        false => failed(&json!(other)),
    };
    entry["backupStatus"] = json!([failed(&first), other]);
}

fn shrink(item: &mut Value) {
    let size = item["size"].as_i64().unwrap_or_default();
    item["size"] = json!(size / 10 * 3);
}
