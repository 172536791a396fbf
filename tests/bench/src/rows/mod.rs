//! The goals, and what is measured of each.

mod expert;
mod health;

use crate::clock::{Ratio, compare, to_by_hand};
use crate::counts::{self, Count};
use crate::programs::{Programs, Task};
use crate::serve::LATENCY;
use crate::table::{By, Row, Table, thousands};
use crate::valgrind::{misses, peak};
use crate::work::{Contender, Outcome};

/// How many pairs of runs are compared.
const PAIRS: usize = 15;
/// How often what cannot be compared in pairs is run.
const RUNS: usize = 7;
/// How many callers meet an expired token.
const CALLERS: u32 = 10_000;
/// How many items are streamed, and how many calls are made.
const MANY: u32 = 1_000_000;
/// Pages of these sizes need more memory than the start of the program, and all that hyper ever
/// takes to read into.
const SIZES: (u32, u32) = (2000, 8000);
/// Calls between which cache misses are counted.
const CALLS: (u32, u32) = (50, 250);
/// Memory is flat if it grows by no more than this many KiB, which is less than one page of a list.
const FLAT: i64 = 256;

/// How often many items are read, and many calls made.
const ENDURANCE_RUNS: [usize; 2] = [3, 1];

/// Measures some of the goals.
type Measure = fn(&Programs) -> Outcome<Vec<Row>>;

/// Measures everything, and tells of each row as soon as it is there.
///
/// # Errors
/// If a program fails.
pub fn all(programs: &Programs) -> Outcome<Table> {
    let mut table = Table::default();
    let measures: [Measure; 10] = [
        instructions,
        expert::rows,
        expert::copies,
        expert::items,
        token,
        times,
        lists,
        memory,
        expert::clients,
        health::rows,
    ];
    for measure in measures {
        for row in measure(programs)? {
            eprintln!("{}: {} {}", row.what, row.by.sdk, row.ratio);
            table.0.push(row);
        }
    }
    Ok(table)
}

fn instructions(programs: &Programs) -> Outcome<Vec<Row>> {
    let row = |count: Count, most: f64, goal: &str| -> Outcome<Row> {
        let by_hand = count.of(programs, Contender::ByHand)?;
        let generated = count.of(programs, Contender::Generated)?;
        let sdk = count.of(programs, Contender::Sdk)?;
        Ok(Row {
            what: count.name.to_owned(),
            by: By {
                by_hand: thousands(by_hand),
                generated: thousands(generated),
                sdk: thousands(sdk),
                ..By::default()
            },
            ratio: format!("{:.3}", sdk / by_hand),
            goal: goal.to_owned(),
            is_met: Some(sdk / by_hand <= most),
        })
    };
    let mut allocations = row(counts::GET_ALLOCATIONS, f64::MAX, "at most 10 more")?;
    let more = counts::GET_ALLOCATIONS.of(programs, Contender::Sdk)?
        - counts::GET_ALLOCATIONS.of(programs, Contender::ByHand)?;
    allocations.ratio = format!("{more:+.0}");
    allocations.is_met = Some(more <= 10.0);
    Ok(vec![
        row(counts::GET, 1.05, "≤ 1.05")?,
        allocations,
        row(counts::PAGE, 1.0, "≤ 1.00")?,
        row(counts::UNKNOWN, 1.2, "≤ 1.20")?,
        row(counts::FIRST, 1.1, "≤ 1.10")?,
    ])
}

fn token(programs: &Programs) -> Outcome<Vec<Row>> {
    let instructions = counts::TOKEN.of(programs, Contender::Sdk)?;
    let allocations = counts::TOKEN_ALLOCATIONS.of(programs, Contender::Sdk)?;
    let tasks = [
        ("callers", Contender::ByHand),
        ("callers-with-deadline", Contender::ByHand),
        ("callers", Contender::Sdk),
    ];
    let tasks = tasks.map(|(work, contender)| Task {
        work,
        contender,
        way: "expiring",
    });
    let [[floor, _], [with_deadline, _], [late, sign_ins]] = lowest(programs, tasks, CALLERS)?;
    let is_one = (sign_ins - 1.0).abs() < 0.5;
    Ok(vec![
        Row {
            what: "reading the current token".to_owned(),
            by: By::sdk(format!(
                "{instructions:.0} instructions, {allocations:.0} allocations"
            )),
            goal: "≤ 200, 0".to_owned(),
            is_met: Some(instructions <= 200.0 && allocations < 0.5),
            ..Row::default()
        },
        Row {
            what: "10,000 callers find an expired token: delay of the last one after the refresh"
                .to_owned(),
            by: By {
                by_hand: format!("{floor:.1} ms"),
                expert: format!("{with_deadline:.1} ms, with a deadline each"),
                sdk: format!("{late:.1} ms, {sign_ins} refresh"),
                ..By::default()
            },
            ratio: format!("{:.3}", late / with_deadline),
            goal: "1 refresh, to the expert ≤ 1.15".to_owned(),
            is_met: Some(is_one && late <= with_deadline * 1.15),
        },
    ])
}

fn told(ratio: Ratio) -> String {
    let (low, high) = ratio.quartiles;
    format!("{:.3} ({low:.3}–{high:.3})", ratio.median)
}

/// What instructions do not tell: they have no goal of their own.
fn times(programs: &Programs) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    for (what, work, count) in [
        ("small GET, time", "get", 2000),
        ("500-item page, time", "page", 100),
    ] {
        rows.push(Row {
            what: what.to_owned(),
            ratio: told(to_by_hand(programs, work, count, PAIRS)?),
            ..Row::default()
        });
    }
    let missed = |contender| -> Outcome<String> {
        let task = Task {
            work: "get",
            contender,
            way: "plain",
        };
        let [instructions, memory] = misses(programs, task, CALLS)?.map(thousands);
        Ok(format!("{instructions} + {memory}"))
    };
    rows.push(Row {
        what: "small GET, cache misses: instructions + memory".to_owned(),
        by: By {
            by_hand: missed(Contender::ByHand)?,
            expert: missed(Contender::Expert)?,
            generated: missed(Contender::Generated)?,
            sdk: missed(Contender::Sdk)?,
        },
        ..Row::default()
    });
    Ok(rows)
}

