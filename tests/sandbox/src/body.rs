//! Request bodies: a JSON object, or an error response in the service's format.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::error::ApiError;

/// The JSON object in a request body. It may contain a password, so it does not implement `Debug`.
pub(crate) struct JsonObject(Map<String, Value>);

impl JsonObject {
    pub(crate) fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// Returns a string field. Null counts as missing.
    pub(crate) fn text(&self, field: &str) -> Result<Option<&str>, ApiError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::bad_request(format!("{field} must be a string"))),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Json::<Map<String, Value>>::from_request(request, state).await {
            Ok(Json(object)) => Ok(Self(object)),
            // The error of serde is not included, because it may quote the body, and with it a
            // password.
            Err(JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_)) => Err(
                ApiError::bad_request("The request body is not a JSON object"),
            ),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The request body must be application/json",
            )),
            Err(other) => Err(ApiError::new(other.status(), other.body_text())),
        }
    }
}
