//! A deadline bounds a whole list, however many calls it takes.

use std::sync::Arc;

use cloudally::{Client, Error, ErrorKind};

use crate::deadlines::{DEADLINE, ends};
use cloudally_contract::server::{Gate, Request, Server, Step, json};
use cloudally_contract::setup::{SECOND, with_token};
use cloudally_contract::time::{FakeClock, in_time};

/// The number of the page that is asked for.
fn number(request: &Request) -> usize {
    let query = request.query.as_deref().unwrap_or_default();
    let number = query.split('&').find_map(|pair| pair.strip_prefix("page="));
    number.map_or(1, |number| number.parse().unwrap())
}

/// A page of one item.
fn page(number: usize, pages: usize, total: usize) -> Vec<Step> {
    json(
        200,
        format!(
            r#"{{"page": {number}, "totalPages": {pages}, "total": {total}, "data": [{{"id": "{number}"}}]}}"#
        ),
    )
}

/// A service with so many pages, and a clock on which each of them takes 300 s.
fn slow(pages: usize, total: impl Fn(usize) -> usize + Send + Sync + 'static) -> (Server, Client) {
    let clock = FakeClock::new();
    let passing = clock.clone();
    let server = Server::start(move |request| {
        passing.advance(300 * SECOND);
        let number = number(request);
        page(number, pages, total(number))
    });
    let client = with_token(&server).clock(Arc::new(clock)).build().unwrap();
    (server, client)
}

fn assert_expired(error: &Error, received: u64) {
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let told = format!("passed after {received} items were received");
    assert!(error.to_string().contains(&told), "{error}");
}

#[tokio::test]
async fn seven_pages_of_300_s_are_not_read_within_900_s() {
    let (server, client) = slow(7, |_| 7);
    let list = || client.tasks().list().page_size(1).prefetch(false);
    let error = in_time("a list", list().deadline(900 * SECOND).collect()).await;
    // The third page arrives when the time is over.
    assert_expired(&error.unwrap_err(), 2);
    assert_eq!(server.requests_len(), 3);
    let tasks = in_time("a list", list().deadline(2101 * SECOND).collect()).await;
    assert_eq!(tasks.unwrap().len(), 7);
    let tasks = in_time("a list", list().collect()).await;
    assert_eq!(tasks.unwrap().len(), 7, "without one each page has its own");
}

#[tokio::test]
async fn a_list_that_is_read_again_has_one_deadline() {
    let (server, client) = slow(2, |number| 3 - number);
    let list = client.tasks().list().page_size(1).prefetch(false);
    let list = list.deadline(1300 * SECOND).collect().restarts(5);
    let error = in_time("a list", list).await.unwrap_err();
    assert_expired(&error, 0);
    assert!(error.to_string().contains("read 3 times"), "{error}");
    assert_eq!(server.requests_len(), 5);
}

/// The third page never comes, until the gate is opened.
#[tokio::test]
async fn a_page_that_stalls_ends_the_list_by_its_deadline_and_the_cursor_leads_on() {
    for concurrency in [1, 4] {
        let gate = Gate::new();
        let at_gate = gate.clone();
        let server = Server::start(move |request| {
            let number = number(request);
            let waits = (number == 3).then(|| Step::Wait(at_gate.clone()));
            waits.into_iter().chain(page(number, 4, 4)).collect()
        });
        let client = with_token(&server).build().unwrap();
        let list = || client.tasks().list().page_size(1).concurrency(concurrency);
        let mut items = list().deadline(DEADLINE).items();
        let mut read = Vec::new();
        let reading = async {
            while let Some(item) = items.try_next().await? {
                read.push(item);
            }
            Ok(())
        };
        assert_expired(&ends("a list", reading).await, 2);
        assert!(items.next().await.is_none() && !items.is_complete());
        let third = |request: &Request| number(request) == 3;
        assert_eq!(server.count(third), 1, "it is not retried");
        gate.open();
        let rest = list().resume_from(items.cursor().unwrap()).collect();
        read.extend(in_time("the rest", rest).await.unwrap());
        assert_eq!(read.len(), 4);
    }
}

/// The lists that are not made by the macro of lists, and single pages.
#[tokio::test]
async fn so_do_the_accounts_of_a_reseller_and_a_single_page() {
    let server = Server::start(|_| vec![Step::UntilGone]);
    let client = with_token(&server).build().unwrap();
    let accounts = || {
        client
            .partners()
            .reseller_accounts("R-1")
            .deadline(DEADLINE)
    };
    assert_expired(&ends("accounts", accounts().collect()).await, 0);
    assert_expired(&ends("a page", accounts().page()).await, 0);
    assert_eq!(server.requests_len(), 2);
}
