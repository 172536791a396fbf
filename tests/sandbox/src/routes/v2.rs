//! Serves a reseller's own data in v2.
//!
//! Evidence: observed for the paths, inferred for the items, which have the shapes of v1.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::Shared;
use crate::account::Account;
use crate::data::{Kind, Scope};
use crate::paging::V2Query;

pub(super) async fn details(
    State(state): State<Shared>,
    Extension(account): Extension<Arc<Account>>,
) -> Response {
    if let Scope::Reseller(id) = &account.scope
        && let Some(reseller) = state.data.read().resellers.get(id)
    {
        return Json(&reseller.text).into_response();
    }
    Json(&state.data.profiles.details).into_response()
}

pub(super) async fn accounts(
    state: State<Shared>,
    account: Extension<Arc<Account>>,
    query: V2Query,
) -> Response {
    list(&state, &account, &query, Kind::Users)
}

pub(super) async fn backup_tasks(
    state: State<Shared>,
    account: Extension<Arc<Account>>,
    query: V2Query,
) -> Response {
    list(&state, &account, &query, Kind::Tasks)
}

pub(super) async fn backup_statuses(
    state: State<Shared>,
    account: Extension<Arc<Account>>,
    query: V2Query,
) -> Response {
    list(&state, &account, &query, Kind::Statuses)
}

pub(super) async fn bills(
    state: State<Shared>,
    account: Extension<Arc<Account>>,
    query: V2Query,
) -> Response {
    list(&state, &account, &query, Kind::Bills)
}

fn list(state: &Shared, account: &Account, query: &V2Query, kind: Kind) -> Response {
    let data = state.data.read();
    query.by_number(&data.view(kind, &account.scope), state.clock.now())
}
