//! The vendor sends a new document: from the file that arrived to the new client, by nothing but
//! what regen prints. What it prints is applied as it stands, until it exits with 0.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod refusal;
mod repository;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use refusal::Printed;
use repository::{git, repository};

/// How often it may take to apply what is printed.
const ROUNDS: usize = 3;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn vendor(name: &str) -> PathBuf {
    project().join("xtask/tests/vendor").join(name)
}

/// The exit code, and what was printed.
fn regen(root: &Path) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--root"])
        .arg(root)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// The text of each run: the last one exits with 0.
fn walk(root: &Path) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        let (code, text) = regen(root);
        told.push(text.clone());
        if code == 0 {
            return told;
        }
        assert!(told.len() <= ROUNDS, "{text}");
        let printed = Printed::read(&text);
        assert!(!printed.is_empty(), "nothing to apply:\n{text}");
        printed.apply(&root.join("spec/overlay.yaml"));
    }
}

/// What regen says to do where it succeeds works as well, and says nothing more afterwards.
fn tidy(root: &Path, told: &str) {
    let printed = Printed::read(told);
    if printed.is_empty() {
        return;
    }
    printed.apply(&root.join("spec/overlay.yaml"));
    let (code, text) = regen(root);
    assert_eq!(code, 0, "{text}");
    assert!(Printed::read(&text).is_empty(), "{text}");
}

fn read(root: &Path, file: &str) -> String {
    fs::read_to_string(root.join(file)).unwrap()
}

/// Copies the files of a folder of the project, and of those below it.
fn copy(root: &Path, folder: &str) {
    let from = project().join(folder);
    fs::create_dir_all(root.join(folder)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            copy(root, &name);
        } else {
            fs::copy(entry.path(), root.join(name)).unwrap();
        }
    }
}

/// A springdoc export with schemas of its own, `*/*`, `Pageable`, other paths, and names that the
/// overlay has given.
fn springdoc(root: &Path) {
    fs::copy(vendor("springdoc.yaml"), root.join("spec/openapi.yaml")).unwrap();
}

/// Ten new operations, a renamed field, a widened enum and a new required parameter.
fn growth(root: &Path) {
    git(root, &["apply", vendor("growth.diff").to_str().unwrap()]);
}

/// The document in OpenAPI 3.0.3 and as JSON, with a body that has the words of that version.
fn older(root: &Path) {
    let mut value: Value = serde_saphyr::from_str(&read(root, "spec/openapi.yaml")).unwrap();
    value["openapi"] = json!("3.0.3");
    let answer = &mut value["paths"]["/v1/backup-tasks/{taskId}"]["get"]["responses"]["200"];
    answer["content"] =
        json!({"application/json": {"schema": {"$ref": "#/components/schemas/BackupTaskDto"}}});
    value["components"]["schemas"] = json!({"BackupTaskDto": {"type": "object", "required": ["id", "owner"], "properties": {
        "id": {"type": "string"},
        "owner": {"type": "string", "nullable": true},
        "size": {"type": "integer", "format": "int64", "minimum": 0, "exclusiveMinimum": true},
    }}});
    fs::remove_file(root.join("spec/openapi.yaml")).unwrap();
    fs::write(root.join("spec/openapi.json"), value.to_string()).unwrap();
}

/// How many reasons a refusal has, and whether each is said once.
fn reasons(told: &str) -> usize {
    let means: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("   means: "))
        .collect();
    let once: BTreeSet<&str> = means.iter().copied().collect();
    assert_eq!(once.len(), means.len(), "{told}");
    means.len()
}

#[test]
fn an_export_of_springdoc_goes_through() {
    let root = repository();
    let root = root.path();
    springdoc(root);
    let told = walk(root);
    let [refused, done] = told.as_slice() else {
        panic!("{told:#?}");
    };
    assert_eq!(reasons(refused), 4, "{refused}");
    for words in [
        "where: `/v1/restore` is called `/v1/restores` now",
        "/components/schemas/Task/properties/status: the vendor says string of",
        "/components/schemas/BackupTask/properties/id: the vendor says integer (int64); the overlay says string (backup-task-id) (published)",
        "the vendor says `PageBackupTask`, object",
    ] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    // What was observed stays, and what the vendor says beats what was only published.
    for words in [
        "/components/schemas/Bill/properties/total: the vendor says number; the overlay says string (decimal) (observed)",
        "/components/schemas/BackupTask/properties/id: the type is now integer",
    ] {
        assert!(done.contains(words), "{words}: {done}");
    }
    let lowered: Value = serde_json::from_str(&read(root, "spec/lowered.json")).unwrap();
    let schemas = &lowered["components"]["schemas"];
    assert_eq!(schemas["BackupTask"]["properties"]["id"]["type"], "integer");
    assert_eq!(schemas["Task"]["properties"]["id"]["format"], "task-id");
    assert!(schemas["PageBackupTask"].is_object() && schemas["BackupTaskPage"].is_null());
    tidy(root, done);
}

