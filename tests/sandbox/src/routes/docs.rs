//! Serves the OpenAPI document.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::document::DOCUMENT;

pub(super) async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
