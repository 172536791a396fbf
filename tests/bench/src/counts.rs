//! What is counted, and compared with committed baselines.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::programs::{Programs, Task};
use crate::valgrind::{
    ASSESS as ASSESSES, Between, READ_TOKEN, allocated, allocations, copied, instructions,
    instructions_of,
};
use crate::work::{Contender, Outcome};

/// How much more than its baseline a count may be: one in a hundred, or less where it must show what
/// is done for nobody, such as a span without a subscriber.
const LEEWAY: f64 = 1.01;
const NARROW_LEEWAY: f64 = 1.005;
/// One in ten for what depends on how a page is cut into reads. One more copy of a page is more.
const WIDE_LEEWAY: f64 = 1.1;
/// How often each count is taken.
const RUNS: usize = 3;
/// How often all is taken again where it is too high.
const TRIES: usize = 2;

/// Counts for one operation.
type Measure = fn(&Programs, Task<'_>, Between) -> Outcome<f64>;

/// Something that is counted.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    /// Its name among the baselines.
    pub name: &'static str,
    work: &'static str,
    way: &'static str,
    between: Between,
    /// Who does the same in the same run.
    reference: Contender,
    leeway: f64,
    runs: usize,
    measure: Measure,
}

/// A call that is small.
pub const GET: Count = Count {
    leeway: NARROW_LEEWAY,
    ..count("small GET, instructions", "get", "plain", (50, 250))
};
/// A page of 500 tasks, with all fields known.
pub const PAGE: Count = count("500-item page, instructions", "page", "plain", (2, 8));
/// The same with three unknown fields each.
pub const UNKNOWN: Count = count(
    "500-item page, 3 unknown fields each, instructions",
    "page",
    "unknown",
    (2, 8),
);
/// Everything up to the first answer.
pub const FIRST: Count = count("first call, instructions", "first-call", "plain", (1, 3));
/// Reading the current token.
pub const TOKEN: Count = Count {
    measure: |programs, task, between| instructions_of(READ_TOKEN, programs, task, between),
    ..count("current token, instructions", "token", "plain", (100, 1100))
};
/// Allocations of a small call.
pub const GET_ALLOCATIONS: Count = Count {
    measure: allocations,
    ..count("small GET, allocations", "get", "plain", (50, 250))
};
/// Allocations of reading the current token.
pub const TOKEN_ALLOCATIONS: Count = Count {
    measure: allocations,
    ..count("current token, allocations", "token", "plain", (100, 1100))
};

/// A page of 500 status entries.
pub const STATUS_PAGE: Count = to_expert(
    "500-entry status page, instructions",
    "status-page",
    "plain",
    (2, 8),
);
/// A page of tasks that are read one by one. It is fetched while the one before is read, and comes
/// in other pieces each time.
pub const ITEMS: Count = Count {
    leeway: 1.02,
    ..to_expert(
        "page of 500 read by `.items()`, instructions",
        "items",
        "plain",
        (4, 16),
    )
};
/// What a small call copies within memory, which takes hardly any instructions.
pub const GET_COPIED: Count = Count {
    measure: copied,
    ..to_expert("small GET, bytes copied", "get", "plain", (50, 250))
};
/// The same of a page of tasks. It varies by a sixth with the pieces in which the page is read, so it is
/// not gated: a copy needs a place, and what is allocated is.
pub const PAGE_COPIED: Count = bytes("500-item page, bytes copied", "page", copied);
/// The same of a page of status entries.
pub const STATUS_PAGE_COPIED: Count =
    bytes("500-entry status page, bytes copied", "status-page", copied);
/// What a small call allocates. A copy of a page needs a place, and a new place may be a page fault.
pub const GET_ALLOCATED: Count = Count {
    measure: allocated,
    ..to_expert("small GET, bytes allocated", "get", "plain", (50, 250))
};
/// The same of a page of tasks.
pub const PAGE_ALLOCATED: Count = bytes("500-item page, bytes allocated", "page", allocated);
/// The same of a page of status entries.
pub const STATUS_PAGE_ALLOCATED: Count = bytes(
    "500-entry status page, bytes allocated",
    "status-page",
    allocated,
);
/// A restore, on a connection of its own.
pub const RESTORE: Count = to_expert("restore, instructions", "restore", "plain", (20, 60));
/// A call for what is not there.
pub const MISSING: Count = to_expert("404, instructions", "missing", "missing", (50, 150));
/// A call that is refused with 503 and then served.
pub const BUSY: Count = to_expert("503, then 200, instructions", "busy", "busy", (50, 150));
/// A client beside the first one, for a service with TLS.
pub const CLIENT: Count = count(
    "further client, instructions",
    "clients",
    "plain",
    (10, 110),
);

/// Judging a task with its five entities.
pub const ASSESS: Count = assess("health, instructions for a task", "one-in-50", (1000, 5000));
/// The same in a fleet that is ten times as large.
pub const ASSESS_LARGE: Count = Count {
    runs: 1,
    ..assess(
        "health of many, instructions for a task",
        "one-in-50",
        (10_000, 50_000),
    )
};
/// The same, and once more with a ledger.
pub const ASSESS_REMEMBERED: Count = assess(
    "health without and with a ledger, instructions for a task",
    "remembered",
    (1000, 5000),
);

/// All that have baselines.
pub const ALL: [Count; 19] = [
    GET,
    GET_ALLOCATIONS,
    PAGE,
    UNKNOWN,
    FIRST,
    TOKEN,
    TOKEN_ALLOCATIONS,
    STATUS_PAGE,
    ITEMS,
    GET_COPIED,
    GET_ALLOCATED,
    PAGE_ALLOCATED,
    STATUS_PAGE_ALLOCATED,
    RESTORE,
    MISSING,
    BUSY,
    CLIENT,
    ASSESS,
    ASSESS_REMEMBERED,
];

