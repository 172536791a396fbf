//! The partner, its backup status, its resellers.

use cloudally::ErrorKind;
use cloudally::types::{BackupResult, Currency, Region, Source, StorageType};
use cloudally_contract::answer::Answer;
use cloudally_contract::fixtures;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use serde_json::json;

use crate::{after_sign_in, page_of_two};

#[tokio::test]
async fn the_profile_is_typed() {
    let service = Service::signed_in([Answer::ok(&fixtures::full("partner"))]);
    let partner = service.client().partners().profile().await.unwrap();
    assert_eq!(
        partner.partner_id.as_ref().map(|id| id.as_str()),
        Some("P-1001")
    );
    assert_eq!(partner.email.as_deref(), Some("partner@example.com"));
    assert_eq!(partner.contact_name.as_deref(), Some("Pat Partner"));
    assert_eq!(partner.discount.unwrap().to_string(), "12.5");
    assert_eq!(partner.phone.as_deref(), Some("+1 555 0100"));
    assert_eq!(partner.currency, Some(Currency::Eur));
    assert_eq!(
        partner.address.as_deref(),
        Some("1 Example Road, Springfield")
    );
    assert_eq!(partner.region, Some(Region::EuFrankfurt));
    assert_eq!(partner.extra["supportTier"], "gold");
    service.assert_saw(after_sign_in([Request::get("/v1/partners")]));
}

#[tokio::test]
async fn a_profile_with_nulls_gaps_and_unknown_values_is_read_all_the_same() {
    let service = Service::signed_in([Answer::ok(&fixtures::odd("partner"))]);
    let partner = service.client().partners().profile().await.unwrap();
    assert!(
        partner.contact_name.is_none() && partner.discount.is_none() && partner.phone.is_none()
    );
    assert_eq!(partner.currency, Some(Currency::Unknown("XTS".to_owned())));
    assert_eq!(
        partner.region,
        Some(Region::Unknown("MOON_NORTH".to_owned()))
    );
    assert_eq!(
        partner.extra["onboarding"],
        json!({"stage": 3, "owner": null})
    );
}

#[tokio::test]
async fn the_backup_status_is_typed_and_its_failures_are_found() {
    let service = Service::signed_in([Answer::ok(&fixtures::page("status_entry"))]);
    let entries = service
        .client()
        .partners()
        .backup_statuses()
        .collect()
        .await
        .unwrap();
    let [first, second] = entries.as_slice() else {
        panic!("{entries:?}")
    };
    assert_eq!(first.user_id.as_ref().map(|id| id.as_str()), Some("U-1"));
    assert_eq!(
        first.task_id.as_ref().map(|id| id.as_str()),
        Some("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10")
    );
    assert_eq!(first.source, Some(Source::SharepointMulti));
    assert_eq!(first.entity_name.as_deref(), Some("ann@acme.example.com"));
    assert_eq!((first.backup_duration, first.size), (Some(123), Some(4096)));
    let instant = |text: &str| Some(text.parse().unwrap());
    assert_eq!(first.last_backup(), instant("2026-03-01T04:10:00Z"));
    assert_eq!(first.last_seen(), instant("2026-03-02T04:10:00Z"));
    let failed: Vec<_> = first.failed_sub_sources().collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].sub_source.as_deref(), Some("Mail"));
    assert_eq!(failed[0].error.as_deref(), Some("Token expired"));
    assert_eq!(
        failed[0].err_faq_link.as_deref(),
        Some("https://faq.example.com/token")
    );
    assert_eq!(failed[0].extra["code"], 17);
    assert_eq!(first.extra["attempt"], 2);

    assert_eq!(
        second.source,
        Some(Source::Unknown("TEAMS_CHAT".to_owned()))
    );
    assert_eq!(second.last_seen(), instant("2026-03-02T04:10:00Z"));
    assert!(!second.has_failures() && second.last_backup().is_none());
    let sub_sources = second.backup_status.as_ref().unwrap();
    assert_eq!(
        sub_sources[0].status,
        Some(BackupResult::Unknown("MOSTLY_FINE".to_owned()))
    );
    assert!(sub_sources[1].status.is_none());
    assert_eq!(sub_sources[1].extra["severity"], json!(null));
}

#[tokio::test]
async fn the_second_page_of_the_status_is_asked_for_by_number_and_token() {
    let [first, second] = fixtures::both("status_entry");
    let service = Service::signed_in([
        page_of_two(1, Some("t/2+="), &first),
        page_of_two(2, None, &second),
    ]);
    let list = service.client().partners().backup_statuses().page_size(1);
    assert_eq!(list.collect().await.unwrap().len(), 2);
    service.assert_saw(after_sign_in([
        Request::get("/v1/partners/status").query([("pageSize", "1")]),
        Request::get("/v1/partners/status").query([
            ("pageSize", "1"),
            ("page", "2"),
            ("nextPageToken", "t/2+="),
        ]),
    ]));
}

