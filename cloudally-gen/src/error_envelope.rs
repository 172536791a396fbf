//! Tells an error that comes with the status of a success from the response that it stands for.

use std::sync::LazyLock;

use http::StatusCode;
use memchr::memmem;
use serde_json::{Map, Value};

use crate::json;

/// A longer body is a response: an error has a message, and at most a stack trace.
const MAX_LENGTH: usize = 64 << 10;

/// Prepared once, because most responses are shorter than it takes.
static STATUS: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(b"\"status\""));

/// The fields of an error. [Evidence](crate#evidence): inferred.
const FIELDS: [&str; 4] = ["error", "message", "timestamp", "path"];

/// Returns the status that an error envelope names, or `None` for any other body.
///
/// An error envelope is an object with an integer `status` from 400 to 599, at least one of the
/// other fields of an error, and none that only a response has; `response_fields` are those of the
/// response.
///
/// # Examples
///
/// ```
/// use cloudally_gen::error_envelope::error_status;
/// let body = br#"{"status": 503, "error": "Service Unavailable"}"#;
/// assert_eq!(error_status(body, &["id", "status"]).unwrap(), 503);
/// assert_eq!(error_status(br#"{"id": "T-1", "status": 503, "error": ""}"#, &["id"]), None);
/// ```
#[must_use]
pub fn error_status(body: &[u8], response_fields: &[&str]) -> Option<StatusCode> {
    if response_fields.is_empty() || body.len() > MAX_LENGTH || !names_a_status(body) {
        return None;
    }
    let fields: Map<String, Value> = json::decode(body).ok()?;
    let status = u16::try_from(fields.get("status")?.as_u64()?).ok()?;
    let is_of_response =
        |name: &str| name != "status" && !FIELDS.contains(&name) && response_fields.contains(&name);
    let is_envelope = (400..=599).contains(&status)
        && FIELDS.iter().any(|name| fields.contains_key(*name))
        && !fields.keys().any(|name| is_of_response(name));
    StatusCode::from_u16(status).ok().filter(|_| is_envelope)
}

/// Whether some `status` in the body is a number that can be the status of an error. Nearly no
/// response has one, so that it need not be decoded twice.
fn names_a_status(body: &[u8]) -> bool {
    STATUS.find_iter(body).any(|at| {
        let rest = body.get(at + STATUS.needle().len()..).unwrap_or_default();
        let value = rest.trim_ascii_start().strip_prefix(b":");
        let value = value.map(<[u8]>::trim_ascii_start);
        matches!(value, Some([b'4' | b'5', ..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_error_envelope_is_one() {
        let partner = ["partnerId", "email"];
        let job = ["jobId", "status", "message"];
        for (body, fields, expected) in [
            (r#"{"status":500,"error":"x"}"#, &partner[..], Some(500)),
            (r#"{"message":null, "status" : 404}"#, &partner, Some(404)),
            (
                "\u{feff}{\"status\":400,\"path\":\"/v1\"}",
                &partner,
                Some(400),
            ),
            (
                r#"{"status":599,"timestamp":1,"trace":"x"}"#,
                &partner,
                Some(599),
            ),
            (r#"{"status":400,"message":"x"}"#, &job, Some(400)),
            // No error names it, or only what any response can have.
            (r#"{"status":500}"#, &partner, None),
            (r#"{"status":"500","error":"x"}"#, &partner, None),
            (r#"{"status":500.0,"error":"x"}"#, &partner, None),
            (r#"{"status":399,"error":"x"}"#, &partner, None),
            (r#"{"status":600,"error":"x"}"#, &partner, None),
            (r#"{"error":"x"}"#, &partner, None),
            // A response with new fields.
            (r#"{"status":500,"error":"x","email":null}"#, &partner, None),
            (r#"{"status":400,"message":"x","jobId":"J"}"#, &job, None),
            (r#"{"a":{"status":500,"error":"x"}}"#, &partner, None),
            (r#"[{"status":500,"error":"x"}]"#, &partner, None),
            // Nothing is known of the response.
            (r#"{"status":500,"error":"x"}"#, &[], None),
        ] {
            let status = error_status(body.as_bytes(), fields);
            assert_eq!(status.map(|status| status.as_u16()), expected, "{body}");
        }
    }
}
