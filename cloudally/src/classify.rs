//! Tells what kind of failure it was. Pure: status, headers and body, or the transport's error, go in; an [`Error`] comes
//! out.

use std::error::Error as StdError;

use bytes::Bytes;
use cloudally_gen::operation::Operation;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use crate::error::{Error, ErrorKind};
use crate::retry::after::retry_after;

/// Headers that services and the gateways before them use for the id of a request, likeliest first.
const REQUEST_ID: [&str; 4] = [
    "x-request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amz-cf-id",
];

/// How an attempt failed.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The answer has a status that the operation does not document.
    Status {
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    },
    /// The answer has the right status, and a body that is not what is documented.
    Undecodable {
        status: StatusCode,
        headers: HeaderMap,
        error: serde_json::Error,
        path: Option<String>,
    },
    /// No answer, or half of one.
    Transport {
        error: reqwest::Error,
        status: Option<StatusCode>,
    },
    /// The deadline passed while the answer was awaited.
    Deadline,
    /// The request could not be made.
    Unsendable { reason: String },
}

/// The error of a failed attempt.
pub(crate) fn classify(operation: &Operation, outcome: Outcome, now: Timestamp) -> Error {
    let error = match outcome {
        Outcome::Status {
            status,
            headers,
            body,
        } => by_status(operation, status, &headers, body, now),
        Outcome::Undecodable {
            status,
            headers,
            error,
            path,
        } => undecodable(operation, status, &headers, &error, path),
        Outcome::Transport { error, status } => by_transport(operation, error, status),
        Outcome::Deadline if operation.is_idempotent => Error::new(
            ErrorKind::Timeout,
            "the deadline passed before the answer came; allow more time or try later",
        ),
        Outcome::Deadline => ambiguous("the deadline passed before the answer came"),
        Outcome::Unsendable { reason } => Error::new(
            ErrorKind::InvalidRequest,
            format!("the request cannot be sent: {reason}"),
        ),
    };
    error.operation_id(operation.id)
}

/// The id that the service gave the request.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    REQUEST_ID
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::to_owned)
}

fn ambiguous(what: &str) -> Error {
    Error::new(
        ErrorKind::Ambiguous,
        format!("{what}, and the request may have been carried out; look before you send it again"),
    )
}

fn by_status(
    operation: &Operation,
    status: StatusCode,
    headers: &HeaderMap,
    body: Bytes,
    now: Timestamp,
) -> Error {
    use ErrorKind::{
        Decode, Forbidden, InvalidRequest, NotFound, RateLimited, Redirected, Server, Timeout,
        Unauthenticated,
    };
    let code = status.as_u16();
    let error = match code {
        401 => Error::new(Unauthenticated, "the credentials were refused; check them"),
        403 => Error::new(Forbidden, "the account may not do this"),
        404 | 410 => Error::new(NotFound, "nothing is there; check the id"),
        408 if operation.is_idempotent => Error::new(
            Timeout,
            "the service gave up waiting for the request; try again",
        ),
        429 => Error::new(RateLimited, "too many requests; slow down"),
        501 => Error::new(Server, "the service cannot do this"),
        408 | 500..=599 if !operation.is_idempotent => ambiguous("the service failed"),
        500..=599 => Error::new(Server, "the service failed; try again later"),
        400..=499 => Error::new(
            InvalidRequest,
            "the service refused the request; check what it holds",
        ),
        300..=399 => Error::new(
            Redirected,
            "the service points elsewhere, where nothing is sent; check the base URL",
        ),
        _ => Error::new(
            Decode,
            "the service answered with a success that is not documented",
        ),
    };
    let (message, server_code) = server_words(&body);
    let error = if message.is_none() && is_html(headers, &body) {
        Error::new(
            error.kind(),
            format!(
                "{} (the answer is a web page, likely from a gateway)",
                error.detail()
            ),
        )
    } else {
        error
    };
    error
        .answered(code, request_id(headers))
        .said(message, server_code, body)
        .after(retry_after(headers, now))
}

