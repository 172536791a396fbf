//! Tracing: one span per call and one event per attempt. The names are those of OpenTelemetry's
//! HTTP conventions where it has one.

use cloudally_gen::operation::Operation;
use tracing::Span;
use tracing::field::Empty;

use crate::error::Error;
use crate::response::ResponseParts;
use crate::retry::policy::Decision;

/// The span of a call.
pub(crate) fn call(operation: &Operation<'_>) -> Span {
    // A custom request has no template, and its name is its path, which may hold what is not for a
    // log.
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

/// Records an attempt that succeeded.
pub(crate) fn succeeded(span: &Span, attempt: u32, parts: &ResponseParts) {
    // Without a subscriber nothing is looked up.
    if !span.is_disabled() {
        record(
            span,
            attempt,
            Some(parts.status().as_u16()),
            parts.request_id(),
        );
    }
    tracing::debug!(
        attempt,
        http.response.status_code = parts.status().as_u16(),
        cloudally.request_id = parts.request_id(),
        "attempt succeeded"
    );
}

/// Records an attempt that failed, and what follows.
pub(crate) fn failed(span: &Span, attempt: u32, error: &Error, decision: Decision) {
    let status = error.status().map(|status| status.as_u16());
    record(span, attempt, status, error.request_id());
    let delay = match decision {
        Decision::Retry { delay } => Some(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
        Decision::Stop | Decision::BudgetSpent => None,
    };
    tracing::debug!(
        attempt,
        http.response.status_code = status,
        cloudally.request_id = error.request_id(),
        error.type = format!("{:?}", error.kind()),
        delay_ms = delay,
        retry_budget_spent = (decision == Decision::BudgetSpent).then_some(true),
        "attempt failed"
    );
}

/// Records that the call failed. One that succeeds after a retry has no error.
pub(crate) fn ended(span: &Span, error: &Error) {
    span.record("error.type", format!("{:?}", error.kind()).as_str());
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
