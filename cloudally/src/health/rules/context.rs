//! What the rules of a task and those of its entities share.

use std::sync::Arc;

use crate::health::assessment::{About, Assessment};
use crate::health::date::Reading;
use crate::health::finding::{Finding, TaskRef};
use crate::health::index::{Group, Owner};
use crate::health::kind::{Kind, Severity};
use crate::health::snapshot::TaskRow;
use crate::health::text::one_line;
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

/// How many characters of a status or a source a message shows.
const MAX_WORD: usize = 64;

/// A status or a source as a message shows it: on one line, and cut off if it is long.
pub(super) fn shown(word: &str) -> String {
    one_line(word).chars().take(MAX_WORD).collect()
}

/// Says why a date is bad data.
pub(super) fn bad_date(what: &str, reading: Reading, shown: &str) -> String {
    let problem = match reading {
        Reading::Ahead => "is ahead of now",
        _ => "cannot be read",
    };
    format!("the {what} {shown} {problem}")
}

/// A finding about the whole task.
pub(super) fn of_task(
    assessment: &Assessment<'_>,
    context: &TaskContext<'_>,
    row: &TaskRow,
    owner: &Owner,
    kind: Kind,
    severity: Severity,
    source: Option<Arc<str>>,
) -> Finding {
    let about = About {
        owner,
        task: Some(context.task.clone()),
        source,
        entity: None,
        stated_tenant: row.tenant.clone(),
    };
    assessment.finding(kind, severity, about)
}
