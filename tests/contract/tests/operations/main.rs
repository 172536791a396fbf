//! Each operation: the exact request that goes out, and the typed answer that comes back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod any_path;
mod any_path_on_the_wire;
mod authentication;
mod fields;
mod generated;
mod headers;
mod judgement;
mod mocked_errors;
mod multipart;
mod pages;
mod responses;
mod restore;
mod typed_mocks;

use std::collections::BTreeSet;

use cloudally_contract::calls;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use cloudally_gen::operations;

/// The requests of a partner's client that signs in first.
fn after_sign_in(requests: impl IntoIterator<Item = Request>) -> Vec<Request> {
    std::iter::once(Request::sign_in())
        .chain(requests)
        .collect()
}

#[test]
fn every_operation_has_a_call_in_the_table_and_one_only() {
    let mut tested: Vec<_> = calls::all().iter().map(|call| call.id).collect();
    tested.sort_unstable();
    let mut all: Vec<_> = operations::ALL
        .iter()
        .map(|operation| operation.id)
        .collect();
    all.sort_unstable();
    assert_eq!(tested, all);
}

#[test]
fn every_call_of_the_table_expects_the_method_and_path_of_its_operation() {
    for call in calls::all() {
        let operation = call.operation();
        assert_eq!(call.request.method, operation.method, "{}", call.id);
        let path = call.request.path.split('/');
        let template = operation.path.split('/');
        assert_eq!(
            path.clone().count(),
            template.clone().count(),
            "{}",
            call.id
        );
        for (segment, expected) in path.zip(template) {
            assert!(
                segment == expected || expected.starts_with('{'),
                "{}: {segment}",
                call.id
            );
        }
    }
}

#[test]
fn every_operation_may_be_repeated_but_for_those_that_must_not_happen_twice() {
    for call in calls::all() {
        let is_idempotent = call.operation().is_idempotent;
        assert_eq!(is_idempotent, call.may_repeat(), "{}", call.id);
    }
}

#[tokio::test]
async fn every_call_sends_exactly_what_the_table_says_and_returns_all_but_documented_nulls() {
    let mut wrong = Vec::new();
    for call in calls::all() {
        let mut script = call.before();
        script.push(call.good());
        let service = Service::answering(script);
        let result = (call.run)(service.client()).await;
        let expected = if call.is_sign_in() {
            vec![call.request.clone()]
        } else {
            after_sign_in([call.request.clone()])
        };
        let seen = service.seen();
        if seen != expected || result.as_ref().ok() != Some(&call.returns) {
            wrong.push(format!(
                "{}: {result:?}\n  went out: {seen:#?}\n  expected: {expected:#?}",
                call.id
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn one_sign_in_serves_all_calls_of_a_client() {
    let calls: Vec<_> = calls::all()
        .into_iter()
        .filter(|call| !call.is_sign_in())
        .collect();
    let service = Service::signed_in(calls.iter().map(calls::Call::good));
    let client = service.client();
    for call in &calls {
        (call.run)(client.clone()).await.unwrap();
    }
    service.assert_saw(after_sign_in(calls.into_iter().map(|call| call.request)));
}

#[tokio::test]
async fn an_unplanned_request_fails_the_call_and_says_which_it_was() {
    let service = Service::answering([]);
    let error = service.client().partners().profile().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("did not plan for POST /auth/partner"),
        "{error}"
    );
}

#[tokio::test]
async fn the_v1_lists_ask_for_pages_by_page_size_and_the_v2_lists_by_limit() {
    use cloudally_gen::operation::Pagination;
    let mut seen = BTreeSet::new();
    for call in calls::all() {
        let names: Vec<_> = call
            .request
            .query
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        match call.operation().pagination {
            // One reseller is an object that may carry a page: it is read without a query, its
            // accounts with one.
            Some(_) if call.id == "getReseller" => assert!(names.is_empty()),
            Some(Pagination::PageSize) => assert_eq!(names, ["pageSize"], "{}", call.id),
            Some(Pagination::Limit) => assert_eq!(names, ["limit"], "{}", call.id),
            _ => assert!(names.is_empty(), "{}", call.id),
        }
        seen.extend(names.into_iter().map(str::to_owned));
    }
    assert_eq!(seen.len(), 2);
}
