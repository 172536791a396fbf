//! Refuses what a web page of another site makes a browser send: requests under a domain of its
//! own, and requests to the control endpoint.

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;
use crate::error::{ApiError, with_body};

/// Refuses requests to a host that is not the sandbox's own.
pub(super) async fn own_host(
    State(state): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    match state.hosts.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(message) => {
            let error = ApiError::new(StatusCode::MISDIRECTED_REQUEST, message);
            let path = request.uri().path();
            with_body(error.into_response(), path, state.clock.now())
        }
    }
}

/// Refuses requests that a page of another site causes: such a page can send a form without being
/// allowed to.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    match foreign(request.uri(), request.headers()) {
        None => next.run(request).await,
        Some(what) => ApiError::forbidden(format!(
            "The control endpoint is for programs and for the sandbox's own page, and not for \
             other web pages: the request has {what}"
        ))
        .into_response(),
    }
}

/// Returns the header that shows that a page of another origin caused the request. Programs send
/// neither header, and browsers send both: `Origin` with every request that can have an effect,
/// and `Sec-Fetch-Site` with all.
fn foreign(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let own = uri.authority().map(|authority| authority.as_str());
    let own = own.or_else(|| headers.get(HOST)?.to_str().ok());
    for origin in headers.get_all(ORIGIN) {
        let origin = String::from_utf8_lossy(origin.as_bytes());
        let host = ["http://", "https://"]
            .into_iter()
            .find_map(|scheme| origin.strip_prefix(scheme));
        if host.is_none()
            || !host
                .zip(own)
                .is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
        {
            return Some(format!("the Origin {origin:?}"));
        }
    }
    for site in headers.get_all("sec-fetch-site") {
        if site != "same-origin" && site != "none" {
            return Some(format!("Sec-Fetch-Site {site:?}"));
        }
    }
    None
}
