//! Error responses in the format of Spring Boot: `{timestamp, status, error, message, path}`.

use std::convert::Infallible;

use axum::Extension;
use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use jiff::Timestamp;
use serde_json::json;

use crate::data::rfc3339;

/// An error status with its message. It converts to a response without a body, because it knows
/// neither the path nor the time; [`with_body`] adds the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    message: String,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Extension(self)).into_response()
    }
}

/// Marks an error response whose body must not be replaced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verbatim;

impl IntoResponseParts for Verbatim {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.extensions_mut().insert(self);
        Ok(parts)
    }
}

/// Gives every error response its JSON body, including those that axum generates.
pub(crate) fn with_body(response: Response, path: &str, now: Timestamp) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.extensions().get::<Verbatim>().is_some() {
        return response;
    }
    let reason = status.canonical_reason().unwrap_or("Error");
    let message = response
        .extensions()
        .get::<ApiError>()
        .map_or(reason, |error| error.message.as_str());
    let body = serde_json::to_vec(&json!({
        "timestamp": rfc3339(now),
        "status": status.as_u16(),
        "error": reason,
        "message": message,
        "path": path,
    }));
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, Body::from(body.unwrap_or_default()))
}
