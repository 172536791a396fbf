//! Methods of restore requests and jobs.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{JobId, TaskId};
use crate::types::{RestoreJob, RestoreRequest, RestoreState};

impl RestoreRequest {
    /// Starts a request to restore what a task backs up.
    ///
    /// Nothing is known of the request beyond its fields, all of which are inferred. What else the
    /// service needs goes into [`extra`](Self::extra).
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// use cloudally::types::RestoreRequest;
    /// let request = RestoreRequest::new("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10")
    ///     .with_entity_name("ann@acme.example.com");
    /// ```
    #[must_use]
    pub fn new(task_id: impl Into<TaskId>) -> Self {
        Self {
            task_id: Some(task_id.into()),
            ..Self::default()
        }
    }

    /// Reads a request from the JSON that it was written as, or returns `None` for a value that is
    /// not an object.
    ///
    /// Unlike deserialising, it never fails on a field and converts none: a value in
    /// [`extra`](Self::extra) may have the name of a field and another type.
    #[must_use]
    pub fn from_value(value: Value) -> Option<Self> {
        let Value::Object(mut fields) = value else {
            return None;
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            task_id: take(&mut fields, "taskId", text).map(TaskId::from),
            entity_name: take(&mut fields, "entityName", text),
            snapshot_date: take(&mut fields, "snapshotDate", Value::as_i64),
            extra: fields.into(),
        })
    }
}

/// What the state of a restore job means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RestoreOutcome {
    /// The job is running, or its state has no known meaning.
    Running,
    /// The job ended and the data is restored.
    Done,
    /// The job ended without restoring the data.
    Failed,
}

impl RestoreJob {
    /// Reads a job from any JSON object, or returns `None` for a value that is not an object.
    ///
    /// Nothing is known of the fields of a job, so none of them makes reading fail: a field of an
    /// unexpected type goes into [`extra`](Self::extra). Numbers are read as text and the reverse.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// use cloudally::types::RestoreJob;
    /// let job = RestoreJob::from_value(serde_json::json!({"jobId": 7, "progress": "40 %"})).unwrap();
    /// assert_eq!(job.job_id, Some("7".into()));
    /// assert_eq!(job.extra["progress"], "40 %");
    /// ```
    #[must_use]
    pub fn from_value(value: Value) -> Option<Self> {
        let Value::Object(mut fields) = value else {
            return None;
        };
        Some(Self {
            job_id: take(&mut fields, "jobId", text).map(JobId::from),
            status: take(&mut fields, "status", text).map(RestoreState::from),
            progress: take(&mut fields, "progress", whole),
            message: take(&mut fields, "message", text),
            extra: fields.into(),
        })
    }

    /// Returns what the state of the job means.
    ///
    /// The values of `status` are not documented. The usual ones for success and failure are
    /// recognised in any case; any other counts as running.
    ///
    /// [Evidence](crate#evidence): inferred.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::{models::*, types::*}; } }
    /// use cloudally::types::RestoreOutcome;
    /// let job: cloudally::types::RestoreJob = serde_json::from_str(r#"{"status": "Succeeded"}"#)?;
    /// assert_eq!(job.outcome(), RestoreOutcome::Done);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn outcome(&self) -> RestoreOutcome {
        let status = self
            .status
            .as_ref()
            .map(RestoreState::as_str)
            .unwrap_or_default();
        match status.to_ascii_uppercase().as_str() {
            "COMPLETED" | "COMPLETE" | "DONE" | "FINISHED" | "SUCCESS" | "SUCCEEDED" => {
                RestoreOutcome::Done
            }
            "FAILED" | "FAILURE" | "ERROR" | "CANCELLED" | "CANCELED" | "ABORTED" | "REJECTED" => {
                RestoreOutcome::Failed
            }
            _ => RestoreOutcome::Running,
        }
    }
}

/// Takes a field out of the object if it can be read.
fn take<T>(
    fields: &mut Map<String, Value>,
    name: &str,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Option<T> {
    let value = read(fields.get(name)?)?;
    fields.remove(name);
    Some(value)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_states_and_none_go_on() {
        for (status, outcome) in [
            (json!(null), RestoreOutcome::Running),
            (json!("HALF_DONE"), RestoreOutcome::Running),
            (json!("COMPLETED"), RestoreOutcome::Done),
            (json!("failed"), RestoreOutcome::Failed),
        ] {
            let job: RestoreJob = serde_json::from_value(json!({"status": status})).unwrap();
            assert_eq!(job.outcome(), outcome, "{status}");
        }
    }
}
