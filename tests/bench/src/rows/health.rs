//! What it takes to judge a large fleet.

use super::RUNS;
use crate::counts;
use crate::programs::{Programs, Task};
use crate::table::{By, Row, thousands};
use crate::work::{Contender, Outcome};

/// How many tasks the fleet has; each has five entities.
const TASKS: u32 = 100_000;
const MOST_SECONDS: f64 = 0.5;
const MOST_MEGABYTES: f64 = 300.0;
/// How much more of a task in a fleet that is ten times as large may take.
const LINEAR: f64 = 1.1;

/// What a run tells.
#[derive(Clone, Copy, Debug)]
struct Assessed {
    seconds: f64,
    megabytes: f64,
}

pub(super) fn rows(programs: &Programs) -> Outcome<Vec<Row>> {
    let plain = assessed(programs, "one-in-50")?;
    let remembered = assessed(programs, "remembered")?;
    let all = assessed(programs, "all")?;
    let small = counts::ASSESS.of(programs, Contender::Sdk)?;
    let large = counts::ASSESS_LARGE.of(programs, Contender::Sdk)?;
    let seconds = plain.seconds.max(remembered.seconds);
    let row = |what: &str, sdk: String, goal: &str, is_met: Option<bool>| Row {
        what: what.to_owned(),
        by: By::sdk(sdk),
        goal: goal.to_owned(),
        is_met,
        ..Row::default()
    };
    Ok(vec![
        row(
            "health of 100,000 tasks with 500,000 entries, 2 % failed: time",
            format!(
                "{:.2} s; with a ledger {:.2} s",
                plain.seconds, remembered.seconds
            ),
            "≤ 0.5 s",
            Some(seconds <= MOST_SECONDS),
        ),
        row(
            "the same: snapshot and report in memory",
            format!("{:.0} MB", plain.megabytes),
            "≤ 300 MB",
            Some(plain.megabytes <= MOST_MEGABYTES),
        ),
        row(
            "the same, where every entry fails with a text of its own",
            format!("{:.2} s, {:.0} MB", all.seconds, all.megabytes),
            "",
            None,
        ),
        row(
            "health, instructions for a task: of 5,000; of 50,000",
            format!("{}; {}", thousands(small), thousands(large)),
            "linear",
            Some(large <= small * LINEAR),
        ),
    ])
}

/// The run in the middle.
fn assessed(programs: &Programs, way: &str) -> Outcome<Assessed> {
    let task = Task {
        work: "assess",
        contender: Contender::Sdk,
        way,
    };
    let mut all = Vec::new();
    for _ in 0..RUNS {
        let said = programs.run(task, TASKS)?;
        let numbers: Vec<f64> = said.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [seconds, megabytes, _] = numbers[..] else {
            return Err(format!("`{said}` is not what an assessment takes").into());
        };
        all.push(Assessed { seconds, megabytes });
    }
    all.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    let middle = all.get(RUNS / 2).copied();
    middle.ok_or_else(|| "there were no runs".into())
}
