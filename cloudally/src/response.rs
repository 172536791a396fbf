//! What comes with an answer beside its value.

use std::fmt;

use http::{HeaderMap, HeaderValue, StatusCode};

/// Headers that services and the gateways before them use for the id of a request, likeliest first.
const REQUEST_ID: [&str; 4] = [
    "x-request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amz-cf-id",
];

/// Status and headers of an answer, but for headers that repeat the token or another secret that was sent. `Debug` shows no
/// headers, for some are secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Head {
    status: StatusCode,
    headers: HeaderMap,
}

impl Head {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap) -> Self {
        Self { status, headers }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The headers, in the type of [`reqwest`](crate::reqwest).
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The id by which the service knows the request, if it gave one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        REQUEST_ID
            .iter()
            .find_map(|name| self.headers.get(*name)?.to_str().ok())
    }

    /// Whether a header holds any of these texts.
    pub(crate) fn holds(&self, secrets: &[&str]) -> bool {
        self.headers.values().any(|value| holds(value, secrets))
    }

    /// Drops the headers that hold any of these texts.
    pub(crate) fn without(mut self, secrets: &[&str]) -> Self {
        let told = self
            .headers
            .iter()
            .filter(|(_, value)| holds(value, secrets));
        // Nothing is allocated where there is none.
        let names: Vec<_> = told.map(|(name, _)| name.clone()).collect();
        for name in names {
            self.headers.remove(name);
        }
        self
    }
}

fn holds(value: &HeaderValue, secrets: &[&str]) -> bool {
    // Most headers are too short for a token.
    let may_hold = |secret: &&&str| secret.len() <= value.len();
    if !secrets.iter().any(|secret| may_hold(&secret)) {
        return false;
    }
    let text = String::from_utf8_lossy(value.as_bytes());
    secrets.iter().any(|secret| text.contains(secret))
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

/// An answer: its value, and the status and headers that came with it. See
/// [`Reply::with_response`](crate::Reply::with_response).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response<T> {
    /// What the answer says.
    pub value: T,
    /// Status and headers.
    pub head: Head,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, head: Head) -> Self {
        Self { value, head }
    }

    /// The same answer with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            value: change(self.value),
            head: self.head,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_shows_no_header_but_the_id_of_the_request() {
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
        let head = Head::new(StatusCode::CREATED, headers);
        assert_eq!(head.status(), 201);
        let shown = format!("{head:?}");
        assert!(
            shown.contains("r-1") && !shown.contains("secret"),
            "{shown}"
        );
        let head = head.without(&["secret"]);
        assert_eq!(head.headers().len(), 1);
    }
}
