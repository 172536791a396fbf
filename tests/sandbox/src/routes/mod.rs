//! The operations: their paths, who may call them, and their handlers.

mod auth;
mod backups;
mod control;
mod docs;
mod form;
mod lists;
mod page;
mod partners;
mod restore;
mod site;
mod v2;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use jiff::Timestamp;

use crate::account::AccountKind;
use crate::data::{self, DataSet, Item, Kind};
use crate::error::{ApiError, with_body};
use crate::faults::{Fault, Hit, PageFaults, spoil};
use crate::history::Entry;
use crate::state;
use crate::wire::Line;

type Shared = Arc<state::State>;

/// The largest request body that is accepted, in bytes.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// Returns one item as it is at `now`.
fn object(data: &DataSet, kind: Kind, item: &Item, now: Timestamp) -> Response {
    match data::progressed(data, kind, item, now) {
        Some(value) => Json(value).into_response(),
        None => Json(&item.text).into_response(),
    }
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Everyone, without a token.
    Public,
    /// Every account.
    Account,
    /// All accounts but portal users.
    Partner,
    /// Resellers, and the distributor, which is a reseller too.
    Reseller,
    /// The distributor.
    Distributor,
}

impl Access {
    /// Returns the accounts' names, for people.
    fn name(self) -> &'static str {
        match self {
            Self::Public => "everybody",
            Self::Account => "all accounts",
            Self::Partner => "partner, distributor, reseller",
            Self::Reseller => "distributor, reseller",
            Self::Distributor => "distributor",
        }
    }

    fn allows(self, kind: AccountKind) -> bool {
        match self {
            Self::Public | Self::Account => true,
            Self::Partner => kind != AccountKind::PortalUser,
            Self::Reseller => matches!(kind, AccountKind::Distributor | AccountKind::Reseller),
            Self::Distributor => kind == AccountKind::Distributor,
        }
    }
}

/// How a client reaches the next page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    /// The operation returns no list.
    None,
    /// By page number.
    Numbers,
    /// By token or page number.
    Tokens,
}

struct Operation {
    id: &'static str,
    method: &'static str,
    path: &'static str,
    access: Access,
    pages: Pages,
    handler: fn() -> MethodRouter<Shared>,
}

const fn operation(
    id: &'static str,
    method: &'static str,
    path: &'static str,
    access: Access,
    handler: fn() -> MethodRouter<Shared>,
) -> Operation {
    Operation {
        id,
        method,
        path,
        access,
        pages: Pages::None,
        handler,
    }
}

impl Operation {
    const fn pages(self, pages: Pages) -> Self {
        Self { pages, ..self }
    }
}

/// The operations. The first 14 are those of the vendor's document, with its ids; the others are
/// not in the document and have ids of this project.
///
/// Evidence: spec for the first 14, observed for the others.
#[rustfmt::skip]
static OPERATIONS: [Operation; 23] = [
    operation("login", "POST", "/auth", Access::Public, || post(auth::login)),
    operation("partnerLogin", "POST", "/auth/partner", Access::Public, || post(auth::partner_login)),
    operation("refreshToken", "POST", "/auth/refresh", Access::Public, || post(auth::refresh)),
    operation("getPartner", "GET", "/v1/partners", Access::Partner, || get(partners::profile)),
    operation("getPartnerBilling", "GET", "/v1/partners/billing", Access::Partner, || lists::by_number(Kind::Bills)).pages(Pages::Numbers),
    operation("getPartnerStatus", "GET", "/v1/partners/status", Access::Partner, || lists::by_token(Kind::Statuses)).pages(Pages::Tokens),
    operation("listPartnerTasks", "GET", "/v1/partners/tasks", Access::Partner, || lists::by_token(Kind::Tasks)).pages(Pages::Tokens),
    operation("listResellers", "GET", "/v1/partners/resellers", Access::Distributor, || lists::by_number(Kind::Resellers)).pages(Pages::Numbers),
    operation("getReseller", "GET", "/v1/partners/resellers/{resellerId}", Access::Distributor, || get(partners::reseller)).pages(Pages::Numbers),
    operation("listPartnerUsers", "GET", "/v1/partners/users", Access::Partner, || lists::by_number(Kind::Users)).pages(Pages::Numbers),
    operation("listBackupTasks", "GET", "/v1/backup-tasks", Access::Account, || lists::by_number(Kind::BackupTasks)).pages(Pages::Numbers),
    operation("getBackupTask", "GET", "/v1/backup-tasks/{taskId}", Access::Account, || get(backups::single)),
    operation("createRestoreRequest", "POST", "/v1/restore", Access::Account, || post(restore::create)),
    operation("getRestoreStatus", "GET", "/v1/restore/{jobId}", Access::Account, || get(restore::status)),
    operation("listPartnerBills", "GET", "/v1/partners/bills", Access::Partner, || lists::by_number(Kind::Bills)).pages(Pages::Numbers),
    operation("partnerLoginV2", "POST", "/v2/auth/partner", Access::Public, || post(auth::partner_login)),
    operation("getResellerDetailsV2", "GET", "/v2/resellers/details", Access::Reseller, || get(v2::details)),
    operation("listResellerAccountsV2", "GET", "/v2/resellers/accounts", Access::Reseller, || lists::v2(Kind::Users)).pages(Pages::Numbers),
    operation("listResellerBackupTasksV2", "GET", "/v2/resellers/accounts/backup-tasks", Access::Reseller, || lists::v2(Kind::Tasks)).pages(Pages::Numbers),
    operation("listResellerBackupStatusesV2", "GET", "/v2/resellers/accounts/backup-statuses", Access::Reseller, || lists::v2(Kind::Statuses)).pages(Pages::Numbers),
    operation("listResellerBillsV2", "GET", "/v2/resellers/bills", Access::Reseller, || lists::v2(Kind::Bills)).pages(Pages::Numbers),
    operation("listAccountBackupTasksV2", "GET", "/v2/resellers/accounts/{accountId}/backup-tasks", Access::Reseller, || get(v2::account_backup_tasks)).pages(Pages::Numbers),
    operation("getAccountBackupTaskV2", "GET", "/v2/resellers/accounts/{accountId}/backup-tasks/{taskId}", Access::Reseller, || get(v2::account_backup_task)),
];

