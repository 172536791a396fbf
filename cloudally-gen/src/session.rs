//! The credentials and limits of a raw client, and what it records of the response.

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use progenitor_client::{ClientHooks, Error, OperationInfo};

use crate::Client;
use crate::base::Base;
use crate::error_envelope::error_status;
use crate::secret::Secret;
use crate::weight::{self, Limits, Overweight};

const CLIENT_ID: HeaderName = HeaderName::from_static("client-id");
const CLIENT_SECRET: HeaderName = HeaderName::from_static("client-secret");

/// How much memory a response may take beside its bytes, so that a low limit on them leaves room
/// for their values.
const SPARE_BYTES: usize = 28 << 20;

type OnRequest = Arc<dyn Fn(&reqwest::Request) + Send + Sync>;

/// The credentials that a raw client sends, and the limit on the responses that it reads.
///
/// `Debug` shows no credentials.
///
/// # Examples
///
/// ```
/// use cloudally_gen::session::Session;
/// let session = Session::new().max_response_bytes(1 << 20);
/// let client = cloudally_gen::Client::new_with_client("http://127.0.0.1:1", reqwest::Client::new(), session);
/// ```
#[derive(Clone)]
pub struct Session {
    authorization: Option<HeaderValue>,
    client: Option<ClientCredentials>,
    pub(crate) base: Option<Arc<Base>>,
    max_response_bytes: usize,
    max_items: usize,
    response_fields: &'static [&'static str],
    records_parts: bool,
    default_headers: Option<Arc<HeaderMap>>,
    on_request: Option<OnRequest>,
    recorded: Arc<Mutex<Recorded>>,
}

/// The headers `client-id` and `client-secret`, ready to be sent.
///
/// `Debug` shows neither. Evidence: observed.
#[derive(Clone)]
pub struct ClientCredentials {
    id: HeaderValue,
    secret: HeaderValue,
}

impl ClientCredentials {
    /// Makes the two headers.
    ///
    /// # Errors
    /// Fails if one of the two has a character that a header cannot carry. The error shows neither.
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

/// What a session records of a response.
#[derive(Default)]
struct Recorded {
    parts: Option<ResponseParts>,
    extensions: Option<Extensions>,
    request_bytes: Option<usize>,
    body_bytes: Option<usize>,
    refusal: Option<Refusal>,
}

/// Why a session refused the body of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The body is longer than [`Session::max_response_bytes`].
    TooLong,
    /// The body would take too much memory once it is decoded.
    TooHeavy,
    /// The list has more items than [`Session::max_items`].
    TooManyItems,
    /// The body is in this content encoding, which was not asked for.
    UnknownEncoding(String),
    /// The body is an error, whatever the status of the response: see
    /// [`Session::response_fields`].
    ErrorEnvelope(StatusCode),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the response is longer than the limit"),
            Self::TooHeavy => {
                f.write_str("the response would take too much memory once it is decoded")
            }
            Self::TooManyItems => f.write_str("the list has more items on one page than the limit"),
            Self::UnknownEncoding(name) => write!(
                f,
                "the response is in the content encoding `{name}`, which was not asked for"
            ),
            Self::ErrorEnvelope(status) => {
                write!(f, "the response is an error of the status {status}")
            }
        }
    }
}

/// The status and headers of a response.
#[derive(Clone)]
#[non_exhaustive]
pub struct ResponseParts {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
}

