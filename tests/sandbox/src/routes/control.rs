//! The control endpoint `/_sandbox/`, for tests of programs that are not written in Rust. Its
//! requests are not recorded, and no rule applies to them.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

use super::Shared;
use super::form::{self, Input};
use crate::error::ApiError;
use crate::faults::{Rule, RuleError, RuleId};

type Answer = Result<Response, ApiError>;

pub(super) const BASE: &str = "/_sandbox";

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/faults", get(rules).post(add_rules).delete(clear_rules))
        .route("/faults/{id}", delete(remove_rule).post(post_to_rule))
        .route(
            "/requests",
            get(requests).delete(clear_requests).post(post_to_requests),
        )
        .route("/clock", get(clock).post(advance))
        .route("/situations", get(situations))
        .route("/data", get(data))
        .route("/credentials", get(credentials))
        .route("/operations", get(operations))
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| ApiError::bad_request(error.to_string()))
}

async fn rules(State(state): State<Shared>) -> Response {
    Json(json!({ "rules": state.faults.list() })).into_response()
}

async fn add_rules(State(state): State<Shared>, input: Input) -> Answer {
    let body = match input {
        Input::Json(body) => body,
        Input::Form(fields) if fields.is_delete() => {
            state.faults.clear();
            return Ok(form::done());
        }
        Input::Form(fields) => {
            let rule = fields.rule.ok_or_else(form::not_this_form)?;
            add(&state, rule.as_bytes())?;
            return Ok(form::done());
        }
    };
    let ids = add(&state, &body)?;
    Ok((StatusCode::CREATED, Json(json!({ "ids": ids }))).into_response())
}

fn add(state: &Shared, body: &[u8]) -> Result<Vec<RuleId>, ApiError> {
    let rules: Vec<Rule> = match json(body)? {
        one @ Value::Object(_) => vec![parse(one)?],
        Value::Array(all) => all.into_iter().map(parse).collect::<Result<_, _>>()?,
        _ => return Err(ApiError::bad_request("a rule is an object")),
    };
    state
        .faults
        .add_all(rules)
        .map_err(|error| ApiError::bad_request(error.to_string()))
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

async fn post_to_rule(state: State<Shared>, id: Path<RuleId>, input: Input) -> Answer {
    delete_by(input)?;
    remove_rule(state, id).await?;
    Ok(form::done())
}

/// Checks that a form stands for the method `DELETE`. Other bodies cannot be posted there.
fn delete_by(input: Input) -> Result<(), ApiError> {
    match input {
        Input::Form(fields) if fields.is_delete() => Ok(()),
        Input::Form(_) => Err(form::not_this_form()),
        Input::Json(_) => Err(ApiError::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Use the method DELETE",
        )),
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

async fn post_to_requests(state: State<Shared>, input: Input) -> Answer {
    delete_by(input)?;
    clear_requests(state).await;
    Ok(form::done())
}

async fn clock(State(state): State<Shared>) -> Response {
    Json(json!({ "now": state.clock.now() })).into_response()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

async fn advance(State(state): State<Shared>, input: Input) -> Answer {
    match input {
        Input::Json(body) => {
            let Advance { advance_seconds } = json(&body)?;
            state.clock.advance(Duration::from_secs(advance_seconds));
            Ok(clock(State(state)).await)
        }
        Input::Form(fields) => {
            let seconds = fields.advance_seconds.ok_or_else(form::not_this_form)?;
            state.clock.advance(Duration::from_secs(seconds));
            Ok(form::done())
        }
    }
}

async fn situations(State(state): State<Shared>) -> Response {
    Json(json!({ "affected": state.data.affected() })).into_response()
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
