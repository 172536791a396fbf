//! Bills.

use cloudally_contract::answer::Answer;
use cloudally_contract::fixtures;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;

use crate::{after_sign_in, page_of_two, text};

#[tokio::test]
async fn bills_are_typed_and_money_keeps_every_digit() {
    let service = Service::signed_in([Answer::ok(&fixtures::page("bill"))]);
    let bills = service.client().billing().bills().collect().await.unwrap();
    let [first, second] = bills.as_slice() else {
        panic!("{bills:?}")
    };
    assert_eq!(first.name.as_deref(), Some("Acme 12345"));
    assert_eq!(first.period.as_deref(), Some("March 2026"));
    assert_eq!(text(&first.discount), Some("0.10"));
    assert_eq!(text(&first.total), Some("12345678901234567890.01"));
    assert_eq!(first.payment_type.as_deref(), Some("INVOICE"));
    assert_eq!(
        (first.trial_days_left, first.subscribed),
        (Some(14), Some(true))
    );
    assert_eq!(first.extra["invoiceNumber"], "R-1");
    let line = &first.lines.as_ref().unwrap()[0];
    assert_eq!(line.service_type.as_deref(), Some("BACKUP"));
    assert_eq!(line.service.as_deref(), Some("MS365"));
    assert_eq!(text(&line.quantity), Some("25"));
    assert_eq!(text(&line.price), Some("3.00"));
    assert_eq!(text(&line.total), Some("75.00"));
    assert_eq!(text(&line.seat), Some("25"));
    assert_eq!(text(&line.storage), Some("0"));
    assert_eq!(line.source.as_deref(), Some("EXCHANGE"));
    assert_eq!(line.extra["taxCode"], "S");

    assert!(second.period.is_none() && second.trial_days_left.is_none());
    assert!(second.lines.as_ref().unwrap()[0].extra["note"].is_null());
}

#[tokio::test]
async fn both_paths_of_the_bills_are_read_page_by_page() {
    let [first, second] = fixtures::both("bill");
    for path in ["/v1/partners/bills", "/v1/partners/billing"] {
        let service = Service::signed_in([
            page_of_two(1, Some("t2"), &first),
            page_of_two(2, None, &second),
        ]);
        let billing = service.client().billing();
        let list = if path.ends_with("bills") {
            billing.bills()
        } else {
            billing.partner_billing()
        };
        assert_eq!(list.page_size(1).collect().await.unwrap().len(), 2);
        service.assert_saw(after_sign_in([
            Request::get(path).query([("pageSize", "1")]),
            Request::get(path).query([("pageSize", "1"), ("page", "2"), ("nextPageToken", "t2")]),
        ]));
    }
}
