//! The record, and the steps by which it grows. No step has a clock or I/O of its own.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::canonical;
use crate::api::{PreparedRestore, RestoreHandle};
use crate::error::{Error, ErrorKind};
use crate::health::{Version, WireDate, rfc3339, stored};
use crate::response::{Response, ResponseParts};
use crate::types::{JobId, RestoreJob, RestoreRequest};

/// What became of a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RecordedOutcome {
    /// It was prepared and not sent.
    NotSent,
    /// It was not sent, or the service refused it. Nothing was restored.
    NotCarriedOut,
    /// It was sent, and whether the service accepted it is not known.
    OutcomeUnknown,
    /// The service accepted it and named no job, so that it cannot be followed.
    AcceptedWithoutJob,
    /// The service accepted it, and it was not done when it was last looked at.
    Accepted,
    /// The service says that it is done.
    Done,
    /// The service says that it failed.
    Failed,
}

impl RecordedOutcome {
    /// Returns the name, as it is in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "notSent",
            Self::NotCarriedOut => "notCarriedOut",
            Self::OutcomeUnknown => "outcomeUnknown",
            Self::AcceptedWithoutJob => "acceptedWithoutJob",
            Self::Accepted => "accepted",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for RecordedOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A state of the job that differs from the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordedState {
    /// When it was read.
    #[serde(with = "rfc3339")]
    pub at: Timestamp,
    /// The status, as the service names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The progress in per cent, as the service says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<i64>,
    /// The message of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What was asked, and what became of it.
///
/// It names what was restored, often a mailbox address. Errors in it are free of secrets, as all
/// errors are; what the request itself holds is recorded as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RestoreRecord {
    version: Version,
    /// Why it was asked and by whom, in the caller's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The service.
    pub base_url: String,
    /// What was asked.
    #[serde(deserialize_with = "request")]
    pub request: RestoreRequest,
    /// The point that was to be restored, a day or a time in UTC. The request can name none.
    #[serde(default, skip_serializing_if = "WireDate::is_missing")]
    pub restored_point: WireDate,
    /// When it was prepared.
    #[serde(with = "rfc3339")]
    pub prepared_at: Timestamp,
    /// When sending it began.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub sent_at: Option<Timestamp>,
    /// When the answer to it, or the failure to get one, was known.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub answered_at: Option<Timestamp>,
    /// When it was known to be done or to have failed.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub finished_at: Option<Timestamp>,
    /// How many attempts were made to send it. Only one of them can have reached the service and been
    /// looked at by it.
    pub attempts: u32,
    /// The HTTP status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The id by which the service knows the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The id of the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// The states of the job, each that differs from the one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<RecordedState>,
    /// What became of it.
    pub outcome: RecordedOutcome,
    /// What failed, if something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What there is to say about the record itself, such as that a step of it could not be stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Reads a request without conversions, so that it is recorded as it was asked.
fn request<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RestoreRequest, D::Error> {
    let request = RestoreRequest::from_value(Value::deserialize(deserializer)?);
    request.ok_or_else(|| serde::de::Error::custom("the request is no object"))
}

impl RestoreRecord {
    /// Begins the record of a restore that was prepared and not sent.
    #[must_use]
    pub fn new(prepared: &PreparedRestore) -> Self {
        let request = prepared.request();
        let point = request.snapshot_date.map(Value::from).unwrap_or_default();
        Self {
            version: Version,
            purpose: None,
            base_url: prepared.transport().base_url.to_string(),
            request: request.clone(),
            restored_point: serde_json::from_value(point).unwrap_or_default(),
            prepared_at: prepared.prepared_at(),
            sent_at: None,
            answered_at: None,
            finished_at: None,
            attempts: 0,
            status: None,
            request_id: None,
            job_id: None,
            states: Vec::new(),
            outcome: RecordedOutcome::NotSent,
            error: None,
            notes: Vec::new(),
        }
    }

    /// Records that it is about to be sent. From now on the outcome is unknown, until something says
    /// otherwise: store the record before the request is sent.
    pub fn sending(&mut self, now: Timestamp) {
        self.sent_at = Some(now);
        self.outcome = RecordedOutcome::OutcomeUnknown;
    }

    /// Records that the service accepted it.
    pub fn accepted(&mut self, response: &Response<RestoreHandle>, now: Timestamp) {
        self.answered(Some(&response.parts), response.parts.attempts(), now);
        self.job_id = Some(response.value.id().clone());
        self.outcome = RecordedOutcome::Accepted;
        self.polled(response.value.initial_job(), now);
    }

    /// Records that sending it failed, which does not always mean that it was not carried out.
    pub fn send_failed(&mut self, error: &Error, now: Timestamp) {
        self.answered(error.response_parts(), error.attempts(), now);
        self.outcome = outcome_of(error.kind());
        self.error = Some(error.to_string());
    }

    fn answered(&mut self, parts: Option<&ResponseParts>, attempts: u32, now: Timestamp) {
        self.answered_at = Some(now);
        self.attempts = attempts;
        self.status = parts.map(|parts| parts.status().as_u16());
        self.request_id = parts.and_then(ResponseParts::request_id).map(str::to_owned);
    }

    /// Records a state of the job. One that is the same as the last is not repeated.
    pub fn polled(&mut self, job: &RestoreJob, now: Timestamp) {
        let state = RecordedState {
            at: now,
            status: job.status.as_ref().map(ToString::to_string),
            progress: job.progress,
            message: job.message.clone(),
        };
        let is_empty = (&state.status, &state.progress, &state.message) == (&None, &None, &None);
        let is_known = self.states.last().is_some_and(|last| {
            (&last.status, &last.progress, &last.message)
                == (&state.status, &state.progress, &state.message)
        });
        if !is_empty && !is_known {
            self.states.push(state);
        }
    }

    /// Records the end of waiting for it.
    ///
    /// # Examples
    ///
    /// A record that is [`Accepted`](RecordedOutcome::Accepted) is finished by another program:
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use cloudally::jiff::Timestamp;
    /// use cloudally::restore_record::RestoreRecord;
    /// let mut record = RestoreRecord::from_json(&std::fs::read_to_string("restore-1.json")?)?;
    /// let job = record.job_id.clone().ok_or("no job")?;
    /// let result = client.restores().job(job).wait(Duration::from_secs(3600)).await;
    /// record.finished(&result, Timestamp::now());
    /// std::fs::write("restore-1.json", record.to_json())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn finished(&mut self, result: &Result<RestoreJob, Error>, now: Timestamp) {
        match result {
            Ok(job) => {
                self.polled(job, now);
                self.outcome = RecordedOutcome::Done;
                self.finished_at = Some(now);
            }
            Err(error) => {
                if let Some(job) = error.job() {
                    self.polled(job, now);
                }
                if error.kind() == ErrorKind::JobFailed {
                    self.outcome = RecordedOutcome::Failed;
                    self.finished_at = Some(now);
                }
                self.error = Some(error.to_string());
            }
        }
    }

    /// Returns how long it took from when it was accepted until it was known to be done or to have
    /// failed. The service may have been done before: it is asked every few seconds.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        between(self.answered_at?, self.finished_at?)
    }

