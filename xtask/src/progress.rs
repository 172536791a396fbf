//! Says which stage runs and how long it took, on a terminal or when it is asked for.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Where a run tells of itself.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    verbose: bool,
    color: bool,
    stages: Vec<(&'static str, Duration)>,
}

impl Progress {
    /// To the terminal, if there is one.
    pub(crate) fn new(verbose: bool) -> Self {
        Self {
            verbose,
            color: colored(),
            stages: Vec::new(),
        }
    }

    /// Runs a stage and takes its time.
    pub(crate) fn stage<T>(&mut self, name: &'static str, run: impl FnOnce() -> T) -> T {
        let is_live = self.color && !self.verbose;
        if is_live {
            eprint!("\r\x1b[2K{name} ...");
            // Progress that cannot be shown is no reason to stop.
            let _ = std::io::stderr().flush();
        }
        // This is the time of the tool itself, and nothing depends on it.
        #[allow(clippy::disallowed_methods)]
        let start = Instant::now();
        let done = run();
        let took = start.elapsed();
        self.stages.push((name, took));
        if is_live {
            eprint!("\r\x1b[2K");
        }
        if self.verbose {
            eprintln!("{name:>10} {:>9.2} ms", took.as_secs_f64() * 1000.0);
        }
        done
    }

    /// All stages so far.
    pub(crate) fn total(&self) -> Duration {
        self.stages.iter().map(|(_, took)| *took).sum()
    }
}

/// Whether messages may have colours: on a terminal, unless the user forbids it.
pub(crate) fn colored() -> bool {
    std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The word in front of an error.
pub(crate) fn error_word() -> &'static str {
    if colored() {
        "\x1b[1;31merror\x1b[0m"
    } else {
        "error"
    }
}
