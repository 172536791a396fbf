//! `cargo xtask regen` as a user meets it: the program, run in a workspace of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A workspace with the project's own inputs and nothing else.
fn workspace() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::create_dir(root.path().join("spec")).unwrap();
    for name in ["openapi.yaml", "overlay.yaml"] {
        fs::copy(
            project.join("spec").join(name),
            root.path().join("spec").join(name),
        )
        .unwrap();
    }
    root
}

fn xtask(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("regen")
        .args(arguments)
        .arg("--root")
        .arg(root)
        .output()
        .unwrap()
}

fn succeed(root: &Path, arguments: &[&str]) -> String {
    let output = xtask(root, arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

fn fail(root: &Path, arguments: &[&str], code: i32) -> String {
    let output = xtask(root, arguments);
    assert_eq!(output.status.code(), Some(code));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every file below a folder, with its content.
fn snapshot(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut pending = vec![root.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                files.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn edit(root: &Path, file: &str, from: &str, to: &str) {
    let path = root.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} lacks {from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (first, second) = (workspace(), workspace());
    succeed(first.path(), &[]);
    succeed(second.path(), &[]);
    let relative = |root: &Path| -> BTreeMap<PathBuf, Vec<u8>> {
        snapshot(root)
            .into_iter()
            .map(|(path, bytes)| (path.strip_prefix(root).unwrap().to_owned(), bytes))
            .collect()
    };
    let files = relative(first.path());
    assert_eq!(files, relative(second.path()));
    assert!(
        files
            .keys()
            .any(|path| path.ends_with("generated/types.rs"))
    );
    assert!(succeed(first.path(), &[]).contains("0 changed"));
    let stray = first.path().join("cloudally-gen/src/generated/stray.rs");
    fs::write(&stray, "x").unwrap();
    assert!(succeed(first.path(), &[]).contains("removed cloudally-gen/src/generated/stray.rs"));
    assert!(!stray.exists());
    assert!(succeed(first.path(), &["--check"]).contains("up to date"));
}

/// A change of the generator that changes the project's own client shows in the files that are
/// checked in, byte for byte.
#[test]
fn the_files_that_are_checked_in_are_what_regen_makes() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let told = succeed(project, &["--check"]);
    assert!(told.contains("8 outputs are up to date"), "{told}");
}

#[test]
fn check_names_each_stale_file_and_changes_nothing() {
    let root = workspace();
    succeed(root.path(), &[]);
    let generated = root.path().join("cloudally-gen/src/generated");
    fs::write(generated.join("types.rs"), "changed").unwrap();
    fs::remove_file(root.path().join("spec/bundled.json")).unwrap();
    fs::write(generated.join("old.rs"), "left").unwrap();
    let before = snapshot(root.path());
    let error = fail(root.path(), &["--check"], 1);
    for line in [
        "cloudally-gen/src/generated/types.rs (differs)",
        "spec/bundled.json (missing)",
        "cloudally-gen/src/generated/old.rs (no longer generated)",
    ] {
        assert!(error.contains(line), "{error}");
    }
    assert_eq!(error.matches("stale:").count(), 3, "{error}");
    assert_eq!(snapshot(root.path()), before);
}

#[test]
fn check_sees_a_change_in_the_overlay() {
    let root = workspace();
    succeed(root.path(), &[]);
    edit(
        root.path(),
        "spec/overlay.yaml",
        "The profile of the partner.",
        "The partner.",
    );
    assert!(fail(root.path(), &["--check"], 1).contains("types.rs"));
}

#[test]
fn whatever_is_wrong_is_named_and_nothing_is_written() {
    for (file, from, to, words) in [
        (
            "spec/openapi.yaml",
            "servers:\n",
            "servers: [\n",
            vec!["openapi.yaml:", "YAML"],
        ),
        (
            "spec/openapi.yaml",
            "openapi: 3.1.0",
            "openapi: 2.0.0",
            vec!["/openapi", "2.0.0"],
        ),
        (
            "spec/openapi.yaml",
            "  /v1/partners/billing:",
            "  /v1/partners/charges:",
            vec![
                "overlay.yaml",
                "/actions/",
                "/v1/partners/billing",
                "matches nothing",
            ],
        ),
        (
            "spec/openapi.yaml",
            "operationId: getPartnerStatus",
            "operationId: getPartner",
            vec![
                "/paths/~1v1~1partners~1status/get/operationId",
                "getPartner",
            ],
        ),
        (
            "spec/overlay.yaml",
            "x-evidence: spec",
            "x-evidence: hearsay",
            vec!["/actions/", "hearsay"],
        ),
        (
            "spec/overlay.yaml",
            "schemas/AccessToken'}",
            "schemas/Lost'}",
            vec!["$ref", "/components/schemas/Lost"],
        ),
        (
            "spec/overlay.yaml",
            "overlay: 1.1.0",
            "overlay: 9.0.0",
            vec!["overlay.yaml", "1.1"],
        ),
    ] {
        let root = workspace();
        edit(root.path(), file, from, to);
        let before = snapshot(root.path());
        let error = fail(root.path(), &[], 2);
        assert!(
            words.iter().all(|word| error.contains(word)),
            "{from}: {error}"
        );
        assert_eq!(snapshot(root.path()), before, "{from}");
    }
}

#[test]
fn a_missing_input_and_a_target_that_cannot_be_written_are_named() {
    let root = workspace();
    fs::remove_file(root.path().join("spec/overlay.yaml")).unwrap();
    assert!(fail(root.path(), &[], 2).contains("overlay.yaml"));

    let root = workspace();
    // A folder that is not empty cannot be replaced by a file.
    let taken = root.path().join("cloudally-gen/src/generated/types.rs");
    fs::create_dir_all(&taken).unwrap();
    fs::write(taken.join("x"), "x").unwrap();
    let before = snapshot(root.path());
    assert!(fail(root.path(), &[], 2).contains("types.rs"));
    assert_eq!(snapshot(root.path()), before);
}
