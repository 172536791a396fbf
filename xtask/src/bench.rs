//! Runs the benchmarks, which are a crate of their own.

use std::path::Path;
use std::process::Command;

use crate::error::Error;

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

/// Whether it went well; what went wrong was told on the way.
pub(crate) fn run(root: &Path, bench: Bench) -> Result<bool, Error> {
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
    Ok(status.success())
}
