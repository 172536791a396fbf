//! The project's own tasks: `cargo xtask regen` makes the raw client from the vendor's document.

mod bundle;
mod check;
mod cli;
mod down;
mod error;
mod formats;
mod generate;
mod lower;
mod markdown;
mod operations;
mod overlay;
mod pages;
mod pointer;
mod polish;
mod read;
mod regen;
mod report;
mod walk;
mod write;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
