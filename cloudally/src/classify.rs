//! Tells what kind of failure it was. Pure: status, headers and body, or the transport's error, go in; an [`Error`] comes
//! out.

use std::error::Error as StdError;

use bytes::Bytes;
use cloudally_gen::operation::Operation;
use cloudally_gen::session::Session;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::retry::after::retry_after;

/// Headers that services and the gateways before them use for the id of a request, likeliest first.
const REQUEST_ID: [&str; 4] = [
    "x-request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amz-cf-id",
];

/// How much of a body an error keeps.
const BODY_KEPT: usize = 64 << 10;

/// What is known of an answer.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// As much of the body as came.
    pub(crate) body: Bytes,
}

impl Answered {
    /// The answer whose head the session has seen.
    pub(crate) fn by(session: &Session) -> Option<Self> {
        let head = session.head()?;
        Some(Self {
            status: head.status,
            headers: head.headers.clone(),
            body: Bytes::new(),
        })
    }
}

/// How an attempt failed.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The answer has a status that the operation does not document.
    Status(Answered),
    /// The answer has the right status, and a body that is not what is documented.
    Undecodable {
        answered: Answered,
        error: serde_json::Error,
        path: Option<String>,
    },
    /// No answer, or half of one.
    Transport {
        answered: Option<Answered>,
        error: reqwest::Error,
    },
    /// The deadline passed while the answer was awaited or read.
    Deadline { answered: Option<Answered> },
    /// The request could not be made.
    Unsendable { reason: String },
}

impl Outcome {
    /// The body of the answer.
    pub(crate) fn body(&self) -> Bytes {
        match self {
            Self::Status(answered) | Self::Undecodable { answered, .. } => answered.body.clone(),
            _ => Bytes::new(),
        }
    }
}

/// The error of a failed attempt.
pub(crate) fn classify(operation: &Operation, outcome: Outcome, now: Timestamp) -> Error {
    let error = match outcome {
        Outcome::Status(answered) => by_status(operation, answered, now),
        // The status of a failure says all, whatever became of its body.
        Outcome::Deadline {
            answered: Some(answered),
        }
        | Outcome::Transport {
            answered: Some(answered),
            ..
        } if !answered.status.is_success() => by_status(operation, answered, now),
        Outcome::Undecodable {
            answered,
            error,
            path,
        } => undecodable(operation, answered, &error, path),
        Outcome::Transport { answered, error } => heard(by_transport(operation, error), answered),
        Outcome::Deadline { answered } => {
            let error = if operation.is_idempotent {
                let what =
                    "the deadline passed before the answer came; allow more time or try later";
                Error::new(ErrorKind::Timeout, what)
            } else {
                ambiguous("the deadline passed before the answer came")
            };
            heard(error, answered)
        }
        Outcome::Unsendable { reason } => Error::new(
            ErrorKind::InvalidRequest,
            format!("the request cannot be sent: {reason}"),
        ),
    };
    error.operation_id(operation.id)
}

