//! Lists of the sandbox with each of its faults, at each of their pages, one page at a time and
//! four at once.

use std::time::Duration;

use cloudally::Client;
use cloudally_contract::accounts::{client, partner};
use cloudally_sandbox::{Fault, Rule, RuleId, Sandbox, Shift};
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::received::{Read, read};

/// Five pages of ten, and one of seven.
const ITEMS: usize = 57;

pub(crate) async fn sandbox() -> Sandbox {
    let builder = Sandbox::builder()
        .ragged()
        .users(ITEMS)
        .tasks(ITEMS)
        .statuses(ITEMS);
    builder.start().await.unwrap()
}

/// A list, by the operation that serves it.
struct Subject {
    operation: &'static str,
    by_token: bool,
    read: fn(&Client, usize) -> BoxFuture<'static, Read>,
    items: fn(&Sandbox) -> &[Value],
}

impl Subject {
    /// Without an id nothing tells an item that comes twice from two that are the same, unless the
    /// total grew.
    fn has_ids(&self) -> bool {
        !self.operation.to_lowercase().contains("status")
    }
}

macro_rules! subject {
    ($operation:literal, $by_token:literal, |$client:ident| $list:expr, $items:ident) => {
        Subject {
            operation: $operation,
            by_token: $by_token,
            read: |$client, concurrency| Box::pin(read($list.concurrency(concurrency))),
            items: Sandbox::$items,
        }
    };
}

const SUBJECTS: [Subject; 6] = [
    subject!(
        "listPartnerTasks",
        true,
        |client| client.tasks().list(),
        tasks
    ),
    subject!(
        "getPartnerStatus",
        true,
        |client| client.partners().backup_statuses(),
        statuses
    ),
    subject!(
        "listPartnerUsers",
        false,
        |client| client.users().list(),
        users
    ),
    subject!(
        "listResellerAccountsV2",
        false,
        |client| client.resellers().accounts(),
        users
    ),
    subject!(
        "listResellerBackupTasksV2",
        false,
        |client| client.resellers().backup_tasks(),
        tasks
    ),
    subject!(
        "listResellerBackupStatusesV2",
        false,
        |client| client.resellers().backup_statuses(),
        statuses
    ),
];

/// Adds a rule, unless its fault is one of tokens and the list has none.
fn added(sandbox: &Sandbox, rule: Rule) -> Option<RuleId> {
    match sandbox.faults().add(rule) {
        Ok(rule) => Some(rule),
        Err(error) => {
            let why = error.to_string();
            assert!(why.contains("tokens of pages"), "{why}");
            None
        }
    }
}

/// Reads each list with a fault at each of its requests, and one page at a time or four at once.
async fn with_fault(
    fault: impl Fn() -> Fault,
    nths: &[u64],
    check: impl Fn(&Subject, &Sandbox, u64, usize, &Read, &str),
) {
    let sandbox = sandbox().await;
    let client = client(&sandbox, partner(sandbox.distributor()));
    for subject in &SUBJECTS {
        for concurrency in [1, 4] {
            for nth in nths {
                let fault = fault();
                let case = format!("{} {fault:?} nth {nth} x{concurrency}", subject.operation);
                let rule = Rule::on(subject.operation).nth(*nth).then(fault);
                let Some(rule) = added(&sandbox, rule) else {
                    continue;
                };
                let reading = (subject.read)(&client, concurrency);
                let reading = tokio::time::timeout(Duration::from_secs(20), reading);
                let read = reading.await.unwrap_or_else(|_| panic!("{case}: endless"));
                assert_eq!(sandbox.faults().hits(rule), 1, "{case}");
                check(subject, &sandbox, *nth, concurrency, &read, &case);
                sandbox.faults().clear();
            }
        }
    }
}

/// The pages after the first, so that something was read before.
const LATER: [u64; 3] = [2, 5, 6];

#[tokio::test]
async fn a_list_that_stands_still_is_complete_and_nothing_repeats() {
    with_fault(
        || Fault::delay(Duration::from_millis(1)),
        &[1],
        |subject, sandbox, _, _, read, case| {
            read.assert_complete((subject.items)(sandbox), 0, case);
            assert_eq!((read.duplicates, read.pages), (0, 6), "{case}");
        },
    )
    .await;
}

#[tokio::test]
async fn an_item_that_is_added_meanwhile_costs_nothing() {
    for count in [1, 3] {
        with_fault(
            || Shift::insert(count).into(),
            &LATER,
            |subject, sandbox, _, concurrency, read, case| {
                if concurrency > 1 && read.error.is_some() {
                    // Pages that were asked for together may be of before and after.
                    return read.assert_incomplete("", case);
                }
                read.assert_complete((subject.items)(sandbox), count, case);
                if concurrency == 1 {
                    assert_eq!(read.duplicates, count, "{case}");
                    assert_eq!(read.items.len(), ITEMS, "{case}");
                }
            },
        )
        .await;
    }
}

