//! `docs/regen.md` is true: its diffs are applied, its commands are run, and what they print is
//! compared.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod repository;

use std::fs;
use std::path::Path;
use std::process::Command;

use repository::{git, repository};

/// The fenced blocks of a document, each with its language.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, block)), None) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

#[test]
fn the_walkthrough_does_what_it_says() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let root = repository();

    let text = fs::read_to_string(project.join("docs/regen.md")).unwrap();
    let mut commands = 0;
    for (language, block) in blocks(&text.replace("\r\n", "\n")) {
        match language.as_str() {
            "diff" => {
                let path = root.path().join("change.diff");
                fs::write(&path, &block).unwrap();
                git(root.path(), &["apply", "change.diff"]);
                fs::remove_file(path).unwrap();
            }
            "console" => {
                run(project, root.path(), &block);
                commands += 1;
            }
            other => panic!("a block of {other} is neither run nor applied"),
        }
    }
    assert_eq!(commands, 5);
    let report = fs::read_to_string(root.path().join("changes.md")).unwrap();
    assert!(
        report.contains("## Breaking") && report.contains("`listRestores` is new | vendor |"),
        "{report}"
    );
}

/// Runs the command of a block, and looks for each line below it, in that order, in what it
/// printed.
fn run(project: &Path, root: &Path, block: &str) {
    let mut lines = block.lines();
    let command = lines
        .next()
        .unwrap()
        .strip_prefix("$ cargo xtask ")
        .unwrap();
    let mut expected: Vec<&str> = lines.collect();
    let code = expected
        .pop()
        .and_then(|line| line.strip_prefix("exits with "))
        .unwrap();
    let corpus = project.join("xtask/tests/corpus").display().to_string();
    let arguments = command
        .split(' ')
        .map(|word| word.replace("xtask/tests/corpus", &corpus));
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.args(arguments).current_dir(root);
    if !command.contains("--spec") {
        xtask.arg("--root").arg(root);
    }
    let output = xtask.output().unwrap();
    let printed = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(
        output.status.code().map(|code| code.to_string()).as_deref(),
        Some(code),
        "{command}: {printed}"
    );
    let mut rest = printed.lines();
    for line in expected {
        assert!(
            rest.any(|found| found == line),
            "{command} did not print, or not there: {line}\n{printed}"
        );
    }
}
