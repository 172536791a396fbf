//! Reads the tasks in portions, and resumes in the next run where the last one stopped.
//!
//! ```sh
//! cargo run -p cloudally --example resumed_list -- tasks.cursor 100
//! ```
//!
//! The first argument is the file of the cursor, the second the number of tasks per run. At the end
//! of the list the file is removed, and the next run starts over.

use std::error::Error;
use std::{env, fs, io};

use cloudally::{Client, ErrorKind};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: resumed_list CURSOR_FILE COUNT";
    let file = arguments.next().ok_or(usage)?;
    let count: usize = arguments.next().ok_or(usage)?.parse()?;

    let mut list = Client::from_env()?.tasks().list();
    match fs::read_to_string(&file) {
        Ok(cursor) => list = list.resume_from(serde_json::from_str(&cursor)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => println!("from the start"),
        Err(error) => return Err(error.into()),
    }
    let mut tasks = list.items();
    for _ in 0..count {
        match tasks.try_next().await {
            Ok(Some(task)) => {
                println!("{} {}", task.id.clone().unwrap_or("-".into()), task.label())
            }
            Ok(None) => break,
            Err(error) => {
                // The list changed too much, or the service forgot its page token.
                if matches!(
                    error.kind(),
                    ErrorKind::InvalidCursor | ErrorKind::Incomplete
                ) {
                    fs::remove_file(&file).ok();
                }
                return Err(error.into());
            }
        }
    }
    match tasks.cursor() {
        Some(cursor) => fs::write(&file, serde_json::to_string(&cursor)?)?,
        None => fs::remove_file(&file).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?,
    }
    // The last item may have been read before the error that says that others are missing.
    if tasks.cursor().is_none() && !tasks.is_complete() {
        return Err("the list changed while it was read; the next run starts over".into());
    }
    Ok(())
}
