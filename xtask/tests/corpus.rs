//! The corpus: a document for each construct of OpenAPI, and what becomes of it. `UPDATE_CORPUS=1 cargo test -p xtask`
//! writes the snapshots anew; the difference is for the reviewer. That the crates compile is for `cargo xtask corpus`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod refusal;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join("corpus")
}

fn documents() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "yaml" || end == "json")
        })
        .collect();
    found.sort();
    found
}

/// What regen makes of a document, or why it makes nothing of it.
fn outcome(document: &Path) -> String {
    let out = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--name", "snapshot", "--spec"])
        .arg(document)
        .arg("--out")
        .arg(out.path().join("crate"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(
        !errors.contains("panicked"),
        "{}: {errors}",
        document.display()
    );
    if !run.status.success() {
        assert_eq!(run.status.code(), Some(2), "{}", document.display());
        assert!(
            !out.path().join("crate").exists(),
            "a refusal writes nothing"
        );
        let here = format!("{}{}", folder().display(), std::path::MAIN_SEPARATOR);
        return errors.replace(&here, "");
    }
    let file = |name: &str| fs::read_to_string(out.path().join("crate").join(name)).unwrap();
    let mut text = file("regen.log");
    for (title, name) in [
        ("lowered", "openapi.lowered.json"),
        ("library", "src/lib.rs"),
    ] {
        text.push_str(&format!("\n== {title}\n{}", file(name)));
    }
    // Of the code itself the names are enough: what it does is told by the lowered document, and tried by the corpus run.
    text.push_str("\n== items\n");
    for module in ["types", "unions", "parameters", "builder"] {
        let path = out.path().join(format!("crate/src/generated/{module}.rs"));
        for line in fs::read_to_string(path).unwrap_or_default().lines() {
            let line = line.trim_end_matches([' ', '{', '<']);
            if line.starts_with("pub ") || (line.starts_with("    pub ") && line.ends_with(',')) {
                text.push_str(&format!("{module}: {}\n", line.trim_end_matches(',')));
            }
        }
    }
    text
}

/// One line for a document: how many operations it has in Rust, or why it has none. Of a table of
/// these a reviewer sees which documents are refused now, and which no longer.
fn verdict(document: &Path, outcome: &str) -> String {
    let name = document.file_name().unwrap().to_string_lossy();
    let lowered = outcome
        .split_once("\n== lowered\n")
        .and_then(|(_, rest)| rest.split_once("\n== library\n"));
    if let Some((lowered, _)) = lowered {
        let lowered: serde_json::Value = serde_json::from_str(lowered).unwrap();
        let items = lowered["paths"].as_object().unwrap().values();
        let operations: usize = items.map(|item| item.as_object().unwrap().len()).sum();
        return format!("{name}\tgenerated\t{operations}\n");
    }
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut places = 1;
    for line in outcome.lines() {
        let also = line.strip_prefix("   also:  ");
        let others = also.and_then(|also| also.strip_prefix("at ")?.split_once(" other places"));
        if let Some((others, _)) = others {
            places += others.parse::<usize>().unwrap();
        } else if also.is_some() {
            places += 1;
        } else if let Some(means) = line.strip_prefix("   means: ") {
            *reasons.entry(means).or_default() += std::mem::replace(&mut places, 1);
        }
    }
    let count: usize = reasons.values().sum();
    let mut line = format!("{name}\trefused\t{count}\n");
    for (means, count) in reasons {
        line.push_str(&format!("\t{count}\t{means}\n"));
    }
    line
}

#[test]
fn every_document_has_the_outcome_of_its_snapshot() {
    let mut wrong = Vec::new();
    let mut verdicts = String::new();
    let all = documents();
    assert!(all.len() >= 40);
    for document in all {
        let found = outcome(&document);
        verdicts.push_str(&verdict(&document, &found));
        compare(&document.with_extension("snap"), &found, &mut wrong);
    }
    compare(&folder().join("verdicts.tsv"), &verdicts, &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare(file: &Path, found: &str, wrong: &mut Vec<String>) {
    let expected = fs::read_to_string(file).unwrap_or_default();
    let expected = expected.replace("\r\n", "\n");
    if found == expected {
        return;
    }
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        fs::write(file, found).unwrap();
        return;
    }
    let mut lines = expected.lines().zip(found.lines());
    let line = lines.find(|(old, new)| old != new);
    wrong.push(format!("{}: {line:?}", file.display()));
}

#[test]
fn every_refusal_says_where_what_it_means_and_what_to_do() {
    let text = outcome(&folder().join("refused-operations.yaml"));
    let reasons = text
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
        .count();
    assert!(reasons >= 12, "{text}");
    for word in ["   found: ", "   means: ", "   do:    "] {
        assert_eq!(text.matches(word).count(), reasons, "{text}");
    }
}

/// The actions of a refusal are pasted as they stand, and what is left of the document is generated.
#[test]
fn the_actions_of_a_refusal_mend_the_document() {
    for document in [
        "refused-operations.yaml",
        "refused-bodies.yaml",
        "refused-parameters.yaml",
        "refused-enums.yaml",
    ] {
        mended(&folder().join(document));
    }
}

fn mended(document: &Path) {
    let text = outcome(document);
    let mut overlay = String::from("overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n");
    overlay.push_str(&refusal::actions(&text));
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("overlay.yaml");
    fs::write(&path, &overlay).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--spec"])
        .arg(document)
        .arg("--overlay")
        .arg(&path)
        .arg("--out")
        .arg(out.path().join("crate"))
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{overlay}\n{}",
        String::from_utf8_lossy(&run.stderr)
    );
}

/// On another system the lines end otherwise, and the folder is another; the crate is the same.
#[test]
fn line_endings_and_places_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(self::folder().join("all-of.yaml")).unwrap();
    fs::write(
        folder.path().join("all-of.yaml"),
        text.replace('\n', "\r\n"),
    )
    .unwrap();
    assert_eq!(
        outcome(&folder.path().join("all-of.yaml")),
        outcome(&self::folder().join("all-of.yaml"))
    );
}

#[test]
fn a_folder_with_something_else_is_left_alone() {
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("thesis.txt"), "years of work").unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--spec"])
        .arg(folder().join("all-of.yaml"))
        .arg("--out")
        .arg(out.path())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&run.stderr).contains("something else"));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
}
