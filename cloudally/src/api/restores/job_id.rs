//! Finds the id of the job in the response to a request for a restore.
//!
//! The service documents no such response. Evidence: inferred.

use cloudally_gen::id::JobId;
use cloudally_gen::types::{RestoreJob, RestoreRequest};
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The id that the fields of the job or the `Location` name.
///
/// A field called just `id` may be the one of the task, so it counts only if it was not sent.
pub(super) fn find_job_id(
    job: &RestoreJob,
    headers: &HeaderMap,
    request: &RestoreRequest,
) -> Option<JobId> {
    let field = |name| {
        let id = text_of(job.extra.get(name)?)?;
        (!is_sent(request, &id)).then(|| id.into())
    };
    let named = job
        .job_id
        .clone()
        .filter(|id| !id.as_str().trim().is_empty());
    named
        .or_else(|| field("restoreId"))
        .or_else(|| id_in_location(headers))
        .or_else(|| field("id"))
}

/// The id that is all there is: a UUID or a number. Any other text says something else.
pub(super) fn bare_job_id(value: &Value, request: &RestoreRequest) -> Option<JobId> {
    let id = text_of(value)?;
    let is_id = is_uuid(&id) || id.bytes().all(|byte| byte.is_ascii_digit());
    (is_id && !is_sent(request, &id)).then(|| id.into())
}

fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Whether the text is one of the values of the request.
fn is_sent(request: &RestoreRequest, id: &str) -> bool {
    fn holds(value: &Value, id: &str) -> bool {
        match value {
            Value::Object(fields) => fields.values().any(|value| holds(value, id)),
            Value::Array(items) => items.iter().any(|value| holds(value, id)),
            value => text_of(value).is_some_and(|text| text.eq_ignore_ascii_case(id)),
        }
    }
    serde_json::to_value(request).is_ok_and(|request| holds(&request, id))
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_hexadecimal = |group: &&str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    lengths == [8, 4, 4, 4, 12] && groups.iter().all(is_hexadecimal)
}

/// The id at the end of a `Location`, where a 201 usually has it.
pub(super) fn id_in_location(headers: &HeaderMap) -> Option<JobId> {
    let location = headers.get(http::header::LOCATION)?.to_str().ok()?;
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let (before, id) = path.trim_end_matches('/').rsplit_once('/')?;
    let resource = before.rsplit('/').next().unwrap_or_default();
    if !matches!(resource, "restore" | "restores") {
        return None;
    }
    // It is encoded again when it becomes part of a path.
    let id = percent_decode_str(id).decode_utf8().ok()?;
    (!id.trim().is_empty()).then(|| id.as_ref().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use serde_json::json;

    const UUID: &str = "6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10";

    #[test]
    fn the_id_is_read_from_the_location() {
        for (location, expected) in [
            ("/v1/restore/J-1", Some("J-1")),
            ("https://api.cloudally.com/v1/restore/J-1/?a=b", Some("J-1")),
            ("/v1/restore/J%201", Some("J 1")),
            ("/v2/restores/J-1", Some("J-1")),
            ("restore/J-1", Some("J-1")),
            ("/v1/restore/", None),
            ("/v1/restore", None),
            ("/v1/restore/J-1/items", None),
            ("/elsewhere/J-1", None),
        ] {
            let headers = HeaderMap::from_iter([(
                http::header::LOCATION,
                HeaderValue::from_static(location),
            )]);
            let id = id_in_location(&headers);
            assert_eq!(id, expected.map(JobId::from), "{location}");
        }
    }

    #[test]
    fn a_field_that_repeats_what_was_sent_is_no_job() {
        let request = RestoreRequest::new("T-1").with_extra("items", json!([{"id": 7}]));
        for (body, expected) in [
            (json!({"jobId": "J-1", "id": "J-2"}), Some("J-1")),
            (json!({"jobId": "", "restoreId": 9, "id": "J-2"}), Some("9")),
            (json!({"id": "J-2"}), Some("J-2")),
            (json!({"id": "T-1"}), None),
            (json!({"id": 7}), None),
            (json!({"id": {"a": 1}}), None),
            (json!({"id": -1}), None),
        ] {
            let job = RestoreJob::from_value(body.clone()).unwrap();
            let id = find_job_id(&job, &HeaderMap::new(), &request);
            assert_eq!(id, expected.map(JobId::from), "{body}");
        }
    }

    #[test]
    fn a_bare_text_is_a_job_only_if_it_looks_like_an_id() {
        let request = RestoreRequest::new("T-1").with_extra("ticket", 4711);
        for (body, is_id) in [
            (json!(UUID), true),
            (json!(UUID.to_uppercase()), true),
            (json!(12), true),
            (json!("12"), true),
            (json!("OK"), false),
            (json!(""), false),
            (json!(-12), false),
            (json!(1.5), false),
            (json!(true), false),
            (json!(4711), false),
        ] {
            assert_eq!(bare_job_id(&body, &request).is_some(), is_id, "{body}");
        }
        assert!(bare_job_id(&json!(UUID), &RestoreRequest::new(UUID)).is_none());
    }
}
