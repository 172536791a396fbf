//! Handles sign-ins.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;

use super::Shared;
use crate::auth::TokenAnswer;
use crate::body::JsonObject;
use crate::error::ApiError;

type Answer = Result<Json<TokenAnswer>, ApiError>;

pub(super) async fn login(
    State(state): State<Shared>,
    headers: HeaderMap,
    body: JsonObject,
) -> Answer {
    let answer = state.authority.login(&headers, &body, state.clock.now())?;
    Ok(Json(answer))
}

pub(super) async fn partner_login(
    State(state): State<Shared>,
    headers: HeaderMap,
    body: JsonObject,
) -> Answer {
    let answer = state
        .authority
        .partner_login(&headers, &body, state.clock.now())?;
    Ok(Json(answer))
}

pub(super) async fn refresh(State(state): State<Shared>, body: JsonObject) -> Answer {
    let answer = state.authority.refresh(&body, state.clock.now())?;
    Ok(Json(answer))
}
