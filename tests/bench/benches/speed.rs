//! `cargo bench -p cloudally-bench`: measures, and prints the table.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use cloudally_bench::programs::Programs;
use cloudally_bench::work::Outcome;
use cloudally_bench::{counts, page, rows};

/// What a call costs with the SDK, and by hand.
#[derive(Parser)]
struct Arguments {
    /// Compare the counts of instructions and allocations with the baselines, and fail where one is
    /// too high.
    #[arg(long, conflicts_with_all = ["accept", "write"])]
    gate: bool,
    /// Make what is counted now the baselines.
    #[arg(long, conflicts_with = "write")]
    accept: bool,
    /// Write the table to this file.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<ExitCode> {
    let baselines = Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines.json");
    let programs = Programs::start(
        env!("CARGO_BIN_EXE_bench-client"),
        env!("CARGO_BIN_EXE_bench-server"),
    )?;
    if arguments.accept {
        let accepted = counts::accept(&programs, &baselines)?;
        println!("{} baselines in {}", accepted.len(), baselines.display());
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.gate {
        let compared = counts::gate(&programs, &counts::load(&baselines)?)?;
        for count in &compared {
            println!("{count}");
        }
        let is_too_high = compared.iter().any(counts::Compared::fails);
        if is_too_high {
            println!("if this is meant: cargo xtask bench --accept, and commit the baselines");
        }
        return Ok(ExitCode::from(u8::from(is_too_high)));
    }
    let table = rows::all(&programs)?;
    println!("{table}");
    if let Some(path) = &arguments.write {
        page::write(path, &table)?;
    }
    Ok(ExitCode::SUCCESS)
}
