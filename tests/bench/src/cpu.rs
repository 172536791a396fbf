//! What the system says of the time that the program worked.

use std::fs;

use crate::work::Outcome;

/// How many ticks Linux counts in a second.
const TICKS: f64 = 100.0;

/// The seconds for which the main thread ran, to the nanosecond. What is measured has no other.
///
/// # Errors
/// If the system does not tell.
pub fn seconds() -> Outcome<f64> {
    let told = fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds = told.split_whitespace().next();
    let nanoseconds: f64 = nanoseconds
        .ok_or("the system does not tell of time")?
        .parse()?;
    Ok(nanoseconds / 1e9)
}

/// The seconds for which programs ran that this one started, and that have ended.
///
/// # Errors
/// If the system does not tell.
pub fn of_children() -> Outcome<f64> {
    let told = fs::read_to_string("/proc/self/stat")?;
    // Behind the name of the program, which may hold anything.
    let (_, numbers) = told
        .rsplit_once(')')
        .ok_or("the system does not tell of time")?;
    let numbers: Vec<_> = numbers.split_whitespace().collect();
    let [user, system] =
        [13, 14].map(|at| numbers.get(at).and_then(|text| text.parse::<f64>().ok()));
    let ticks = user.zip(system).map(|(user, system)| user + system);
    Ok(ticks.ok_or("the system does not tell of time")? / TICKS)
}
