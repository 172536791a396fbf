//! What a client needs for its requests beyond their parameters, and what it remembers of the answer.

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use progenitor_client::{ClientHooks, Error, OperationInfo};

use crate::Client;
use crate::secret::Secret;

const CLIENT_ID: HeaderName = HeaderName::from_static("client-id");
const CLIENT_SECRET: HeaderName = HeaderName::from_static("client-secret");

/// The credentials of one request and the limit of its answer. `Debug` shows no credentials.
///
/// ```
/// use cloudally_gen::session::Session;
/// let session = Session::new().body_limit(1 << 20);
/// let client = cloudally_gen::Client::new_with_client("http://127.0.0.1:1", reqwest::Client::new(), session);
/// ```
#[derive(Clone)]
pub struct Session {
    authorization: Option<HeaderValue>,
    client: Option<ClientCredentials>,
    base: Option<Arc<Base>>,
    body_limit: usize,
    keeps_head: bool,
    seen: Arc<Mutex<Seen>>,
}

/// The headers `client-id` and `client-secret` (observed), ready to be sent. `Debug` shows neither.
#[derive(Clone)]
pub struct ClientCredentials {
    id: HeaderValue,
    secret: HeaderValue,
}

impl ClientCredentials {
    /// The headers of a client.
    ///
    /// # Errors
    /// If one of the two has a character that a header cannot carry.
    pub fn new(id: &str, secret: &Secret) -> Result<Self, http::header::InvalidHeaderValue> {
        Ok(Self {
            id: HeaderValue::from_str(id)?,
            secret: secret.to_header_value()?,
        })
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCredentials")
    }
}

/// The origin of requests, read once.
#[derive(Clone, Debug)]
pub struct Base {
    url: reqwest::Url,
    origin: String,
}

impl Base {
    /// The origin of a base URL.
    #[must_use]
    pub fn new(mut url: reqwest::Url) -> Self {
        // A URL that cannot have a user has none to take away.
        let _ = (url.set_username(""), url.set_password(None));
        url.set_path("");
        url.set_query(None);
        url.set_fragment(None);
        let origin = url.as_str().trim_end_matches('/').to_owned();
        Self { url, origin }
    }

    /// The URL that a text stands for, if it is of this origin and no more than a path.
    fn url(&self, text: &str) -> Option<reqwest::Url> {
        let path = text.strip_prefix(&self.origin)?;
        if !path.starts_with('/') || path.contains(['?', '#']) {
            return None;
        }
        let mut url = self.url.clone();
        url.set_path(path);
        Some(url)
    }
}

impl Client {
    /// The URL of a request, or what is wrong with it.
    pub(crate) fn url(&self, text: &str) -> Result<reqwest::Url, String> {
        let known = self.inner.base.as_ref().and_then(|base| base.url(text));
        match known {
            Some(url) => Ok(url),
            None => reqwest::Url::parse(text).map_err(|error| format!("the URL is none: {error}")),
        }
    }
}

/// What is remembered of an answer.
#[derive(Default)]
struct Seen {
    head: Option<Head>,
    is_too_long: bool,
}

/// Status and headers of an answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct Head {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// No credentials, and answers of up to 64 MiB.
    #[must_use]
    pub fn new() -> Self {
        Self {
            authorization: None,
            client: None,
            base: None,
            body_limit: 64 << 20,
            keeps_head: false,
            seen: Arc::default(),
        }
    }

    /// Sends this as the `Authorization` header.
    #[must_use]
    pub fn authorization(mut self, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.authorization = Some(value);
        self
    }

    /// Sends the headers `client-id` and `client-secret` (observed).
    #[must_use]
    pub fn client(mut self, headers: ClientCredentials) -> Self {
        self.client = Some(headers);
        self
    }

    /// Makes the URLs of requests from this one, in place of reading each from text.
    #[must_use]
    pub fn base(mut self, base: Arc<Base>) -> Self {
        self.base = Some(base);
        self
    }

    /// Refuses successes whose body, decompressed, is longer than this many bytes: reading one fails, and
    /// [`is_too_long`](Self::is_too_long) tells why. A failure is given unread; [`Client::body`] reads it within the limit.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Keeps the head of an answer for [`take_head`](Self::take_head); the answer itself then comes without headers. For a
    /// session that serves one call at a time.
    #[must_use]
    pub fn keep_head(mut self) -> Self {
        self.keeps_head = true;
        self
    }

    /// Status and headers of an answer, as soon as its body is to be read, if they are [kept](Self::keep_head).
    #[must_use]
    pub fn take_head(&self) -> Option<Head> {
        self.seen().head.take()
    }

    /// Whether the body of an answer was longer than the limit: of any, if the session has served several.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        self.seen().is_too_long
    }

    /// Takes the head of an answer whose body is to be read, if heads are [kept](Self::keep_head): should that fail, the
    /// head is all that came.
    pub fn saw(&self, response: &mut reqwest::Response) {
        if self.keeps_head {
            let status = response.status();
            let headers = mem::take(response.headers_mut());
            self.seen().head = Some(Head { status, headers });
        }
    }

    pub(crate) fn limit(&self) -> usize {
        self.body_limit
    }

    pub(crate) fn too_long<E>(&self) -> Error<E> {
        self.seen().is_too_long = true;
        Error::Custom(format!(
            "the body is longer than {} bytes, the limit of the session",
            self.body_limit
        ))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("authorization", &self.authorization.is_some())
            .field("client", &self.client.is_some())
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}

impl ClientHooks<Session> for Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _: &OperationInfo,
    ) -> Result<(), Error<E>> {
        let headers = request.headers_mut();
        if let Some(value) = &self.inner.authorization {
            headers.insert(header::AUTHORIZATION, value.clone());
        }
        if let Some(ClientCredentials { id, secret }) = &self.inner.client {
            headers.insert(CLIENT_ID, id.clone());
            headers.insert(CLIENT_SECRET, secret.clone());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Url;

    #[test]
    fn a_url_made_of_the_origin_is_the_one_that_the_text_says() {
        for base in ["http://127.0.0.1:8080", "https://api.example.com/sub/"] {
            let base = Base::new(Url::parse(base).unwrap());
            let origin = base.origin.clone();
            for path in [
                "/",
                "/v1/partners",
                "/v1/a%2Fb",
                "/v1/%20",
                "/v1/a/../b",
                "/v1/ü",
                "/a\\b",
            ] {
                let text = format!("{origin}{path}");
                assert_eq!(base.url(&text), Url::parse(&text).ok(), "{text}");
            }
            for other in [
                "",
                "/v1?a=b",
                "/v1#a",
                ".evil.example/v1",
                "@evil.example/v1",
            ] {
                assert_eq!(base.url(&format!("{origin}{other}")), None, "{other}");
            }
        }
    }
}
