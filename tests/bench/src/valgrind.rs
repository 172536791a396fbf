//! Counts instructions and memory under valgrind, as a slope between two counts of operations: what
//! a program does once falls out.

use std::process::Command;

use crate::programs::{Programs, Task};
use crate::work::Outcome;

/// The function that reads the current token.
pub const READ_TOKEN: &str = "cloudally::auth::cache::TokenCache::fresh";
/// The function that judges a fleet.
pub const ASSESS: &str = "cloudally::health::assess::assess";

/// Two counts of operations.
pub type Between = (u32, u32);

/// Instructions of one operation.
///
/// # Errors
/// If the program or valgrind fails.
pub fn instructions(programs: &Programs, task: Task<'_>, between: Between) -> Outcome<f64> {
    slope(between, |count| {
        let tool = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
        collected(&programs.under(&tool, task, count)?)
    })
}

/// Instructions of one function alone.
///
/// # Errors
/// If the program or valgrind fails, or the function has gone by another name.
pub fn instructions_of(
    function: &str,
    programs: &Programs,
    task: Task<'_>,
    between: Between,
) -> Outcome<f64> {
    let collect = format!("--toggle-collect={function}");
    let counted = slope(between, |count| {
        let tool = [
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            &collect,
        ];
        collected(&programs.under(&tool, task, count)?)
    })?;
    if counted < 1.0 {
        return Err(format!("no function answers to `{function}`").into());
    }
    Ok(counted)
}

/// Allocations of one operation.
///
/// # Errors
/// If the program or valgrind fails.
pub fn allocations(programs: &Programs, task: Task<'_>, between: Between) -> Outcome<f64> {
    slope(between, |count| {
        let told = heap(programs, task, count)?;
        number(&told, "Total:", "blocks")
    })
}

/// Bytes that one operation copies within memory, by `memcpy` and the like: what instructions hide,
/// for one of them copies many bytes.
///
/// # Errors
/// If the program or valgrind fails.
pub fn copied(programs: &Programs, task: Task<'_>, between: Between) -> Outcome<f64> {
    slope(between, |count| {
        let tool = ["--tool=dhat", "--mode=copy", "--dhat-out-file=/dev/null"];
        number(&programs.under(&tool, task, count)?, "Total:", "bytes")
    })
}

/// Bytes that one operation allocates, whether or not it touches them.
///
/// # Errors
/// If the program or valgrind fails.
pub fn allocated(programs: &Programs, task: Task<'_>, between: Between) -> Outcome<f64> {
    slope(between, |count| {
        let told = heap(programs, task, count)?;
        number(&told, "Total:", "bytes")
    })
}

/// What one operation does not find in the first-level caches, of instructions and of memory, as
/// valgrind simulates them.
///
/// # Errors
/// If the program or valgrind fails.
pub fn misses(programs: &Programs, task: Task<'_>, between: Between) -> Outcome<[f64; 2]> {
    let tool = [
        "--tool=cachegrind",
        "--cache-sim=yes",
        "--cachegrind-out-file=/dev/null",
    ];
    let (few, many) = between;
    // One run tells of both caches.
    let told = [
        programs.under(&tool, task, few)?,
        programs.under(&tool, task, many)?,
    ];
    let missed = |label| {
        slope(between, |count| {
            let [of_few, of_many] = &told;
            let told = if count == few { of_few } else { of_many };
            number(told, label, "")
        })
    };
    Ok([missed("I1  misses:")?, missed("D1  misses:")?])
}

/// Which valgrind this is.
///
/// # Errors
/// If there is none.
pub fn version() -> Outcome<String> {
    let output = Command::new("valgrind").arg("--version").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Bytes in use at the peak.
///
/// # Errors
/// If the program or valgrind fails.
pub fn peak(programs: &Programs, task: Task<'_>, count: u32) -> Outcome<f64> {
    let told = heap(programs, task, count)?;
    number(&told, "At t-gmax:", "bytes")
}

fn heap(programs: &Programs, task: Task<'_>, count: u32) -> Outcome<String> {
    let tool = ["--tool=dhat", "--dhat-out-file=/dev/null"];
    programs.under(&tool, task, count)
}

fn slope((few, many): Between, measure: impl Fn(u32) -> Outcome<f64>) -> Outcome<f64> {
    Ok((measure(many)? - measure(few)?) / f64::from(many - few))
}

fn collected(told: &str) -> Outcome<f64> {
    number(told, "Collected :", "")
}

/// The number before a unit, or right behind the label, in the line that has this label.
fn number(told: &str, label: &str, unit: &str) -> Outcome<f64> {
    let line = told.lines().find_map(|line| line.split_once(label));
    let (_, rest) = line.ok_or_else(|| format!("valgrind does not tell `{label}`: {told}"))?;
    let mut words = rest.split_whitespace();
    let word = if unit.is_empty() {
        words.next()
    } else {
        let all: Vec<_> = words.collect();
        let at = all
            .iter()
            .position(|word| word.trim_end_matches(',') == unit);
        at.and_then(|at| all.get(at.checked_sub(1)?).copied())
    };
    let word = word.ok_or_else(|| format!("`{rest}` has no number of {unit}"))?;
    Ok(word.replace(',', "").parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_read_where_valgrind_writes_them() {
        let dhat = "==7== Total:     2,704,470 bytes in 3,825 blocks\n==7== At t-gmax: 425,382 bytes in 398 blocks\n";
        assert_eq!(number(dhat, "Total:", "blocks").unwrap(), 3825.0);
        assert_eq!(number(dhat, "At t-gmax:", "bytes").unwrap(), 425_382.0);
        let callgrind = "==7== Events    : Ir\n==7== Collected : 85320\n";
        assert_eq!(collected(callgrind).unwrap(), 85_320.0);
        let cachegrind = "==7== I1  misses:        2,001,234\n==7== D1  misses:          711,010  (  402,001 rd   +   309,009 wr)\n";
        assert_eq!(number(cachegrind, "D1  misses:", "").unwrap(), 711_010.0);
        assert!(number(dhat, "At t-end:", "bytes").is_err());
    }

    #[test]
    fn what_is_done_once_falls_out() {
        let counted = slope((10, 110), |count| Ok(5000.0 + 7.0 * f64::from(count)));
        assert_eq!(counted.unwrap(), 7.0);
    }
}
