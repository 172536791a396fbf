//! Backup tasks.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};

use super::Shared;
use crate::error::ApiError;
use crate::paging::V1Query;

pub(super) async fn list(
    State(state): State<Shared>,
    query: V1Query,
) -> Result<Response, ApiError> {
    query.by_number(state.data.backup_task_list())
}

pub(super) async fn single(
    State(state): State<Shared>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    match state.data.backup_task(&id) {
        Some(task) => Ok(Json(task).into_response()),
        None => Err(ApiError::not_found("No such backup task")),
    }
}
