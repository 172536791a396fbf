//! Traces and metrics by the OpenTelemetry SDK:
//!
//! ```sh
//! cargo run -p cloudally --example open_telemetry
//! ```
//!
//! The exporters keep everything in memory, and what they hold is printed. For a collector, put
//! those of the crate `opentelemetry-otlp` in their place; nothing else changes. It reads from the
//! service that the environment names; see the README for the variables.

use std::error::Error;

use cloudally::ClientBuilder;
use cloudally::observe::{
    Attempt, AttemptFinished, CallFinished, Observer, PermitWaited, RetryEvent, TokenRenewed,
};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider, UpDownCounter};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// The bucket boundaries that OpenTelemetry's HTTP conventions advise, in seconds.
const BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Records metrics with the instruments of OpenTelemetry.
struct Instruments {
    request_duration: Histogram<f64>,
    active_requests: UpDownCounter<i64>,
    call_duration: Histogram<f64>,
    permit_wait: Histogram<f64>,
    retries: Counter<u64>,
    renewals: Counter<u64>,
}

impl Instruments {
    fn new(meter: &Meter) -> Self {
        let seconds = |name| {
            let histogram = meter.f64_histogram(name).with_unit("s");
            histogram.with_boundaries(BUCKETS.to_vec()).build()
        };
        Self {
            request_duration: seconds("http.client.request.duration"),
            active_requests: meter
                .i64_up_down_counter("http.client.active_requests")
                .with_unit("{request}")
                .build(),
            call_duration: seconds("cloudally.client.call.duration"),
            permit_wait: seconds("cloudally.client.permit.wait.duration"),
            retries: meter.u64_counter("cloudally.client.retries").build(),
            renewals: meter.u64_counter("cloudally.client.token.renewals").build(),
        }
    }
}

fn operation(name: &str) -> KeyValue {
    KeyValue::new("cloudally.operation", name.to_owned())
}

/// The kind of an error, if there is one.
fn error_kind(error: Option<&cloudally::Error>) -> Option<KeyValue> {
    error.map(|error| KeyValue::new("error.type", format!("{:?}", error.kind())))
}

fn attributes(attempt: &Attempt<'_>) -> Vec<KeyValue> {
    vec![
        KeyValue::new("http.request.method", attempt.method.to_owned()),
        KeyValue::new("server.address", attempt.server_address.to_owned()),
        KeyValue::new("server.port", i64::from(attempt.server_port)),
    ]
}

impl Observer for Instruments {
    fn attempt_started(&self, attempt: &Attempt<'_>) {
        self.active_requests.add(1, &attributes(attempt));
    }

    fn attempt_finished(&self, finished: &AttemptFinished<'_>) {
        let mut attributes = attributes(&finished.attempt);
        self.active_requests.add(-1, &attributes);
        let template = finished.attempt.url_template.to_owned();
        attributes.push(KeyValue::new("url.template", template));
        let status = finished.status.map(i64::from);
        attributes.extend(status.map(|status| KeyValue::new("http.response.status_code", status)));
        attributes.extend(
            finished
                .error_type()
                .map(|kind| KeyValue::new("error.type", kind)),
        );
        let seconds = finished.duration.as_secs_f64();
        self.request_duration.record(seconds, &attributes);
    }

    fn call_finished(&self, call: &CallFinished<'_>) {
        let mut attributes = vec![operation(call.operation)];
        attributes.extend(error_kind(call.error));
        self.call_duration
            .record(call.duration.as_secs_f64(), &attributes);
    }

    fn retry(&self, retry: &RetryEvent<'_>) {
        let reason = KeyValue::new("error.type", retry.error.error_type());
        self.retries.add(1, &[operation(retry.operation), reason]);
    }

    fn token_renewed(&self, renewal: &TokenRenewed<'_>) {
        let kind = format!("{:?}", renewal.kind);
        let mut attributes = vec![KeyValue::new("cloudally.renewal.kind", kind)];
        attributes.extend(error_kind(renewal.error));
        self.renewals.add(1, &attributes);
    }

    fn permit_waited(&self, wait: &PermitWaited<'_>) {
        let seconds = wait.duration.as_secs_f64();
        self.permit_wait
            .record(seconds, &[operation(wait.operation)]);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let spans = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder()
        .with_batch_exporter(spans.clone())
        .build();
    // Only the client's spans: an exporter that traces its own requests would never end.
    let layer = tracing_opentelemetry::layer()
        .with_tracer(tracers.tracer("cloudally-example"))
        .with_filter(EnvFilter::new("cloudally=info"));
    tracing_subscriber::registry().with(layer).init();

    let metrics = InMemoryMetricExporter::default();
    let meters = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(metrics.clone()).build())
        .build();
    let instruments = Instruments::new(&meters.meter("cloudally-example"));

    let client = ClientBuilder::from_env()?.observer(instruments).build()?;
    client.partners().profile().await?;
    client.tasks().list().collect().await?;

    tracers.force_flush()?;
    meters.force_flush()?;
    for span in spans.get_finished_spans()? {
        println!("{:?} {} {:?}", span.span_kind, span.name, span.status);
    }
    for resource in metrics.get_finished_metrics()? {
        for metric in resource.scope_metrics().flat_map(|scope| scope.metrics()) {
            println!("{} in {:?}", metric.name(), metric.unit());
        }
    }
    tracers.shutdown()?;
    meters.shutdown()?;
    Ok(())
}
