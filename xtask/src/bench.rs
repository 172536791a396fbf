//! Runs the benchmarks, which are a crate of their own.

use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::exit::{DONE, FAILED, STALE};

/// What is done with what is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bench {
    /// Everything is measured, and written to the docs.
    Write,
    /// The counts are compared with the baselines.
    Gate,
    /// The counts become the baselines.
    Accept,
}

/// The exit code of the benchmarks, which tell what went wrong themselves.
pub(crate) fn run(root: &Path, bench: Bench) -> Result<u8, Error> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root).args([
        "bench",
        "--quiet",
        "--locked",
        "--package",
        "cloudally-bench",
        "--bench",
        "speed",
        "--",
    ]);
    match bench {
        Bench::Write => command
            .arg("--write")
            .arg(root.join("docs").join("performance.md")),
        Bench::Gate => command.arg("--gate"),
        Bench::Accept => command.arg("--accept"),
    };
    let status = command
        .status()
        .map_err(|error| Error::io("run", Path::new(env!("CARGO")), error))?;
    Ok(match status.code() {
        Some(0) => DONE,
        Some(1) => STALE,
        // Whatever else it was, nothing was measured.
        _ => FAILED,
    })
}
