//! The project's own tasks: `cargo xtask regen` makes the raw client from the vendor's document.

mod bench;
mod bundle;
mod check;
mod ci;
mod cli;
mod corpus;
mod down;
mod emit;
mod error;
mod exit;
mod formats;
mod generate;
mod handwritten;
mod lower;
mod markdown;
mod normalize;
mod operations;
mod overlay;
mod pages;
mod pipeline;
mod pointer;
mod postprocess;
mod print;
mod profile;
mod progress;
#[cfg(test)]
mod properties;
mod read;
mod refs;
mod regen;
mod report;
mod semver_diff;
mod structure;
mod walk;
mod widen;
mod write;

use std::process::ExitCode;

/// Enough for the deepest document that is read; only what is used of it costs memory.
const STACK: usize = 512 << 20;

fn main() -> ExitCode {
    let run = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(cli::run);
    match run.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        _ => ExitCode::from(exit::FAILED),
    }
}
