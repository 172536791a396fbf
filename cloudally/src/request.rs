//! Requests that no resource has a method for.

use std::fmt;
use std::future::Future;

use bytes::Bytes;
use cloudally_gen::operation::Operation;
use cloudally_gen::{Client as RawClient, ClientHooks, ClientInfo, Error as RawError};
use cloudally_gen::{OperationInfo, ResponseValue};
use http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::reply::Reply;
use crate::response::Response;

/// Headers that the client answers for itself.
const OWN_HEADERS: [HeaderName; 7] = [
    AUTHORIZATION,
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    HeaderName::from_static("client-id"),
    HeaderName::from_static("client-secret"),
];

/// A request to any path of the service, with the token, retries, limits and errors of every other call. It is for what
/// the service offers and this crate does not know yet.
///
/// Where a method is idempotent by the standards of HTTP (all but `POST` and `PATCH`), the request is tried again like a
/// read. Any other is sent at most once, on a connection of its own, and an unknown outcome is
/// [`ErrorKind::Ambiguous`]; say otherwise with [`idempotent`](Self::idempotent).
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// use cloudally::reqwest::Method;
/// use cloudally::serde_json::{Value, json};
/// let page: Value =
///     client.request(Method::GET, "/v1/partners/tasks").query("pageSize", 10).json().await?;
/// println!("{}", page["total"]);
///
/// let answer = client
///     .request(Method::POST, "/v1/restore")
///     .body(&json!({"taskId": "T-1", "newOption": true}))
///     .json::<Value>()
///     .with_response()
///     .await?;
/// println!("{} {:?}", answer.head.status(), answer.head.headers().get("location"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a request is not sent until one of its ends is awaited"]
pub struct Request {
    client: Client,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<Bytes>,
    is_idempotent: bool,
    /// What is wrong with it, told when it is to be sent.
    problem: Option<String>,
}

impl Request {
    pub(crate) fn new(client: Client, method: Method, path: String) -> Self {
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

    /// Adds a pair to the query. It is encoded.
    pub fn query(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// Sets a header. Those that the client answers for (credentials, host, length) are refused when the request is sent.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), _) if OWN_HEADERS.contains(&name) => {
                self.refuse(format!("the client sets the header `{name}` itself"));
            }
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            (Ok(name), Err(_)) => {
                self.refuse(format!(
                    "the value of the header `{name}` has a character that a header cannot carry"
                ));
            }
            (Err(_), _) => self.refuse(format!("`{name}` is no name of a header")),
        }
        self
    }

    /// The body, sent as JSON.
    pub fn body(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.body = Some(body.into()),
            Err(error) => self.refuse(format!("the body cannot be written as JSON: {error}")),
        }
        self
    }

    /// Whether the request may be sent again without harm when its outcome is unknown.
    pub fn idempotent(mut self, is_idempotent: bool) -> Self {
        self.is_idempotent = is_idempotent;
        self
    }

    /// Sends it, and decodes the answer from JSON. A success without a body is read as `null`: ask for an `Option` or a
    /// [`Value`](serde_json::Value) where there may be none.
    ///
    /// # Errors
    /// As with every call: see [`ErrorKind`]. [`ErrorKind::InvalidRequest`] if the request cannot be sent as it is.
    pub fn json<T: DeserializeOwned + Send + 'static>(self) -> Reply<T> {
        Reply::new(async move {
            self.send(|answer| {
                if answer.is_empty_on_purpose() {
                    return serde_json::from_slice(b"null");
                }
                serde_json::from_slice(&answer.body)
            })
            .await
        })
    }

    /// Sends it, and gives the body of the answer as it came, decompressed.
    ///
    /// # Errors
    /// As with every call: see [`ErrorKind`]. [`ErrorKind::InvalidRequest`] if the request cannot be sent as it is.
    pub fn bytes(self) -> Reply<Bytes> {
        Reply::new(async move { self.send(|answer| Ok(answer.body.clone())).await })
    }

    fn refuse(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }

    async fn send<T: DeserializeOwned>(
        self,
        read: fn(&Answer) -> serde_json::Result<T>,
    ) -> Result<Response<T>, Error> {
        let name = format!("{} {}", self.method, self.path);
        let operation = Operation {
            id: &name,
            method: self.method.as_str(),
            // The caller's path may hold what is not for a log.
            path: "",
            is_idempotent: self.is_idempotent,
            needs_token: true,
            pagination: None,
        };
        if let Some(problem) = &self.problem {
            let what = format!("{problem}; nothing was sent");
            return Err(Error::new(ErrorKind::InvalidRequest, what).operation_id(&name));
        }
        let sent = self
            .client
            .call(&operation, |raw| self.attempt(raw, read))
            .await;
        Ok(sent?)
    }

    fn attempt<T>(
        &self,
        raw: RawClient,
        read: fn(&Answer) -> serde_json::Result<T>,
    ) -> impl Future<Output = Result<ResponseValue<T>, RawError<()>>> + use<T> {
        let url = format!("{}{}", raw.baseurl(), self.path);
        let mut request = raw.client().request(self.method.clone(), url);
        if !self.query.is_empty() {
            request = request.query(&self.query);
        }
        if let Some(body) = &self.body {
            let json = HeaderValue::from_static("application/json");
            request = request.header(CONTENT_TYPE, json).body(body.clone());
        }
        let accept = HeaderValue::from_static("application/json");
        let request = request.header(ACCEPT, accept);
        let own = self.headers.clone();
        let is_head = self.method == Method::HEAD;
        async move {
            let operation = OperationInfo {
                operation_id: "request",
            };
            let mut request = request.build()?;
            raw.pre(&mut request, &operation).await?;
            // What the caller sets replaces the defaults. It comes last, for the session drops what generated calls add.
            for (name, value) in &own {
                request.headers_mut().insert(name, value.clone());
            }
            let mut response = raw.exec(request, &operation).await?;
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
            raw.inner().saw(&mut response);
            let body = raw.body(response).await?;
            let answer = Answer { may_be_empty, body };
            match read(&answer) {
                // The session keeps the headers.
                Ok(value) => Ok(ResponseValue::new(value, status, HeaderMap::new())),
                Err(error) => Err(RawError::InvalidResponsePayload(answer.body, error)),
            }
        }
    }
}

/// A success, whole.
struct Answer {
    /// No body is then what was meant, and the answer did not just break off before it.
    may_be_empty: bool,
    body: Bytes,
}

impl Answer {
    fn is_empty_on_purpose(&self) -> bool {
        self.may_be_empty && self.body.is_empty()
    }
}

/// What is wrong with a method: one makes a tunnel of the connection, the other echoes credentials.
fn method_problem(method: &Method) -> Option<String> {
    let is_refused = [Method::CONNECT, Method::TRACE].contains(method);
    is_refused.then(|| format!("the method {method} is not for this"))
}

/// What is wrong with a path: credentials go with it, so it must stay below the base URL.
fn path_problem(path: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let problem = if !path.starts_with('/') || path.starts_with("//") {
        "it must begin with one slash, without a host"
    } else if path.contains(['?', '#']) {
        "give the query with `query`, and no fragment"
    } else if decoded
        .chars()
        .any(|letter| letter == '\\' || letter.is_control())
    {
        "it has a backslash or a control character"
    } else if decoded
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        "it must not lead upwards"
    } else {
        return None;
    };
    Some(format!("`{path}` is no path to ask for: {problem}"))
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
