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
        None | Some(Value::Null) => {}
        Some(Value::String(id)) if state.data.has_task(id) => {}
        Some(Value::String(_)) => return Err(ApiError::not_found("No such task")),
        Some(_) => return Err(ApiError::bad_request("taskId must be a string")),
    }
    if !body.get("snapshotDate").is_none_or(is_integer_or_null) {
        return Err(ApiError::bad_request("snapshotDate must be an integer"));
    }
    let fails = body.text("entityName")? == Some(FAILING_ENTITY);
    let job = state.restores.create(fails, state.clock.now());
    let location = format!("/v1/restore/{}", job.job_id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(job)).into_response())
}

/// JSON has no integers of its own: `2.0` is one, too.
fn is_integer_or_null(value: &Value) -> bool {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let is_whole = |number: f64| number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number);
    value.is_null() || value.is_i64() || (value.is_f64() && value.as_f64().is_some_and(is_whole))
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
