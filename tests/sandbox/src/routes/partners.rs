//! Serves the profiles and lists of partners.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::Shared;
use crate::account::{Account, AccountKind};
use crate::data::{Kind, Scope};
use crate::error::ApiError;
use crate::paging::V1Query;

type Answer = Result<Response, ApiError>;

pub(super) async fn profile(
    State(state): State<Shared>,
    Extension(account): Extension<Arc<Account>>,
) -> Response {
    match (account.kind, &account.scope) {
        (AccountKind::Distributor, _) => Json(&state.data.profiles.distributor).into_response(),
        (AccountKind::Reseller, Scope::Reseller(id)) => reseller_profile(&state, id),
        _ => Json(&state.data.profiles.partner).into_response(),
    }
}

/// Returns a reseller in the format of a partner.
fn reseller_profile(state: &Shared, id: &str) -> Response {
    let data = state.data.read();
    let reseller = data.list(Kind::Resellers).get(id).map(|item| item.value());
    let field = |name: &str| reseller.as_ref().and_then(|reseller| reseller.get(name));
    let profile = json!({
        "partnerId": id,
        "email": field("resellerEmail"),
        "contactName": field("contactName"),
        "region": field("region"),
    });
    Json(profile).into_response()
}

/// Returns the reseller, with a page of its accounts among its fields.
///
/// Evidence: spec for the reseller, observed for the page of accounts.
pub(super) async fn reseller(
    State(state): State<Shared>,
    Path(id): Path<String>,
    query: V1Query,
) -> Answer {
    let data = state.data.read();
    match data.list(Kind::Resellers).get(&id) {
        Some(reseller) => {
            let accounts = data.view(Kind::Users, &Scope::Reseller(id.into()));
            query.by_number_within(&reseller.value(), &accounts, state.clock.now())
        }
        None => Err(ApiError::not_found("No such reseller")),
    }
}
