//! A repository with the project's own documents, to change and to compare.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

pub(crate) fn git(root: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@localhost"])
        .args(["-c", "core.autocrlf=false", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// What regen starts from, in one commit.
pub(crate) fn repository() -> TempDir {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("spec")).unwrap();
    for file in [
        "Cargo.toml",
        "spec/openapi.yaml",
        "spec/overlay.yaml",
        "spec/bundled.json",
    ] {
        fs::copy(project.join(file), root.path().join(file)).unwrap();
    }
    git(root.path(), &["init", "--quiet"]);
    git(root.path(), &["add", "."]);
    git(root.path(), &["commit", "--quiet", "--message", "before"]);
    root
}
