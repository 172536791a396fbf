//! Lists as iterators: over pages, past errors, from cursors.

use std::sync::Arc;
use std::time::Duration;

use cloudally::types::Task;
use cloudally::{Cursor, Error, ErrorKind, RetryPolicy};
use cloudally_contract::time::FakeClock;
use cloudally_sandbox::{Fault, Rule, Sandbox, Shift};

use crate::service::{client, sandbox};
use cloudally_contract::accounts::{builder, partner};

fn ids(tasks: &[Task]) -> Vec<&str> {
    tasks
        .iter()
        .filter_map(|task| task.id.as_ref().map(|id| id.as_str()))
        .collect()
}

fn expected(sandbox: &Sandbox) -> Vec<&str> {
    sandbox
        .tasks()
        .iter()
        .filter_map(|task| task["id"].as_str())
        .collect()
}

fn fail(sandbox: &Sandbox, nth: u64, status: u16) {
    let rule = Rule::on("listPartnerTasks").nth(nth);
    let rule = rule.then(Fault::status(status));
    sandbox.faults().add(rule).unwrap();
}

#[test]
fn each_setting_of_a_list_has_its_effect() {
    let sandbox = sandbox();
    let list = || client(&sandbox).tasks().list();
    let all = expected(&sandbox);
    for tasks in [
        list().page_size(7).collect(),
        list().page_size(7).concurrency(4).collect(),
        list().page_size(7).prefetch(false).collect(),
        list().skip_invalid_items(|bad| panic!("{bad}")).collect(),
    ] {
        assert_eq!(ids(&tasks.unwrap()), all);
    }
    let some = list().page_size(7).max_items(9).collect().unwrap();
    assert_eq!(ids(&some), all[..9]);
    let before = sandbox.request_count("listPartnerTasks");
    list().page_size(19).collect().unwrap();
    assert_eq!(sandbox.request_count("listPartnerTasks"), before + 3);
}

#[test]
fn an_iterator_stays_at_its_end() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let mut items = client.tasks().list().items();
    assert!(!items.is_complete());
    assert_eq!(items.by_ref().count(), expected(&sandbox).len());
    assert!(items.cursor().is_none() && items.is_complete());
    let mut pages = client.tasks().list().pages();
    assert_eq!(pages.by_ref().count(), 6);
    assert!(pages.cursor().is_none() && pages.is_complete());
    let requests = sandbox.requests();
    assert!(items.next().is_none() && pages.next().is_none());
    assert_eq!(sandbox.requests(), requests);
}

#[test]
fn after_an_error_that_may_pass_items_go_on_where_they_were() {
    let sandbox = sandbox();
    fail(&sandbox, 3, 503);
    fail(&sandbox, 5, 503);
    let client = client(&sandbox).with_retry_policy(RetryPolicy::never());
    for concurrency in [1, 4] {
        let list = client.tasks().list().concurrency(concurrency);
        let (mut tasks, mut errors) = (Vec::new(), Vec::new());
        for item in list.items() {
            match item {
                Ok(task) => tasks.push(task),
                Err(error) => errors.push((tasks.len(), error.kind())),
            }
        }
        assert_eq!(ids(&tasks), expected(&sandbox));
        if concurrency == 1 {
            // The fifth request is the one for the fourth page.
            assert_eq!(errors, [(20, ErrorKind::Server), (30, ErrorKind::Server)]);
        }
        fail(&sandbox, 2, 503);
    }
}

#[test]
fn after_an_error_that_may_pass_pages_go_on_where_they_were() {
    let sandbox = sandbox();
    fail(&sandbox, 2, 503);
    let client = client(&sandbox).with_retry_policy(RetryPolicy::never());
    let mut pages = client.tasks().list().pages();
    assert_eq!(pages.next().unwrap().unwrap().number, 1);
    let error = pages.next().unwrap().unwrap_err();
    assert!(error.is_retryable(), "{error}");
    let rest: Result<Vec<_>, Error> = pages.map(|page| Ok(page?.number)).collect();
    assert_eq!(rest.unwrap(), [2, 3, 4, 5, 6]);
}

#[test]
fn an_error_that_will_not_pass_ends_the_iterator() {
    let sandbox = sandbox();
    fail(&sandbox, 2, 403);
    let mut items = client(&sandbox).tasks().list().items();
    assert_eq!(items.by_ref().take(10).filter(Result::is_ok).count(), 10);
    let error = items.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(items.next().is_none() && items.next().is_none());
}

#[test]
fn a_list_that_is_not_complete_ends_with_an_error() {
    let sandbox = sandbox();
    let shift = Rule::on("listPartnerUsers").nth(2).then(Shift::remove(1));
    sandbox.faults().add(shift).unwrap();
    let read: Vec<_> = client(&sandbox).users().list().items().collect();
    let (last, before) = read.split_last().unwrap();
    assert_eq!(last.as_ref().unwrap_err().kind(), ErrorKind::Incomplete);
    assert!(before.iter().all(Result::is_ok));
}

#[test]
fn a_list_that_changed_is_collected_again() {
    let sandbox = sandbox();
    let shift = || Rule::on("listPartnerUsers").nth(2).then(Shift::remove(1));
    sandbox.faults().add(shift()).unwrap();
    let list = || client(&sandbox).users().list();
    let error = list().collect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
    sandbox.faults().clear();
    sandbox.faults().add(shift()).unwrap();
    let users = list().collect_with_restarts(1).unwrap();
    assert_eq!(users.len(), list().collect().unwrap().len());
}

#[test]
fn a_list_ends_by_its_deadline() {
    let (sandbox, clock) = (sandbox(), FakeClock::default());
    let builder = builder(&sandbox, partner(sandbox.partner()));
    let builder = builder.clock(Arc::new(clock.clone()));
    let client = builder.build_blocking().unwrap();
    let list = || client.users().list().prefetch(false);
    let error = list().deadline(Duration::ZERO).collect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");

    let minute = Duration::from_secs(60);
    let mut items = list().deadline(minute).items();
    let mut read = vec![items.next().unwrap().unwrap()];
    clock.advance(minute);
    let error = loop {
        match items.next().unwrap() {
            Ok(user) => read.push(user),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(items.next().is_none() && !items.is_complete());
    assert_eq!(read.len(), 10, "the first page");
    let rest = list().resume_from(items.cursor().unwrap());
    assert_eq!(rest.deadline(minute).collect().unwrap().len(), 23);
}

#[test]
fn a_cursor_leads_another_client_to_the_rest() {
    let sandbox = sandbox();
    let all = expected(&sandbox);
    for consumed in [0, 1, 9, 10, 11, 56, 57] {
        let first = client(&sandbox);
        let mut items = first.tasks().list().items();
        let mut read: Vec<_> = items.by_ref().take(consumed).map(Result::unwrap).collect();
        if let Some(cursor) = items.cursor() {
            let stored = serde_json::to_string(&cursor).unwrap();
            let cursor: Cursor = serde_json::from_str(&stored).unwrap();
            let second = client(&sandbox).tasks().list().resume_from(cursor);
            read.extend(second.items().map(Result::unwrap));
        }
        assert_eq!(ids(&read), all, "after {consumed}");
    }
    let mut pages = client(&sandbox).tasks().list().pages();
    let mut read = pages.next().unwrap().unwrap().items;
    let cursor = pages.cursor().unwrap().clone();
    let rest = client(&sandbox).tasks().list().resume_from(cursor);
    read.extend(rest.collect().unwrap());
    assert_eq!(ids(&read), all);
}
