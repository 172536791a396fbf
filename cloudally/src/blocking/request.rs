//! Requests to paths that no resource has a method for, sent by blocking.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::runtime::Runtime;
use crate::error::Error;
use crate::multipart::Multipart;

/// A request to any path of the service; see [`Request`](crate::Request).
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until `json` or `bytes` is called"]
pub struct Request {
    request: crate::Request,
    runtime: Arc<Runtime>,
}

impl Request {
    pub(super) fn new(request: crate::Request, runtime: &Arc<Runtime>) -> Self {
        Self {
            request,
            runtime: Arc::clone(runtime),
        }
    }

    fn change(self, change: impl FnOnce(crate::Request) -> crate::Request) -> Self {
        Self {
            request: change(self.request),
            runtime: self.runtime,
        }
    }

    /// Adds a parameter to the query; see [`Request::query`](crate::Request::query).
    pub fn query(self, name: impl Into<String>, value: impl Display) -> Self {
        self.change(|request| request.query(name, value))
    }

    /// Sets a header; see [`Request::header`](crate::Request::header).
    pub fn header(self, name: &str, value: &str) -> Self {
        self.change(|request| request.header(name, value))
    }

    /// Sets the body, which is sent as JSON; see [`Request::body`](crate::Request::body).
    pub fn body(self, body: &(impl Serialize + ?Sized)) -> Self {
        self.change(|request| request.body(body))
    }

    /// Sets the body to several parts; see [`Request::multipart`](crate::Request::multipart).
    pub fn multipart(self, body: Multipart) -> Self {
        self.change(|request| request.multipart(body))
    }

    /// Sets whether the request can be sent again; see
    /// [`Request::idempotent`](crate::Request::idempotent).
    pub fn idempotent(self, is_idempotent: bool) -> Self {
        self.change(|request| request.idempotent(is_idempotent))
    }

    /// Sends the request, and decodes the response as JSON; see
    /// [`Request::json`](crate::Request::json).
    ///
    /// # Errors
    /// As there, and within an asynchronous runtime.
    pub fn json<T: DeserializeOwned + Send + 'static>(self) -> Result<T, Error> {
        self.runtime.wait(self.request.json())
    }

    /// Sends the request, and returns the body of the response; see
    /// [`Request::bytes`](crate::Request::bytes).
    ///
    /// # Errors
    /// As there, and within an asynchronous runtime.
    pub fn bytes(self) -> Result<Bytes, Error> {
        self.runtime.wait(self.request.bytes())
    }
}
