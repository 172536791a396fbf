//! What a reseller reads of its own accounts (v2).

use cloudally::ErrorKind;
use cloudally::types::Region;
use cloudally_contract::answer::Answer;
use cloudally_contract::fixtures;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use cloudally_sandbox::Sandbox;

use crate::{after_sign_in, page_of_two};

#[tokio::test]
async fn the_reseller_s_own_profile_is_typed() {
    let service = Service::signed_in([Answer::ok(&fixtures::odd("reseller"))]);
    let reseller = service.client().resellers().profile().await.unwrap();
    assert_eq!(
        reseller.partner_id.as_ref().map(|id| id.as_str()),
        Some("P-2002")
    );
    assert_eq!(
        reseller.region,
        Some(Region::Unknown("MOON_NORTH".to_owned()))
    );
    let settings = reseller.notification_settings.unwrap();
    assert_eq!(settings.report_freq.as_deref(), Some("EVERY_FULL_MOON"));
    service.assert_saw(after_sign_in([Request::get("/v2/resellers/details")]));
}

/// The two requests of a v2 list of two pages: no token is sent, though one came.
fn two_pages(path: &str) -> Vec<Request> {
    after_sign_in([
        Request::get(path).query([("limit", "1")]),
        Request::get(path).query([("limit", "1"), ("page", "2")]),
    ])
}

async fn answering_two(fixture: &str) -> Service {
    let [first, second] = fixtures::both(fixture);
    Service::signed_in([
        page_of_two(1, Some("not for v2"), &first),
        page_of_two(2, None, &second),
    ])
}

#[tokio::test]
async fn accounts_are_read_by_limit_and_number() {
    let service = answering_two("user").await;
    let list = service.client().resellers().accounts().page_size(1);
    assert_eq!(
        list.collect().await.unwrap()[1]
            .id
            .as_ref()
            .map(|id| id.as_str()),
        Some("U-2")
    );
    service.assert_saw(two_pages("/v2/resellers/accounts"));
}

#[tokio::test]
async fn backup_tasks_are_read_by_limit_and_number() {
    let service = answering_two("task").await;
    let list = service.client().resellers().backup_tasks().page_size(1);
    assert_eq!(
        list.collect().await.unwrap()[0].alias.as_deref(),
        Some("Mail of Ann")
    );
    service.assert_saw(two_pages("/v2/resellers/accounts/backup-tasks"));
}

#[tokio::test]
async fn backup_statuses_are_read_by_limit_and_number() {
    let service = answering_two("status_entry").await;
    let list = service.client().resellers().backup_statuses().page_size(1);
    assert!(list.collect().await.unwrap()[0].has_failures());
    service.assert_saw(two_pages("/v2/resellers/accounts/backup-statuses"));
}

#[tokio::test]
async fn bills_are_read_by_limit_and_number() {
    let service = answering_two("bill").await;
    let list = service.client().resellers().bills().page_size(1);
    assert_eq!(
        list.collect().await.unwrap()[1]
            .total
            .as_ref()
            .unwrap()
            .to_string(),
        "0"
    );
    service.assert_saw(two_pages("/v2/resellers/bills"));
}

#[tokio::test]
async fn backup_tasks_of_one_account_are_read_by_limit_and_number() {
    let service = answering_two("task").await;
    let resellers = service.client().resellers();
    let list = resellers.account_backup_tasks("a/b ü").page_size(1);
    assert_eq!(
        list.collect().await.unwrap()[0].alias.as_deref(),
        Some("Mail of Ann")
    );
    service.assert_saw(two_pages(
        "/v2/resellers/accounts/a%2Fb%20%C3%BC/backup-tasks",
    ));
}

#[tokio::test]
async fn a_backup_task_of_one_account_is_typed() {
    let service = Service::signed_in([Answer::ok(&fixtures::full("task"))]);
    let resellers = service.client().resellers();
    let task = resellers.account_backup_task("U-1", "T-1").await.unwrap();
    assert_eq!(task.alias.as_deref(), Some("Mail of Ann"));
    let path = "/v2/resellers/accounts/U-1/backup-tasks/T-1";
    service.assert_saw(after_sign_in([Request::get(path)]));
}

#[tokio::test]
async fn an_account_or_task_that_is_not_there_is_named() {
    let sandbox = Sandbox::builder().empty().start().await.unwrap();
    let client = cloudally_sandbox::client!(sandbox, distributor).unwrap();
    let id = sandbox.add_user("A").id();
    let resellers = client.resellers();
    let tasks = resellers.account_backup_tasks(id.as_str());
    assert_eq!(tasks.collect().await.unwrap(), []);
    let account = resellers.account_backup_tasks("U-9").collect().await;
    let task = resellers.account_backup_task(id.as_str(), "T-9").await;
    for (error, subject) in [
        (account.unwrap_err(), "account U-9".to_owned()),
        (
            task.unwrap_err(),
            format!("backup task T-9 of account {id}"),
        ),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert!(error.to_string().contains(&subject), "{error}");
    }
}

#[tokio::test]
async fn ids_that_cannot_be_ids_are_not_sent() {
    let service = Service::answering([]);
    let client = service.client();
    let resellers = client.resellers();
    let errors = [
        resellers.account_backup_tasks("..").collect().await.err(),
        resellers.account_backup_task("", "T-1").await.err(),
        resellers.account_backup_task("U-1", ".").await.err(),
    ];
    for error in errors {
        assert_eq!(error.unwrap().kind(), ErrorKind::InvalidInput);
    }
    service.assert_saw([]);
}
