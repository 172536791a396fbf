//! Counts what a client does, and prints it as Prometheus would scrape it:
//!
//! ```sh
//! cargo run -p cloudally --features metrics --example prometheus
//! ```
//!
//! It reads from the service that the environment names; see the README for the variables.

use std::error::Error;

use cloudally::ClientBuilder;
use cloudally::observe::MetricsObserver;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Its feature `http-listener` adds a server; here the text is printed.
    let prometheus = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Suffix("duration".to_owned()),
            &MetricsObserver::DURATION_BUCKETS,
        )?
        .install_recorder()?;
    let client = ClientBuilder::from_env()?
        .observer(MetricsObserver)
        .build()?;
    client.partners().profile().await?;
    client.tasks().list().collect().await?;
    print!("{}", prometheus.render());
    Ok(())
}