#[tokio::test]
async fn nor_does_one_of_which_the_total_does_not_tell() {
    with_fault(
        || Shift::insert(1).hidden().into(),
        &LATER,
        |subject, sandbox, _, concurrency, read, case| {
            let is_told = concurrency > 1 || !subject.has_ids();
            if is_told && read.error.is_some() {
                return read.assert_incomplete("", case);
            }
            read.assert_complete((subject.items)(sandbox), 1, case);
        },
    )
    .await;
}

/// More items than a page holds push all that was read beyond the next page.
#[tokio::test]
async fn many_items_that_are_added_double_none() {
    for count in [11, 25] {
        with_fault(
            || Shift::insert(count).into(),
            &LATER,
            |subject, sandbox, _, _, read, case| {
                if read.error.is_some() {
                    return read.assert_incomplete("", case);
                }
                read.assert_complete((subject.items)(sandbox), count, case);
            },
        )
        .await;
    }
}

#[tokio::test]
async fn items_that_come_twice_are_given_once_or_told() {
    for count in [1, 4] {
        with_fault(
            || Shift::repeat(count).into(),
            &LATER,
            |subject, sandbox, _, concurrency, read, case| {
                let is_told = concurrency > 1 || !subject.has_ids();
                if is_told && read.error.is_some() {
                    return read.assert_incomplete("", case);
                }
                read.assert_complete((subject.items)(sandbox), 0, case);
                if concurrency == 1 {
                    assert_eq!(read.duplicates, count, "{case}");
                }
            },
        )
        .await;
    }
}

#[tokio::test]
async fn an_item_that_was_removed_moves_others_out_of_sight_and_that_is_told() {
    for shift in [
        Shift::remove(1),
        Shift::remove(1).hidden(),
        Shift::remove(12),
    ] {
        with_fault(
            || shift.into(),
            &LATER,
            |_, _, _, _, read, case| read.assert_incomplete("", case),
        )
        .await;
    }
}

#[tokio::test]
async fn a_total_that_is_not_true_is_told() {
    for by in [3, -3, 1_000_000] {
        with_fault(
            || Fault::total_off_by(by),
            &LATER,
            |_, _, _, _, read, case| read.assert_incomplete("", case),
        )
        .await;
    }
}

#[tokio::test]
async fn the_first_page_again_is_never_taken_for_another() {
    with_fault(
        || Fault::FirstPage,
        &LATER,
        |subject, sandbox, _, _, read, case| {
            if subject.by_token && read.error.is_none() {
                // Its token leads on: what came again was known.
                read.assert_complete((subject.items)(sandbox), 0, case);
            } else {
                read.assert_incomplete("", case);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_token_that_comes_again_is_never_followed_for_ever() {
    with_fault(
        || Fault::RepeatToken,
        &LATER,
        |subject, sandbox, _, _, read, case| {
            if subject.by_token {
                read.assert_incomplete("repeated a page token", case);
            } else {
                read.assert_complete((subject.items)(sandbox), 0, case);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn an_empty_page_in_the_middle_loses_nothing() {
    with_fault(
        || Fault::EmptyPage,
        &LATER,
        |subject, sandbox, _, concurrency, read, case| {
            if concurrency > 1 && read.error.is_some() {
                return read.assert_incomplete("", case);
            }
            read.assert_complete((subject.items)(sandbox), 0, case);
        },
    )
    .await;
}

/// Faults that do not end: each list comes to an end all the same.
#[tokio::test]
async fn no_fault_makes_a_list_endless() {
    let sandbox = sandbox().await;
    let client = client(&sandbox, partner(sandbox.distributor()));
    let faults: [fn() -> Fault; 8] = [
        || Fault::FirstPage,
        || Fault::RepeatToken,
        || Fault::EmptyPage,
        || Fault::total(9_000_000_000),
        || Fault::total(0),
        || Shift::insert(1).into(),
        || Shift::remove(1).into(),
        || Shift::repeat(3).into(),
    ];
    for subject in &SUBJECTS {
        for concurrency in [1, 4] {
            for fault in &faults {
                let fault = fault();
                let case = format!("{} {fault:?} x{concurrency}", subject.operation);
                // Pages that are always empty never lead to the end, so the service has to stop
                // some time.
                let rule = Rule::on(subject.operation).from(2).until(30).then(fault);
                if added(&sandbox, rule).is_none() {
                    continue;
                }
                let reading = (subject.read)(&client, concurrency);
                let reading = tokio::time::timeout(Duration::from_secs(20), reading);
                let read = reading.await.unwrap_or_else(|_| panic!("{case}: endless"));
                match &read.error {
                    Some(_) => read.assert_incomplete("", &case),
                    None => read.assert_complete((subject.items)(&sandbox), 30, &case),
                }
                sandbox.faults().clear();
            }
        }
    }
}