    /// Returns how old the restored point was at most when the restore was prepared: of a day, since it
    /// began.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        between(self.restored_point.earliest()?, self.prepared_at)
    }

    /// Returns the hash over the content, as 64 hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        canonical::hash(&self.value())
    }

    fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Writes the record and the hash over it as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let record = self.value();
        let stored = json!({"sha256": canonical::hash(&record), "record": record});
        serde_json::to_string_pretty(&stored).unwrap_or_default()
    }

    /// Reads a record, and checks it against its hash.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if it is cut off, of another version, no record, or was changed
    /// after it was written.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Stored<'a> {
            sha256: String,
            #[serde(borrow)]
            record: &'a RawValue,
        }
        let (what, remedy) = ("restore record", "take it from where it was kept");
        let outer: Stored<'_> = stored(json, what, remedy)?;
        let stated = outer.sha256.trim();
        let refuse = |problem: String| {
            let detail = format!("the stored {what} {problem}; {remedy}");
            Err(Error::new(ErrorKind::InvalidInput, detail))
        };
        let hash = canonical::hash(&stored(outer.record.get(), what, remedy)?);
        if !hash.eq_ignore_ascii_case(stated) {
            return refuse(format!(
                "was changed after it was written: its hash is {stated}, and its content has {hash}"
            ));
        }
        // As text, so that a field that is there twice is refused.
        let record: Self = stored(outer.record.get(), what, remedy)?;
        if record.hash() != hash {
            return refuse("has fields that no record has".to_owned());
        }
        Ok(record)
    }
}

/// What a failure to send says of the restore. What is not known to have stopped it did not.
fn outcome_of(kind: ErrorKind) -> RecordedOutcome {
    match kind {
        ErrorKind::MissingJobId => RecordedOutcome::AcceptedWithoutJob,
        ErrorKind::Configuration
        | ErrorKind::InvalidInput
        | ErrorKind::Unauthenticated
        | ErrorKind::TokenRefused
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::BadRequest
        | ErrorKind::RateLimited
        | ErrorKind::Server
        | ErrorKind::Connect
        | ErrorKind::Timeout
        | ErrorKind::Cancelled
        | ErrorKind::Internal => RecordedOutcome::NotCarriedOut,
        _ => RecordedOutcome::OutcomeUnknown,
    }
}

fn between(from: Timestamp, to: Timestamp) -> Option<Duration> {
    Duration::try_from(to.duration_since(from)).ok()
}
