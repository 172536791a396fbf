//! Says which stage runs and how long it took, on a terminal or when it is asked for.

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use crate::print;

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
            color: colored(&std::io::stderr()),
            stages: Vec::new(),
        }
    }

    /// Runs a stage and takes its time.
    pub(crate) fn stage<T>(&mut self, name: &'static str, run: impl FnOnce() -> T) -> T {
        let is_live = self.color && !self.verbose;
        if is_live {
            print::err(&format!("\r\x1b[2K{name} ..."));
        }
        // This is the time of the tool itself, and nothing depends on it.
        #[allow(clippy::disallowed_methods)]
        let start = Instant::now();
        let done = run();
        let took = start.elapsed();
        self.stages.push((name, took));
        if is_live {
            print::err("\r\x1b[2K");
        }
        if self.verbose {
            print::err(&format!(
                "{name:>10} {:>9.2} ms\n",
                took.as_secs_f64() * 1000.0
            ));
        }
        done
    }

    /// Tells the time of all stages, and what the run took of the processor and of memory, where
    /// that is known.
    pub(crate) fn total(&self) {
        if !self.verbose {
            return;
        }
        let total: Duration = self.stages.iter().map(|(_, took)| *took).sum();
        print::err(&format!(
            "{:>10} {:>9.2} ms\n",
            "total",
            total.as_secs_f64() * 1000.0
        ));
        if let Some(took) = processor() {
            print::err(&format!("{:>10} {took:>9.2} ms\n", "processor"));
        }
        if let Some(peak) = peak() {
            print::err(&format!("{:>10} {:>9.2} MB at most\n", "memory", peak));
        }
    }
}

/// The time that this process ran, in milliseconds, with its threads that have ended. Only Linux
/// says so in a file, in hundredths of a second.
fn processor() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may have spaces in it.
    let (_, fields) = told.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11);
    let (own, kernel): (f64, f64) = (times.next()?.parse().ok()?, times.next()?.parse().ok()?);
    Some((own + kernel) * 10.0)
}

/// The most memory that this process had so far, in megabytes. Only Linux says so in a file.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

/// Whether what goes to a stream may have colours: on a terminal, unless the user forbids it.
pub(crate) fn colored(stream: &impl IsTerminal) -> bool {
    may_color(
        stream.is_terminal(),
        std::env::var_os("NO_COLOR").as_deref(),
        std::env::var_os("TERM").as_deref(),
    )
}

fn may_color(is_terminal: bool, no_color: Option<&OsStr>, terminal: Option<&OsStr>) -> bool {
    is_terminal
        && no_color.is_none_or(OsStr::is_empty)
        && terminal.is_none_or(|terminal| terminal != "dumb")
}

/// The word in front of an error.
pub(crate) fn error_word() -> &'static str {
    if colored(&std::io::stderr()) {
        "\x1b[1;31merror\x1b[0m"
    } else {
        "error"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_whose_user_does_not_forbid_them() {
        let word = |text: &'static str| Some(OsStr::new(text));
        assert!(may_color(true, None, word("xterm")));
        assert!(may_color(true, word(""), None));
        assert!(!may_color(false, None, word("xterm")));
        assert!(!may_color(true, word("1"), word("xterm")));
        assert!(!may_color(true, None, word("dumb")));
    }
}
