//! The page of the docs that shows the table.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cpu;
use crate::table::Table;
use crate::valgrind;
use crate::work::Outcome;

/// The text around the table.
const BEFORE: &str = include_str!("page/before.md");
const AFTER: &str = include_str!("page/after.md");

/// The features of which one is needed.
const TLS: [&str; 4] = ["rustls", "rustls-ring", "rustls-no-provider", "native-tls"];

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

/// How many crates the SDK needs with each TLS, and how much CPU it takes to build them from nothing.
fn build_cost() -> Outcome<String> {
    let mut rows = "| TLS | crates | clean build, CPU |\n|---|---|---|\n".to_owned();
    for tls in TLS {
        let features = ["--no-default-features", "--features", tls];
        let only = ["--locked", "-p", "cloudally"];
        let print = ["-e", "normal,build", "--prefix", "none", "-f", "{p}"];
        let tree = cargo("tree", &[&only[..], &features, &print, &["--no-dedupe"]])?;
        let crates: BTreeSet<_> = tree.lines().collect();
        let folder = format!("cloudally-build-cost-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let target = folder.display().to_string();
        let before = cpu::of_children()?;
        let built = cargo("build", &[&only, &features, &["--target-dir", &target]]);
        let took = cpu::of_children()? - before;
        // Left behind, it would only take room.
        let _ = fs::remove_dir_all(&folder);
        built?;
        rows += &format!("| `{tls}` | {} | {took:.0} s |\n", crates.len());
    }
    Ok(rows)
}

fn cargo(command: &str, arguments: &[&[&str]]) -> Outcome<String> {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.arg(command).args(arguments.concat()).output()?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("cargo {command} {arguments:?}: {told}").into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[ignore = "it builds for minutes"]
    fn the_build_cost_has_a_row_for_each_tls() {
        let told = build_cost().unwrap();
        println!("{told}");
        assert!(TLS.iter().all(|tls| told.contains(&format!("| `{tls}` |"))));
    }
}
