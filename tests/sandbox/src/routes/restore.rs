//! Handles restores.
//!
//! Evidence: spec for the paths, inferred for the bodies.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::Value;

use super::Shared;
use crate::account::Account;
use crate::body::JsonObject;
use crate::error::ApiError;
use crate::restore::{Conflict, Request};

pub(super) async fn create(
    State(state): State<Shared>,
    Extension(account): Extension<Arc<Account>>,
    body: JsonObject,
) -> Result<Response, ApiError> {
    let task = match body.text("taskId")? {
        Some(id) if state.data.read().restorable(id, &account.scope).is_none() => {
            return Err(ApiError::not_found("No such task"));
        }
        task => task,
    };
    if !body.get("snapshotDate").is_none_or(is_integer_or_null) {
        return Err(ApiError::bad_request("snapshotDate must be an integer"));
    }
    let request = Request {
        account,
        task,
        entity: body.text("entityName")?,
    };
    let job = state
        .restores
        .create(request, state.clock.now())
        .map_err(|Conflict| ApiError::conflict("This is being restored already"))?;
    let location = format!("/v1/restore/{}", job.job_id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(job)).into_response())
}

/// Returns true for null and for integers. JSON has a single number type, so `2.0` is an integer
/// too.
fn is_integer_or_null(value: &Value) -> bool {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    // Without -2^63, which a double is for smaller integers as well. Written as an integer, it is an
    // `i64`.
    let is_whole = |number: f64| number.fract() == 0.0 && number.abs() < LIMIT;
    value.is_null() || value.is_i64() || (value.is_f64() && value.as_f64().is_some_and(is_whole))
}

pub(super) async fn status(
    State(state): State<Shared>,
    Extension(account): Extension<Arc<Account>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    match state.restores.get(&id, &account, state.clock.now()) {
        Some(job) => Ok(Json(job).into_response()),
        None => Err(ApiError::not_found("No such restore job")),
    }
}
