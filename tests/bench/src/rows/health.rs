//! What it takes to judge a large fleet.

use super::middle;
use crate::counts;
use crate::programs::{Programs, Task};
use crate::table::{Row, thousands};
use crate::work::{Contender, Outcome};

/// How many tasks the fleet has; each has five entities.
const TASKS: u32 = 100_000;
const MOST_SECONDS: f64 = 0.5;
const MOST_MEGABYTES: f64 = 300.0;
/// How much more of a task in a fleet that is ten times as large may take.
const LINEAR: f64 = 1.1;

pub(super) fn rows(programs: &Programs) -> Outcome<Vec<Row>> {
    let assessed = |way| {
        let task = Task {
            work: "assess",
            contender: Contender::Sdk,
            way,
        };
        middle(programs, task, TASKS)
    };
    let [plain, megabytes, _] = assessed("one-in-50")?;
    let [remembered, _, _] = assessed("remembered")?;
    let [all, megabytes_of_all, _] = assessed("all")?;
    let small = counts::ASSESS.of(programs, Contender::Sdk)?;
    let large = counts::ASSESS_LARGE.of(programs, Contender::Sdk)?;
    Ok(vec![
        Row::of_sdk(
            "health of 100,000 tasks with 500,000 entries, 2 % failed: time",
            format!("{plain:.2} s; with a ledger {remembered:.2} s"),
            "≤ 0.5 s",
            Some(plain.max(remembered) <= MOST_SECONDS),
        ),
        Row::of_sdk(
            "the same: snapshot and report in memory",
            format!("{megabytes:.0} MB"),
            "≤ 300 MB",
            Some(megabytes <= MOST_MEGABYTES),
        ),
        Row::of_sdk(
            "the same, where every entry fails with a text of its own",
            format!("{all:.2} s, {megabytes_of_all:.0} MB"),
            "",
            None,
        ),
        Row::of_sdk(
            "health, instructions for a task: of 5,000; of 50,000",
            format!("{}; {}", thousands(small), thousands(large)),
            "linear",
            Some(large <= small * LINEAR),
        ),
    ])
}
