//! The bodies that the control endpoint takes: JSON from programs, and forms from the page at `/`.

use axum::Form;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::MAX_BODY;
use crate::error::ApiError;

/// A request body.
pub(super) enum Input {
    /// Anything that is not a form, whatever its `Content-Type` is: `curl -d` labels JSON as a form.
    Json(Bytes),
    Form(Fields),
}

/// The fields of all forms on the page at `/`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Fields {
    /// The method that is meant, because a form can only be posted.
    #[serde(rename = "_method")]
    pub(super) method: Option<String>,
    /// A fault rule, in JSON.
    pub(super) rule: Option<String>,
    pub(super) advance_seconds: Option<u64>,
}

impl Fields {
    /// Returns true for a form that only stands for the method `DELETE`.
    pub(super) fn is_delete(&self) -> bool {
        self.method.as_deref() == Some("DELETE")
            && self.rule.is_none()
            && self.advance_seconds.is_none()
    }
}

impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, MAX_BODY).await.map_err(|_| {
            ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The request body is too large, or was cut off",
            )
        })?;
        let kind = head.headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
        let is_form =
            kind.is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded"));
        let is_json =
            body.trim_ascii_start().starts_with(b"{") || body.trim_ascii_start().starts_with(b"[");
        if !is_form || is_json {
            return Ok(Self::Json(body));
        }
        let request = Request::from_parts(head, Body::from(body));
        match Form::from_request(request, state).await {
            Ok(Form(fields)) => Ok(Self::Form(fields)),
            Err(error) => Err(ApiError::bad_request(error.body_text())),
        }
    }
}

/// Leads a browser back to the page, which shows what the form has changed.
pub(super) fn done() -> Response {
    Redirect::to("/").into_response()
}

pub(super) fn not_this_form() -> ApiError {
    ApiError::bad_request("The form is not one of those on the page at /")
}
