//! The stored form of a restore.

use cloudally_gen::id::JobId;
use cloudally_gen::timestamp::Timestamp;
use cloudally_gen::types::{RestoreJob, RestoreRequest};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The version of the stored form.
const VERSION: u32 = 1;

/// A restore in the form in which it is stored: what was requested, and the job if one was created.
///
/// A [`PreparedRestore`](crate::api::PreparedRestore) and a
/// [`RestoreHandle`](crate::api::RestoreHandle) serialise into it, and
/// [`Restores::resume`](crate::api::Restores::resume) takes it. It has a version; reading one of a
/// version that this crate does not know is an error that says so.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SavedRestore {
    version: u32,
    /// When the request was prepared, if it was prepared by this crate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepared_at: Option<Timestamp>,
    /// What was requested, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RestoreRequest>,
    /// The id of the job. Without one it is unknown whether the request was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// What the response that created the job says about it.
    pub initial_job: RestoreJob,
}

impl SavedRestore {
    pub(super) fn new(
        request: Option<&RestoreRequest>,
        prepared_at: Option<jiff::Timestamp>,
        job: Option<(&JobId, &RestoreJob)>,
    ) -> Self {
        Self {
            version: VERSION,
            prepared_at: prepared_at.map(Timestamp::from),
            request: request.cloned(),
            job_id: job.map(|(id, _)| id.clone()),
            initial_job: job.map(|(_, job)| job.clone()).unwrap_or_default(),
        }
    }
}

impl<'de> Deserialize<'de> for SavedRestore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Stored {
            version: Option<Value>,
            #[serde(default)]
            prepared_at: Option<Timestamp>,
            /// Read without conversions, so that an odd value in `extra` does not lose the job.
            #[serde(default)]
            request: Value,
            #[serde(default)]
            job_id: Option<JobId>,
            /// Read as leniently as a job of the service, so that the id is never lost.
            #[serde(default)]
            initial_job: Value,
        }
        let stored = Stored::deserialize(deserializer)?;
        if stored.version != Some(Value::from(VERSION)) {
            let Some(version) = stored.version else {
                return Err(D::Error::custom(
                    "it has no version, so it is not a saved restore",
                ));
            };
            return Err(D::Error::custom(format!(
                "a saved restore of version {version}, and this crate reads version {VERSION}: use the version of cloudally that wrote it"
            )));
        }
        let request = RestoreRequest::from_value(stored.request);
        if request.is_none() && stored.job_id.is_none() {
            return Err(D::Error::custom(
                "a saved restore has neither a job nor a request",
            ));
        }
        Ok(Self {
            version: VERSION,
            prepared_at: stored.prepared_at,
            request,
            job_id: stored.job_id,
            initial_job: RestoreJob::from_value(stored.initial_job).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_saved_restore_is_read_whatever_the_job_was() {
        for job in [
            json!({"progress": "40 %", "status": 7, "new": [1]}),
            json!({"jobId": 7, "progress": 40.5}),
            json!(null),
            json!("odd"),
        ] {
            let initial = RestoreJob::from_value(job).unwrap_or_default();
            let saved = SavedRestore::new(None, None, Some((&"J-1".into(), &initial)));
            let text = serde_json::to_string(&saved).unwrap();
            assert_eq!(
                serde_json::from_str::<SavedRestore>(&text).unwrap(),
                saved,
                "{text}"
            );
        }
        let request = RestoreRequest::default()
            .with_extra("snapshotDate", "2024-01-01")
            .with_extra("taskId", 7);
        let saved = SavedRestore::new(
            Some(&request),
            None,
            Some((&"J-1".into(), &Default::default())),
        );
        let text = serde_json::to_string(&saved).unwrap();
        assert_eq!(
            serde_json::from_str::<SavedRestore>(&text).unwrap(),
            saved,
            "{text}"
        );
        let odd = json!({"version": 1, "jobId": "J-1", "initialJob": "odd", "later": 1});
        let odd: SavedRestore = serde_json::from_value(odd).unwrap();
        assert_eq!(odd.job_id, Some("J-1".into()));
    }

    #[test]
    fn another_version_is_an_error_that_says_so() {
        for version in [json!(0), json!(2), json!("1")] {
            let stored = json!({"version": version, "jobId": "J-1"});
            let error = serde_json::from_value::<SavedRestore>(stored).unwrap_err();
            let expected = format!("version {version}, and this crate reads version 1");
            assert!(error.to_string().contains(&expected), "{error}");
        }
        let empty = serde_json::from_value::<SavedRestore>(json!({"version": 1}));
        assert!(empty.unwrap_err().to_string().contains("neither"));
    }
}