const fn assess(name: &'static str, way: &'static str, between: Between) -> Count {
    Count {
        measure: |programs, task, between| instructions_of(ASSESSES, programs, task, between),
        ..count(name, "assess", way, between)
    }
}

const fn bytes(name: &'static str, work: &'static str, measure: Measure) -> Count {
    Count {
        measure,
        leeway: WIDE_LEEWAY,
        ..to_expert(name, work, "plain", (10, 30))
    }
}

const fn to_expert(
    name: &'static str,
    work: &'static str,
    way: &'static str,
    between: Between,
) -> Count {
    Count {
        reference: Contender::Expert,
        ..count(name, work, way, between)
    }
}

const fn count(
    name: &'static str,
    work: &'static str,
    way: &'static str,
    between: Between,
) -> Count {
    Count {
        name,
        work,
        way,
        between,
        reference: Contender::ByHand,
        leeway: LEEWAY,
        runs: RUNS,
        measure: instructions,
    }
}

impl Count {
    /// What a contender needs for it. The lowest of some, for reads that come in other pieces only
    /// ever add to it.
    ///
    /// # Errors
    /// If the program or valgrind fails.
    pub fn of(&self, programs: &Programs, contender: Contender) -> Outcome<f64> {
        let mut lowest = f64::MAX;
        for _ in 0..self.runs {
            lowest = lowest.min(self.once(programs, contender)?);
        }
        Ok(lowest)
    }

    fn once(&self, programs: &Programs, contender: Contender) -> Outcome<f64> {
        let task = Task {
            work: self.work,
            contender,
            way: self.way,
        };
        (self.measure)(programs, task, self.between)
    }

    /// Whether there is anything to compare it with.
    fn is_the_sdks_own(&self) -> bool {
        matches!(self.work, "token" | "assess" | "clients")
    }

    fn pair(&self, programs: &Programs) -> Outcome<Pair> {
        let by_hand = if self.is_the_sdks_own() {
            0.0
        } else {
            self.of(programs, self.reference)?
        };
        Ok(Pair {
            sdk: self.of(programs, Contender::Sdk)?.round(),
            by_hand: by_hand.round(),
        })
    }
}

/// A count of the SDK, and the same by hand in the same run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    sdk: f64,
    by_hand: f64,
}

impl Pair {
    /// Whether a count is above its baseline by more than a factor. A new compiler or another
    /// machine moves what is written by hand as well, and that much is no fault of the SDK's.
    fn is_above(self, baseline: Self, leeway: f64) -> bool {
        let moved = if baseline.by_hand > 0.0 {
            self.by_hand / baseline.by_hand
        } else {
            1.0
        };
        // A little is how much every count varies, and would only loosen this one.
        let shift = if moved > LEEWAY { moved } else { 1.0 };
        // A count of nothing has no hundredth.
        self.sdk > (baseline.sdk * leeway * shift).max(baseline.sdk + 0.5)
    }
}

/// The baselines, by name.
pub type Baselines = BTreeMap<String, Pair>;

/// Reads the baselines.
///
/// # Errors
/// If the file cannot be read or is none of baselines.
pub fn load(path: &Path) -> Outcome<Baselines> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// Counts all anew, and writes it down.
///
/// # Errors
/// If a program fails or the file cannot be written.
pub fn accept(programs: &Programs, path: &Path) -> Outcome<Baselines> {
    let mut baselines = Baselines::new();
    for count in ALL {
        baselines.insert(count.name.to_owned(), count.pair(programs)?);
    }
    let text = serde_json::to_string_pretty(&baselines)?;
    fs::write(path, text + "\n")
        .map_err(|error: io::Error| format!("{}: {error}", path.display()))?;
    Ok(baselines)
}

/// A count beside its baseline.
#[derive(Debug)]
pub struct Compared {
    name: &'static str,
    now: Pair,
    baseline: Option<Pair>,
    leeway: f64,
}

impl Compared {
    /// Whether it is too high, or has no baseline.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.baseline
            .is_none_or(|baseline| self.now.is_above(baseline, self.leeway))
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(baseline) = self.baseline else {
            return write!(f, "{}: {} (no baseline)", self.name, self.now.sdk);
        };
        let verdict = if self.fails() { "too high" } else { "good" };
        write!(
            f,
            "{}: {} (baseline {}; by hand {}, baseline {}): {verdict}",
            self.name, self.now.sdk, baseline.sdk, self.now.by_hand, baseline.by_hand
        )
    }
}

/// Compares all counts with the baselines.
///
/// # Errors
/// If a program fails.
pub fn gate(programs: &Programs, baselines: &Baselines) -> Outcome<Vec<Compared>> {
    let compare = |count: &Count| -> Outcome<Compared> {
        let baseline = baselines.get(count.name).copied();
        let mut compared = Compared {
            name: count.name,
            now: count.pair(programs)?,
            baseline,
            leeway: count.leeway,
        };
        for _ in 0..TRIES {
            if !compared.fails() || baseline.is_none() {
                break;
            }
            let again = count.pair(programs)?;
            let now = &mut compared.now;
            now.sdk = now.sdk.min(again.sdk);
            now.by_hand = now.by_hand.min(again.by_hand);
        }
        Ok(compared)
    };
    ALL.iter().map(compare).collect()
}

#[cfg(test)]
mod tests;
