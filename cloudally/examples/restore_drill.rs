//! Restores a sample, waits for it, and writes a record of each restore: a drill.
//!
//! ```sh
//! cargo run -p cloudally --features restore-record --example restore_drill -- FOLDER PURPOSE TASK_ID...
//! ```
//!
//! It restores on the service that the environment names; see the README for the variables. For each
//! task FOLDER then has a record as JSON, with a hash over its content, and as Markdown. The exit code
//! is 1 unless every restore is done.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use cloudally::Client;
use cloudally::restore_record::{RecordedOutcome, record};
use cloudally::types::RestoreRequest;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: restore_drill FOLDER PURPOSE TASK_ID...";
    let folder = PathBuf::from(arguments.next().ok_or(usage)?);
    let purpose = arguments.next().ok_or(usage)?;
    fs::create_dir_all(&folder)?;
    let client = Client::from_env()?;
    let mut open = Vec::new();
    let tasks: Vec<String> = arguments.collect();
    if tasks.is_empty() {
        return Err(usage.into());
    }
    for (number, task) in (1..).zip(tasks) {
        let json = folder.join(format!("restore-{number}.json"));
        if json.exists() {
            return Err(format!("{} exists; name another folder", json.display()).into());
        }
        let (kept, part) = (json.clone(), json.with_extension("part"));
        let prepared = client
            .restores()
            .prepare(RestoreRequest::new(task.as_str()))?;
        let record = record(prepared, Duration::from_secs(3600))
            .purpose(&*purpose)
            .store(move |record| {
                fs::write(&part, record.to_json())?;
                fs::rename(&part, &kept)
            })
            .await?;
        fs::write(json.with_extension("md"), record.to_markdown())?;
        println!("{task}: {}: {}", record.outcome, record.outcome.meaning());
        if record.outcome != RecordedOutcome::Done || !record.notes.is_empty() {
            open.push(task);
        }
    }
    match open.as_slice() {
        [] => Ok(()),
        open => Err(format!("not done: {}", open.join(", ")).into()),
    }
}
