//! Reads a data set from JSON: one object with an array per list, the profiles, and the accounts.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use thiserror::Error;

use super::list::{Kind, OWNER, SCHEDULE, Schedule};
use super::set::{DataSet, Profiles, Scope, text};
use crate::account::{Account, AccountKind};
use crate::credentials::Credentials;

const PROFILES: [&str; 3] = ["partner", "distributor", "resellerDetails"];
const ACCOUNTS: &str = "accounts";

/// Errors for JSON that is not a data set.
#[derive(Debug, Error)]
pub(crate) enum DataError {
    #[error("it is not JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    #[error("{at}: {what}")]
    Meaning { at: String, what: String },
}

fn wrong<T>(at: impl Into<String>, what: impl Into<String>) -> Result<T, DataError> {
    Err(DataError::Meaning {
        at: at.into(),
        what: what.into(),
    })
}

/// Reads a data set from JSON. Missing lists are empty; missing profiles keep their values.
pub(crate) fn read(
    json: &str,
    profiles: &mut Profiles,
    now: Timestamp,
) -> Result<(DataSet, Vec<Account>), DataError> {
    let mut all = match serde_json::from_str(json)? {
        Value::Object(all) => all,
        _ => return wrong("the document", "must be an object"),
    };
    let names = || Kind::ALL.iter().map(|kind| kind.name()).chain(PROFILES);
    let unknown = |key: &&String| !names().any(|name| name == *key) && *key != ACCOUNTS;
    if let Some(key) = all.keys().find(unknown) {
        let known: Vec<_> = names().chain([ACCOUNTS]).collect();
        return wrong(key, format!("is not one of {}", known.join(", ")));
    }
    for (name, profile) in PROFILES.into_iter().zip([
        &mut profiles.partner,
        &mut profiles.distributor,
        &mut profiles.details,
    ]) {
        match all.remove(name) {
            None => {}
            Some(given @ Value::Object(_)) => *profile = given,
            Some(_) => return wrong(name, "must be an object"),
        }
    }
    let mut set = DataSet::empty();
    // `Kind::ALL` begins with users, because bills are assigned to users by name.
    for kind in Kind::ALL {
        for (at, mut item) in items(&mut all, kind)?.into_iter().enumerate() {
            let mut take = |name| item.as_object_mut().and_then(|item| item.remove(name));
            let schedule = take(SCHEDULE);
            let place = |member| format!("{}[{at}].{member}", kind.name());
            let position = match take(OWNER) {
                None => set.add(kind, &item, now),
                Some(Value::Null) => set.list_mut(kind).push(&item, None, now),
                Some(Value::String(owner)) => set.list_mut(kind).push(&item, Some(&owner), now),
                Some(_) => {
                    let what = format!("must be the id of a {}, or null", kind.owner());
                    return wrong(place(OWNER), what);
                }
            };
            if let Some(name) = schedule {
                match name.as_str().and_then(Schedule::named) {
                    Some(schedule) => set.list_mut(kind).schedule(position, schedule),
                    None => return wrong(place(SCHEDULE), "must be stopped or attempts"),
                }
            }
        }
    }
    let accounts = accounts(&mut all)?;
    Ok((set, accounts))
}

fn list(all: &mut Map<String, Value>, name: &str) -> Result<Vec<Value>, DataError> {
    match all.remove(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => wrong(name, "must be an array"),
    }
}

fn items(all: &mut Map<String, Value>, kind: Kind) -> Result<Vec<Value>, DataError> {
    let items = list(all, kind.name())?;
    let mut ids = HashSet::new();
    for (at, item) in items.iter().enumerate() {
        let at = format!("{}[{at}]", kind.name());
        if !item.is_object() {
            return wrong(at, "must be an object");
        }
        if kind.has_ids()
            && let Some(id) = text(item, kind.key())
            && !ids.insert(id)
        {
            return wrong(at, format!("has the {} {id:?} of one before", kind.key()));
        }
    }
    drop(ids);
    Ok(items)
}

fn accounts(all: &mut Map<String, Value>) -> Result<Vec<Account>, DataError> {
    list(all, ACCOUNTS)?
        .iter()
        .enumerate()
        .map(|(at, value)| account(&format!("{ACCOUNTS}[{at}]"), value))
        .collect()
}

fn account(at: &str, value: &Value) -> Result<Account, DataError> {
    let field = |name: &str| match text(value, name) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => wrong(format!("{at}.{name}"), "must be a string that isn't empty"),
    };
    let (kind, scope) = match field("kind")? {
        "partner" => (AccountKind::Partner, Scope::All),
        "distributor" => (AccountKind::Distributor, Scope::All),
        "reseller" => {
            let id = Arc::from(field("partnerId")?);
            (AccountKind::Reseller, Scope::Reseller(id))
        }
        "portalUser" => {
            let id = Arc::from(field("userId")?);
            (AccountKind::PortalUser, Scope::User(id))
        }
        _ => {
            return wrong(
                format!("{at}.kind"),
                "must be partner, distributor, reseller or portalUser",
            );
        }
    };
    Ok(Account {
        kind,
        scope,
        credentials: Credentials {
            client_id: field("clientId")?.to_owned(),
            client_secret: field("clientSecret")?.to_owned(),
            email: field("email")?.to_owned(),
            password: field("password")?.to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> String {
        let mut profiles = Profiles {
            partner: Value::Null,
            distributor: Value::Null,
            details: Value::Null,
        };
        let read = read(json, &mut profiles, Timestamp::UNIX_EPOCH);
        read.unwrap_err().to_string()
    }

    #[test]
    fn an_error_says_where() {
        for (json, expected) in [
            ("[]", "the document: must be an object"),
            (
                r#"{"task": []}"#,
                "task: is not one of users, tasks, statuses, bills, resellers, backupTasks, \
                 partner, distributor, resellerDetails, accounts",
            ),
            (r#"{"tasks": {}}"#, "tasks: must be an array"),
            (r#"{"tasks": [{}, 7]}"#, "tasks[1]: must be an object"),
            (
                r#"{"users": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}"#,
                "users[2]: has the id \"a\" of one before",
            ),
            (r#"{"partner": 1}"#, "partner: must be an object"),
            (
                r#"{"tasks": [{}, {"_schedule": "weekly"}]}"#,
                "tasks[1]._schedule: must be stopped or attempts",
            ),
            (
                r#"{"accounts": [{"kind": "admin"}]}"#,
                "accounts[0].kind: must be partner, distributor, reseller or portalUser",
            ),
            (
                r#"{"accounts": [{"kind": "reseller"}]}"#,
                "accounts[0].partnerId: must be a string that isn't empty",
            ),
        ] {
            assert_eq!(error(json), expected);
        }
        assert!(error("{").starts_with("it is not JSON: EOF while parsing"));
    }
}
