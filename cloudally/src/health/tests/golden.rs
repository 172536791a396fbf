//! Snapshots with the verdict that a monitoring engineer expects, written before the code.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::health::{Finding, Ledger, Policy, Snapshot, assess};

#[derive(Deserialize)]
struct Case {
    about: String,
    now: String,
    snapshot: Value,
    ledger: Option<Value>,
    #[serde(default)]
    policy: Policy,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    verdict: String,
    findings: Vec<Value>,
    informational: Vec<Value>,
}

/// Whether a finding is the expected one: what is not expected of it may be anything.
fn is(finding: &Finding, expected: &Value) -> bool {
    let fields = [
        ("kind", finding.kind.as_str().into()),
        ("severity", finding.severity.as_str().into()),
        ("tenant", finding.tenant.id.as_deref().into()),
        (
            "task",
            finding
                .task
                .as_ref()
                .and_then(|task| task.id.as_deref())
                .into(),
        ),
        ("source", finding.source.as_deref().into()),
        ("entity", finding.entity.as_deref().into()),
        ("members", finding.members.len().into()),
    ];
    let fields: [(&str, Value); 7] = fields;
    fields
        .iter()
        .all(|(name, value)| expected.get(name).is_none_or(|it| it == value))
}

#[track_caller]
fn assert_findings(name: &str, found: &[Finding], expected: &[Value]) {
    let list: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), expected.len(), "{name}: {list:#?}");
    for one in expected {
        let count = found.iter().filter(|finding| is(finding, one)).count();
        assert_eq!(count, 1, "{name}: {one} in {list:#?}");
    }
}

#[test]
fn each_snapshot_has_the_verdict_that_an_engineer_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/health/golden");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    assert!(names.len() >= 12, "{}", names.len());
    for path in names {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let case: Case = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let name = format!("{name} ({})", case.about);
        let snapshot = Snapshot::from_json(&case.snapshot.to_string()).unwrap();
        let ledger = case
            .ledger
            .map(|ledger| Ledger::from_json(&ledger.to_string()).unwrap());
        let now = case.now.parse().unwrap();
        let report = assess(&snapshot, &case.policy, ledger.as_ref(), now).unwrap();
        assert_findings(&name, &report.findings, &case.expected.findings);
        assert_findings(&name, &report.informational, &case.expected.informational);
        assert_eq!(report.verdict.as_str(), case.expected.verdict, "{name}");
    }
}
