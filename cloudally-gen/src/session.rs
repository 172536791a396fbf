//! What a client needs for its requests beyond their parameters, and what it remembers of the answer.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::Limited;
use progenitor_client::{ClientHooks, Error, OperationInfo};

use crate::Client;
use crate::secret::Secret;

const API_VERSION: HeaderName = HeaderName::from_static("api-version");
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
    client: Option<(HeaderValue, HeaderValue)>,
    body_limit: usize,
    head: Arc<OnceLock<Head>>,
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
            body_limit: 64 << 20,
            head: Arc::default(),
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
    ///
    /// # Errors
    /// If one of them has a character that a header cannot carry.
    pub fn client(
        mut self,
        id: &str,
        secret: &Secret,
    ) -> Result<Self, http::header::InvalidHeaderValue> {
        self.client = Some((HeaderValue::from_str(id)?, secret.to_header_value()?));
        Ok(self)
    }

    /// Refuses answers whose body, decompressed, is longer than this many bytes: reading them then fails with an
    /// [`http_body_util::LengthLimitError`] among the sources of the error.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Status and headers of the first answer, as soon as they are here.
    #[must_use]
    pub fn head(&self) -> Option<&Head> {
        self.head.get()
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
        // The service knows no such header: its versions are in the path.
        headers.remove(API_VERSION);
        if let Some(value) = &self.inner.authorization {
            headers.insert(header::AUTHORIZATION, value.clone());
        }
        if let Some((id, secret)) = &self.inner.client {
            headers.insert(CLIENT_ID, id.clone());
            headers.insert(CLIENT_SECRET, secret.clone());
        }
        Ok(())
    }

    async fn exec(
        &self,
        request: reqwest::Request,
        _: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        let response = self.client.execute(request).await?;
        let head = Head {
            status: response.status(),
            headers: response.headers().clone(),
        };
        // A session that serves several calls tells of the first.
        let _ = self.inner.head.set(head);
        let (parts, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        let body = reqwest::Body::wrap(Limited::new(body, self.inner.body_limit));
        Ok(http::Response::from_parts(parts, body).into())
    }
}
