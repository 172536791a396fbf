//! The fixtures, and pages made of them.

use serde_json::{Value, json};

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../fixtures/", $name, ".json")))),+];
    };
}

files![
    "access_token",
    "backup_task",
    "bill",
    "partner",
    "reseller",
    "restore_job",
    "restore_request",
    "status_entry",
    "task",
    "user",
];

/// Both items of a fixture.
#[must_use]
pub fn both(name: &str) -> [Value; 2] {
    let (_, text) = FILES
        .iter()
        .find(|(file, _)| *file == name)
        .unwrap_or_else(|| panic!("there is no fixture {name}"));
    serde_json::from_str(text).unwrap_or_else(|error| panic!("the fixture {name}: {error}"))
}

/// The item in which every documented field has a value.
#[must_use]
pub fn full(name: &str) -> Value {
    let [full, _] = both(name);
    full
}

/// The item with nulls, gaps and unknown values.
#[must_use]
pub fn odd(name: &str) -> Value {
    let [_, odd] = both(name);
    odd
}

/// A list of one page, with both items of a fixture.
#[must_use]
pub fn page(name: &str) -> Value {
    json!({
        "page": 1,
        "totalPages": 1,
        "total": 2,
        "nextPageToken": null,
        "data": both(name),
    })
}

/// A reseller with a page of its accounts among its own fields.
#[must_use]
pub fn reseller_details() -> Value {
    let mut details = full("reseller");
    if let (Value::Object(details), Value::Object(page)) = (&mut details, page("user")) {
        details.extend(page);
    }
    details
}
