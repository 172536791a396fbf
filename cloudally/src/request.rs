//! Requests to paths that no resource has a method for.

#![expect(clippy::result_large_err, reason = "the error is progenitor's")]

use std::fmt;
use std::future::Future;

use bytes::Bytes;
use cloudally_gen::operation::Operation;
use cloudally_gen::{Client as RawClient, ClientHooks, ClientInfo, Error as RawError};
use cloudally_gen::{OperationInfo, ResponseValue};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::client::Client;
use crate::error::Error;
use crate::headers;
use crate::multipart::Multipart;
use crate::response::Response;

/// A request to any path of the service, with the token, retries, limits and errors of every other
/// call.
///
/// It is for operations of the service that this crate does not know yet. Where the method is
/// idempotent by the HTTP standard (all but `POST` and `PATCH`), the request is retried like a
/// read. Any other is sent at most once, on a connection of its own, and an unknown outcome is
/// [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown);
/// [`idempotent`](Self::idempotent) overrides both.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// use cloudally::reqwest::Method;
/// use cloudally::serde_json::{Value, json};
/// let page: Value =
///     client.request(Method::GET, "/v1/partners/tasks").query("pageSize", 10).json().await?;
/// println!("{}", page["total"]);
///
/// let response = client
///     .request(Method::POST, "/v1/restore")
///     .body(&json!({"taskId": "T-1", "newOption": true}))
///     .json::<Value>()
///     .with_response()
///     .await?;
/// println!("{} {:?}", response.parts.status(), response.parts.headers().get("location"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a request is not sent until `json` or `bytes` is awaited"]
pub struct Request {
    client: Client,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<Body>,
    is_idempotent: bool,
    /// The first invalid argument, reported when the request would be sent.
    problem: Option<String>,
}

#[derive(Clone)]
enum Body {
    Json(Bytes),
    Multipart(Multipart),
}

impl Client {
    /// Starts a request to a path that no resource has a method for, such as `/v1/partners/new`.
    ///
    /// An invalid path or method is an [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput)
    /// when the request is sent.
    pub fn request(&self, method: Method, path: impl Into<String>) -> Request {
        Request::new(self.clone(), method, path.into())
    }
}

impl Request {
    fn new(client: Client, method: Method, path: String) -> Self {
        Self {
            client,
            is_idempotent: method.is_idempotent(),
            problem: method_problem(&method).or_else(|| path_problem(&path)),
            method,
            path,
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: None,
        }
    }

    /// Adds a parameter to the query. Name and value are percent-encoded.
    pub fn query(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// Sets a header. One that the client sets itself (credentials, host, length) is an error when
    /// the request is sent.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let value = HeaderValue::try_from(value).ok();
        if let Err(problem) = headers::set(&mut self.headers, name, value) {
            self.refuse(problem);
        }
        self
    }

