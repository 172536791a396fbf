//! The control endpoint `/_sandbox/`, for tests of programs that are not written in Rust. Its
//! requests are not recorded, and no rule applies to them.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

use super::Shared;
use crate::error::ApiError;
use crate::faults::{Rule, RuleError, RuleId};

type Answer = Result<Response, ApiError>;

pub(super) const BASE: &str = "/_sandbox";

/// The control endpoint's operations, for people: method, path and description.
pub(super) const ENDPOINTS: [(&str, &str, &str); 11] = [
    (
        "GET",
        "/_sandbox/faults",
        "The rules, with how many requests each has seen and picked",
    ),
    (
        "POST",
        "/_sandbox/faults",
        "Adds a rule, or an array of them; answers their ids",
    ),
    ("DELETE", "/_sandbox/faults", "Removes all rules"),
    ("DELETE", "/_sandbox/faults/{id}", "Removes a rule"),
    (
        "GET",
        "/_sandbox/requests",
        "The last requests; ?operation=, ?status= and ?account= narrow it down",
    ),
    ("DELETE", "/_sandbox/requests", "Forgets them"),
    ("GET", "/_sandbox/clock", "The sandbox's time"),
    (
        "POST",
        "/_sandbox/clock",
        "Moves it forward: {\"advanceSeconds\": 3600}",
    ),
    (
        "GET",
        "/_sandbox/data",
        "All data as it is now, as a data file",
    ),
    (
        "GET",
        "/_sandbox/credentials",
        "What the accounts sign in with",
    ),
    (
        "GET",
        "/_sandbox/operations",
        "The operations: id, method and path",
    ),
];

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/faults", get(rules).post(add_rules).delete(clear_rules))
        .route("/faults/{id}", delete(remove_rule))
        .route("/requests", get(requests).delete(clear_requests))
        .route("/clock", get(clock).merge(post(advance)))
        .route("/data", get(data))
        .route("/credentials", get(credentials))
        .route("/operations", get(operations))
}

/// Parses the body as JSON whatever its `Content-Type` is, because `curl -d` does not send that of
/// JSON.
fn json<T: DeserializeOwned>(body: &Bytes) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| ApiError::bad_request(error.to_string()))
}

async fn rules(State(state): State<Shared>) -> Response {
    Json(json!({ "rules": state.faults.list() })).into_response()
}

async fn add_rules(State(state): State<Shared>, body: Bytes) -> Answer {
    let rules: Vec<Rule> = match json(&body)? {
        one @ Value::Object(_) => vec![parse(one)?],
        Value::Array(all) => all.into_iter().map(parse).collect::<Result<_, _>>()?,
        _ => return Err(ApiError::bad_request("a rule is an object")),
    };
    let ids = state
        .faults
        .add_all(rules)
        .map_err(|error| ApiError::bad_request(error.to_string()))?;
    Ok((StatusCode::CREATED, Json(json!({ "ids": ids }))).into_response())
}

fn parse(rule: Value) -> Result<Rule, ApiError> {
    serde_json::from_value(rule).map_err(|error| ApiError::bad_request(error.to_string()))
}

async fn clear_rules(State(state): State<Shared>) -> StatusCode {
    state.faults.clear();
    StatusCode::NO_CONTENT
}

async fn remove_rule(State(state): State<Shared>, Path(id): Path<RuleId>) -> Answer {
    if state.faults.remove(id) {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(ApiError::not_found("No such rule"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    operation: Option<String>,
    status: Option<u16>,
    account: Option<String>,
}

async fn requests(State(state): State<Shared>, uri: Uri) -> Answer {
    let Query(which) = Query::<Which>::try_from_uri(&uri)
        .map_err(|error| ApiError::bad_request(error.body_text()))?;
    let mut requests = state.requests();
    if let Some(operation) = which.operation {
        if super::traits_of(&operation).is_none() {
            let error = RuleError::UnknownOperation { operation };
            return Err(ApiError::bad_request(error.to_string()));
        }
        requests = requests.to(&operation);
    }
    if let Some(status) = which.status {
        requests = requests.with_status(status);
    }
    if let Some(account) = &which.account {
        requests = requests.by(account);
    }
    let forgotten = requests.forgotten();
    let all: Vec<_> = requests.into_iter().collect();
    let answer = json!({"count": all.len(), "forgotten": forgotten, "requests": all});
    Ok(Json(answer).into_response())
}

async fn clear_requests(State(state): State<Shared>) -> StatusCode {
    state.history.clear();
    StatusCode::NO_CONTENT
}

async fn clock(State(state): State<Shared>) -> Response {
    Json(json!({ "now": state.clock.now() })).into_response()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

async fn advance(State(state): State<Shared>, body: Bytes) -> Answer {
    let Advance { advance_seconds } = json(&body)?;
    state.clock.advance(Duration::from_secs(advance_seconds));
    Ok(clock(State(state)).await)
}

async fn data(State(state): State<Shared>) -> Response {
    Json(state.data.export(state.clock.now())).into_response()
}

async fn credentials(State(state): State<Shared>) -> Response {
    let standard = &state.authority.standard;
    let all = [
        ("partner", &standard.partner),
        ("distributor", &standard.distributor),
        ("reseller", &standard.reseller),
        ("portalUser", &standard.portal_user),
    ]
    .map(|(kind, credentials)| {
        json!({
            "kind": kind,
            "clientId": credentials.client_id,
            "clientSecret": credentials.client_secret,
            "email": credentials.email,
            "password": credentials.password,
        })
    });
    Json(json!({ "accounts": all })).into_response()
}

async fn operations() -> Response {
    let operation = |operation: &super::Operation| json!({"id": operation.id, "method": operation.method, "path": operation.path});
    let all: Vec<Value> = super::OPERATIONS.iter().map(operation).collect();
    Json(json!({ "operations": all })).into_response()
}
