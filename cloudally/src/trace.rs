//! Tracing: a span per call, and below it one per attempt with the attributes of OpenTelemetry's
//! HTTP conventions.
//!
//! The names of spans and fields are described, with a promise, in `docs/observability.md`.

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::Pin;

use cloudally_gen::operation::Operation;
use reqwest::Url;
use tracing::Span;
use tracing::field::Empty;

use crate::connection::Destination;
use crate::error::Error;
use crate::response::ResponseParts;
use crate::retry::policy::Decision;

/// The name of the kind of an error.
pub(crate) fn kind_name(error: &Error) -> String {
    format!("{:?}", error.kind())
}

/// What stands for the values that are not for a log.
const REDACTED: &str = "REDACTED";

/// The name of an operation in spans and metrics. A custom request has no template, and its name is
/// its path, which may hold what is not for a log.
pub(crate) fn operation_name<'a>(operation: &Operation<'a>) -> &'a str {
    if operation.path.is_empty() {
        "request"
    } else {
        operation.id
    }
}

/// The span of a call. `page` is the number of the page that it reads, if it reads one.
pub(crate) fn call(operation: &Operation<'_>, page: Option<u64>) -> Span {
    tracing::info_span!(
        "cloudally.call",
        otel.kind = "internal",
        otel.name = operation_name(operation),
        cloudally.operation = operation_name(operation),
        cloudally.page = page,
        error.type = Empty,
        otel.status_code = Empty,
    )
}

/// The span of a token renewal, which callers that wait for it follow from.
pub(crate) fn renewal() -> Span {
    tracing::info_span!(
        parent: None,
        "cloudally.token_renewal",
        otel.kind = "internal",
        error.type = Empty,
        otel.status_code = Empty,
    )
}

/// The span of an attempt, within the one of its call.
pub(crate) fn attempt(
    call: &Span,
    operation: &Operation<'_>,
    destination: &Destination,
    number: u32,
) -> Span {
    // Nobody listens, or not to the client.
    if call.is_disabled() {
        return Span::none();
    }
    let span = tracing::info_span!(
        parent: call,
        "cloudally.attempt",
        otel.kind = "client",
        otel.name = Empty,
        http.request.method = operation.method,
        url.template = Empty,
        url.full = Empty,
        server.address = destination.host.as_str(),
        server.port = destination.port,
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        cloudally.request_id = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    );
    if span.is_disabled() {
        return span;
    }
    let template = operation.path;
    let name = format!("{} {template}", operation.method);
    span.record("otel.name", name.trim_end());
    if !template.is_empty() {
        span.record("url.template", template);
    }
    if number > 1 {
        span.record("http.request.resend_count", number - 1);
    }
    span
}

/// Runs a future within a span, if anybody listens to it.
pub(crate) fn within<'f, F: Future>(
    span: &'f Span,
    mut future: Pin<&'f mut F>,
) -> impl Future<Output = F::Output> {
    poll_fn(move |context| {
        // Without a subscriber nothing is entered.
        let _entered = (!span.is_disabled()).then(|| span.enter());
        future.as_mut().poll(context)
    })
}

/// Records the URL of a request, without the values of its query. The path of a custom request may
/// hold what is not for a log.
pub(crate) fn sent(attempt: &Span, url: &Url, is_custom: bool) {
    let mut shown = url.clone();
    // A URL that cannot have a user has none to remove.
    let _ = (shown.set_username(""), shown.set_password(None));
    if is_custom {
        shown.set_path(REDACTED);
    }
    let names: Vec<Cow<'_, str>> = url.query_pairs().map(|(name, _)| name).collect();
    shown.set_query(None);
    if !names.is_empty() {
        let mut query = shown.query_pairs_mut();
        for name in names {
            query.append_pair(if is_custom { REDACTED } else { &name }, REDACTED);
        }
    }
    attempt.record("url.full", shown.as_str());
}

/// Records an attempt that succeeded.
pub(crate) fn succeeded(attempt: &Span, parts: &ResponseParts) {
    // Without a subscriber nothing is looked up.
    if !attempt.is_disabled() {
        record(attempt, Some(parts.status().as_u16()), parts.request_id());
    }
}

/// Records an attempt that failed, with the status that it was answered with, if it was.
pub(crate) fn failed(attempt: &Span, error: &Error, status: Option<u16>) {
    if !attempt.is_disabled() {
        record(attempt, status, error.request_id());
        attempt.record("error.type", error.error_type().as_str());
        attempt.record("otel.status_code", "ERROR");
    }
}

/// Logs, within the span of the call, whether a failed attempt will be retried.
pub(crate) fn decided(
    call: &Span,
    operation: &Operation<'_>,
    number: u32,
    error: &Error,
    decision: Decision,
) {
    let _call = call.enter();
    match decision {
        Decision::Retry { delay } => tracing::debug!(
            attempt = number,
            error.type = error.error_type(),
            delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            "the attempt failed and will be repeated"
        ),
        Decision::BudgetSpent => tracing::warn!(
            cloudally.operation = operation_name(operation),
            attempt = number,
            error.type = error.error_type(),
            "the attempt failed and is not repeated, because the retry budget is spent"
        ),
        Decision::Stop => {}
    }
}

/// Tells that a token was refused, which another program with the same login may cause.
pub(crate) fn token_refused(call: &Span, operation: &Operation<'_>) {
    let _call = call.enter();
    tracing::warn!(
        cloudally.operation = operation_name(operation),
        "the service refused the access token"
    );
}

/// Tells that a list is read again.
pub(crate) fn list_restarted(operation: &Operation<'_>, passes: u32) {
    tracing::warn!(
        cloudally.operation = operation.id,
        passes,
        "the list was incomplete, and is read again"
    );
}

/// Records that a call or a renewal failed, with the kind of the error: that the outcome is unknown
/// matters more than the status. A call that succeeds after a retry has no error.
pub(crate) fn ended(span: &Span, error: &Error) {
    if !span.is_disabled() {
        span.record("error.type", kind_name(error).as_str());
        span.record("otel.status_code", "ERROR");
    }
}

fn record(attempt: &Span, status: Option<u16>, request_id: Option<&str>) {
    if let Some(status) = status {
        attempt.record("http.response.status_code", status);
    }
    if let Some(id) = request_id {
        attempt.record("cloudally.request_id", id);
    }
}
