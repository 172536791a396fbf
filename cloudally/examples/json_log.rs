//! Writes spans and events as JSON, one per line, to the standard error:
//!
//! ```sh
//! RUST_LOG=cloudally=debug cargo run -p cloudally --example json_log
//! ```
//!
//! It reads from the service that the environment names; see the README for the variables.

use cloudally::Client;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

#[tokio::main]
async fn main() -> Result<(), cloudally::Error> {
    let filter = EnvFilter::try_from_default_env();
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter.unwrap_or_else(|_| EnvFilter::new("cloudally=info")))
        // A line when a span ends, with how long it took.
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(std::io::stderr)
        .init();
    let client = Client::from_env()?;
    println!("{:?}", client.partners().profile().await?.contact_name);
    println!("{} tasks", client.tasks().list().collect().await?.len());
    Ok(())
}
