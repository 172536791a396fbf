//! How much time and memory a large fleet takes:
//! `cargo test --release -p cloudally --lib health::tests::scale -- --ignored --nocapture`.

use super::support::{NOW, at};
use crate::health::convert::Rows;
use crate::health::{Ledger, ListState, Policy, Report, Scope, Snapshot, assess};
use crate::time::{Clock, SystemClock};

/// The memory of the process in MB, now and at most.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        kilobytes.unwrap_or_default() / 1024
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// A fleet of 1,000 tenants with five entities per task, of which one in `failed_every` fails.
fn fleet(tasks: usize, failed_every: usize) -> Snapshot {
    let mut rows = Rows::default();
    let mut snapshot = Snapshot::new(Scope::Partner, "https://api.cloudally.com", at(NOW));
    let lists = &mut snapshot.lists;
    for list in [
        &mut lists.profile,
        &mut lists.tenants,
        &mut lists.tasks,
        &mut lists.statuses,
    ] {
        *list = ListState::Complete;
    }
    let tenant = |number: usize| format!("6f1f4bb0-7d4c-4d4e-9a35-{number:012}");
    for number in 0..1000 {
        let json = format!(
            r#"{{"id":"{}","name":"Acme {number}","status":"ACTIVE"}}"#,
            tenant(number)
        );
        snapshot
            .tenants
            .push(rows.tenant(&serde_json::from_str(&json).unwrap()));
    }
    for number in 0..tasks {
        let (owner, id) = (
            tenant(number % 1000),
            format!("0a1b2c3d-7d4c-4d4e-9a35-{number:012}"),
        );
        let json = format!(
            r#"{{"id":"{id}","userId":"{owner}","alias":"Mail of box {number}","source":"GMAIL","status":"ACTIVE",
            "createDate":"2021-01-07T11:44:57.000Z","lastBackupDates":{{"GMAIL":20260331020000}},"size":{number}}}"#
        );
        snapshot
            .tasks
            .push(rows.task(&serde_json::from_str(&json).unwrap()));
        for entity in 0..5 {
            let is_failed = (number * 5 + entity) % failed_every == 0;
            let (status, error, success) = if is_failed {
                (
                    "FAILED",
                    format!("\"Token {number} of {entity} was revoked\""),
                    "2026-03-30T02:00:00.000Z",
                )
            } else {
                ("SUCCESS", "null".to_owned(), "2026-03-31T02:00:00.000Z")
            };
            let json = format!(
                r#"{{"userId":"{owner}","taskId":"{id}","source":"GMAIL","entityName":"box.{number}.{entity}@acme.example.com",
                "lastBackupDate":"{success}","lastBackupAttemptDate":"2026-03-31T02:00:00.000Z","size":7,
                "backupStatus":[{{"subSource":"MAIL","status":"{status}","error":{error}}},{{"subSource":"CONTACTS","status":"SUCCESS"}}]}}"#
            );
            snapshot
                .entries
                .push(rows.entry(&serde_json::from_str(&json).unwrap()));
        }
    }
    snapshot.tasks.shrink_to_fit();
    snapshot.entries.shrink_to_fit();
    snapshot
}

fn measure(snapshot: &Snapshot, ledger: Option<&Ledger>, what: &str) -> Report {
    let clock = SystemClock::new();
    let start = clock.monotonic();
    let report = assess(snapshot, &Policy::default(), ledger, at(NOW)).unwrap();
    let took = clock.monotonic() - start;
    let (now, most) = memory();
    println!(
        "{what}: {} entries, {} findings: {took:?}, {now} MB, at most {most} MB",
        snapshot.entries.len(),
        report.findings.len()
    );
    report
}

#[test]
#[ignore = "a measurement"]
fn a_large_fleet() {
    let (before, _) = memory();
    println!("before: {before} MB");
    let half = fleet(50_000, 50);
    measure(&half, None, "half, 2 % failed");
    drop(half);
    let snapshot = fleet(100_000, 50);
    println!("snapshot: {} MB", memory().0);
    let report = measure(&snapshot, None, "2 % failed");
    let ledger = Ledger::new(&snapshot);
    let clock = SystemClock::new();
    let (ledger, _) = ledger.update(&snapshot, &report).unwrap();
    println!("update: {:?}, {} MB", clock.monotonic(), memory().0);
    for _ in 0..3 {
        measure(&snapshot, Some(&ledger), "with a ledger");
        measure(&snapshot, None, "without");
    }
    drop((report, ledger, snapshot));
    let failed = fleet(100_000, 1);
    measure(&failed, None, "all failed");
}
