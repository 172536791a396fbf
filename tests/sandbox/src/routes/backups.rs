//! Serves backup tasks.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;

use super::{Shared, object};
use crate::account::Account;
use crate::data::Kind;
use crate::error::ApiError;

pub(super) async fn single(
    State(state): State<Shared>,
    Extension(account): Extension<Arc<Account>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let data = state.data.read();
    match data.seen(Kind::BackupTasks, &id, &account.scope) {
        Some(task) => Ok(object(&data, Kind::BackupTasks, task, state.clock.now())),
        None => Err(ApiError::not_found("No such backup task")),
    }
}