#[tokio::test]
async fn resellers_are_typed() {
    let service = Service::signed_in([Answer::ok(&fixtures::page("reseller"))]);
    let resellers = service
        .client()
        .partners()
        .resellers()
        .collect()
        .await
        .unwrap();
    let [first, second] = resellers.as_slice() else {
        panic!("{resellers:?}")
    };
    assert_eq!(first.reseller_name.as_deref(), Some("North Resale"));
    assert_eq!(first.contact_name.as_deref(), Some("Nora North"));
    assert_eq!(
        first.reseller_email.as_deref(),
        Some("office@north.example.com")
    );
    assert_eq!(
        first.partner_id.as_ref().map(|id| id.as_str()),
        Some("P-2001")
    );
    assert_eq!(first.region, Some(Region::EuFrankfurt));
    assert_eq!(first.country_code.as_deref(), Some("DE"));
    let storage = first.custom_storage.as_ref().unwrap();
    assert_eq!(storage.type_, Some(StorageType::S3));
    assert_eq!(storage.extra["bucket"], "north");
    assert_eq!(
        (first.waive_shared_mailboxes, first.white_label),
        (Some(false), Some(true))
    );
    let settings = first.notification_settings.as_ref().unwrap();
    assert_eq!(settings.provide_type.as_deref(), Some("EMAIL"));
    assert_eq!(settings.report_freq.as_deref(), Some("WEEKLY"));
    assert_eq!(settings.report_day.as_deref(), Some("MONDAY"));
    assert_eq!(settings.send_summary_report, Some(true));
    assert_eq!(settings.failure_only_report, Some(false));
    assert_eq!(settings.extra["language"], "de");

    let storage = second.custom_storage.as_ref().unwrap();
    assert_eq!(
        storage.type_,
        Some(StorageType::Unknown("FLOPPY".to_owned()))
    );
    assert_eq!(second.extra["contract"], json!({"until": null}));
}

#[tokio::test]
async fn one_reseller_comes_with_what_both_readings_of_its_path_promise() {
    let service = Service::signed_in([Answer::ok(&fixtures::reseller_details())]);
    let details = service
        .client()
        .partners()
        .reseller("P-2001")
        .await
        .unwrap();
    assert_eq!(details.reseller_name.as_deref(), Some("North Resale"));
    assert_eq!(details.extra["tier"], 2);
    assert_eq!(
        (details.page, details.total_pages, details.total),
        (Some(1), Some(1), Some(2))
    );
    let accounts = details.data.unwrap();
    assert_eq!(accounts[0].id.as_ref().map(|id| id.as_str()), Some("U-1"));
    service.assert_saw(after_sign_in([Request::get(
        "/v1/partners/resellers/P-2001",
    )]));
}

#[tokio::test]
async fn the_accounts_of_a_reseller_are_read_to_the_end() {
    let [first, second] = fixtures::both("user");
    let service = Service::signed_in([
        page_of_two(1, Some("t2"), &first),
        page_of_two(2, None, &second),
    ]);
    let list = service.client().partners().reseller_accounts("P-2001");
    let ids: Vec<_> = list.page_size(1).collect().await.unwrap();
    assert_eq!(ids[1].id.as_ref().map(|id| id.as_str()), Some("U-2"));
    let path = "/v1/partners/resellers/P-2001";
    service.assert_saw(after_sign_in([
        Request::get(path).query([("pageSize", "1")]),
        Request::get(path).query([("pageSize", "1"), ("page", "2"), ("nextPageToken", "t2")]),
    ]));
}

#[tokio::test]
async fn an_id_goes_out_encoded_and_cannot_name_another_resource() {
    let service = Service::signed_in([Answer::ok(&json!({}))]);
    let client = service.client();
    client.partners().reseller("a/b?c#ü d").await.unwrap();
    service.assert_saw(after_sign_in([Request::get(
        "/v1/partners/resellers/a%2Fb%3Fc%23%C3%BC%20d",
    )]));
    for id in ["", " ", ".", ".."] {
        let error = client.partners().reseller(id).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::InvalidInput, 0),
            "{id:?}"
        );
        let error = client.partners().reseller_accounts(id).collect().await;
        assert!(error.is_err(), "{id:?}");
    }
    assert_eq!(service.seen().len(), 2);
}
