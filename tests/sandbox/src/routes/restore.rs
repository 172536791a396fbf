//! Restores. Bodies and answers are inferred.

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
    let task = match body.get("taskId") {
        None => None,
        Some(Value::String(id)) if state.data.read().restorable(id, &account.scope).is_some() => {
            Some(id.clone())
        }
        Some(Value::String(_)) => return Err(ApiError::not_found("No such task")),
        Some(_) => return Err(ApiError::bad_request("taskId must be a string")),
    };
    let entity = body.get("entityName").and_then(Value::as_str);
    let request = Request {
        account: account.credentials.email.clone(),
        task,
        entity: entity.map(str::to_owned),
    };
    let job = state
        .restores
        .create(request, state.clock.now())
        .map_err(|Conflict| ApiError::conflict("This is being restored already"))?;
    let location = format!("/v1/restore/{}", job.job_id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(job)).into_response())
}

pub(super) async fn status(
    State(state): State<Shared>,
    Extension(account): Extension<Arc<Account>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let account = &account.credentials.email;
    match state.restores.get(&id, account, state.clock.now()) {
        Some(job) => Ok(Json(job).into_response()),
        None => Err(ApiError::not_found("No such restore job")),
    }
}
