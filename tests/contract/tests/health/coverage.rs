//! Directories against what the sandbox backs up.

use std::collections::BTreeSet;

use cloudally::blocking;
use cloudally::coverage::{CoverageStatus, Directory, coverage};
use cloudally::health::{Policy, Scope, Severity, Snapshot};
use cloudally_contract::accounts::{builder, client, every};
use cloudally_sandbox::{Fault, Rule, Sandbox};

/// A directory as the Google admin console exports it, of everybody that the sandbox backs up.
fn everybody(sandbox: &Sandbox) -> Vec<String> {
    let entities = sandbox.statuses().iter();
    let names = entities.filter_map(|entry| entry["entityName"].as_str());
    let names: BTreeSet<String> = names.map(str::to_lowercase).collect();
    names
        .into_iter()
        .filter(|name| name.contains('@'))
        .collect()
}

fn google(addresses: &[String]) -> String {
    let mut text = "Email Address [Required],Status [READ ONLY],Licenses [READ ONLY]\n".to_owned();
    for address in addresses {
        text.push_str(&format!(
            "{},Active,Business Starter\n",
            address.to_uppercase()
        ));
    }
    text
}

#[tokio::test]
async fn everybody_of_a_healthy_fleet_is_protected_and_who_is_new_is_not() {
    let sandbox = Sandbox::builder().healthy().start().await.unwrap();
    let snapshot = Snapshot::read(&client(&sandbox, every(sandbox.partner())), Scope::Partner)
        .await
        .unwrap();
    let policy = Policy::default();
    let mut addresses = everybody(&sandbox);
    assert!(addresses.len() > 10);
    let directory = Directory::from_csv(google(&addresses).as_bytes(), &policy).unwrap();
    let report = coverage(&snapshot, &directory, &policy, snapshot.read_at).unwrap();
    assert_eq!(
        report.verdict,
        Severity::Ok,
        "{:?}",
        report.findings.first()
    );
    assert_eq!(
        usize::try_from(report.counts.protected).unwrap(),
        addresses.len()
    );
    assert_eq!(report.unlisted, []);

    let left = addresses.remove(0);
    let domain = addresses[0].split('@').nth(1).unwrap();
    addresses.push(format!("new.hire@{domain}"));
    let directory = Directory::from_csv(google(&addresses).as_bytes(), &policy).unwrap();
    let report = coverage(&snapshot, &directory, &policy, snapshot.read_at).unwrap();
    assert_eq!(report.verdict, Severity::Warning);
    let worst = &report.rows[0];
    assert_eq!(worst.status, CoverageStatus::Unprotected);
    assert!(worst.address.starts_with("NEW.HIRE@"), "{worst:?}");
    let unlisted: Vec<String> = report
        .unlisted
        .iter()
        .map(|it| it.entity.to_lowercase())
        .collect();
    let is_of_a_listed_domain = addresses
        .iter()
        .any(|it| it.split('@').nth(1) == left.split('@').nth(1));
    assert_eq!(unlisted.contains(&left), is_of_a_listed_domain);
}

#[test]
fn half_a_list_is_no_proof_of_a_gap() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime
        .block_on(Sandbox::builder().healthy().start())
        .unwrap();
    let addresses = everybody(&sandbox);
    let rule = Rule::on("getPartnerStatus")
        .from(2)
        .then(Fault::status(500));
    sandbox.faults().add(rule).unwrap();
    let client = blocking::Client::new(
        builder(&sandbox, every(sandbox.partner()))
            .page_size(10)
            .build()
            .unwrap(),
    )
    .unwrap();
    let snapshot = client.read_snapshot(Scope::Partner).unwrap();
    let policy = Policy::default();
    let directory = Directory::from_csv(google(&addresses).as_bytes(), &policy).unwrap();
    let report = coverage(&snapshot, &directory, &policy, snapshot.read_at).unwrap();
    assert_eq!(report.verdict, Severity::Unknown);
    assert_eq!(report.counts.unprotected, 0);
    assert!(
        report.counts.unknown > 0 && report.counts.protected > 0,
        "{:?}",
        report.counts
    );
}
