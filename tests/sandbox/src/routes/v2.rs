//! What a reseller reads of itself in v2. The items are taken to have the shapes of v1.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::Shared;
use crate::paging::V2Query;

pub(super) async fn details(State(state): State<Shared>) -> Response {
    Json(&state.data.details).into_response()
}

pub(super) async fn accounts(State(state): State<Shared>, query: V2Query) -> Response {
    query.by_number(state.data.user_list())
}

pub(super) async fn backup_tasks(State(state): State<Shared>, query: V2Query) -> Response {
    query.by_number(state.data.task_list())
}

pub(super) async fn backup_statuses(State(state): State<Shared>, query: V2Query) -> Response {
    query.by_number(state.data.status_list())
}

pub(super) async fn bills(State(state): State<Shared>, query: V2Query) -> Response {
    query.by_number(state.data.bill_list())
}
