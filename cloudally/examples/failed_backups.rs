//! Prints the backups that failed or are too old, one line per mailbox, from the service that the
//! environment names: `cargo run -p cloudally --example failed_backups`

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use cloudally::Client;
use cloudally::time::{Clock, SystemClock};

/// A mailbox is stale if no backup worked for this long.
const STALE: Duration = Duration::from_secs(36 * 3600);
/// An entry is about the past if nothing was attempted for this long.
const ABANDONED: Duration = Duration::from_secs(30 * 24 * 3600);

#[tokio::main]
async fn main() -> Result<(), cloudally::Error> {
    let client = Client::from_env()?;
    let tasks = client.tasks().list().collect().await?;
    let archived = tasks.iter().filter(|task| task.is_archived());
    let archived: HashSet<_> = archived.map(|task| task.id.as_ref()).collect();

    // The service lists several entries for one mailbox. The newest one counts.
    let mut newest = HashMap::new();
    for entry in client.partners().backup_statuses().collect().await? {
        let unnamed = entry.entity_name.is_none().then_some(newest.len());
        let (task, source) = (entry.task_id.clone(), entry.source.clone());
        let key = (task, source, entry.entity_name.clone(), unnamed);
        let known = newest.entry(key).or_insert_with(|| entry.clone());
        if entry.last_seen() > known.last_seen() {
            *known = entry;
        }
    }

    let now = SystemClock::new().now();
    let (mut failed, mut stale) = (0, 0);
    let mut entries: Vec<_> = newest.values().collect();
    entries.sort_by_key(|entry| entry.label().into_owned());
    for entry in entries {
        let is_archived = entry.task_id.is_some() && archived.contains(&entry.task_id.as_ref());
        if is_archived || entry.is_abandoned(now, ABANDONED) {
            continue;
        }
        if let Some(problem) = entry.problems().next() {
            let error = problem.error.as_deref().unwrap_or("no reason given");
            println!("failed  {}: {error}", entry.label());
            failed += 1;
        } else if entry.is_stale(now, STALE) {
            let last = entry.last_backup();
            println!("stale   {}: last backup {last:?}", entry.label());
            stale += 1;
        }
    }
    println!("{failed} failed, {stale} stale, {} entries", newest.len());
    Ok(())
}