fn lists(programs: &Programs) -> Outcome<Vec<Row>> {
    let task = |work, way| Task {
        work,
        contender: Contender::Sdk,
        way,
    };
    let mut rows = Vec::new();
    for (what, slow, quick, way, pages, least) in [
        (
            "50 pages, concurrency 8, compared with sequential",
            "list-one-by-one",
            "list-eight",
            "slow-50",
            50,
            6.0,
        ),
        (
            "prefetch with a consumer as slow as the network, compared with none",
            "consume-one-by-one",
            "consume-ahead",
            "slow-20",
            20,
            1.8,
        ),
    ] {
        let ratio = compare(programs, (task(slow, way), task(quick, way)), pages, 3)?;
        rows.push(Row {
            what: format!("{what}, at {} ms", LATENCY.as_millis()),
            ratio: format!("{} times as fast", told(ratio)),
            goal: format!("≥ {least}"),
            is_met: Some(ratio.median >= least),
            ..Row::default()
        });
    }
    Ok(rows)
}

fn memory(programs: &Programs) -> Outcome<Vec<Row>> {
    let body = |contender| -> Outcome<f64> {
        let task = |work| Task {
            work,
            contender,
            way: "plain",
        };
        // Between two sizes, for what the program holds besides, and held while it started, is no
        // part of a page.
        let (few, many) = SIZES;
        let peak = peak(programs, task("one-page"), many)? - peak(programs, task("one-page"), few)?;
        let size = |items| -> Outcome<f64> { Ok(programs.run(task("size"), items)?.parse()?) };
        Ok(peak / (size(many)? - size(few)?))
    };
    let (by_hand, sdk) = (body(Contender::ByHand)?, body(Contender::Sdk)?);
    let mut rows = vec![Row {
        what: "peak memory of a page, relative to its body".to_owned(),
        by: By {
            by_hand: format!("{by_hand:.2}"),
            sdk: format!("{sdk:.2}"),
            ..By::default()
        },
        goal: "≤ 2.50".to_owned(),
        is_met: Some(sdk <= 2.5),
        ..Row::default()
    }];
    let [items, calls] = ENDURANCE_RUNS;
    for (what, work, way, runs) in [
        ("1,000,000 items streamed", "stream", "plain-2000", items),
        ("1,000,000 calls made", "calls", "plain", calls),
    ] {
        let task = Task {
            work,
            contender: Contender::Sdk,
            way,
        };
        let [early, late, few, many] = held(programs, task, runs)?;
        rows.push(Row {
            what: what.to_owned(),
            by: By::sdk(format!(
                "{early} KiB after a tenth, {late} KiB at the end; {few} and {many} file descriptors"
            )),
            goal: "flat".to_owned(),
            is_met: Some(late - early <= FLAT && many <= few),
            ..Row::default()
        });
    }
    Ok(rows)
}

/// What is held after a tenth and at the end, in the run that grew the least: what the allocator
/// keeps besides differs from run to run.
fn held(programs: &Programs, task: Task<'_>, runs: usize) -> Outcome<[i64; 4]> {
    let mut least: Option<[i64; 4]> = None;
    for _ in 0..runs {
        let said = programs.run(task, MANY)?;
        let numbers: Vec<i64> = said.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [early, late, few, many] = numbers[..] else {
            return Err(format!("`{said}` is not what is held").into());
        };
        if least.is_none_or(|[from, to, ..]| late - early < to - from) {
            least = Some([early, late, few, many]);
        }
    }
    least.ok_or_else(|| "there were no runs".into())
}

/// The numbers that the run in the middle tells, by the first of them.
fn middle<const N: usize>(programs: &Programs, task: Task<'_>, count: u32) -> Outcome<[f64; N]> {
    let mut all: Vec<[f64; N]> = Vec::new();
    for _ in 0..RUNS {
        all.push(once(programs, task, count)?);
    }
    all.sort_by(|one, other| one[0].total_cmp(&other[0]));
    let middle = all.get(RUNS / 2).copied();
    middle.ok_or_else(|| "there were no runs".into())
}

/// What each of some programs tells that take turns: the lowest of its first number in any run, for
/// whatever else runs on the machine only ever adds to it, and the highest of the others.
fn lowest<const T: usize, const N: usize>(
    programs: &Programs,
    tasks: [Task<'_>; T],
    count: u32,
) -> Outcome<[[f64; N]; T]> {
    let mut all = [[0.0; N]; T];
    for (all, task) in all.iter_mut().zip(tasks) {
        *all = once(programs, task, count)?;
    }
    for _ in 1..PAIRS {
        for (all, task) in all.iter_mut().zip(tasks) {
            let told: [f64; N] = once(programs, task, count)?;
            for (at, (number, told)) in all.iter_mut().zip(told).enumerate() {
                *number = if at == 0 {
                    number.min(told)
                } else {
                    number.max(told)
                };
            }
        }
    }
    Ok(all)
}

fn once<const N: usize>(programs: &Programs, task: Task<'_>, count: u32) -> Outcome<[f64; N]> {
    let told = programs.run(task, count)?;
    let numbers: Vec<f64> = told.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let numbers = numbers.try_into();
    numbers.map_err(|_| format!("`{told}` has not {N} numbers").into())
}
