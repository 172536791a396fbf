//! The page of the docs that shows the table.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::table::Table;
use crate::valgrind;
use crate::work::Outcome;

/// The text around the table.
const BEFORE: &str = include_str!("page/before.md");
const AFTER: &str = include_str!("page/after.md");

/// Writes the page.
///
/// # Errors
/// If the build cost or a version cannot be found out, or the file cannot be written.
pub fn write(path: &Path, table: &Table) -> Outcome<()> {
    let rustc = Command::new("rustc").arg("--version").output()?;
    let rustc = String::from_utf8(rustc.stdout)?;
    let made = format!("Made with {} and {}.\n", rustc.trim(), valgrind::version()?);
    let text = format!("{BEFORE}\n{table}\n{AFTER}\n{}\n{made}", build_cost()?);
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// How many crates the SDK needs with its default features, and how long they take to build from
/// nothing.
#[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
fn build_cost() -> Outcome<String> {
    let tree = cargo(&[
        "tree",
        "--locked",
        "-p",
        "cloudally",
        "-e",
        "normal,build",
        "--prefix",
        "none",
        "-f",
        "{p}",
        "--no-dedupe",
    ])?;
    let mut crates: Vec<_> = tree.lines().collect();
    crates.sort_unstable();
    crates.dedup();
    let folder = std::env::temp_dir().join(format!("cloudally-build-cost-{}", std::process::id()));
    let target = folder.display().to_string();
    let start = Instant::now();
    let built = cargo(&[
        "build",
        "--locked",
        "-p",
        "cloudally",
        "--target-dir",
        &target,
    ]);
    let took = start.elapsed();
    // Left behind, it would only take room.
    let _ = fs::remove_dir_all(&folder);
    built?;
    let cores = std::thread::available_parallelism()?;
    Ok(format!(
        "{} crates with default features (`cargo tree -p cloudally -e normal,build`), built from nothing in {:.0} s on {cores} cores\n\
         (`cargo build -p cloudally`, dev profile).\n",
        crates.len(),
        took.as_secs_f64()
    ))
}

fn cargo(arguments: &[&str]) -> Outcome<String> {
    let output = Command::new(env!("CARGO")).args(arguments).output()?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("cargo {}: {told}", arguments.join(" ")).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
