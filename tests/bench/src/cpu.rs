//! What the system says of the time that the program worked.

use std::fs;

use crate::work::Outcome;

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
