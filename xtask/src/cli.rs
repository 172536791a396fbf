//! The command line: what to run, where, and what the exit code says.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::regen::{Paths, Run};
use crate::{check, regen, write};

/// The outputs are as they should be.
const DONE: u8 = 0;
/// `--check` found stale outputs.
const STALE: u8 = 1;
/// Something stood in the way; nothing was changed.
const FAILED: u8 = 2;

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make the raw client from the vendor's document: overlay, bundle, down, lower, generate, polish, write.
    Regen {
        /// Change nothing; name each stale file and exit with 1.
        #[arg(long)]
        check: bool,
        /// The root of the workspace to work in.
        #[arg(long, default_value_os_t = workspace())]
        root: PathBuf,
    },
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned()
}

pub(crate) fn run() -> ExitCode {
    let Task::Regen { check, root } = Cli::parse().task;
    let result = if check {
        run_check(&root)
    } else {
        run_regen(&root)
    };
    ExitCode::from(result.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        FAILED
    }))
}

fn run_regen(root: &Path) -> Result<u8, Error> {
    let paths = Paths::below(root);
    let Run { outputs, rewrites } = regen::run(&paths)?;
    let written = write::write(&outputs, &paths.generated)?;
    for path in &written {
        let verb = if outputs.contains_key(path) {
            "wrote"
        } else {
            "removed"
        };
        println!("{verb} {}", relative(path, root));
    }
    println!(
        "{} outputs from {rewrites} rewrites, {} changed",
        outputs.len(),
        written.len()
    );
    Ok(DONE)
}

fn run_check(root: &Path) -> Result<u8, Error> {
    let paths = Paths::below(root);
    let Run { outputs, .. } = regen::run(&paths)?;
    let stale = check::check(&outputs, &paths.generated)?;
    for (path, what) in &stale {
        eprintln!("stale: {} ({what})", relative(path, root));
    }
    if stale.is_empty() {
        println!("{} outputs are up to date", outputs.len());
        Ok(DONE)
    } else {
        eprintln!("run `cargo xtask regen` and commit what it writes");
        Ok(STALE)
    }
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}
