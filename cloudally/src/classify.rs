//! Maps a failed attempt to an [`Error`]. Performs no I/O.

mod server_message;

use bytes::Bytes;
use cloudally_gen::operation::Operation;
use cloudally_gen::session::Refusal;
use http::StatusCode;
use jiff::Timestamp;

use crate::attempt::{AttemptError, DecodeLocation, PartialResponse};
use crate::connection::Destination;
use crate::error::{Error, ErrorKind, root};
use crate::retry::retry_after::retry_after;

pub(crate) use self::server_message::server_message;

/// Classifies a failed attempt.
pub(crate) fn classify(
    operation: &Operation<'_>,
    error: AttemptError,
    destination: &Destination,
    now: Timestamp,
) -> Error {
    let error = match error {
        AttemptError::Status(response) => by_status(operation, response, destination, now),
        // The status of a failure says everything, whatever became of its body.
        AttemptError::Deadline {
            response: Some(response),
        }
        | AttemptError::Transport {
            response: Some(response),
            ..
        } if !response.status.is_success() => by_status(operation, response, destination, now),
        AttemptError::Undecodable {
            response,
            error,
            location,
        } => undecodable(operation, response, &error, location),
        AttemptError::Transport { response, error } => {
            with_parts_of(by_transport(operation, error, destination), response)
        }
        AttemptError::Deadline { response } => {
            let error = if operation.is_idempotent {
                let detail = "the deadline passed before the response was received; allow more time or try later";
                Error::new(ErrorKind::Timeout, detail)
            } else {
                outcome_unknown("the deadline passed before the response was received")
            };
            with_parts_of(error, response)
        }
        AttemptError::ErrorEnvelope { response, status } => {
            by_envelope(operation, response, status, destination, now)
        }
        AttemptError::Refused { response, refusal } => {
            with_parts_of(by_refusal(&refusal), response)
        }
        AttemptError::Unsendable { reason } => {
            Error::invalid_input(format_args!("the request cannot be sent: {reason}"))
        }
    };
    error.with_operation(operation.id)
}

fn with_parts_of(error: Error, response: Option<PartialResponse>) -> Error {
    match response {
        Some(response) => error.with_parts(response.into_parts().0),
        None => error,
    }
}

fn outcome_unknown(what: &str) -> Error {
    Error::new(
        ErrorKind::OutcomeUnknown,
        format!(
            "{what}, and the request may have been carried out; look in the portal before you send it again"
        ),
    )
}

fn by_refusal(refusal: &Refusal) -> Error {
    let (kind, what_to_do) = match refusal {
        Refusal::TooManyItems => (
            ErrorKind::BodyTooLarge,
            "raise `max_page_items` or request less",
        ),
        Refusal::UnknownEncoding(_) => (ErrorKind::Decode, "check the proxy and the gateway"),
        _ => (
            ErrorKind::BodyTooLarge,
            "raise `max_response_bytes` or request less",
        ),
    };
    Error::new(kind, format!("{refusal}; {what_to_do}"))
}

/// The error of a success whose body is an error. A read failed with the status that the body
/// names. Of a mutation it is not known who sent the body, and why not with that status.
fn by_envelope(
    operation: &Operation<'_>,
    mut response: PartialResponse,
    status: StatusCode,
    destination: &Destination,
    now: Timestamp,
) -> Error {
    let received = response.status.as_u16();
    let status_of_body = status.as_u16();
    if operation.is_idempotent {
        response.status = status;
        let error = by_status(operation, response, destination, now);
        let detail = format!(
            "{} (it responded with {received}, and with {status_of_body} in the body)",
            error.detail()
        );
        let kind = error.kind();
        return error.reclassified(kind, detail);
    }
    let (message, code) = server_message(&response.body);
    let body = response.start_of_body();
    outcome_unknown(&format!(
        "the service responded with {received}, and with an error of {status_of_body} in the body"
    ))
    .with_parts(response.into_parts().0)
    .with_server_message(message, code)
    .with_body(body)
}

