//! What regen tells of a change, compared with a revision of git.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod repository;

use std::fs;
use std::path::Path;
use std::process::Command;

use repository::{git, repository};

/// The exit code, and what was printed.
fn regen(root: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("regen")
        .args(arguments)
        .arg("--root")
        .arg(root)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    (output.status.code().unwrap(), text)
}

fn edit(root: &Path, file: &str, from: &str, to: &str) {
    let path = root.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} lacks {from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn commit(root: &Path, message: &str) {
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "--message", message]);
}

/// The vendor takes a parameter's freedom to be left out.
fn break_it(root: &Path) {
    edit(
        root,
        "spec/openapi.yaml",
        "      operationId: getPartnerStatus\n",
        "      operationId: getPartnerStatus\n      parameters:\n        - {name: tenant, in: query, required: true, schema: {type: string}}\n",
    );
}

#[test]
fn the_version_is_judged_by_the_last_release() {
    let root = repository();
    let root = root.path();
    assert_eq!(regen(root, &[]).0, 0);
    commit(root, "outputs");
    git(root, &["tag", "v0.1.0"]);
    git(root, &["tag", "nightly"]);
    break_it(root);
    let (code, text) = regen(root, &[]);
    assert!(
        code == 0 && text.contains("since HEAD: 1 breaking"),
        "{text}"
    );
    commit(root, "breaking");
    // The commit is no news against itself, but it is against the release.
    git(root, &["tag", "latest"]);
    let (code, text) = regen(root, &["--check", "--semver"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("since v0.1.0: 1 breaking"), "{text}");
    edit(
        root,
        "Cargo.toml",
        "version = \"0.1.0\"",
        "version = \"0.2.0\"",
    );
    let (code, text) = regen(root, &["--check", "--semver"]);
    assert!(code == 0 && text.contains("up to date"), "{text}");
}

#[test]
fn without_a_release_it_says_what_it_compared_with() {
    let root = repository();
    let root = root.path();
    assert_eq!(regen(root, &[]).0, 0);
    commit(root, "outputs");
    let (code, text) = regen(root, &["--check", "--semver"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("since HEAD (no release is tagged here): no changes"),
        "{text}"
    );

    // As a build service checks out: one commit, no tags.
    git(root, &["tag", "v0.1.0"]);
    commit_all_empty(root);
    let clones = tempfile::tempdir().unwrap();
    let url = format!("file://{}", root.display());
    git(
        clones.path(),
        &[
            "clone",
            "--quiet",
            "--depth",
            "1",
            "--no-tags",
            &url,
            "clone",
        ],
    );
    let clone = clones.path().join("clone");
    let (code, text) = regen(&clone, &["--check", "--semver"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("since HEAD (no release is tagged here): no changes"),
        "{text}"
    );

    // As an archive of the sources.
    fs::remove_dir_all(clone.join(".git")).unwrap();
    let (code, text) = regen(&clone, &["--check", "--semver"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("the version is not judged"), "{text}");
}

fn commit_all_empty(root: &Path) {
    git(
        root,
        &["commit", "--quiet", "--allow-empty", "--message", "later"],
    );
}

/// The vendor now says what the overlay adds, and something else where the overlay has the last
/// word.
#[test]
fn actions_that_the_vendor_outgrew_are_named() {
    let root = repository();
    let root = root.path();
    let (code, text) = regen(root, &["--dry-run"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        !text.contains("overlay: /actions/"),
        "nothing is out of date: {text}"
    );
    edit(
        root,
        "spec/openapi.yaml",
        "                refreshToken: {type: string}\n",
        "                refreshToken: {type: string, format: password}\n              required: [refreshToken]\n",
    );
    let (code, text) = regen(
        root,
        &[
            "--dry-run",
            "--report",
            &format!("{}/report.md", root.display()),
        ],
    );
    assert_eq!(code, 0, "{text}");
    let overlay = fs::read_to_string(root.join("spec/overlay.yaml")).unwrap();
    let actions: Vec<&str> = overlay.split("\n  - target: ").skip(1).collect();
    let index = |words: &str| {
        actions
            .iter()
            .position(|action| action.contains(words))
            .unwrap()
    };
    let (required, format) = (
        index("required: [refreshToken]"),
        index("refreshToken: {format: password"),
    );
    assert!(
        text.contains(&format!(
            "overlay: /actions/{required}: wrong: the document lists by itself"
        )) && text.contains(&format!("     drop /actions/{required}\n")),
        "{text}"
    );
    assert!(
        text.contains(&format!("overlay: /actions/{format}: needless in part"))
            && text.contains("/properties/refreshToken/format without it"),
        "{text}"
    );
    let report = fs::read_to_string(root.join("report.md")).unwrap();
    assert!(
        report.contains("## The overlay") && report.contains("needless in part"),
        "{report}"
    );
}

/// Where an action matches nothing any more, what the vendor changed is the reason.
#[test]
fn an_overlay_that_no_longer_fits_is_told_with_what_the_vendor_changed() {
    let root = repository();
    let root = root.path();
    edit(
        root,
        "spec/openapi.yaml",
        "  /v1/partners/status:\n    get:\n      operationId: getPartnerStatus\n",
        "  /v1/partners/health:\n    get:\n      operationId: getPartnerHealth\n",
    );
    let (code, text) = regen(root, &[]);
    assert_eq!(code, 2, "{text}");
    for words in [
        "what the vendor changed since HEAD:",
        "breaking: /paths/~1v1~1partners~1status/get: operation `getPartnerStatus` is gone (vendor)",
        "additive: /paths/~1v1~1partners~1health/get: operation `getPartnerHealth` is new (vendor)",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // One cause is one reason, and each action that it concerns comes with its new target.
    for words in [
        "for 1 reason at ",
        "where: `/v1/partners/status` is called `/v1/partners/health` now",
        "/target to \"$.paths['/v1/partners/health'].get.responses['200']\"",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// The vendor's document may be of several files: what it refers to is compared, too.
#[test]
fn a_document_of_several_files_is_compared_whole() {
    let root = repository();
    let root = root.path();
    let schema = "                refreshToken: {type: string}\n";
    edit(
        root,
        "spec/openapi.yaml",
        schema,
        "                refreshToken: {$ref: 'token.yaml#/Token'}\n",
    );
    edit(
        root,
        "spec/overlay.yaml",
        "      refreshToken: {format: password, description: The refresh token of the last sign-in or refresh.}",
        "      refreshToken: {description: The refresh token of the last sign-in or refresh.}",
    );
    fs::write(root.join("spec/token.yaml"), "Token: {type: string}\n").unwrap();
    let (code, text) = regen(root, &[]);
    assert_eq!(code, 0, "{text}");
    commit(root, "several files");
    let (code, text) = regen(root, &["--dry-run"]);
    assert!(
        code == 0 && !text.contains("since HEAD"),
        "nothing changed: {text}"
    );
    fs::write(root.join("spec/token.yaml"), "Token: {type: integer}\n").unwrap();
    let (code, text) = regen(root, &["--dry-run"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains(
            "/components/schemas/Token: the type is now integer, and was string (vendor)"
        ),
        "{text}"
    );
}