    /// Sets the body, which is sent as JSON.
    pub fn body(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.body = Some(Body::Json(body.into())),
            Err(error) => self.refuse(format!("the body cannot be serialised as JSON: {error}")),
        }
        self
    }

    /// Sets the body to several parts, which are sent as `multipart/form-data`.
    ///
    /// The header `content-type` has the boundary of the parts, so setting it as well is an error
    /// when the request is sent.
    pub fn multipart(mut self, body: Multipart) -> Self {
        if let Some(problem) = body.problem() {
            self.refuse(problem);
        }
        self.body = Some(Body::Multipart(body));
        self
    }

    /// Sets whether the request can be sent again without harm when its outcome is unknown.
    pub fn idempotent(mut self, is_idempotent: bool) -> Self {
        self.is_idempotent = is_idempotent;
        self
    }

    /// Sends the request, and decodes the response as JSON.
    ///
    /// A success without a body is read as `null`: decode to an `Option` or a
    /// [`Value`](serde_json::Value) where there may be none.
    ///
    /// # Errors
    /// As with every call: see [`ErrorKind`](crate::ErrorKind).
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if an argument cannot be sent.
    pub fn json<T: DeserializeOwned + Send + 'static>(self) -> Call<T> {
        Call::new(async move {
            self.send(|raw, success| {
                let null = Bytes::from_static(b"null");
                let is_null = success.is_empty_on_purpose();
                raw.decode(if is_null { null } else { success.body })
            })
            .await
        })
    }

    /// Sends the request, and returns the decompressed body of the response.
    ///
    /// # Errors
    /// As with every call: see [`ErrorKind`](crate::ErrorKind).
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if an argument cannot be sent.
    pub fn bytes(self) -> Call<Bytes> {
        Call::new(async move { self.send(|_, success| Ok(success.body)).await })
    }

    fn refuse(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }

    async fn send<T: DeserializeOwned>(
        self,
        read: fn(&RawClient, Success) -> Result<T, RawError<()>>,
    ) -> Result<Response<T>, Error> {
        let name = format!("{} {}", self.method, self.path);
        let operation = Operation {
            id: &name,
            method: self.method.as_str(),
            // The path may hold what is not for a log.
            path: "",
            is_idempotent: self.is_idempotent,
            needs_token: true,
            pagination: None,
            // Nothing is known of the response, so none is taken for an error.
            response_fields: &[],
        };
        let has_type = self.headers.contains_key(CONTENT_TYPE);
        let problem = match (&self.problem, &self.body) {
            (Some(problem), _) => Some(problem.as_str()),
            (None, Some(Body::Multipart(_))) if has_type => {
                Some("the client sets the header `content-type` of a body of several parts")
            }
            _ => None,
        };
        if let Some(problem) = problem {
            return Err(Error::invalid_input(problem).with_operation(&name));
        }
        let sent = self
            .client
            .attempt(&operation, |raw| self.attempt(raw, read))
            .await;
        Ok(sent?)
    }

    fn attempt<T>(
        &self,
        raw: RawClient,
        read: fn(&RawClient, Success) -> Result<T, RawError<()>>,
    ) -> impl Future<Output = Result<ResponseValue<T>, RawError<()>>> + use<T> {
        let url = format!("{}{}", raw.baseurl(), self.path);
        let mut request = raw.client().request(self.method.clone(), url);
        if !self.query.is_empty() {
            request = request.query(&self.query);
        }
        let mut form = None;
        match &self.body {
            Some(Body::Json(body)) => {
                let json = HeaderValue::from_static("application/json");
                request = request.header(CONTENT_TYPE, json).body(body.clone());
            }
            Some(Body::Multipart(body)) => form = Some(body.form()),
            None => {}
        }
        let accept = HeaderValue::from_static("application/json");
        let mut request = request.header(ACCEPT, accept);
        let own = self.headers.clone();
        let is_head = self.method == Method::HEAD;
        async move {
            let operation = OperationInfo {
                operation_id: "request",
            };
            if let Some(form) = form {
                request = request.multipart(form?);
            }
            let mut request = request.build()?;
            raw.pre(&mut request, &operation).await?;
            // Set last, so that the program's headers replace the defaults.
            for (name, value) in &own {
                request.headers_mut().insert(name, value.clone());
            }
            let response = raw.exec(request, &operation).await?;
            let status = response.status();
            if !status.is_success() {
                return Err(RawError::UnexpectedResponse(response));
            }
            let headers = response.headers();
            let is_framed = headers.contains_key(TRANSFER_ENCODING)
                || headers
                    .get(CONTENT_LENGTH)
                    .is_some_and(|length| length == "0");
            let may_be_empty = is_framed || is_head || matches!(status.as_u16(), 204 | 205);
            let body = raw.body(response).await?;
            let value = read(&raw, Success { may_be_empty, body })?;
            // The session has the headers.
            Ok(ResponseValue::new(value, status, HeaderMap::new()))
        }
    }
}

/// A complete response with a success status.
struct Success {
    /// Whether the framing says that there is no body, rather than that the connection broke before
    /// it.
    may_be_empty: bool,
    body: Bytes,
}

impl Success {
    fn is_empty_on_purpose(&self) -> bool {
        self.may_be_empty && self.body.is_empty()
    }
}

/// What is wrong with a method: `CONNECT` opens a tunnel, and `TRACE` echoes credentials.
fn method_problem(method: &Method) -> Option<String> {
    let is_refused = [Method::CONNECT, Method::TRACE].contains(method);
    is_refused.then(|| format!("the method {method} is not supported"))
}

/// What is wrong with a path. It must stay below the base URL, because credentials are sent with
/// it.
fn path_problem(path: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let problem = if !path.starts_with('/') || path.starts_with("//") {
        "it must begin with one slash, without a host"
    } else if path.contains(['?', '#']) {
        "set the query with `query`, and no fragment"
    } else if decoded
        .chars()
        .any(|letter| letter == '\\' || letter.is_control())
    {
        "it has a backslash or a control character"
    } else if decoded
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        "it must not have `.` or `..` as a segment"
    } else {
        return None;
    };
    Some(format!("`{path}` is not a valid path: {problem}"))
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_base_url() {
        for path in ["/v1/partners", "/v1/a%2Fb", "/", "/v1/ü", "/v1/a..b/c"] {
            assert_eq!(path_problem(path), None);
        }
        for path in [
            "",
            "v1/partners",
            "//elsewhere.example/v1",
            "https://elsewhere.example/",
            "/v1?a=b",
            "/v1#a",
            "/v1/../auth",
            "/v1/%2e%2E/auth",
            "/v1/./a",
            "/v1\\..\\a",
            "/v1/a%0d%0ab",
        ] {
            assert!(path_problem(path).is_some(), "{path:?}");
        }
    }
}
