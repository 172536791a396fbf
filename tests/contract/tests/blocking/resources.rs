//! Every method of every resource, beside the asynchronous one.

use std::fmt::Debug;

use cloudally::{Call, Client, Credentials, Error, blocking};
use cloudally_sandbox::Sandbox;

use crate::service::{RUNTIME, sandbox};
use cloudally_contract::accounts::{builder, partner, portal};

/// The same client twice.
fn both(sandbox: &Sandbox, credentials: Credentials) -> (blocking::Client, Client) {
    let client = builder(sandbox, credentials.clone());
    let other = builder(sandbox, credentials);
    (client.build_blocking().unwrap(), other.build().unwrap())
}

#[track_caller]
fn same_call<T: PartialEq + Debug + Send + 'static>(blocking: Result<T, Error>, other: Call<T>) {
    let other = RUNTIME.block_on(other).unwrap();
    assert_eq!(blocking.unwrap(), other);
}

/// The list by each of its ends.
#[track_caller]
fn same_list<T: PartialEq + Debug + Send + 'static>(
    blocking: impl Fn() -> blocking::ListRequest<T>,
    other: impl Fn() -> cloudally::ListRequest<T>,
) {
    let expected = RUNTIME.block_on(other().collect()).unwrap();
    assert!(expected.len() > 10, "the list has several pages");
    assert_eq!(blocking().collect().unwrap(), expected);
    let items: Result<Vec<T>, Error> = blocking().items().collect();
    assert_eq!(items.unwrap(), expected);
    let pages: Result<Vec<_>, Error> = blocking().pages().collect();
    let pages = pages.unwrap();
    assert_eq!(pages.len(), expected.len().div_ceil(10));
    let in_pages: Vec<T> = pages.into_iter().flat_map(|page| page.items).collect();
    assert_eq!(in_pages, expected);
    let page = blocking().page().unwrap();
    let other = RUNTIME.block_on(other().page()).unwrap();
    assert_eq!((page.items, page.number), (other.items, other.number));
    assert_eq!((page.total, page.next), (other.total, other.next));
    assert_eq!(page.parts.status(), 200);
}

#[test]
fn a_partner_reads_the_same() {
    let sandbox = sandbox();
    let (client, other) = both(&sandbox, partner(sandbox.partner()));
    client.sign_in().unwrap();
    assert_eq!(sandbox.request_count("partnerLogin"), 1);
    same_call(client.partners().profile(), other.partners().profile());
    same_list(
        || client.partners().backup_statuses(),
        || other.partners().backup_statuses(),
    );
    same_list(|| client.users().list(), || other.users().list());
    same_list(|| client.tasks().list(), || other.tasks().list());
    same_list(|| client.billing().bills(), || other.billing().bills());
    same_list(
        || client.billing().partner_billing(),
        || other.billing().partner_billing(),
    );
}

#[test]
fn a_distributor_reads_the_same() {
    let sandbox = sandbox();
    let (client, other) = both(&sandbox, partner(sandbox.distributor()));
    same_list(
        || client.partners().resellers(),
        || other.partners().resellers(),
    );
    let (v2, other_v2) = (client.resellers(), other.resellers());
    same_call(v2.profile(), other_v2.profile());
    same_list(|| v2.accounts(), || other_v2.accounts());
    same_list(|| v2.backup_tasks(), || other_v2.backup_tasks());
    same_list(|| v2.backup_statuses(), || other_v2.backup_statuses());
    same_list(|| v2.bills(), || other_v2.bills());
    let task = &sandbox.tasks()[0];
    let [account, task] = ["userId", "id"].map(|field| task[field].as_str().unwrap());
    let of_account = other_v2.account_backup_tasks(account).page_size(1);
    let expected = RUNTIME.block_on(of_account.collect()).unwrap();
    assert!(expected.len() > 1, "the account has several tasks");
    let of_account = v2.account_backup_tasks(account).page_size(1);
    assert_eq!(of_account.collect().unwrap(), expected);
    same_call(
        v2.account_backup_task(account, task),
        other_v2.account_backup_task(account, task),
    );
    assert!(v2.account_backup_tasks("..").collect().is_err());
    let id = sandbox.resellers()[0]["partnerId"].as_str().unwrap();
    same_call(
        client.partners().reseller(id),
        other.partners().reseller(id),
    );
    let accounts = client.partners().reseller_accounts(id);
    let expected = other.partners().reseller_accounts(id).page_size(1);
    let expected = RUNTIME.block_on(expected.collect()).unwrap();
    assert!(expected.len() > 1, "the reseller has several accounts");
    assert_eq!(accounts.page_size(1).collect().unwrap(), expected);
    assert!(client.partners().reseller_accounts("..").collect().is_err());
}

#[test]
fn a_portal_user_reads_the_same() {
    let sandbox = sandbox();
    let (client, other) = both(&sandbox, portal(sandbox.portal_user()));
    same_list(|| client.backups().list(), || other.backups().list());
    let id = sandbox.backup_tasks()[6]["id"].as_str().unwrap();
    same_call(client.backups().get(id), other.backups().get(id));
    let error = client.users().list().collect().unwrap_err();
    assert_eq!(error.kind(), cloudally::ErrorKind::Forbidden);
}

#[test]
fn signing_in_by_hand_works_each_way() {
    let sandbox = sandbox();
    let client = builder(&sandbox, partner(sandbox.partner()));
    let client = client.build_blocking().unwrap();
    let (account, by_hand) = (sandbox.partner(), client.authentication());
    let (id, secret) = (account.client_id(), account.client_secret());
    let (email, password) = (account.email(), account.password());
    let first = by_hand.login(email, password).unwrap();
    for token in [
        by_hand.partner_login(id, secret).unwrap(),
        by_hand
            .partner_login_as(id, secret, email, password)
            .unwrap(),
        by_hand.refresh_token(first.refresh_token.unwrap()).unwrap(),
    ] {
        let credentials = Credentials::access_token(token.access_token.unwrap());
        let client = builder(&sandbox, credentials).build_blocking().unwrap();
        client.partners().profile().unwrap();
    }
    let error = by_hand.login(email, "wrong").unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    assert_eq!(sandbox.request_count("partnerLogin"), 2);
    assert_eq!(sandbox.request_count("login"), 2);
    assert_eq!(sandbox.request_count("refreshToken"), 1);
}

#[test]
fn any_call_of_the_asynchronous_client_can_be_waited_for() {
    let sandbox = sandbox();
    let client = crate::service::client(&sandbox);
    let call = client.client().partners().profile().with_response();
    let response = client.wait(call).unwrap();
    assert_eq!(response.value, client.partners().profile().unwrap());
    assert!(response.parts.request_id().is_some());
    let hasty = client.with_retry_policy(cloudally::RetryPolicy::never());
    sandbox
        .faults()
        .add(cloudally_sandbox::Rule::on("getPartner").then(cloudally_sandbox::Fault::status(503)))
        .unwrap();
    assert_eq!(hasty.partners().profile().unwrap_err().attempts(), 1);
    assert_eq!(client.partners().profile().unwrap_err().attempts(), 3);
}
