//! The one suite against its three targets: stubs, the sandbox, and, for those who have an account, the live service.
//!
//! ```sh
//! CLOUDALLY_LIVE=1 cargo test -p cloudally-contract --test suite -- --ignored --nocapture
//! ```
//!
//! reads from the service that the environment names (the variables of `Client::from_env`), and prints how far its answers
//! are from the document. With `CLOUDALLY_LIVE_WRITE=1` and a request in `CLOUDALLY_LIVE_RESTORE`, as JSON, it asks for
//! that restore, too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use cloudally::types::RestoreRequest;
use cloudally::{Client, Credentials};
use cloudally_contract::fixtures;
use cloudally_contract::made_up::{CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD};
use cloudally_contract::suite::{self, Outcome, Target};
use cloudally_gen::operations;
use cloudally_sandbox::{Credentials as Account, Sandbox};
use httpmock::MockServer;
use serde_json::{Value, json};

fn all() -> BTreeSet<&'static str> {
    operations::ALL
        .iter()
        .map(|operation| operation.id)
        .collect()
}

fn reads() -> BTreeSet<&'static str> {
    let mut reads = all();
    reads.remove("createRestoreRequest");
    reads
}

fn client(url: &str, credentials: Credentials) -> Client {
    let builder = Client::builder().base_url(url);
    builder.credentials(credentials).build().unwrap()
}

fn stranger(url: &str) -> Client {
    client(url, Credentials::token("canary-of-nobody"))
}

/// Answers each path with a fixture, but for ids that nothing has and for strangers.
async fn stubs() -> MockServer {
    let server = MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.header("authorization", "Bearer canary-of-nobody");
            then.status(401);
        })
        .await;
    server
        .mock_async(|when, then| {
            when.path_includes("00000000-0000-0000-0000-000000000000");
            then.status(404);
        })
        .await;
    for (path, status, answer) in answers() {
        server
            .mock_async(|when, then| {
                when.path(path);
                then.status(status).json_body(answer);
            })
            .await;
    }
    server
}

fn answers() -> Vec<(&'static str, u16, Value)> {
    let page = fixtures::page;
    let mut answers: Vec<_> = ["/auth", "/auth/partner", "/auth/refresh"]
        .map(|path| (path, 200, fixtures::full("access_token")))
        .into();
    answers.extend([
        ("/v1/partners", 200, fixtures::full("partner")),
        ("/v1/partners/status", 200, page("status_entry")),
        ("/v1/partners/users", 200, page("user")),
        ("/v1/partners/tasks", 200, page("task")),
        ("/v1/partners/billing", 200, page("bill")),
        ("/v1/partners/bills", 200, page("bill")),
        ("/v1/partners/resellers", 200, page("reseller")),
        (
            "/v1/partners/resellers/P-2001",
            200,
            fixtures::reseller_details(),
        ),
        ("/v1/backup-tasks", 200, page("backup_task")),
        ("/v1/backup-tasks/BT-1", 200, fixtures::full("backup_task")),
        (
            "/v1/restore",
            201,
            json!({"jobId": "J-1", "status": "PENDING"}),
        ),
        ("/v1/restore/J-1", 200, fixtures::full("restore_job")),
        ("/v2/resellers/details", 200, fixtures::full("reseller")),
        ("/v2/resellers/accounts", 200, page("user")),
        ("/v2/resellers/accounts/backup-tasks", 200, page("task")),
        (
            "/v2/resellers/accounts/backup-statuses",
            200,
            page("status_entry"),
        ),
        ("/v2/resellers/bills", 200, page("bill")),
    ]);
    answers
}

fn assert_passed(outcome: &Outcome, expected: &BTreeSet<&'static str>) {
    assert!(outcome.failed.is_empty(), "{}", outcome.report());
    assert_eq!(outcome.passed, *expected, "{}", outcome.report());
}