fn by_status(
    operation: &Operation<'_>,
    response: PartialResponse,
    destination: &Destination,
    now: Timestamp,
) -> Error {
    let mut error = match response.status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => proxy_refuses(destination),
        status => status_error(operation, status),
    };
    // A success that is not documented may hold anything, a secret included.
    let (message, code) = match response.status.is_success() {
        true => (None, None),
        false => server_message(&response.body),
    };
    if message.is_none() && response.is_html() {
        let detail = format!(
            "{} (the response is a web page, probably of a gateway)",
            error.detail()
        );
        error = Error::new(error.kind(), detail);
    }
    let retry_after = retry_after(&response.headers, now);
    let (parts, body) = response.into_parts();
    // The response to a sign-in may repeat what was sent, which is secret.
    let body = if operation.needs_token {
        body
    } else {
        Bytes::new()
    };
    error
        .with_retry_after(retry_after)
        .with_parts(parts)
        .with_server_message(message, code)
        .with_body(body)
}

fn proxy_refuses(destination: &Destination) -> Error {
    let proxy = destination.proxy.as_deref().unwrap_or("of the network");
    Error::configuration(format!(
        "the proxy {proxy} asks for credentials; put them in the URL of the proxy, like http://user:password@proxy.example.com:3128"
    ))
}

/// The error of a status that the operation does not document as a success.
fn status_error(operation: &Operation<'_>, status: StatusCode) -> Error {
    let (kind, detail) = match status.as_u16() {
        401 if operation.needs_token => (
            ErrorKind::TokenRefused,
            "the service refused the access token; it is no longer valid, or another program signs in with the same login",
        ),
        401 => (
            ErrorKind::Unauthenticated,
            "the credentials were refused; check them",
        ),
        403 => (ErrorKind::Forbidden, "the account may not do this"),
        404 | 410 if !operation.needs_token => (
            ErrorKind::NotFound,
            "there is no sign-in at this address; check the base URL",
        ),
        404 | 410 => (ErrorKind::NotFound, "nothing has this id or path; check it"),
        408 if operation.is_idempotent => (
            ErrorKind::Timeout,
            "the service gave up waiting for the request; try again",
        ),
        429 => (ErrorKind::RateLimited, "too many requests; slow down"),
        501 => (ErrorKind::Server, "the service does not implement this"),
        408 | 500..=599 if !operation.is_idempotent => {
            return outcome_unknown("the service failed");
        }
        500..=599 => (ErrorKind::Server, "the service failed; try again later"),
        409 => (
            ErrorKind::BadRequest,
            "the request conflicts with the current state; see what the service says",
        ),
        400..=499 => (
            ErrorKind::BadRequest,
            "the service refused the request; check its parameters",
        ),
        300..=399 => (
            ErrorKind::UnexpectedRedirect,
            "the service redirects to another address, which is not followed; check the base URL",
        ),
        _ if !operation.is_idempotent => {
            return outcome_unknown("the service responded with a status that is not documented");
        }
        204 | 205 => (
            ErrorKind::Decode,
            "the service responded without content, where a body is documented",
        ),
        200..=299 => (
            ErrorKind::Decode,
            "the service responded with a success that is not documented",
        ),
        _ => (
            ErrorKind::Decode,
            "the service responded with a status that is neither a success nor a failure",
        ),
    };
    Error::new(kind, detail)
}