#[test]
fn a_document_that_has_grown_goes_through() {
    let root = repository();
    let root = root.path();
    copy(root, "cloudally/src");
    growth(root);
    let told = walk(root);
    let [refused, done] = told.as_slice() else {
        panic!("{told:#?}");
    };
    // What is wrong with the overlay does not hide what comes after.
    assert_eq!(reasons(refused), 2, "{refused}");
    for words in [
        "rename /actions/8/update/email to \"username\"",
        "drop /actions/26/update/BackupTaskStatus",
    ] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    for words in [
        "breaking: /paths/~1v1~1partners~1billing/get/parameters/0: parameter `period` is new and required (vendor)",
        "by hand: cloudally/src/api/billing.rs names `GetPartnerBilling`: parameter `period` is new and required",
        "by hand: 9 operations have no method in cloudally/src/api",
        "warning: there is no function for /paths/~1v1~1audit~1upload/post: its body has several parts, which the client cannot write; `client.request(Method::POST, \"/v1/audit/upload\").multipart(..)` sends it",
        "pub fn set_alert_rule(&self, body: types::AlertRule) -> Call<<SetAlertRule as Endpoint>::Response> {",
        "hint: `listAlerts` has the parameters page and pageSize",
    ] {
        assert!(done.contains(words), "{words}: {done}");
    }
    tidy(root, done);
}

#[test]
fn an_older_version_as_json_goes_through() {
    let root = repository();
    let root = root.path();
    older(root);
    let told = walk(root);
    let [refused, done] = told.as_slice() else {
        panic!("{told:#?}");
    };
    assert_eq!(reasons(refused), 2, "{refused}");
    assert!(refused.contains("update: {openapi: 3.1.0}"), "{refused}");
    let lowered: Value = serde_json::from_str(&read(root, "spec/lowered.json")).unwrap();
    let owner = &lowered["components"]["schemas"]["BackupTaskDto"]["properties"]["owner"];
    assert_eq!(owner["nullable"], true, "{owner}");
    tidy(root, done);
}

/// What the service calls is no client.
#[test]
fn a_document_of_webhooks_is_refused() {
    let root = repository();
    let text = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\nwebhooks: {done: {post: {operationId: a, responses: {'204': {description: d}}}}}\n";
    fs::write(root.path().join("spec/openapi.yaml"), text).unwrap();
    let overlay = "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n  - {target: $.info, x-evidence: spec, x-source: s, update: {x-a: b}}\n";
    fs::write(root.path().join("spec/overlay.yaml"), overlay).unwrap();
    let (code, text) = regen(root.path());
    assert!(
        code == 2 && text.contains("the document has no operation"),
        "{text}"
    );
}

/// Does what is left to do by hand, in no other files than those that are named.
fn by_hand(root: &Path, told: &str) {
    for (file, name, from, to) in [
        (
            "cloudally-gen/src/models/backups.rs",
            "BackupTask",
            "[self.name.as_deref(), self.id.as_ref().map(AsRef::as_ref)]",
            "[self.name.as_deref()]",
        ),
        (
            "cloudally-gen/src/models/restores.rs",
            "RestoreRequest",
            "\"snapshotDate\", Value::as_i64),\n",
            "\"snapshotDate\", Value::as_i64),\n            point_in_time: None,\n",
        ),
        (
            "cloudally-gen/src/models/restores.rs",
            "RestoreJob",
            "\"message\", text),\n",
            "\"message\", text),\n            state: None,\n",
        ),
    ] {
        if told.contains(&format!("by hand: {file} names `{name}`: ")) {
            let text = read(root, file);
            assert!(text.contains(from), "{file}");
            fs::write(root.join(file), text.replacen(from, to, 1)).unwrap();
        }
    }
}

/// The generated crates of all three compile, with the folder for what is built that the project
/// has. It takes a minute, so `.ci/run` asks for it.
#[test]
#[ignore = "compiles three crates"]
fn the_clients_compile() {
    for change in [springdoc, growth, older] {
        let root = repository();
        let root = root.path();
        copy(root, "cloudally-gen");
        change(root);
        let told = walk(root);
        by_hand(root, told.last().unwrap());
        let manifest = read(root, "Cargo.toml");
        let members = manifest.split_once("members = [").unwrap();
        let after = members.1.split_once(']').unwrap().1;
        let manifest = format!("{}members = [\"cloudally-gen\"]{after}", members.0);
        fs::write(root.join("Cargo.toml"), manifest).unwrap();
        fs::copy(project().join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        let target = std::env::var_os("CARGO_TARGET_DIR");
        let target = target.map_or_else(|| project().join("target"), PathBuf::from);
        let output = Command::new(env!("CARGO"))
            .args([
                "check",
                "--quiet",
                "--offline",
                "--all-features",
                "--package",
                "cloudally-gen",
            ])
            .env("CARGO_TARGET_DIR", target)
            .current_dir(root)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        // A warning is printed here as well.
        assert!(output.status.success() && text.is_empty(), "{text}");
    }
}