/// Returns the ids of all operations.
pub(crate) fn operation_ids() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|operation| operation.id)
}

/// Returns how the pages of an operation are reached, and whether it takes an access token. Returns
/// `None` if no operation has this id.
pub(crate) fn traits_of(id: &str) -> Option<(Pages, bool)> {
    let operation = OPERATIONS.iter().find(|operation| operation.id == id)?;
    Some((operation.pages, operation.access != Access::Public))
}

pub(crate) fn router(state: Shared) -> Router {
    let service = OPERATIONS
        .iter()
        .fold(Router::new(), |router, operation| {
            let shared = || (Arc::clone(&state), operation);
            let methods = (operation.handler)()
                .route_layer(middleware::from_fn_with_state(shared(), guard))
                .route_layer(middleware::from_fn_with_state(shared(), faulty));
            router.route(operation.path, methods)
        })
        .fallback(async || ApiError::not_found("No such resource"))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), envelope));
    let aside = Router::new()
        .nest(
            control::BASE,
            control::router().layer(middleware::from_fn(site::same_origin)),
        )
        .route("/", get(page::page))
        .route("/v3/api-docs/v1", get(docs::document))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), plain));
    service
        .merge(aside)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&state),
            site::own_host,
        ))
        .with_state(state)
}

/// Adds the JSON body to errors of paths that are not operations of the service.
async fn plain(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    with_body(next.run(request).await, &path, state.clock.now())
}

/// Records a request, and adds what every response has: a request id, and a body if it is an error.
/// Faults apply to the response here.
async fn envelope(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let number = state.traffic.arrived();
    let id = HeaderValue::try_from(format!("sandbox-{number:08}"));
    let path = request.uri().path().to_owned();
    let line = request.extensions().get::<ConnectInfo<Line>>().cloned();
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await;
    let known = body.as_deref().unwrap_or_default();
    let record = Arc::new(Entry::new(number, state.clock.now(), &head, known));
    state.history.push(Arc::clone(&record));
    let mut response = match body {
        Ok(body) => {
            let mut request = Request::from_parts(head, Body::from(body));
            request.extensions_mut().insert(Arc::clone(&record));
            next.run(request).await
        }
        Err(_) => ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The request body is too large, or was cut off",
        )
        .into_response(),
    };
    response = with_body(response, &path, state.clock.now());
    if let Ok(id) = id {
        response.headers_mut().insert("x-request-id", id);
    }
    let mut unanswered = false;
    if let (Some(Hits(hits)), Some(ConnectInfo(line))) = (response.extensions_mut().remove(), line)
    {
        let faults: Vec<Fault> = hits.iter().map(|hit| hit.fault.clone()).collect();
        unanswered = [Fault::Stall, Fault::Reset]
            .iter()
            .any(|silent| faults.contains(silent));
        response = spoil(response, &faults, &line, &state.clock, &state.stop).await;
    }
    if !unanswered {
        let _ = record.status.set(response.status().as_u16());
    }
    response
}

/// Applies the fault rules to a request.
async fn faulty(
    State((state, operation)): State<(Shared, &'static Operation)>,
    mut request: Request,
    next: Next,
) -> Response {
    state.traffic.reached(operation.id);
    let record = request.extensions().get::<Arc<Entry>>().cloned();
    if let Some(record) = &record {
        let _ = record.operation.set(operation.id);
    }
    let Some(hits) = state.faults.meet(operation.id) else {
        return next.run(request).await;
    };
    if let Some(record) = &record {
        let rules = hits.iter().map(|hit| hit.rule);
        state.history.note_faults(record, rules);
    }
    for hit in &hits {
        if hit.fault == Fault::ExpireToken {
            state.authority.expire(request.headers(), state.clock.now());
        }
    }
    let mut response = if hits.iter().any(Hit::prevents) {
        Response::default()
    } else {
        let page = PageFaults::new(state.faults.clone(), operation.id, hits.clone());
        request.extensions_mut().insert(page);
        next.run(request).await
    };
    for hit in &hits {
        if let Fault::Status(failure) = &hit.fault {
            response = failure.response();
        }
    }
    response.extensions_mut().insert(Hits(hits.into()));
    response
}

/// The faults that apply to a response on its way out.
#[derive(Clone)]
struct Hits(Arc<[Hit]>);

async fn guard(
    State((state, operation)): State<(Shared, &'static Operation)>,
    mut request: Request,
    next: Next,
) -> Response {
    if operation.access != Access::Public {
        let account = state
            .authority
            .authenticate(request.headers(), state.clock.now());
        if let (Ok(account), Some(record)) = (&account, request.extensions().get::<Arc<Entry>>()) {
            let _ = record.account.set(Arc::clone(account));
        }
        match account {
            Err(error) => return error.into_response(),
            Ok(account) if !operation.access.allows(account.kind) => {
                return ApiError::forbidden("Access is denied").into_response();
            }
            Ok(account) => {
                request.extensions_mut().insert(account);
            }
        }
    }
    next.run(request).await
}