/// The message and the code of an error body, in the forms of Spring Boot (WIRE: inferred) and of others that gateways
/// write.
fn server_words(body: &[u8]) -> (Option<String>, Option<String>) {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return (None, None);
    };
    let first = |keys: &[&str]| {
        keys.iter()
            .filter_map(|key| match value.get(key)? {
                serde_json::Value::String(text) => Some(text.clone()),
                serde_json::Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .find(|text| !text.trim().is_empty())
    };
    let message = first(&["message", "error_description", "detail", "error", "title"]);
    (message, first(&["code", "errorCode", "error_code"]))
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let says_so = headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    says_so.is_some_and(|kind| kind.starts_with("text/html"))
        || body.trim_ascii_start().starts_with(b"<")
}

fn undecodable(
    operation: &Operation,
    status: StatusCode,
    headers: &HeaderMap,
    error: &serde_json::Error,
    path: Option<String>,
) -> Error {
    let error = if error.is_eof() && operation.is_idempotent {
        // Where neither a length nor a last chunk is announced, an answer that broke off looks like a whole one.
        Error::new(
            ErrorKind::Interrupted,
            "the answer ends in the middle; try again",
        )
    } else {
        let place = path
            .as_deref()
            .filter(|path| *path != ".")
            .map(|path| format!(" at `{path}`"))
            .unwrap_or_default();
        // serde's message shows the value that it met, which in an answer to a sign-in is a secret.
        let what = if operation.path.contains("/auth") {
            "it is not what is documented".to_owned()
        } else {
            error.to_string()
        };
        let error = Error::new(
            ErrorKind::Decode,
            format!("the answer cannot be read{place}: {what}"),
        );
        match path {
            Some(path) => error.at_path(path),
            None => error,
        }
    };
    error.answered(status.as_u16(), request_id(headers))
}

fn by_transport(operation: &Operation, error: reqwest::Error, status: Option<StatusCode>) -> Error {
    let error = error.without_url();
    let classified = if is_too_long(&error) {
        Error::new(
            ErrorKind::TooLarge,
            "the answer is longer than the limit; raise `body_limit` or ask for less",
        )
    } else if error.is_connect() {
        // Connecting can time out too; either way nothing was sent.
        Error::new(
            ErrorKind::Connect,
            "no connection could be made; check the base URL, the network and TLS",
        )
    } else if error.is_builder() {
        Error::new(ErrorKind::InvalidRequest, "the request cannot be built")
    } else if !operation.is_idempotent {
        ambiguous("the connection broke before the answer was read")
    } else if error.is_timeout() {
        Error::new(
            ErrorKind::Timeout,
            "the service did not answer in time; try again",
        )
    } else {
        Error::new(
            ErrorKind::Interrupted,
            "the connection broke before the answer was read; try again",
        )
    };
    let classified = match status {
        Some(status) => classified.answered(status.as_u16(), None),
        None => classified,
    };
    classified.caused_by(error)
}

fn is_too_long(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(inner) = source {
        if inner.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = inner.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudally_gen::operations::{CREATE_RESTORE_REQUEST, GET_PARTNER, LOGIN};
    use http::HeaderValue;
    use std::time::Duration;

    fn now() -> Timestamp {
        "2026-03-02T06:00:00Z".parse().unwrap()
    }

    fn status(operation: &Operation, status: u16, body: &'static str) -> Error {
        let headers = HeaderMap::from_iter([
            (http::header::RETRY_AFTER, HeaderValue::from_static("7")),
            (
                http::HeaderName::from_static("x-request-id"),
                HeaderValue::from_static("r-1"),
            ),
        ]);
        let status = StatusCode::from_u16(status).unwrap();
        classify(
            operation,
            Outcome::Status {
                status,
                headers,
                body: Bytes::from_static(body.as_bytes()),
            },
            now(),
        )
    }

    #[test]
    fn each_status_has_its_kind_and_a_mutation_s_failure_is_ambiguous() {
        use ErrorKind::*;
        for (code, read, mutation) in [
            (204, Decode, Decode),
            (302, Redirected, Redirected),
            (400, InvalidRequest, InvalidRequest),
            (401, Unauthenticated, Unauthenticated),
            (403, Forbidden, Forbidden),
            (404, NotFound, NotFound),
            (408, Timeout, Ambiguous),
            (409, InvalidRequest, InvalidRequest),
            (410, NotFound, NotFound),
            (422, InvalidRequest, InvalidRequest),
            (429, RateLimited, RateLimited),
            (500, Server, Ambiguous),
            (501, Server, Server),
            (502, Server, Ambiguous),
            (503, Server, Ambiguous),
            (599, Server, Ambiguous),
        ] {
            assert_eq!(status(&GET_PARTNER, code, "").kind(), read, "{code}");
            let error = status(&CREATE_RESTORE_REQUEST, code, "");
            assert_eq!(error.kind(), mutation, "{code}");
            assert_eq!(
                (error.status(), error.request_id()),
                (Some(code), Some("r-1"))
            );
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        }
    }

    #[test]
    fn the_service_s_own_words_are_kept() {
        for (body, expected) in [
            (
                r#"{"message": "No such task", "error": "Not Found"}"#,
                Some("No such task"),
            ),
            (
                r#"{"message": "", "error": "Not Found"}"#,
                Some("Not Found"),
            ),
            (r#"{"message": null}"#, None),
            ("[]", None),
            ("", None),
            ("<html>", None),
        ] {
            assert_eq!(
                status(&GET_PARTNER, 404, body).server_message(),
                expected,
                "{body}"
            );
        }
        assert!(
            status(&GET_PARTNER, 502, "\n<html><h1>Bad gateway</h1>")
                .to_string()
                .contains("web page")
        );
    }

    #[test]
    fn what_cannot_be_read_is_named_but_for_a_sign_in() {
        let decode = |operation: &Operation, text: &str| {
            let error = serde_json::from_str::<u8>(text).unwrap_err();
            let outcome = Outcome::Undecodable {
                status: StatusCode::OK,
                headers: HeaderMap::new(),
                error,
                path: Some("data[3].size".to_owned()),
            };
            classify(operation, outcome, now())
        };
        let error = decode(&GET_PARTNER, "\"canary\"");
        assert_eq!(
            (error.kind(), error.json_path()),
            (ErrorKind::Decode, Some("data[3].size"))
        );
        assert!(error.to_string().contains("data[3].size") && error.to_string().contains("canary"));
        assert!(!decode(&LOGIN, "\"canary\"").to_string().contains("canary"));
        assert_eq!(decode(&GET_PARTNER, "").kind(), ErrorKind::Interrupted);
        assert_eq!(
            decode(&CREATE_RESTORE_REQUEST, "").kind(),
            ErrorKind::Decode
        );
    }
}