#[tokio::test]
async fn stubs_pass_with_every_operation() {
    let server = stubs().await;
    let url = server.base_url();
    let partner = Credentials::partner(CLIENT_ID, CLIENT_SECRET);
    let mut target = Target::new(client(&url, partner), stranger(&url));
    target.partner = Some((CLIENT_ID.to_owned(), CLIENT_SECRET.into()));
    target.user = Some((EMAIL.to_owned(), PASSWORD.into()));
    target.restore = Some(RestoreRequest::new("T-1"));
    let outcome = suite::run(&target).await;
    assert_passed(&outcome, &all());
    // The fixtures have every documented field, and others.
    let last_page = "ResellerDetails.nextPageToken".to_owned();
    assert_eq!(outcome.drift.never_came(), BTreeSet::from([last_page]));
    assert!(
        outcome.drift.unknown_fields.contains("Bill.invoiceNumber"),
        "{}",
        outcome.report()
    );
}

/// A target of an account of a sandbox.
fn of(sandbox: &Sandbox, account: &Account) -> Target {
    let credentials = Credentials::partner(account.client_id(), account.client_secret())
        .with_user(account.email(), account.password());
    let mut target = Target::new(client(sandbox.url(), credentials), stranger(sandbox.url()));
    target.partner = Some((
        account.client_id().to_owned(),
        account.client_secret().into(),
    ));
    target.user = Some((account.email().to_owned(), account.password().into()));
    target
}

#[tokio::test]
async fn the_sandbox_passes_with_every_operation() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut target = of(&sandbox, sandbox.distributor());
    let task = sandbox.tasks()[0]["id"].as_str().unwrap().to_owned();
    target.restore = Some(RestoreRequest::new(task));
    let outcome = suite::run(&target).await;
    assert_passed(&outcome, &all());
    assert!(!outcome.drift.to_string().contains("canary"));
}

#[tokio::test]
async fn without_a_restore_to_ask_for_the_suite_changes_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let outcome = suite::run(&of(&sandbox, sandbox.distributor())).await;
    // There is no restore to look at either.
    let mut expected = reads();
    expected.remove("getRestoreStatus");
    assert_passed(&outcome, &expected);
    assert_eq!(sandbox.request_count("createRestoreRequest"), 0);
}

#[tokio::test]
async fn what_an_account_may_not_read_is_refused_and_no_failure() {
    let sandbox = Sandbox::start().await.unwrap();
    let outcome = suite::run(&of(&sandbox, sandbox.partner())).await;
    assert!(outcome.failed.is_empty(), "{}", outcome.report());
    assert!(
        outcome.refused.contains("listResellers"),
        "{}",
        outcome.report()
    );
}

#[tokio::test]
async fn what_moved_away_from_the_document_is_told() {
    let sandbox = Sandbox::start().await.unwrap();
    let fault = cloudally_sandbox::Fault::value("status", json!("BRAND_NEW"));
    let rule = cloudally_sandbox::Rule::on("listPartnerTasks")
        .from(1)
        .then(fault);
    sandbox.faults().add(rule).unwrap();
    let outcome = suite::run(&of(&sandbox, sandbox.distributor())).await;
    let report = outcome.report();
    assert!(outcome.failed.is_empty(), "{report}");
    assert!(report.contains("TaskStatus=BRAND_NEW"), "{report}");
}

#[tokio::test]
#[ignore = "it takes an account of the service"]
async fn the_live_service_passes() {
    let is_on = |name: &str| std::env::var(name).is_ok_and(|value| value == "1");
    assert!(
        is_on("CLOUDALLY_LIVE"),
        "set CLOUDALLY_LIVE=1, and the credentials"
    );
    let mut target = Target::new(
        Client::from_env().unwrap(),
        Client::builder()
            .base_url(
                std::env::var("CLOUDALLY_BASE_URL")
                    .unwrap_or("https://api.cloudally.com".to_owned()),
            )
            .credentials(Credentials::token("canary-of-nobody"))
            .build()
            .unwrap(),
    );
    if is_on("CLOUDALLY_LIVE_WRITE") {
        let request = std::env::var("CLOUDALLY_LIVE_RESTORE");
        let request = request.expect(
            "CLOUDALLY_LIVE_WRITE=1 needs the restore to ask for in CLOUDALLY_LIVE_RESTORE",
        );
        target.restore = Some(serde_json::from_str(&request).expect("a restore request as JSON"));
    }
    let outcome = suite::run(&target).await;
    println!("{}", outcome.report());
    assert!(outcome.failed.is_empty(), "{}", outcome.report());
}
