//! Tells what kind of failure it was. Pure: status, headers and body, or the transport's error, go in; an [`Error`] comes
//! out.

use bytes::Bytes;
use cloudally_gen::operation::Operation;
use cloudally_gen::session::Session;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::read::Place;
use crate::response::Head;
use crate::retry::after::retry_after;

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
        let head = session.take_head()?;
        Some(Self {
            status: head.status,
            headers: head.headers,
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
        place: Option<Place>,
    },
    /// No answer, or half of one.
    Transport {
        answered: Option<Answered>,
        error: reqwest::Error,
    },
    /// The deadline passed while the answer was awaited or read.
    Deadline { answered: Option<Answered> },
    /// The body of the answer is longer than the limit.
    TooLong { answered: Option<Answered> },
    /// The request could not be made.
    Unsendable { reason: String },
}

impl Outcome {
    /// What came of an answer.
    pub(crate) fn answered(&self) -> Option<&Answered> {
        match self {
            Self::Status(answered) | Self::Undecodable { answered, .. } => Some(answered),
            Self::Transport { answered, .. }
            | Self::Deadline { answered }
            | Self::TooLong { answered } => answered.as_ref(),
            Self::Unsendable { .. } => None,
        }
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> Bytes {
        match self {
            Self::Status(answered) | Self::Undecodable { answered, .. } => answered.body.clone(),
            _ => Bytes::new(),
        }
    }
}

/// The error of a failed attempt.
pub(crate) fn classify(operation: &Operation<'_>, outcome: Outcome, now: Timestamp) -> Error {
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
            place,
        } => undecodable(operation, answered, &error, place),
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
        Outcome::TooLong { answered } => {
            let what = "the answer is longer than the limit; raise `body_limit` or ask for less";
            heard(Error::new(ErrorKind::TooLarge, what), answered)
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
        Some(answered) => error.answered(Head::new(answered.status, answered.headers)),
        None => error,
    }
}

fn ambiguous(what: &str) -> Error {
    Error::new(
        ErrorKind::Ambiguous,
        format!("{what}, and the request may have been carried out; look before you send it again"),
    )
}

fn by_status(operation: &Operation<'_>, answered: Answered, now: Timestamp) -> Error {
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
        404 | 410 if !operation.needs_token => Error::new(
            NotFound,
            "there is no sign-in at this place; check the base URL",
        ),
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
    let retry_after = retry_after(&headers, now);
    error
        .answered(Head::new(status, headers))
        .said(message, server_code, body)
        .after(retry_after)
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
    operation: &Operation<'_>,
    answered: Answered,
    error: &serde_json::Error,
    place: Option<Place>,
) -> Error {
    let Answered {
        status,
        headers,
        mut body,
    } = answered;
    // What came back from a sign-in is a secret.
    let is_secret = !operation.needs_token || operation.id.contains("/auth");
    // An answer that came says that the request was carried out: it is asked again only where that changes nothing.
    let is_safe = !operation.needs_token || matches!(operation.method, "GET" | "HEAD" | "OPTIONS");
    let classified = if error.is_eof() && operation.is_idempotent && is_safe {
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
        let text = place.as_ref().map(|place| {
            let item = place.item_id.as_deref().filter(|_| !is_secret);
            let item = item.map(|id| format!(", in the item {id}"));
            format!(" at `{}`{}", place.path, item.unwrap_or_default())
        });
        let text = text.unwrap_or_default();
        // serde's message shows the value that it met.
        let what = if is_secret {
            "it is not what is documented".to_owned()
        } else {
            error.to_string()
        };
        let error = Error::new(
            ErrorKind::Decode,
            format!("the answer cannot be read{text}: {what}"),
        );
        match place {
            Some(Place { path, item_id }) => error.at_path(path, item_id.filter(|_| !is_secret)),
            None => error,
        }
    };
    body.truncate(if is_secret { 0 } else { BODY_KEPT });
    classified
        .answered(Head::new(status, headers))
        .said(None, None, body)
}

fn by_transport(operation: &Operation<'_>, error: reqwest::Error) -> Error {
    let error = error.without_url();
    let classified = if error.is_connect() {
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

#[cfg(test)]
mod tests;