fn undecodable(
    operation: &Operation<'_>,
    response: PartialResponse,
    error: &serde_json::Error,
    location: Option<DecodeLocation>,
) -> Error {
    // The response to a sign-in is a secret.
    let is_secret = !operation.needs_token || operation.id.contains("/auth");
    // A response says that the request was carried out, so only a request that changes nothing is
    // repeated.
    let is_safe = !operation.needs_token || matches!(operation.method, "GET" | "HEAD" | "OPTIONS");
    let classified = if error.is_eof() && operation.is_idempotent && is_safe {
        // Where neither a length nor a last chunk is announced, a response that broke off looks
        // complete.
        let what = if response.body.is_empty() {
            "the response is empty"
        } else {
            "the response ends in the middle"
        };
        Error::new(ErrorKind::ConnectionLost, format!("{what}; try again"))
    } else if response.is_html()
        && !operation.is_idempotent
        && !operation.response_fields.is_empty()
    {
        outcome_unknown("the response is a web page, probably of a gateway or a sign-in portal")
    } else if response.is_html() {
        let detail = "the response is a web page, probably of a gateway or a sign-in portal; check the base URL and the proxy";
        Error::new(ErrorKind::Decode, detail)
    } else {
        decode_error(error, location, is_secret)
    };
    let body = if is_secret {
        Bytes::new()
    } else {
        response.start_of_body()
    };
    classified
        .with_parts(response.into_parts().0)
        .with_body(body)
}

fn decode_error(
    error: &serde_json::Error,
    location: Option<DecodeLocation>,
    is_secret: bool,
) -> Error {
    // The message of serde shows the value that it met.
    let what = if is_secret {
        "it is not what is documented".to_owned()
    } else {
        error.to_string()
    };
    let Some(DecodeLocation { path, item_id }) = location else {
        let detail = format!("the response cannot be decoded: {what}");
        return Error::new(ErrorKind::Decode, detail);
    };
    let item_id = item_id.filter(|_| !is_secret);
    let item = item_id
        .as_deref()
        .map(|id| format!(" of the item {id}"))
        .unwrap_or_default();
    let detail = format!("the response cannot be decoded at `{path}`{item}: {what}");
    Error::new(ErrorKind::Decode, detail).with_location(path, item_id)
}

fn by_transport(
    operation: &Operation<'_>,
    error: reqwest::Error,
    destination: &Destination,
) -> Error {
    let error = error.without_url();
    // A connect timeout is a timeout too; either way nothing was sent.
    let classified = if error.is_connect() && root(&error).to_string().contains("proxy auth") {
        proxy_refuses(destination)
    } else if error.is_connect() {
        Error::new(
            ErrorKind::Connect,
            format!(
                "no connection to {destination} could be made; check the base URL, the network, the proxy and TLS"
            ),
        )
    } else if error.is_builder() {
        Error::invalid_input("the request cannot be built")
    } else if !operation.is_idempotent && error.is_timeout() {
        outcome_unknown("the service did not respond within the read timeout")
    } else if !operation.is_idempotent && destination.is_by_own_client {
        outcome_unknown(
            "the connection of the program's own HTTP client broke before the response was read, as an idle one does that the service closes",
        )
    } else if !operation.is_idempotent {
        outcome_unknown("the connection broke before the response was read")
    } else if error.is_timeout() {
        Error::new(
            ErrorKind::Timeout,
            "the service did not respond within the read timeout; try again",
        )
    } else {
        Error::new(
            ErrorKind::ConnectionLost,
            "the connection broke before the response was read; try again",
        )
    };
    let classified = match protocol_mismatch(&error, destination) {
        Some(hint) => {
            let detail = format!("{}; {hint}", classified.detail());
            Error::new(classified.kind(), detail)
        }
        None => classified,
    };
    classified.with_root_cause(error)
}

/// Says when one side speaks TLS and the other does not, which no library calls by its name.
fn protocol_mismatch(error: &reqwest::Error, destination: &Destination) -> Option<String> {
    let root = root(error).to_string();
    let is_plain_reply = ["InvalidContentType", "wrong version number"]
        .iter()
        .any(|sign| root.contains(sign));
    let is_tls_reply = root.contains("invalid HTTP version");
    match destination.is_tls {
        true if is_plain_reply => Some(format!(
            "{destination} does not speak TLS: for a service on this machine, write http in the base URL"
        )),
        false if is_tls_reply => Some(format!(
            "{destination} did not respond with HTTP: if it speaks TLS, write https in the base URL"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
