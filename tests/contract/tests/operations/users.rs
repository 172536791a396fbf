//! The users of a partner.

use cloudally::types::{Currency, Region, StorageType, UserStatus};
use cloudally_contract::answer::Answer;
use cloudally_contract::fixtures;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;

use crate::{after_sign_in, page_of_two};

#[tokio::test]
async fn users_are_typed() {
    let service = Service::signed_in([Answer::ok(&fixtures::page("user"))]);
    let users = service.client().users().list().collect().await.unwrap();
    let [first, second] = users.as_slice() else {
        panic!("{users:?}")
    };
    assert_eq!(first.id.as_ref().map(|id| id.as_str()), Some("U-1"));
    assert_eq!(first.name.as_deref(), Some("Acme 12345"));
    assert_eq!(first.email.as_deref(), Some("admin@acme.example.com"));
    assert_eq!(first.status, Some(UserStatus::Active));
    let date = first.date.as_ref().unwrap();
    assert_eq!(date.date().unwrap().to_string(), "2021-03-11");
    assert_eq!(first.daily_report, Some(true));
    assert_eq!(first.region, Some(Region::UsEst));
    assert_eq!(first.discount.as_ref().unwrap().to_string(), "7.25");
    assert_eq!(first.report_emails.as_ref().unwrap().len(), 2);
    assert_eq!(
        first.partner_id.as_ref().map(|id| id.as_str()),
        Some("P-1001")
    );
    assert_eq!(first.currency, Some(Currency::Usd));
    let storage = first.custom_storage.as_ref().unwrap();
    assert_eq!(storage.type_, Some(StorageType::S3));
    assert_eq!(first.ms365_enterprise_plan, Some(true));
    assert_eq!(first.gsuite_enterprise_plan, Some(false));
    assert_eq!(first.extra["retention"]["years"], 7);

    assert_eq!(second.name.as_deref(), Some("Bücher \"&\" Söhne 🚀"));
    assert_eq!(
        second.status,
        Some(UserStatus::Unknown("ON_SABBATICAL".to_owned()))
    );
    assert!(second.email.is_none() && second.date.is_none() && second.report_emails.is_none());
    assert!(second.extra["seats"].is_null());
    service.assert_saw(after_sign_in([
        Request::get("/v1/partners/users").query([("pageSize", "500")])
    ]));
}

#[tokio::test]
async fn without_a_token_the_second_page_is_asked_for_by_number_alone() {
    let [first, second] = fixtures::both("user");
    let service = Service::signed_in([page_of_two(1, None, &first), page_of_two(2, None, &second)]);
    let users = service
        .client()
        .users()
        .list()
        .page_size(1)
        .collect()
        .await
        .unwrap();
    assert_eq!(users.len(), 2);
    service.assert_saw(after_sign_in([
        Request::get("/v1/partners/users").query([("pageSize", "1")]),
        Request::get("/v1/partners/users").query([("pageSize", "1"), ("page", "2")]),
    ]));
}
