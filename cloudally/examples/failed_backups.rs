//! Prints what is wrong with the backups, one line per finding, the worst first, from the service that
//! the environment names: `cargo run -p cloudally --example failed_backups`

use cloudally::Client;
use cloudally::health::{Policy, Scope, Snapshot, assess};

#[tokio::main]
async fn main() -> Result<(), cloudally::Error> {
    let client = Client::from_env()?;
    let snapshot = Snapshot::read(&client, Scope::Partner).await?;
    let report = assess(&snapshot, &Policy::default(), None, snapshot.read_at)?;
    for finding in &report.findings {
        println!("{finding}");
        for failure in &finding.failures {
            let error = failure.error.as_deref().unwrap_or("no reason given");
            println!(
                "  {}: {error}",
                failure.sub_source.as_deref().unwrap_or("-")
            );
        }
    }
    for notice in &report.notices {
        println!("{notice}");
    }
    let (entries, verdict) = (report.counts.entries, report.verdict);
    println!("{entries} entries were read, and the backups are {verdict}.");
    Ok(())
}
