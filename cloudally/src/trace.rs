//! What is told of calls: one span for each call and one event for each attempt, with these fields and no others. The names
//! are those of OpenTelemetry's HTTP conventions where it has one.

use std::time::Duration;

use cloudally_gen::operation::Operation;
use tracing::Span;
use tracing::field::Empty;

use crate::error::Error;
use crate::response::Head;

/// The span of a call.
pub(crate) fn call(operation: &Operation<'_>) -> Span {
    // A request by its path has no template, and its name is that path: it may hold what is not for a log.
    let is_known = !operation.path.is_empty();
    tracing::info_span!(
        "cloudally.call",
        otel.kind = "client",
        cloudally.operation = if is_known { operation.id } else { "request" },
        http.request.method = operation.method,
        url.template = operation.path,
        http.response.status_code = Empty,
        http.request.resend_count = Empty,
        cloudally.request_id = Empty,
        error.type = Empty,
    )
}

/// An attempt that succeeded.
pub(crate) fn succeeded(span: &Span, attempt: u32, head: &Head) {
    // Mostly nobody listens, and then nothing is looked up.
    if !span.is_disabled() {
        record(span, attempt, Some(head.status()), head.request_id());
    }
    tracing::debug!(
        attempt,
        http.response.status_code = head.status(),
        cloudally.request_id = head.request_id(),
        "attempt succeeded"
    );
}

/// An attempt that failed, and after which wait it is followed by another, if it is.
pub(crate) fn failed(span: &Span, attempt: u32, error: &Error, wait: Option<Duration>) {
    record(span, attempt, error.status(), error.request_id());
    let kind = format!("{:?}", error.kind());
    span.record("error.type", kind.as_str());
    tracing::debug!(
        attempt,
        http.response.status_code = error.status(),
        cloudally.request_id = error.request_id(),
        error.type = kind,
        delay_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        "attempt failed"
    );
}

fn record(span: &Span, attempt: u32, status: Option<u16>, request_id: Option<&str>) {
    span.record("http.request.resend_count", attempt.saturating_sub(1));
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if let Some(id) = request_id {
        span.record("cloudally.request_id", id);
    }
}
