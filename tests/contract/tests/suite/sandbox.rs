//! The sandbox: it gives most statuses for reasons of its own, and the others as faults.

use std::time::Duration;

use cloudally::types::{RestoreRequest, Secret};
use cloudally::{Client, Credentials};
use cloudally_contract::suite::{self, Target, documented};
use cloudally_sandbox::{Credentials as Account, Fault, Rule, Sandbox, SandboxBuilder};
use serde_json::json;

use crate::{assert_passed, is_sign_in, stranger};

struct OfSandbox<'a> {
    sandbox: &'a Sandbox,
    account: &'a Account,
    own: Client,
}

impl<'a> OfSandbox<'a> {
    fn new(sandbox: &'a Sandbox, account: &'a Account) -> Self {
        Self {
            sandbox,
            account,
            own: client(sandbox, account),
        }
    }
}

/// A sandbox with lists of a few pages.
pub(crate) fn small() -> SandboxBuilder {
    Sandbox::builder().ragged().users(10).tasks(60).statuses(60)
}

fn client(sandbox: &Sandbox, account: &Account) -> Client {
    let credentials = Credentials::partner(account.client_id(), account.client_secret())
        .with_user(account.email(), account.password());
    let builder = Client::builder().base_url(sandbox.url());
    builder.credentials(credentials).build().unwrap()
}

impl Target for OfSandbox<'_> {
    fn client(&self, operation: &str, status: u16) -> Option<Client> {
        self.sandbox.faults().clear();
        match status {
            200 | 201 | 404 | 409 => Some(self.own.clone()),
            401 if is_sign_in(operation) => Some(self.own.clone()),
            401 => Some(stranger(self.sandbox.url())),
            403 => Some(client(self.sandbox, self.sandbox.portal_user())),
            // The SDK sends nothing that is answered so.
            400 | 415 => {
                let rule = Rule::on(operation).then(Fault::status(status));
                self.sandbox.faults().add(rule).unwrap();
                Some(self.own.clone())
            }
            _ => None,
        }
    }

    fn partner(&self) -> Option<(String, Secret)> {
        let id = self.account.client_id().to_owned();
        Some((id, self.account.client_secret().into()))
    }

    fn user(&self) -> Option<(String, Secret)> {
        let email = self.account.email().to_owned();
        Some((email, self.account.password().into()))
    }

    fn restore(&self) -> Option<RestoreRequest> {
        let task = self.sandbox.tasks()[0]["id"].as_str()?;
        Some(RestoreRequest::new(task))
    }
}

#[tokio::test]
async fn the_sandbox_gives_every_status_that_the_document_has() {
    // A restore must not be done before the same is asked for again.
    let hour = Duration::from_secs(3600);
    let sandbox = small().restore_duration(hour).start().await.unwrap();
    let outcome = suite::run(&OfSandbox::new(&sandbox, sandbox.distributor())).await;
    assert_passed(&outcome, &documented());
    // It makes up what the document lacks, so that nobody leans on it.
    let report = outcome.report();
    assert!(
        outcome.drift.unknown_fields.contains("Task.dataResidency"),
        "{report}"
    );
    assert!(
        outcome
            .drift
            .unknown_values
            .contains("TaskStatus=HIBERNATED"),
        "{report}"
    );
    assert!(!report.contains("canary"), "{report}");
}

#[tokio::test]
async fn what_an_account_may_not_read_is_refused_and_no_failure() {
    let sandbox = small().start().await.unwrap();
    let outcome = suite::run(&OfSandbox::new(&sandbox, sandbox.partner())).await;
    assert!(outcome.failed.is_empty(), "{}", outcome.report());
    for operation in ["listResellers", "listResellerBillsV2"] {
        let case = (operation, 200);
        assert!(outcome.refused.contains(&case), "{}", outcome.report());
    }
    assert!(outcome.passed.contains(&("listPartnerUsers", 200)));
}

/// What the suite says when the sandbox always answers an operation like this.
async fn with(operation: &str, fault: impl Into<Fault>) -> suite::Outcome {
    with_rule(Rule::on(operation).then(fault)).await
}

/// The same, where the rule says which requests of it.
async fn with_rule(rule: Rule) -> suite::Outcome {
    struct Faulty<'a>(OfSandbox<'a>, Rule);
    impl Target for Faulty<'_> {
        fn client(&self, operation: &str, status: u16) -> Option<Client> {
            let client = (status < 400).then(|| self.0.client(operation, status))?;
            self.0.sandbox.faults().add(self.1.clone()).unwrap();
            client
        }
        fn partner(&self) -> Option<(String, Secret)> {
            self.0.partner()
        }
        fn user(&self) -> Option<(String, Secret)> {
            self.0.user()
        }
        fn restore(&self) -> Option<RestoreRequest> {
            None
        }
    }
    let sandbox = small().start().await.unwrap();
    let target = OfSandbox::new(&sandbox, sandbox.distributor());
    suite::run(&Faulty(target, rule)).await
}

#[tokio::test]
async fn what_moved_away_from_the_document_is_told() {
    let new = Fault::value("status", json!("BRAND_NEW"));
    let report = with("listPartnerTasks", new).await.report();
    assert!(report.contains("TaskStatus=BRAND_NEW"), "{report}");
    let report = with("listPartnerUsers", Fault::value("brandNew", 1)).await;
    let report = report.report();
    assert!(report.contains("User.brandNew"), "{report}");
    assert!(!report.contains("failed"), "{report}");
    // Fields of a page beside its items.
    let page = with("listPartnerUsers", Fault::value("/brandNew", 1)).await;
    let report = page.report();
    assert!(report.contains("UserPage.brandNew"), "{report}");
    let never = page.drift.never_came();
    assert!(!never.contains("UserPage.totalPages"), "{report}");
    assert!(never.contains("UserPage.nextPageToken"), "{report}");
}

#[tokio::test]
async fn the_accounts_of_a_reseller_are_looked_at_beyond_its_profile() {
    let later = || Rule::on("getReseller").from(2);
    let outcome = with_rule(later().then(Fault::value("brandNew", 1))).await;
    let report = outcome.report();
    assert!(report.contains("User.brandNew"), "{report}");
    let outcome = with_rule(later().then(Fault::MalformedJson)).await;
    let failed: Vec<_> = outcome.failed.keys().collect();
    assert_eq!(failed, [&("getReseller", 200)], "{}", outcome.report());
}

#[tokio::test]
async fn what_does_not_hold_is_told() {
    let outcome = with("getPartner", Fault::status(404)).await;
    let failed: Vec<_> = outcome.failed.keys().collect();
    assert_eq!(failed, [&("getPartner", 200)], "{}", outcome.report());
    let outcome = with("listPartnerUsers", Fault::MalformedJson).await;
    let failed: Vec<_> = outcome.failed.keys().collect();
    assert_eq!(failed, [&("listPartnerUsers", 200)], "{}", outcome.report());
}
