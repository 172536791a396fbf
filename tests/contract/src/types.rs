//! The table of all types that the document names, each with values of the fixtures.

use std::fmt::Debug;

use cloudally_gen::page::Page;
use cloudally_gen::types::{
    AccessToken, BackupFrequency, BackupResult, BackupSchedule, BackupStatus, BackupTask,
    BackupTaskStatus, BackupTaskType, Bill, BillLine, Currency, CustomStorage,
    NotificationSettings, Partner, ProgressState, Region, Reseller, ResellerDetails, RestoreJob,
    RestoreRequest, RestoreState, Source, StorageType, SubSourceStatus, Task, TaskProgress,
    TaskStatus, TaskType, User, UserStatus,
};
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{fixtures, spec};

/// A type.
#[derive(Debug)]
pub struct Type {
    /// The component of the document that it stands for.
    pub component: &'static str,
    /// Values of it: for an object, the first has all documented fields.
    pub values: Vec<Value>,
    /// Decodes JSON.
    pub decode: fn(&Value) -> Result<Decoded, Undecodable>,
    /// What schemars says of it.
    pub schema: fn() -> Value,
}

/// A value that was decoded.
#[derive(Debug)]
pub struct Decoded {
    /// The value, encoded again.
    pub encoded: Value,
    /// What its type does not name, if it is an object.
    pub extra: Option<Map<String, Value>>,
    /// How it shows itself.
    pub debug: String,
}

/// Why a value could not be decoded.
#[derive(Debug)]
pub struct Undecodable {
    /// Where in the JSON.
    pub path: String,
}

fn decode<T: Serialize + DeserializeOwned + Debug>(
    value: &Value,
) -> Result<(T, Decoded), Undecodable> {
    // By way of text, for that is how answers come, and some types read text and values apart.
    let text = value.to_string();
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    let decoded: T =
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| Undecodable {
            path: error.path().to_string(),
        })?;
    let encoded = serde_json::to_string(&decoded).unwrap();
    let shown = Decoded {
        encoded: serde_json::from_str(&encoded).unwrap(),
        extra: None,
        debug: format!("{decoded:?}"),
    };
    Ok((decoded, shown))
}

fn schema<T: JsonSchema>() -> Value {
    schema_for!(T).to_value()
}

/// An object with a map of what it does not name.
macro_rules! object {
    ($type:ty, $component:literal, $values:expr) => {
        Type {
            component: $component,
            values: $values.into(),
            decode: |value| {
                let (decoded, shown) = decode::<$type>(value)?;
                Ok(Decoded {
                    extra: Some(decoded.extra.into()),
                    ..shown
                })
            },
            schema: schema::<$type>,
        }
    };
}

fn open_enum<T>(component: &'static str) -> Type
where
    T: Serialize + DeserializeOwned + Debug + JsonSchema,
{
    let known = spec::enum_values(spec::component(component))
        .unwrap_or_else(|| panic!("{component} is no enum"));
    Type {
        component,
        values: known.into_iter().map(Value::from).collect(),
        decode: |value| Ok(decode::<T>(value)?.1),
        schema: schema::<T>,
    }
}

/// What is at this place in both items of a fixture.
fn inner(fixture: &str, pointer: &str) -> Vec<Value> {
    let both = fixtures::both(fixture);
    let inner = both
        .iter()
        .filter_map(|item| item.pointer(pointer))
        .cloned();
    let inner: Vec<_> = inner.collect();
    assert_eq!(inner.len(), 2, "{fixture} {pointer}");
    inner
}

fn pages(fixture: &str) -> Vec<Value> {
    let mut full = fixtures::page(fixture);
    full["nextPageToken"] = json!("t2");
    full["tookMs"] = json!(12);
    let odd =
        json!({"page": null, "data": fixtures::both(fixture), "nextPageToken": null, "hint": null});
    vec![full, odd]
}

fn reseller_details() -> Vec<Value> {
    let mut full = fixtures::reseller_details();
    full["nextPageToken"] = json!("t2");
    let mut odd = fixtures::odd("reseller");
    odd["data"] = json!(null);
    vec![full, odd]
}

/// All types with a component of the document.
#[must_use]
pub fn all() -> Vec<Type> {
    let mut all = objects();
    all.extend(parts());
    all.extend(page_types());
    all.extend(enums());
    all
}

fn objects() -> Vec<Type> {
    vec![
        object!(AccessToken, "AccessToken", fixtures::both("access_token")),
        object!(BackupTask, "BackupTask", fixtures::both("backup_task")),
        object!(Bill, "Bill", fixtures::both("bill")),
        object!(Partner, "Partner", fixtures::both("partner")),
        object!(Reseller, "Reseller", fixtures::both("reseller")),
        object!(ResellerDetails, "ResellerDetails", reseller_details()),
        object!(RestoreJob, "RestoreJob", fixtures::both("restore_job")),
        object!(
            RestoreRequest,
            "RestoreRequest",
            fixtures::both("restore_request")
        ),
        object!(BackupStatus, "BackupStatus", fixtures::both("status_entry")),
        object!(Task, "Task", fixtures::both("task")),
        object!(User, "User", fixtures::both("user")),
    ]
}

fn parts() -> Vec<Type> {
    vec![
        object!(
            BackupSchedule,
            "BackupSchedule",
            inner("backup_task", "/schedule")
        ),
        object!(BillLine, "BillLine", inner("bill", "/lines/0")),
        object!(
            CustomStorage,
            "CustomStorage",
            inner("user", "/customStorage")
        ),
        object!(
            NotificationSettings,
            "NotificationSettings",
            inner("reseller", "/notificationSettings")
        ),
        object!(
            SubSourceStatus,
            "SubSourceStatus",
            inner("status_entry", "/backupStatus/0")
        ),
        object!(TaskProgress, "TaskProgress", inner("task", "/progress")),
    ]
}

fn page_types() -> Vec<Type> {
    vec![
        object!(Page<BackupTask>, "BackupTaskPage", pages("backup_task")),
        object!(Page<Bill>, "BillPage", pages("bill")),
        object!(Page<Reseller>, "ResellerPage", pages("reseller")),
        object!(Page<BackupStatus>, "StatusEntryPage", pages("status_entry")),
        object!(Page<Task>, "TaskPage", pages("task")),
        object!(Page<User>, "UserPage", pages("user")),
    ]
}

fn enums() -> Vec<Type> {
    vec![
        open_enum::<BackupFrequency>("BackupFrequency"),
        open_enum::<BackupResult>("BackupResult"),
        open_enum::<BackupTaskStatus>("BackupTaskStatus"),
        open_enum::<BackupTaskType>("BackupTaskType"),
        open_enum::<Currency>("Currency"),
        open_enum::<ProgressState>("ProgressState"),
        open_enum::<Region>("Region"),
        open_enum::<RestoreState>("RestoreState"),
        open_enum::<Source>("Source"),
        open_enum::<StorageType>("StorageType"),
        open_enum::<TaskStatus>("TaskStatus"),
        open_enum::<TaskType>("TaskType"),
        open_enum::<UserStatus>("UserStatus"),
    ]
}
