//! The command line on a document of anyone's: overlays, what is shown, and what is left alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const DOCUMENT: &str = "\
openapi: 3.0.3
info: {title: Tasks, version: '1'}
paths:
  /tasks:
    get:
      operationId: listTasks
      tags: [a]
      responses: {'204': {description: d}}
";

/// A folder with the document in it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tasks.yaml"), DOCUMENT).unwrap();
    folder
}

fn regen(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--spec", "tasks.yaml", "--out", "crate"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn overlays_of_both_versions_are_applied_in_order() {
    let folder = folder();
    let folder = folder.path();
    let operation = "$.paths['/tasks'].get";
    fs::write(
        folder.join("first.yaml"),
        format!("overlay: 1.0.0\r\ninfo: {{title: t, version: '1'}}\r\nactions:\r\n  - target: {operation}\r\n    update: {{operationId: first}}\r\n"),
    )
    .unwrap();
    fs::write(
        folder.join("second.json"),
        format!(r#"{{"overlay": "1.1.0", "info": {{"title": "t", "version": "1"}}, "actions": [{{"target": "{operation}", "update": {{"operationId": "second"}}}}]}}"#),
    )
    .unwrap();
    for (overlays, name) in [
        (["first.yaml", "second.json"], "second"),
        (["second.json", "first.yaml"], "first"),
    ] {
        let output = regen(
            folder,
            &["--overlay", overlays[0], "--overlay", overlays[1]],
        );
        assert!(output.status.success(), "{}", errors(&output));
        let lowered = fs::read_to_string(folder.join("crate/openapi.lowered.json")).unwrap();
        assert!(
            lowered.contains(&format!("\"operationId\": \"{name}\"")),
            "{lowered}"
        );
    }
}

#[test]
fn an_overlay_that_cannot_be_applied_is_named_with_the_action() {
    let folder = folder();
    let folder = folder.path();
    for (text, words) in [
        (
            "overlay: 1.2.0\ninfo: {title: t, version: '1'}\nactions: [{target: $.info, update: {}}]\n",
            ["overlay.yaml", "1.0.0", "1.1.0"],
        ),
        (
            "overlay: 1.1\ninfo: {title: t, version: '1'}\nactions: [{target: $.info, update: {}}]\n",
            ["overlay.yaml", "1.1.0", "quotes"],
        ),
        (
            "openapi: 3.0.3\n",
            ["overlay.yaml", "not an OpenAPI Overlay", "lacks `overlay`"],
        ),
        (
            "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions: [{target: $.gone, update: {}}]\n",
            ["overlay.yaml", "/actions/0", "matches nothing"],
        ),
        (
            "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions: [{target: '$.info[', update: {}}]\n",
            ["overlay.yaml", "actions[0]", "JSONPath"],
        ),
    ] {
        fs::write(folder.join("overlay.yaml"), text).unwrap();
        let output = regen(folder, &["--overlay", "overlay.yaml"]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        let told = errors(&output);
        assert!(
            words.iter().all(|word| told.contains(word)),
            "{text}: {told}"
        );
        assert!(!folder.join("crate").exists());
    }
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_it_would() {
    let folder = folder();
    let output = regen(folder.path(), &["--dry-run"]);
    assert!(output.status.success(), "{}", errors(&output));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("would change src/lib.rs (missing)"), "{told}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Not on a terminal, there is no colour and no progress, unless it is asked for.
#[test]
fn what_is_printed_is_plain_and_the_stages_are_told_when_asked() {
    let folder = folder();
    let quiet = regen(folder.path(), &[]);
    assert_eq!(errors(&quiet), "");
    let verbose = regen(folder.path(), &["--verbose"]);
    let told = errors(&verbose);
    for stage in [
        "read",
        "refs",
        "bundle",
        "down",
        "normalize",
        "lower",
        "generate",
        "postprocess",
        "total",
    ] {
        assert!(
            told.lines()
                .any(|line| line.trim_start().starts_with(stage) && line.ends_with(" ms")),
            "{stage}: {told}"
        );
    }
    fs::write(folder.path().join("tasks.yaml"), "openapi: 2.0.0\n").unwrap();
    let refused = regen(folder.path(), &[]);
    for output in [quiet, verbose, refused] {
        assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
    }
}

/// A refusal is about the file that holds what is refused.
#[test]
fn a_refusal_of_a_later_stage_names_the_file_too() {
    let folder = folder();
    let folder = folder.path();
    fs::write(
        folder.join("tasks.yaml"),
        DOCUMENT.replace("      tags: [a]\n", "      parameters: [{$ref: 'parts/all.yaml#/Odd'}]\n      requestBody: {$ref: 'parts/all.yaml#/Upload'}\n"),
    )
    .unwrap();
    fs::create_dir(folder.join("parts")).unwrap();
    fs::write(
        folder.join("parts/all.yaml"),
        "Odd: {name: q, in: body, schema: {type: string}}\nUpload: {content: {application/xml: {schema: {type: object}}}}\n",
    )
    .unwrap();
    let told = errors(&regen(folder, &[]));
    for words in [
        "normalize: parts/all.yaml: /Odd\n",
        "normalize: parts/all.yaml: /Upload/content\n",
        "here:  /paths/~1tasks/get/",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

/// What is no document of ours is told by what it is.
#[test]
fn a_version_that_cannot_be_read_is_told_as_it_was_found() {
    let folder = folder();
    for (text, words) in [
        (
            "openapi: 3.0\n",
            ["/openapi", "the number 3.0", "in quotes"],
        ),
        ("openapi: '3.1'\n", ["/openapi", "`3.1`", "'3.1.0'"]),
        ("swagger: '2.0'\n", ["/swagger", "Swagger", "convert it"]),
        ("", ["the document is", "empty", "OpenAPI 3.0 or 3.1"]),
        ("null\n", ["the document is", "null", "OpenAPI 3.0 or 3.1"]),
        ("[]\n", ["the document is", "a list", "OpenAPI 3.0 or 3.1"]),
        ("openapi:\n", ["/openapi", "null", "in quotes"]),
        (
            "info: {}\n",
            ["/openapi", "does not say", "OpenAPI 3.0 or 3.1"],
        ),
    ] {
        fs::write(folder.path().join("tasks.yaml"), text).unwrap();
        let output = regen(folder.path(), &[]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        let told = errors(&output);
        assert!(
            words.iter().all(|word| told.contains(word)),
            "{text}: {told}"
        );
    }
}

/// A reference may lead to any file below. What stands in one that is no document is not told.
#[test]
fn a_file_that_is_no_document_is_not_shown() {
    let folder = folder();
    let folder = folder.path();
    let document = DOCUMENT.replace(
        "      tags: [a]\n",
        "      parameters: [{$ref: 'secret.txt'}]\n",
    );
    fs::create_dir(folder.join("spec")).unwrap();
    fs::write(folder.join("spec/tasks.yaml"), document).unwrap();
    fs::write(folder.join("spec/secret.txt"), "canary:x:0:0:canary\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--spec", "spec/tasks.yaml", "--out", "crate"])
        .current_dir(folder)
        .output()
        .unwrap();
    let told = errors(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("secret.txt") && told.contains("no document"),
        "{told}"
    );
    assert!(!told.contains("canary"), "{told}");
}

/// A pipe whose other end is closed already.
#[cfg(unix)]
fn nobody() -> std::process::Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[cfg(unix)]
#[test]
fn a_run_that_nobody_listens_to_does_its_work() {
    let folder = folder();
    let folder = folder.path();
    let run = |arguments: &[&str]| {
        let child = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["regen", "--spec", "tasks.yaml", "--out", "crate"])
            .args(arguments)
            .current_dir(folder)
            .stdout(nobody())
            .stderr(nobody())
            .status();
        child.unwrap().code()
    };
    assert_eq!(run(&["--dry-run"]), Some(0));
    assert_eq!(run(&["--check"]), Some(1));
    assert_eq!(run(&["--verbose"]), Some(0));
    assert!(folder.join("crate/src/lib.rs").is_file());
    assert_eq!(run(&["--check"]), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_is_full_is_an_error_that_says_what_was_written() {
    let folder = folder();
    let folder = folder.path();
    for (argument, words) in [
        ("--dry-run", "no file was changed"),
        ("--verbose", "files were changed"),
        ("--check", "no file was changed"),
    ] {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["regen", "--spec", "tasks.yaml", "--out", "crate", argument])
            .current_dir(folder)
            .stdout(full)
            .output()
            .unwrap();
        let told = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(
            told.contains("cannot write to the standard output") && told.contains(words),
            "{argument}: {told}"
        );
        assert!(!told.contains("panicked"), "{told}");
    }
    assert!(folder.join("crate/src/lib.rs").is_file());
}

#[test]
fn help_explains_the_pipeline_and_the_exit_codes() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("help")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    for word in [
        "overlay",
        "bundle",
        "widen",
        "down",
        "normalize",
        "lower",
        "generate",
        "postprocess",
        "Exit codes: 0 done",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let pipeline = told.split("regen takes").nth(1).unwrap();
    assert!(
        pipeline.split("\n\n").next().unwrap().lines().count() <= 10,
        "{told}"
    );
}
