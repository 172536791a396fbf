//! Lists that are read again because they changed while they were read.

use cloudally::types::User;
use cloudally::{Client, ErrorKind};
use cloudally_contract::accounts::{client, partner};
use cloudally_sandbox::{Fault, Rule, Sandbox, Shift};

use crate::by_fault::sandbox;

const USERS: &str = "listPartnerUsers";

fn ids(users: &[User]) -> Vec<String> {
    let ids = users.iter().filter_map(|user| user.id.as_ref());
    ids.map(ToString::to_string).collect()
}

async fn expected(client: &Client) -> Vec<String> {
    ids(&client.users().list().collect().await.unwrap())
}

fn add(sandbox: &Sandbox, rule: Rule) {
    sandbox.faults().clear();
    sandbox.faults().add(rule).unwrap();
}

#[tokio::test]
async fn a_list_that_changed_is_read_again_and_then_complete() {
    let sandbox = sandbox().await;
    let client = client(&sandbox, partner(sandbox.distributor()));
    for concurrency in [1, 4] {
        for nth in [2, 5, 6] {
            for fault in [
                Shift::remove(1).into(),
                Shift::remove(12).into(),
                Fault::total_off_by(3),
                Fault::FirstPage,
            ] {
                let case = format!("{fault:?} nth {nth} x{concurrency}");
                let rule = || Rule::on(USERS).nth(nth).then(fault.clone());
                let list = || client.users().list().concurrency(concurrency);
                add(&sandbox, rule());
                let error = list().collect().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Incomplete, "{case}");
                add(&sandbox, rule());
                let users = list().collect().restarts(1).await;
                let users = users.unwrap_or_else(|error| panic!("{case}: {error}"));
                // What was removed is back when the rule is gone.
                assert!(ids(&users) == expected(&client).await, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_that_never_stands_still_is_read_as_often_as_allowed() {
    let sandbox = sandbox().await;
    let client = client(&sandbox, partner(sandbox.distributor()));
    add(&sandbox, Rule::on(USERS).then(Fault::total_off_by(1)));
    for (restarts, told) in [(0, None), (2, Some("it was read 3 times"))] {
        let before = sandbox.request_count(USERS);
        let list = client.users().list().prefetch(false);
        let error = list.collect().restarts(restarts).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
        let pages = sandbox.request_count(USERS) - before;
        assert_eq!(pages, 6 * (usize::try_from(restarts).unwrap() + 1) as u64);
        match told {
            Some(told) => assert!(error.to_string().contains(told), "{error}"),
            None => assert!(!error.to_string().contains("it was read"), "{error}"),
        }
    }
}
