//! What the system says of the memory of the process.

use std::fs;

use crate::work::Outcome;

/// What it holds now, in MB.
///
/// # Errors
/// If the system does not tell.
pub fn resident() -> Outcome<f64> {
    megabytes("VmRSS:")
}

/// The most that it ever held, in MB.
///
/// # Errors
/// If the system does not tell.
pub fn peak() -> Outcome<f64> {
    megabytes("VmHWM:")
}

fn megabytes(label: &str) -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(label));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next());
    let kibibytes: f64 = kibibytes
        .ok_or("the system does not tell of memory")?
        .parse()?;
    Ok(kibibytes / 1024.0)
}
