//! Every operation through the SDK, against a mock server that somebody else made from the same
//! document.
//!
//! `against_prism 127.0.0.1:4010 static` expects Prism with its examples: each call must be taken,
//! each list must have an item, each documented failure must be told. `... dynamic` expects made-up
//! answers: each must be read. `tests/tools/prism.sh` runs both.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a check that cannot go on panics"
)]

mod exercises;
mod relay;
mod sent;

use std::process::ExitCode;

use cloudally::{Client, Credentials, Error, ErrorKind, RetryPolicy};
use cloudally_contract::made_up::{ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD};
use cloudally_contract::setup::status_of;

use crate::exercises::Exercise;
use crate::relay::Relay;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let faults = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [address, "static"] => with_examples(address).await,
        [address, "dynamic"] => with_made_up_answers(address).await,
        _ => vec!["usage: against_prism HOST:PORT static|dynamic".to_owned()],
    };
    for fault in &faults {
        eprintln!("{fault}");
    }
    ExitCode::from(u8::from(!faults.is_empty()))
}

fn client(relay: &Relay, credentials: Credentials) -> Client {
    let builder = Client::builder()
        .base_url(relay.url())
        .credentials(credentials);
    builder.retry_policy(RetryPolicy::never()).build().unwrap()
}

fn by_token(relay: &Relay) -> Client {
    client(relay, Credentials::access_token(ACCESS_TOKEN))
}

async fn with_examples(address: &str) -> Vec<String> {
    let relay = Relay::to(address);
    let mut faults = Vec::new();
    let credentials = Credentials::partner(CLIENT_ID, CLIENT_SECRET).with_user(EMAIL, PASSWORD);
    let signs_in = client(&relay, credentials);
    let (all, documented) = (exercises::all(), sent::documented());

    let mut read = 0;
    for exercise in &all {
        match (exercise.run)(signs_in.clone()).await {
            Ok(came) if came.items == 0 => {
                faults.push(format!("{}: the example has no item", exercise.id))
            }
            Ok(_) => read += 1,
            Err(error) if exercise.is_later_page && error.kind() == ErrorKind::Incomplete => {
                read += 1
            }
            Err(error) => faults.push(told(exercise, &error)),
        }
    }
    let seen = relay.seen();
    for operation in &documented {
        if !seen.iter().any(|request| operation.is_for(request)) {
            faults.push(format!("{}: no call of the SDK makes it", operation.id));
        }
        for parameter in operation.lacks(&seen) {
            faults.push(format!("{}: {parameter} is never sent", operation.id));
        }
    }

    let mut failures = 0;
    let plain = by_token(&relay);
    for operation in &documented {
        for status in &operation.failures {
            relay.prefer(Some(*status));
            let exercise = all.iter().find(|exercise| exercise.id == operation.id);
            let Some(exercise) = exercise else { continue };
            match (exercise.run)(plain.clone()).await {
                Err(error)
                    if status_of(&error) == Some(*status) && error.server_message().is_some() =>
                {
                    failures += 1
                }
                Err(error) => {
                    faults.push(format!("asked for a {status}, {}", told(exercise, &error)))
                }
                Ok(_) => faults.push(format!(
                    "{}: a {status} was taken for a success",
                    exercise.id
                )),
            }
        }
    }
    println!(
        "{} operations with {} parameters, {read} answers read, {failures} failures told",
        documented.len(),
        documented
            .iter()
            .map(sent::Documented::parameters)
            .sum::<usize>(),
    );
    faults
}

async fn with_made_up_answers(address: &str) -> Vec<String> {
    let relay = Relay::to(address);
    let client = by_token(&relay);
    let mut faults = Vec::new();
    let (mut read, mut items) = (0, 0);
    for exercise in exercises::all() {
        match (exercise.run)(client.clone()).await {
            Ok(came) => {
                read += 1;
                items += came.items;
            }
            // Read, but then what was made up makes no sense as a list, or has no id.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Incomplete | ErrorKind::MissingJobId
                ) =>
            {
                read += 1
            }
            Err(error) => faults.push(told(&exercise, &error)),
        }
    }
    println!("{read} answers read, {items} items among them");
    faults
}

fn told(exercise: &Exercise, error: &Error) -> String {
    let body = error
        .body()
        .map(String::from_utf8_lossy)
        .unwrap_or_default();
    let place = error.json_path().unwrap_or_default();
    format!("{}: {error} {place}\n  {body}", exercise.id)
}