/// With what came of the answer.
fn heard(error: Error, answered: Option<Answered>) -> Error {
    match answered {
        Some(answered) => error.answered(answered.status.as_u16(), request_id(&answered.headers)),
        None => error,
    }
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

fn by_status(operation: &Operation, answered: Answered, now: Timestamp) -> Error {
    let Answered {
        status,
        headers,
        body,
    } = answered;
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
    let error = if message.is_none() && is_html(&headers, &body) {
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
    // An answer to a sign-in may repeat what was sent, and that is a secret.
    let body = if operation.needs_token {
        body
    } else {
        Bytes::new()
    };
    error
        .answered(code, request_id(&headers))
        .said(message, server_code, body)
        .after(retry_after(&headers, now))
}

/// The message and the code of an error body, in the forms of Spring Boot (WIRE: inferred) and of others that gateways
/// write.
fn server_words(body: &[u8]) -> (Option<String>, Option<String>) {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return (None, None);
    };
    // Spring's list of errors and a nested `error` object hold the same words one level down.
    let places = [Some(&value), value.get("error"), value.pointer("/errors/0")];
    let first = |keys: &[&str]| {
        let found = places
            .iter()
            .flatten()
            .flat_map(|place| keys.iter().filter_map(|key| place.get(key)));
        found
            .filter_map(|word| match word {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .find(|text| !text.trim().is_empty())
    };
    let message = first(&[
        "message",
        "error_description",
        "detail",
        "defaultMessage",
        "error",
        "title",
    ]);
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
    answered: Answered,
    error: &serde_json::Error,
    path: Option<String>,
) -> Error {
    let Answered {
        status,
        headers,
        mut body,
    } = answered;
    let classified = if error.is_eof() && operation.is_idempotent {
        // Where neither a length nor a last chunk is announced, an answer that broke off looks like a whole one.
        let what = if body.is_empty() {
            "the answer is empty"
        } else {
            "the answer ends in the middle"
        };
        Error::new(ErrorKind::Interrupted, format!("{what}; try again"))
    } else if is_html(&headers, &body) {
        let what = "the answer is a web page, likely of a gateway or a sign-in portal; check the base URL and the proxy";
        Error::new(ErrorKind::Decode, what)
    } else {
        let place = path
            .as_deref()
            .filter(|path| *path != ".")
            .map(|path| format!(" at `{path}`"))
            .unwrap_or_default();
        // serde's message shows the value that it met, which in an answer to a sign-in is a secret.
        let what = if operation.needs_token {
            error.to_string()
        } else {
            "it is not what is documented".to_owned()
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
    body.truncate(if operation.needs_token { BODY_KEPT } else { 0 });
    classified
        .answered(status.as_u16(), request_id(&headers))
        .said(None, None, body)
}

fn by_transport(operation: &Operation, error: reqwest::Error) -> Error {
    let error = error.without_url();
    let classified = if is_too_long(&error) {
        Error::new(
            ErrorKind::TooLarge,
            "the answer is longer than the limit; raise `body_limit` or ask for less",
        )
    } else if error.is_connect() {
        // Connecting can time out too; either way nothing was sent.
        let what =
            "no connection could be made; check the base URL, the network, the proxy and TLS";
        Error::new(ErrorKind::Connect, what)
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
        let body = Bytes::from_static(body.as_bytes());
        classify(
            operation,
            Outcome::Status(Answered {
                status,
                headers,
                body,
            }),
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
            (r#"{"error": {"message": "Nested"}}"#, Some("Nested")),
            (
                r#"{"errors": [{"defaultMessage": "Too long"}]}"#,
                Some("Too long"),
            ),
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
    fn a_failure_whose_body_never_came_is_still_told_by_its_status() {
        let status = StatusCode::CONFLICT;
        for operation in [&GET_PARTNER, &CREATE_RESTORE_REQUEST] {
            let answered = Some(Answered {
                status,
                ..Answered::default()
            });
            let error = classify(operation, Outcome::Deadline { answered }, now());
            assert_eq!(
                (error.kind(), error.status()),
                (ErrorKind::InvalidRequest, Some(409))
            );
        }
        let answered = Some(Answered {
            status: StatusCode::CREATED,
            ..Answered::default()
        });
        let error = classify(
            &CREATE_RESTORE_REQUEST,
            Outcome::Deadline { answered },
            now(),
        );
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Ambiguous, Some(201))
        );
    }

    #[test]
    fn of_what_a_sign_in_is_answered_no_secret_is_repeated() {
        let answer = r#"{"message": "rejected value [canary]", "code": "canary"}"#;
        let error = status(&LOGIN, 400, answer);
        assert_eq!(error.body(), Some(&b""[..]));
        let kept = error.clone().without(&["other", ""]);
        assert_eq!(
            (kept.server_message(), kept.server_code()),
            (Some("rejected value [canary]"), Some("canary"))
        );
        let hidden = error.without(&["other", "canary"]);
        let words = (hidden.server_message(), hidden.server_code());
        assert_eq!(
            words,
            (Some("rejected value [[redacted]]"), Some("[redacted]"))
        );

        let read = status(&GET_PARTNER, 400, r#"{"message": "no canary here"}"#);
        assert_eq!(read.clone().without(&["other"]).body(), read.body());
        let hidden = read.without(&["canary"]);
        assert_eq!(
            (hidden.server_message(), hidden.body()),
            (Some("no [redacted] here"), None)
        );
    }

    #[test]
    fn what_cannot_be_read_is_named_but_for_a_sign_in() {
        let decode = |operation: &Operation, text: &str| {
            let error = serde_json::from_str::<u8>(text).unwrap_err();
            let outcome = Outcome::Undecodable {
                answered: Answered {
                    body: Bytes::from(text.to_owned()),
                    ..Answered::default()
                },
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
