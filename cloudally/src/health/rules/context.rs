//! What the rules of a task and those of its entities share.

use crate::health::date::Reading;
use crate::health::finding::TaskRef;
use crate::health::index::Group;
use crate::health::thresholds::Thresholds;

/// What the rules of the entities of a task share.
#[derive(Debug)]
pub(super) struct TaskContext<'a> {
    pub(super) group: &'a Group<'a>,
    pub(super) task: TaskRef,
    pub(super) schedule: Option<&'a str>,
    pub(super) thresholds: Thresholds,
    pub(super) is_running: bool,
    /// When the task was created, or when it was first seen.
    pub(super) born: Option<i64>,
}

/// Says why a date is bad data.
pub(super) fn bad_date(what: &str, reading: Reading, shown: &str) -> String {
    let problem = match reading {
        Reading::Ahead => "is ahead of now",
        _ => "cannot be read",
    };
    format!("the {what} {shown} {problem}")
}
