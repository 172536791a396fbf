//! Snapshots that are read from the sandbox, in each scope.

use std::time::Duration;

use cloudally::health::{
    Kind, Ledger, ListState, Policy, Report, Scope, Severity, Snapshot, assess,
};
use cloudally::{Client, Credentials, ErrorKind, blocking};
use cloudally_contract::accounts::{client, every};
use cloudally_sandbox::{Fault, Rule, Sandbox, Shift};

const HOUR: Duration = Duration::from_secs(3600);

async fn generated() -> Sandbox {
    let builder = Sandbox::builder().users(12).tasks(45).statuses(120);
    builder.start().await.unwrap()
}

fn report(snapshot: &Snapshot) -> Report {
    assess(snapshot, &Policy::default(), None, snapshot.read_at).unwrap()
}

/// The states of users, tasks, statuses and backup tasks.
fn states(snapshot: &Snapshot) -> [&ListState; 4] {
    let lists = &snapshot.lists;
    [
        &lists.tenants,
        &lists.tasks,
        &lists.statuses,
        &lists.backup_tasks,
    ]
}

#[tokio::test]
async fn a_partner_reads_its_lists_to_their_end() {
    let sandbox = generated().await;
    let client = client(&sandbox, every(sandbox.partner()));
    let snapshot = Snapshot::read(&client, Scope::Partner).await.unwrap();
    assert!(snapshot.lists.are_complete(), "{:?}", snapshot.lists);
    for state in &states(&snapshot)[..3] {
        assert!(state.is_complete(), "{:?}", snapshot.lists);
    }
    let counts = (
        snapshot.tenants.len(),
        snapshot.tasks.len(),
        snapshot.entries.len(),
    );
    let users = client.users().list().collect().await.unwrap().len();
    let tasks = client.tasks().list().collect().await.unwrap().len();
    let entries = client
        .partners()
        .backup_statuses()
        .collect()
        .await
        .unwrap()
        .len();
    assert_eq!(counts, (users, tasks, entries));
    let profile = client.partners().profile().await.unwrap();
    let id = profile.partner_id.unwrap();
    assert_eq!(snapshot.account.partner_id.as_deref(), Some(id.as_str()));
    assert_eq!(&*snapshot.account.base_url, sandbox.url());
    let report = report(&snapshot);
    assert!(report.complete, "{:#?}", report.findings);
    assert!(report.verdict >= Severity::Warning && !report.findings.is_empty());
    // What is stored is what was read, and a ledger fits it.
    let json = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(Snapshot::from_json(&json).unwrap(), snapshot);
    let (ledger, changes) = Ledger::new(&snapshot).update(&snapshot, &report).unwrap();
    assert_eq!(changes.opened.len(), report.findings.len());
    let (_, changes) = ledger.update(&snapshot, &report).unwrap();
    assert_eq!(changes, Default::default());
}

#[tokio::test]
async fn a_reseller_reads_its_lists_of_v2() {
    let sandbox = generated().await;
    let client = client(&sandbox, every(sandbox.reseller()));
    let snapshot = Snapshot::read(&client, Scope::Reseller).await.unwrap();
    assert!(snapshot.lists.are_complete(), "{:?}", snapshot.lists);
    assert!(!snapshot.tenants.is_empty() && !snapshot.tasks.is_empty());
    assert!(report(&snapshot).complete);
    for operation in [
        "getResellerDetailsV2",
        "listResellerAccountsV2",
        "listResellerBackupTasksV2",
        "listResellerBackupStatusesV2",
    ] {
        assert!(!sandbox.requests().to(operation).is_empty(), "{operation}");
    }
    assert!(sandbox.requests().to("listPartnerTasks").is_empty());
}

#[tokio::test]
async fn an_account_reads_its_own_backup_tasks() {
    let sandbox = generated().await;
    let client = cloudally_sandbox::client!(sandbox, portal_user).unwrap();
    let snapshot = Snapshot::read(&client, Scope::OwnBackupTasks)
        .await
        .unwrap();
    assert!(snapshot.lists.tasks.is_complete());
    let tasks = client.backups().list().collect().await.unwrap();
    assert!(!tasks.is_empty());
    assert_eq!(
        (snapshot.tasks.len(), snapshot.entries.len()),
        (tasks.len(), tasks.len())
    );
    assert!(report(&snapshot).complete);
}

#[tokio::test]
async fn a_healthy_fleet_of_the_sandbox_has_no_finding() {
    let sandbox = Sandbox::builder().empty().start().await.unwrap();
    let user = sandbox.add_user("Acme 12345");
    for source in ["EXCHANGE", "ONEDRIVE", "SHAREPOINT_MULTI"] {
        user.add_task(source).succeed("MAIL");
    }
    user.add_task("GMAIL").archived();
    let client = client(&sandbox, every(sandbox.partner()));
    let snapshot = Snapshot::read(&client, Scope::Partner).await.unwrap();
    let report = report(&snapshot);
    assert_eq!(
        (report.verdict, &report.findings[..]),
        (Severity::Ok, &[][..]),
        "{report:#?}"
    );
    assert_eq!(
        (report.counts.active_tasks, report.counts.inactive_tasks),
        (3, 1)
    );
    let kinds: Vec<_> = report.informational.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::Inactive]);
}

