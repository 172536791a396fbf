//! `cargo xtask regen` as a user meets it: the program, run in a workspace of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod refusal;

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

/// The vendor may give YAML or JSON; both at once is a question.
#[test]
fn the_document_may_be_json() {
    let root = workspace();
    succeed(root.path(), &[]);
    let before = snapshot(&root.path().join("cloudally-gen"));
    let bundled = root.path().join("spec/bundled.json");
    let yaml = root.path().join("spec/openapi.yaml");
    let json = root.path().join("spec/openapi.json");
    fs::copy(&bundled, &json).unwrap();
    let error = fail(root.path(), &[], 2);
    assert!(
        error.contains("openapi.yaml") && error.contains("openapi.json are both there"),
        "{error}"
    );
    fs::remove_file(&yaml).unwrap();
    fs::write(
        root.path().join("spec/overlay.yaml"),
        "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n  - {target: $.info, x-evidence: spec, x-source: s, update: {x-a: b}}\n",
    )
    .unwrap();
    succeed(root.path(), &[]);
    assert_eq!(snapshot(&root.path().join("cloudally-gen")), before);
    fs::write(&json, "{\"openapi\": \"3.1.0\",}").unwrap();
    let error = fail(root.path(), &[], 2);
    assert!(
        error.contains("openapi.json:1:") && error.contains("not valid JSON"),
        "{error}"
    );
    fs::remove_file(&json).unwrap();
    assert!(fail(root.path(), &[], 2).contains("there is neither"));
}

/// A document that declares 3.0 and uses keywords of 3.1 gets one reason, whose action mends it.
#[test]
fn a_version_that_does_not_fit_is_told_with_the_one_that_does() {
    let root = workspace();
    edit(
        root.path(),
        "spec/openapi.yaml",
        "openapi: 3.1.0",
        "openapi: 3.0.3",
    );
    let error = fail(root.path(), &[], 2);
    assert!(error.contains("for 1 reason at "), "{error}");
    assert_eq!(
        error.matches("update: {openapi: 3.1.0}").count(),
        1,
        "{error}"
    );
    let overlay = root.path().join("spec/overlay.yaml");
    let text = fs::read_to_string(&overlay).unwrap() + &refusal::actions(&error);
    fs::write(&overlay, text).unwrap();
    succeed(root.path(), &[]);
}

/// A client without a function is no mistake of regen's, but hardly what was wanted.
#[test]
fn a_document_without_operations_is_told_loudly() {
    let root = tempfile::tempdir().unwrap();
    let spec = root.path().join("hooks.yaml");
    let text = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\nwebhooks: {done: {post: {operationId: a, responses: {'204': {description: d}}}}}\n";
    fs::write(&spec, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--spec"])
        .arg(&spec)
        .arg("--out")
        .arg(root.path().join("crate"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("has no operation"),
        "{told}"
    );
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
