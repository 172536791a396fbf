//! Serves a reseller's own data in v2.
//!
//! Evidence: observed for the paths, inferred for the items, which have the shapes of v1.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::{Shared, object};
use crate::account::Account;
use crate::data::{DataSet, Kind, Scope};
use crate::error::ApiError;
use crate::paging::V2Query;

pub(super) async fn details(
    State(state): State<Shared>,
    Extension(account): Extension<Arc<Account>>,
) -> Response {
    if let Scope::Reseller(id) = &account.scope
        && let Some(reseller) = state.data.read().list(Kind::Resellers).get(id)
    {
        return Json(&reseller.text).into_response();
    }
    Json(&state.data.profiles.details).into_response()
}

pub(super) async fn account_backup_tasks(
    State(state): State<Shared>,
    Extension(account): Extension<Arc<Account>>,
    Path(id): Path<String>,
    query: V2Query,
) -> Result<Response, ApiError> {
    let data = state.data.read();
    let scope = of_account(&data, &id, &account)?;
    Ok(query.by_number(&data.view(Kind::Tasks, &scope), state.clock.now()))
}

pub(super) async fn account_backup_task(
    State(state): State<Shared>,
    Extension(account): Extension<Arc<Account>>,
    Path((id, task)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let data = state.data.read();
    let scope = of_account(&data, &id, &account)?;
    match data.seen(Kind::Tasks, &task, &scope) {
        Some(task) => Ok(object(&data, Kind::Tasks, task, state.clock.now())),
        None => Err(ApiError::not_found("No such backup task")),
    }
}

/// Returns the scope of one of the reseller's accounts, which are its users.
fn of_account(data: &DataSet, id: &str, reseller: &Account) -> Result<Scope, ApiError> {
    match data.seen(Kind::Users, id, &reseller.scope) {
        Some(_) => Ok(Scope::User(id.into())),
        None => Err(ApiError::not_found("No such account")),
    }
}
