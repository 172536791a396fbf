//! What a successful call returns beside its value: the status and headers of the response.

use std::fmt;

use http::header::{CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::secrets::Secrets;

/// Headers in which services and gateways put the id of a request, the most likely first.
const REQUEST_ID_HEADERS: [&str; 4] = [
    "x-request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amz-cf-id",
];

/// The status and headers of a response.
///
/// Headers that repeat the token or another secret that was sent are left out. `Debug` shows no
/// headers, because some are secret, such as cookies.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// let response = client.partners().profile().with_response().await?;
/// println!("{}, request {:?}", response.parts.status(), response.parts.request_id());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ResponseParts {
    status: StatusCode,
    headers: HeaderMap,
    attempts: u32,
}

impl ResponseParts {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            status,
            headers,
            attempts: 1,
        }
    }

    pub(crate) fn set_attempts(&mut self, attempts: u32) {
        self.attempts = attempts;
    }

    /// Returns how many attempts the call took, this response included.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the id by which the service knows the request, if it sent one in a usual header.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        REQUEST_ID_HEADERS
            .iter()
            .find_map(|name| self.headers.get(*name)?.to_str().ok())
    }

    /// Returns whether a header holds any of these secrets.
    pub(crate) fn holds(&self, secrets: &Secrets<'_>) -> bool {
        self.headers
            .iter()
            .any(|(name, value)| holds(name, value, secrets))
    }

    /// Drops the headers that hold any of these secrets.
    pub(crate) fn redacted(mut self, secrets: &Secrets<'_>) -> Self {
        if !self.holds(secrets) {
            return self;
        }
        let revealing = self
            .headers
            .iter()
            .filter(|(name, value)| holds(name, value, secrets));
        let names: Vec<_> = revealing.map(|(name, _)| name.clone()).collect();
        for name in names {
            self.headers.remove(name);
        }
        self
    }
}

fn holds(name: &HeaderName, value: &HeaderValue, secrets: &Secrets<'_>) -> bool {
    // Nearly all responses have these, and searching them takes longer than anything else here.
    let is_plain = match value.as_bytes() {
        b"application/json" => *name == CONTENT_TYPE,
        date => *name == DATE && date.ends_with(b" GMT"),
    };
    if is_plain {
        return false;
    }
    secrets.are_in_bytes(value.as_bytes())
}

impl fmt::Debug for ResponseParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseParts")
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

/// A value with the status and headers of the response that it was read from; see
/// [`Call::with_response`](crate::Call::with_response).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response<T> {
    /// The decoded body.
    pub value: T,
    /// The status and headers.
    pub parts: ResponseParts,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, parts: ResponseParts) -> Self {
        Self { value, parts }
    }

    /// Converts the value, and keeps the status and headers.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            value: convert(self.value),
            parts: self.parts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_header_but_the_request_id() {
        let headers = HeaderMap::from_iter([
            (
                http::header::SET_COOKIE,
                HeaderValue::from_static("a=secret"),
            ),
            (
                http::HeaderName::from_static("x-request-id"),
                HeaderValue::from_static("r-1"),
            ),
        ]);
        let parts = ResponseParts::new(StatusCode::CREATED, headers);
        assert_eq!(parts.status(), 201);
        let shown = format!("{parts:?}");
        assert!(
            shown.contains("r-1") && !shown.contains("secret"),
            "{shown}"
        );
        let parts = parts.redacted(&Secrets {
            of_call: &["secret"],
            ..Secrets::default()
        });
        assert_eq!(parts.headers().len(), 1);
    }
}