#[tokio::test]
async fn a_list_that_may_not_be_read_is_not_available_and_one_that_fails_is_incomplete() {
    for (operation, at) in [
        ("listPartnerUsers", 0),
        ("listPartnerTasks", 1),
        ("getPartnerStatus", 2),
        ("listBackupTasks", 3),
    ] {
        for (status, is_available) in [(403, true), (404, true), (500, false)] {
            let sandbox = generated().await;
            let rule = Rule::on(operation).from(1).then(Fault::status(status));
            sandbox.faults().add(rule).unwrap();
            let client = client(&sandbox, every(sandbox.partner()));
            let snapshot = Snapshot::read(&client, Scope::Partner).await.unwrap();
            let state = states(&snapshot)[at];
            let report = report(&snapshot);
            if is_available {
                assert_eq!(*state, ListState::NotAvailable, "{operation} {status}");
                assert_eq!(report.complete, operation != "listPartnerTasks");
            } else {
                let ListState::Incomplete { reason } = state else {
                    panic!("{operation}: {state:?}")
                };
                assert!(
                    reason.contains(operation) && reason.contains("500"),
                    "{reason}"
                );
                assert!(report.verdict >= Severity::Unknown && !report.complete);
                let incomplete = report
                    .findings
                    .iter()
                    .any(|one| one.kind == Kind::Incomplete);
                assert!(incomplete, "{operation}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_that_fails_on_its_third_page_keeps_what_was_read() {
    let sandbox = generated().await;
    let rule = Rule::on("getPartnerStatus")
        .from(3)
        .then(Fault::status(500));
    sandbox.faults().add(rule).unwrap();
    let client = client(&sandbox, every(sandbox.partner()));
    let request = Snapshot::read(&client, Scope::Partner).concurrency(1);
    let snapshot = request.await.unwrap();
    assert!(snapshot.lists.statuses.is_incomplete());
    assert_eq!(snapshot.entries.len(), 20);
    assert!(report(&snapshot).verdict >= Severity::Unknown);
}

#[tokio::test]
async fn a_list_that_shifts_is_read_again_twice_at_most() {
    let once = || Rule::on("listPartnerTasks").nth(3);
    let always = || Rule::on("listPartnerTasks").from(1);
    for (trigger, readings, is_complete) in [(once(), 2, true), (always(), 3, false)] {
        let sandbox = generated().await;
        let rule = trigger.then(Shift::remove(1).at(0));
        sandbox.faults().add(rule).unwrap();
        let client = client(&sandbox, every(sandbox.partner()));
        let request = Snapshot::read(&client, Scope::Partner).concurrency(1);
        let snapshot = request.await.unwrap();
        let state = &snapshot.lists.tasks;
        assert_eq!(state.is_complete(), is_complete, "{state:?}");
        let requests = sandbox.requests().to("listPartnerTasks");
        let first_pages = requests.matching(|request| request.query_value("page").is_none());
        assert_eq!(first_pages.count(), readings);
    }
}

#[tokio::test]
async fn the_deadline_is_for_all_readings_of_a_list() {
    let sandbox = generated().await;
    let client = cloudally_sandbox::client!(sandbox).unwrap();
    let rule = Rule::on("getPartnerStatus").then(Fault::delay(Duration::from_secs(2)));
    sandbox.faults().add(rule).unwrap();
    let request = Snapshot::read(&client, Scope::Partner).deadline(Duration::from_millis(500));
    let snapshot = request.await.unwrap();
    let ListState::Incomplete { reason } = &snapshot.lists.statuses else {
        panic!("{:?}", snapshot.lists)
    };
    assert!(reason.contains("deadline"), "{reason}");
    assert!(report(&snapshot).verdict >= Severity::Unknown);
}

#[tokio::test]
async fn without_a_sign_in_there_is_no_snapshot() {
    let sandbox = generated().await;
    let credentials = Credentials::partner("nobody", "wrong");
    let client = Client::builder()
        .base_url(sandbox.url())
        .credentials(credentials);
    let client = client.build().unwrap();
    for scope in [Scope::Partner, Scope::Reseller, Scope::OwnBackupTasks] {
        let error = Snapshot::read(&client, scope).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{scope:?}");
    }
}

#[test]
fn a_blocking_client_reads_the_same() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime.block_on(generated());
    let other = client(&sandbox, every(sandbox.partner()));
    let expected = runtime.block_on(Snapshot::read(&other, Scope::Partner).into_future());
    let blocking = blocking::Client::new(client(&sandbox, every(sandbox.partner()))).unwrap();
    let mut snapshot = blocking.read_snapshot(Scope::Partner).unwrap();
    let expected = expected.unwrap();
    snapshot.read_at = expected.read_at;
    assert_eq!(snapshot, expected);
    let change = |request: cloudally::health::ReadSnapshot| request.deadline(HOUR).concurrency(2);
    assert!(blocking.read_snapshot_with(Scope::Partner, change).is_ok());
    let refused = runtime.block_on(async { blocking.read_snapshot(Scope::Partner) });
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Configuration);
}
