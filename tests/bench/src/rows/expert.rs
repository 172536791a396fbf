//! The SDK against an expert's program, and clients beside the first one.

use super::middle;
use crate::counts::{self, Count};
use crate::programs::{Programs, Task};
use crate::table::{By, Row, thousands};
use crate::work::{Contender, Outcome};

/// How many clients a process has that serves many accounts.
const CLIENTS: u32 = 2_000;

/// What a call takes to what an expert's takes.
pub(super) fn rows(programs: &Programs) -> Outcome<Vec<Row>> {
    let row = |count: Count, most: f64| -> Outcome<Row> {
        let expert = count.of(programs, Contender::Expert)?;
        let sdk = count.of(programs, Contender::Sdk)?;
        Ok(Row {
            what: count.name.to_owned(),
            by: By {
                expert: thousands(expert),
                sdk: thousands(sdk),
                ..By::default()
            },
            ratio: format!("{:.3}", sdk / expert),
            goal: format!("to the expert ≤ {most:.2}"),
            is_met: Some(sdk / expert <= most),
        })
    };
    Ok(vec![
        row(counts::GET, 1.12)?,
        row(counts::PAGE, 1.07)?,
        row(counts::STATUS_PAGE, 1.17)?,
        row(counts::RESTORE, 1.12)?,
        row(counts::MISSING, 1.25)?,
        row(counts::BUSY, 1.27)?,
    ])
}

/// Further clients of a service with TLS.
pub(super) fn clients(programs: &Programs) -> Outcome<Vec<Row>> {
    let instructions = counts::CLIENT.of(programs, Contender::Sdk)?;
    let task = Task {
        work: "clients",
        contender: Contender::Sdk,
        way: "plain",
    };
    let [seconds, megabytes] = middle(programs, task, CLIENTS)?;
    Ok(vec![
        Row::of_sdk(
            counts::CLIENT.name,
            thousands(instructions),
            "≤ 60,000",
            Some(instructions <= 60_000.0),
        ),
        Row::of_sdk(
            "2,000 further clients",
            format!("{seconds:.3} s, {megabytes:.1} MB"),
            "≤ 0.05 s, ≤ 20 MB",
            Some(seconds <= 0.05 && megabytes <= 20.0),
        ),
    ])
}
