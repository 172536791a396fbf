//! The SDK against an expert's program, and clients beside the first one.

use super::{lowest, middle};
use crate::counts::{self, Count};
use crate::programs::{Programs, Task};
use crate::table::{By, Row, thousands};
use crate::work::{Contender, Outcome};

/// How many clients a process has that serves many accounts.
const CLIENTS: u32 = 2_000;

/// How many pages a long list has, of 500 tasks each, and the most that reading it may take.
const PAGES: u32 = 1_000;
const MOST_MEGABYTES: f64 = 12.0;
const MOST_CPU: f64 = 1.1;

/// What the SDK takes to what an expert's program takes.
fn row(programs: &Programs, count: Count, most: Option<f64>) -> Outcome<Row> {
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
        goal: most.map_or_else(String::new, |most| format!("to the expert ≤ {most:.2}")),
        is_met: most.map(|most| sdk / expert <= most),
    })
}

/// What a call takes to what an expert's takes.
pub(super) fn rows(programs: &Programs) -> Outcome<Vec<Row>> {
    let row = |count, most| row(programs, count, Some(most));
    Ok(vec![
        row(counts::GET, 1.12)?,
        row(counts::PAGE, 1.07)?,
        row(counts::STATUS_PAGE, 1.17)?,
        row(counts::RESTORE, 1.12)?,
        row(counts::MISSING, 1.25)?,
        row(counts::BUSY, 1.27)?,
    ])
}

/// What calls copy and allocate, which instructions hide.
pub(super) fn copies(programs: &Programs) -> Outcome<Vec<Row>> {
    let counts = [
        counts::GET_COPIED,
        counts::PAGE_COPIED,
        counts::STATUS_PAGE_COPIED,
        counts::GET_ALLOCATED,
        counts::PAGE_ALLOCATED,
        counts::STATUS_PAGE_ALLOCATED,
    ];
    let rows = counts.into_iter().map(|count| row(programs, count, None));
    rows.collect()
}

/// A long list of which nothing is kept.
pub(super) fn items(programs: &Programs) -> Outcome<Vec<Row>> {
    let tasks = [Contender::Expert, Contender::Sdk].map(|contender| Task {
        work: "items",
        contender,
        way: "plain",
    });
    let [of_expert, of_sdk] = lowest(programs, tasks, PAGES)?;
    let ([of_expert, megabytes_of_expert], [seconds, megabytes]) = (of_expert, of_sdk);
    let ratio = seconds / of_expert;
    Ok(vec![
        row(programs, counts::ITEMS, Some(MOST_CPU))?,
        Row {
            what: "500,000 tasks read by `.items()`: CPU time and peak memory".to_owned(),
            by: By {
                expert: format!("{of_expert:.2} s, {megabytes_of_expert:.1} MB"),
                sdk: format!("{seconds:.2} s, {megabytes:.1} MB"),
                ..By::default()
            },
            ratio: format!("{ratio:.3}"),
            goal: format!("to the expert ≤ {MOST_CPU:.2}, ≤ {MOST_MEGABYTES:.0} MB"),
            is_met: Some(ratio <= MOST_CPU && megabytes <= MOST_MEGABYTES),
        },
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
