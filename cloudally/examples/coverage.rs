//! Prints who has no backup, by a directory of users as Microsoft 365 or Google Workspace exports it.
//!
//! ```sh
//! cargo run -p cloudally --features csv,toml --example coverage -- users.csv [more.csv...] [policy.toml]
//! ```
//!
//! It reads from the service that the environment names; see the README for the variables.

use std::error::Error;
use std::{env, fs};

use cloudally::Client;
use cloudally::coverage::{Directory, coverage};
use cloudally::health::{Policy, Scope, Snapshot};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let read = |file: &String| fs::read(file).map_err(|error| format!("{file}: {error}"));
    let (policies, users): (Vec<String>, Vec<String>) = env::args()
        .skip(1)
        .partition(|file| file.ends_with(".toml"));
    let policy = match policies.first() {
        Some(file) => Policy::from_toml(&String::from_utf8(read(file)?)?)?,
        None => Policy::default(),
    };
    // A file that cannot be read ends the program before anything is asked.
    let directories = users
        .iter()
        .map(|file| Ok(Directory::from_csv(&read(file)?, &policy)?));
    let directories: Vec<Directory> = directories.collect::<Result<_, Box<dyn Error>>>()?;
    let directory = directories.into_iter().reduce(Directory::merge);
    let directory = directory.ok_or("usage: coverage USERS_CSV [MORE_CSV...] [POLICY_TOML]")?;
    let snapshot = Snapshot::read(&Client::from_env()?, Scope::Partner).await?;
    let report = coverage(&snapshot, &directory, &policy, snapshot.read_at)?;
    for finding in &report.findings {
        println!("{finding}: {}", finding.reason().unwrap_or_default());
    }
    for finding in &report.excluded {
        println!(
            "excluded: {finding}: {}",
            finding.excluded.as_deref().unwrap_or_default()
        );
    }
    for unlisted in &report.unlisted {
        println!("backed up, and not in the directory: {}", unlisted.entity);
    }
    for notice in &report.notices {
        println!("note: {notice}");
    }
    println!("{}: {}", report.verdict, report.counts);
    Ok(())
}
