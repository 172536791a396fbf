//! Requests a restore in one process, and waits for it in another.
//!
//! ```sh
//! cargo run -p cloudally --example restore_resume -- start restore.json TASK_ID [ENTITY]
//! cargo run -p cloudally --example restore_resume -- wait restore.json
//! ```
//!
//! The file holds what was requested before it is sent, and the job once there is one. So nothing
//! is lost if the first process dies in between: the second one then says what to look for.

use std::error::Error;
use std::time::Duration;
use std::{env, fs};

use cloudally::types::RestoreRequest;
use cloudally::{Client, ErrorKind};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let restores = Client::from_env()?.restores();
    match arguments.as_slice() {
        ["start", file, task_id, entity @ ..] => {
            let mut request = RestoreRequest::new(*task_id);
            request.entity_name = entity.first().map(|entity| (*entity).to_owned());
            let prepared = restores.prepare(request)?;
            fs::write(file, serde_json::to_string_pretty(&prepared)?)?;
            let restore = match prepared.send().await {
                Err(error) if !may_have_been_accepted(&error) => {
                    fs::remove_file(file)?;
                    return Err(error.into());
                }
                sent => sent?,
            };
            fs::write(file, serde_json::to_string_pretty(&restore)?)?;
            println!("accepted as {}", restore.id());
        }
        ["wait", file] => {
            let saved = serde_json::from_str(&fs::read_to_string(file)?)?;
            let restore = restores.resume(saved)?;
            let mut states = restore.wait(Duration::from_secs(3600)).states();
            while let Some(job) = states.try_next().await? {
                println!("{:?}, {:?} %", job.status, job.progress);
            }
            println!("done");
        }
        _ => return Err("usage: restore_resume start FILE TASK_ID [ENTITY] | wait FILE".into()),
    }
    Ok(())
}

fn may_have_been_accepted(error: &cloudally::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::OutcomeUnknown | ErrorKind::MissingJobId
    )
}