impl fmt::Debug for ResponseParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseParts")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Creates a session without credentials that reads responses of up to 64 MiB.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self::recording_in(Arc::default())
    }

    /// Creates a session without the credentials and limits of this one that shares with it what
    /// either records. It is cheaper than a clone.
    #[must_use]
    #[inline]
    pub fn recorder(&self) -> Self {
        Self {
            records_parts: self.records_parts,
            ..Self::recording_in(Arc::clone(&self.recorded))
        }
    }

    #[inline]
    fn recording_in(recorded: Arc<Mutex<Recorded>>) -> Self {
        Self {
            authorization: None,
            client: None,
            base: None,
            max_response_bytes: 64 << 20,
            max_items: usize::MAX,
            response_fields: &[],
            records_parts: false,
            default_headers: None,
            on_request: None,
            recorded,
        }
    }

    /// Sends this value as the `Authorization` header.
    #[must_use]
    #[inline]
    pub fn authorization(mut self, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.authorization = Some(value);
        self
    }

    /// Sends the headers `client-id` and `client-secret`.
    #[must_use]
    #[inline]
    pub fn client(mut self, headers: ClientCredentials) -> Self {
        self.client = Some(headers);
        self
    }

    /// Makes the URLs of requests from this origin, which saves parsing each of them.
    #[must_use]
    #[inline]
    pub fn base(mut self, base: Arc<Base>) -> Self {
        self.base = Some(base);
        self
    }

    /// Limits the decompressed body of a successful response, in bytes.
    ///
    /// Reading a longer one fails, and [`refusal`](Self::refusal) then says that this was the
    /// reason; likewise one that, while it is decoded, could take more memory than four times the
    /// limit and 32 MB. A response with another status is returned unread; [`Client::body`] reads
    /// it within the same limit.
    #[must_use]
    #[inline]
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// Limits the items of a list in one response.
    #[must_use]
    #[inline]
    pub fn max_items(mut self, items: usize) -> Self {
        self.max_items = items;
        self
    }

    /// Refuses a success whose body is an [error](crate::error_envelope::error_status) and has none
    /// of these fields, which are those of the response. Without fields, every body is a response.
    #[must_use]
    #[inline]
    pub fn response_fields(mut self, fields: &'static [&'static str]) -> Self {
        self.response_fields = fields;
        self
    }

    /// Sends these headers too, where the request has none of the same name.
    #[must_use]
    #[inline]
    pub fn default_headers(mut self, headers: Arc<HeaderMap>) -> Self {
        self.default_headers = Some(headers);
        self
    }

    /// Shows each request to a function before it is sent. It carries the credentials.
    #[must_use]
    #[inline]
    pub fn on_request(mut self, look: impl Fn(&reqwest::Request) + Send + Sync + 'static) -> Self {
        self.on_request = Some(Arc::new(look));
        self
    }

    /// Records status and headers for [`take_parts`](Self::take_parts).
    ///
    /// The response itself is then returned without headers. It is for a session that serves one
    /// call at a time.
    #[must_use]
    #[inline]
    pub fn record_parts(mut self) -> Self {
        self.records_parts = true;
        self
    }

    /// Takes the recorded status and headers, which are there as soon as the body begins to be
    /// read.
    #[must_use]
    pub fn take_parts(&self) -> Option<ResponseParts> {
        self.recorded().parts.take()
    }

    /// Takes what the HTTP client says of the connection of the recorded response, if there was
    /// one.
    #[must_use]
    pub fn take_extensions(&self) -> Option<Extensions> {
        self.recorded().extensions.take()
    }

    /// Returns the length of the body of the last request, if it had one, in bytes. It is known if
    /// the session [records](Self::record_parts) what it receives.
    #[must_use]
    pub fn request_bytes(&self) -> Option<usize> {
        self.recorded().request_bytes
    }

    /// Returns the length of the last body that was decoded, decompressed and in bytes.
    #[must_use]
    pub fn body_bytes(&self) -> Option<usize> {
        self.recorded().body_bytes
    }

    /// Returns why a response body was refused; the last one, if the session served several.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.recorded().refusal.clone()
    }

    /// Records status and headers of a response before its body is read, if the session
    /// [records](Self::record_parts) them. If reading the body then fails, they are still known.
    pub fn record(&self, response: &mut reqwest::Response) {
        if self.records_parts {
            let status = response.status();
            let headers = mem::take(response.headers_mut());
            let extensions = mem::take(response.extensions_mut());
            let mut recorded = self.recorded();
            recorded.parts = Some(ResponseParts { status, headers });
            recorded.extensions = Some(extensions);
        }
    }

    pub(crate) fn limit(&self) -> usize {
        self.max_response_bytes
    }

    /// Checks a body before it is decoded.
    pub(crate) fn check(&self, body: &[u8]) -> Result<(), Refusal> {
        self.recorded().body_bytes = Some(body.len());
        // Beside the body itself, of the four times that are promised.
        let memory = self.max_response_bytes.saturating_mul(3);
        let limits = Limits {
            memory: memory.saturating_add(SPARE_BYTES),
            items: self.max_items,
        };
        weight::check(body, limits).map_err(|overweight| match overweight {
            Overweight::Memory => Refusal::TooHeavy,
            Overweight::Items => Refusal::TooManyItems,
        })?;
        match error_status(body, self.response_fields) {
            Some(status) => Err(Refusal::ErrorEnvelope(status)),
            None => Ok(()),
        }
    }

    /// Records a refusal, and returns the error for it.
    pub(crate) fn refuse<E>(&self, refusal: Refusal) -> Error<E> {
        let error = Error::Custom(refusal.to_string());
        self.recorded().refusal = Some(refusal);
        error
    }

    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
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
            .field("max_response_bytes", &self.max_response_bytes)
            .field("max_items", &self.max_items)
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
        for (name, value) in self
            .inner
            .default_headers
            .iter()
            .flat_map(|headers| headers.iter())
        {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        if let Some(value) = &self.inner.authorization {
            headers.insert(header::AUTHORIZATION, value.clone());
        }
        if let Some(ClientCredentials { id, secret }) = &self.inner.client {
            headers.insert(CLIENT_ID, id.clone());
            headers.insert(CLIENT_SECRET, secret.clone());
        }
        if let Some(body) = request.body().filter(|_| self.inner.records_parts) {
            // A body of several parts is a stream, whose length is only in the header.
            let length = request.headers().get(header::CONTENT_LENGTH);
            let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
            let length = body.as_bytes().map(<[u8]>::len).or(length);
            self.inner.recorded().request_bytes = length;
        }
        if let Some(look) = &self.inner.on_request {
            look(request);
        }
        Ok(())
    }
}
