//! Responds with errors in the service's form.

use httpmock::Then;
use reqwest::StatusCode;
use serde_json::json;

/// Responds with an error status and a message. The body has no `timestamp` and no `path`, because
/// a mock knows neither when it is planned; any field of it may be missing.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "it is how a test fails, and this is for tests"
)]
pub(crate) fn error(then: Then, status: u16, message: &str) -> Then {
    let reason = match StatusCode::from_u16(status) {
        Ok(status) if status.is_client_error() || status.is_server_error() => {
            status.canonical_reason().unwrap_or("Error")
        }
        _ => panic!("{status} is not an error status: it must be from 400 to 599"),
    };
    then.status(status)
        .header("content-type", "application/json")
        .json_body(json!({"status": status, "error": reason, "message": message}))
}
