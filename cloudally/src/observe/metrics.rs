//! Metrics by the `metrics` facade.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

use super::{
    Attempt, AttemptFinished, CallFinished, Observer, PermitWaited, RenewalKind, RetryEvent,
    TokenRenewed,
};
use crate::error::Error;
use crate::trace::kind_name;

/// Records metrics with the recorder that the program installed for the `metrics` facade.
///
/// | metric | type | labels |
/// |---|---|---|
/// | `http.client.request.duration` | histogram, s | `http.request.method`, `server.address`, `server.port`, `url.template`, `http.response.status_code`, `error.type` |
/// | `http.client.active_requests` | gauge | `http.request.method`, `server.address`, `server.port` |
/// | `cloudally.client.response.decoded.size` | histogram, bytes | `http.request.method`, `server.address`, `server.port`, `url.template` |
/// | `cloudally.client.call.duration` | histogram, s | `cloudally.operation`, `error.type` |
/// | `cloudally.client.retries` | counter | `cloudally.operation`, `error.type` |
/// | `cloudally.client.token.renewals` | counter | `cloudally.renewal.kind`, `error.type` |
/// | `cloudally.client.permit.wait.duration` | histogram, s | `cloudally.operation` |
///
/// `error.type` is the status or the kind of the error for a request, and the kind for a call or a
/// renewal. The names that begin with `http.` are those of OpenTelemetry's HTTP conventions, which advise
/// the bucket boundaries of [`DURATION_BUCKETS`](Self::DURATION_BUCKETS). A label whose value is
/// not known is left out. No label holds an id, an address of a person, or a name.
///
/// # Examples
///
/// ```
/// use cloudally::observe::MetricsObserver;
/// let builder = cloudally::Client::builder().observer(MetricsObserver);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MetricsObserver;

impl MetricsObserver {
    /// The upper bounds of the buckets that OpenTelemetry advises for durations, in seconds.
    pub const DURATION_BUCKETS: [f64; 14] = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ];
}

type Labels = Vec<(&'static str, String)>;

fn server(attempt: &Attempt<'_>) -> Labels {
    vec![
        ("http.request.method", attempt.method.to_owned()),
        ("server.address", attempt.server_address.to_owned()),
        ("server.port", attempt.server_port.to_string()),
    ]
}

fn request(attempt: &Attempt<'_>) -> Labels {
    let mut labels = server(attempt);
    if !attempt.url_template.is_empty() {
        labels.push(("url.template", attempt.url_template.to_owned()));
    }
    labels
}

fn outcome(mut labels: Labels, error_type: Option<String>) -> Labels {
    labels.extend(error_type.map(|kind| ("error.type", kind)));
    labels
}

fn operation(operation: &str) -> Labels {
    vec![("cloudally.operation", operation.to_owned())]
}

fn error_type(error: Option<&Error>) -> Option<String> {
    error.map(kind_name)
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

impl Observer for MetricsObserver {
    fn attempt_started(&self, attempt: &Attempt<'_>) {
        gauge!("http.client.active_requests", &server(attempt)).increment(1.0);
    }

    fn attempt_finished(&self, finished: &AttemptFinished<'_>) {
        let attempt = &finished.attempt;
        gauge!("http.client.active_requests", &server(attempt)).decrement(1.0);
        let mut labels = request(attempt);
        if let Some(bytes) = finished
            .response_bytes
            .and_then(|bytes| u32::try_from(bytes).ok())
        {
            histogram!("cloudally.client.response.decoded.size", &labels).record(f64::from(bytes));
        }
        labels.extend(
            finished
                .status
                .map(|status| ("http.response.status_code", status.to_string())),
        );
        let labels = outcome(labels, finished.error_type());
        histogram!("http.client.request.duration", &labels).record(seconds(finished.duration));
    }

    fn retry(&self, retry: &RetryEvent<'_>) {
        let labels = outcome(operation(retry.operation), Some(retry.error.error_type()));
        counter!("cloudally.client.retries", &labels).increment(1);
    }

    fn call_finished(&self, call: &CallFinished<'_>) {
        let labels = outcome(operation(call.operation), error_type(call.error));
        histogram!("cloudally.client.call.duration", &labels).record(seconds(call.duration));
    }

    fn token_renewed(&self, renewal: &TokenRenewed<'_>) {
        let kind = match renewal.kind {
            RenewalKind::SignIn => "sign_in",
            RenewalKind::Refresh => "refresh",
        };
        let labels = vec![("cloudally.renewal.kind", kind.to_owned())];
        let labels = outcome(labels, error_type(renewal.error));
        counter!("cloudally.client.token.renewals", &labels).increment(1);
    }

    fn permit_waited(&self, wait: &PermitWaited<'_>) {
        let labels = operation(wait.operation);
        histogram!("cloudally.client.permit.wait.duration", &labels).record(seconds(wait.duration));
    }
}
