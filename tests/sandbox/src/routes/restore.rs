//! Restores. Bodies and answers are inferred.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::Shared;
use crate::body::JsonObject;
use crate::error::ApiError;

/// The entity whose restore fails.
const FAILING_ENTITY: &str = "fail";

pub(super) async fn create(
    State(state): State<Shared>,
    body: JsonObject,
) -> Result<Response, ApiError> {
    match body.get("taskId") {
        None => {}
        Some(Value::String(id)) if state.data.has_task(id) => {}
        Some(Value::String(_)) => return Err(ApiError::not_found("No such task")),
        Some(_) => return Err(ApiError::bad_request("taskId must be a string")),
    }
    let fails = body.get("entityName").and_then(Value::as_str) == Some(FAILING_ENTITY);
    let job = state.restores.create(fails, state.clock.now());
    let location = format!("/v1/restore/{}", job.job_id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(job)).into_response())
}

pub(super) async fn status(
    State(state): State<Shared>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    match state.restores.get(&id, state.clock.now()) {
        Some(job) => Ok(Json(job).into_response()),
        None => Err(ApiError::not_found("No such restore job")),
    }
}
