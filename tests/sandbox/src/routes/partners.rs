//! What a partner reads.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::Shared;
use crate::auth::AccountKind;
use crate::error::ApiError;
use crate::paging::V1Query;

pub(super) async fn profile(
    State(state): State<Shared>,
    Extension(kind): Extension<AccountKind>,
) -> Response {
    let profile = match kind {
        AccountKind::Distributor => &state.data.distributor,
        AccountKind::Partner | AccountKind::PortalUser => &state.data.partner,
    };
    Json(profile).into_response()
}

pub(super) async fn bills(
    State(state): State<Shared>,
    query: V1Query,
) -> Result<Response, ApiError> {
    query.by_number(state.data.bill_list())
}

pub(super) async fn statuses(
    State(state): State<Shared>,
    query: V1Query,
) -> Result<Response, ApiError> {
    query.by_token(state.data.status_list(), state.authority.signer())
}

pub(super) async fn tasks(
    State(state): State<Shared>,
    query: V1Query,
) -> Result<Response, ApiError> {
    query.by_token(state.data.task_list(), state.authority.signer())
}

pub(super) async fn users(
    State(state): State<Shared>,
    query: V1Query,
) -> Result<Response, ApiError> {
    query.by_number(state.data.user_list())
}

pub(super) async fn resellers(
    State(state): State<Shared>,
    query: V1Query,
) -> Result<Response, ApiError> {
    query.by_number(state.data.reseller_list())
}

/// The reseller with a page of its accounts: the service's document promises the one, and public clients
/// read the other.
pub(super) async fn reseller(
    State(state): State<Shared>,
    Path(id): Path<String>,
    query: V1Query,
) -> Result<Response, ApiError> {
    match state.data.reseller(&id) {
        Some(reseller) => query.by_number_within(reseller, state.data.account_list(&id)),
        None => Err(ApiError::not_found("No such reseller")),
    }
}
