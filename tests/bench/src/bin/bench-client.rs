//! `bench-client WORK CONTENDER COUNT URL` does the work so many times, after a sign-in. It is what
//! is measured.

use std::process::ExitCode;

use cloudally_bench::work;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match work::run(&arguments) {
        Ok(said) => {
            print!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench-client: {error}");
            ExitCode::FAILURE
        }
    }
}
