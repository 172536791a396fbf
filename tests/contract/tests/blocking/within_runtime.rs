//! Within an asynchronous runtime: an error with advice, and never a panic, a hang, or a request.

use std::sync::mpsc::channel;
use std::time::Duration;

use cloudally::blocking::Client;
use cloudally::types::RestoreRequest;
use cloudally::{Error, ErrorKind};
use cloudally_sandbox::Sandbox;
use reqwest::Method;
use serde_json::Value;
use tokio::runtime::Builder;

use crate::service::{RUNTIME, client, sandbox};

/// The places within a runtime.
const PLACES: [&str; 5] = [
    "multi-thread",
    "current-thread",
    "a task",
    "spawn_blocking",
    "entered",
];

/// Runs it at a place, and fails if it does not come to an end or panics.
fn at<T: Send + 'static>(place: &'static str, run: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, receive) = channel();
    let thread = std::thread::spawn(move || {
        let done = match place {
            "multi-thread" => RUNTIME.block_on(async { run() }),
            "current-thread" => {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async { run() })
            }
            "a task" => RUNTIME
                .block_on(RUNTIME.spawn(async { run() }))
                .unwrap_or_else(|error| panic!("{error}")),
            "spawn_blocking" => RUNTIME
                .block_on(RUNTIME.spawn_blocking(run))
                .unwrap_or_else(|error| panic!("{error}")),
            "entered" => {
                let _entered = RUNTIME.enter();
                run()
            }
            other => panic!("there is no place {other}"),
        };
        // Nobody listens any more where it came too late.
        let _ = send.send(done);
    });
    let outcome = receive.recv_timeout(Duration::from_secs(20));
    let outcome = outcome.unwrap_or_else(|error| panic!("{place}: {error}"));
    thread.join().unwrap();
    outcome
}

/// Each way to block, by name.
type Way = fn(&Client) -> Option<Error>;

const WAYS: [(&str, Way); 17] = [
    ("sign_in", |client| client.sign_in().err()),
    ("a call", |client| client.partners().profile().err()),
    ("an id", |client| client.backups().get("BT-1").err()),
    ("login", |client| {
        client.authentication().login("me", "it").err()
    }),
    ("wait", |client| {
        client.wait(client.client().partners().profile()).err()
    }),
    ("items", |client| {
        client.tasks().list().items().next()?.err()
    }),
    ("items at once", |client| {
        client.tasks().list().concurrency(4).items().next()?.err()
    }),
    ("pages", |client| {
        client.tasks().list().pages().next()?.err()
    }),
    ("page", |client| client.tasks().list().page().err()),
    ("all", |client| client.tasks().list().collect().err()),
    ("create", |client| {
        let restores = client.restores();
        restores.create(RestoreRequest::new("T-1")).err()
    }),
    ("status", |client| client.restores().status("J").err()),
    ("status of a job", |client| {
        client.restores().job("J").status().err()
    }),
    ("done", |client| {
        let wait = client.restores().job("J").wait(Duration::MAX);
        wait.done().err()
    }),
    ("states", |client| {
        let wait = client.restores().job("J").wait(Duration::MAX);
        wait.states().next()?.err()
    }),
    ("json", |client| {
        let request = client.request(Method::GET, "/v1/partners");
        request.json::<Value>().err()
    }),
    ("bytes", |client| {
        let request = client.request(Method::POST, "/v1/restore");
        request.bytes().err()
    }),
];

#[track_caller]
fn assert_advises(error: &Error, case: &str) {
    assert_eq!(error.kind(), ErrorKind::Configuration, "{case}: {error}");
    let shown = error.to_string();
    assert!(shown.contains("`cloudally::Client`"), "{case}: {shown}");
    assert!(!error.is_retryable(), "{case}");
}

#[test]
fn each_way_to_block_is_an_error_with_advice_and_nothing_is_sent() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    for place in PLACES {
        for (way, run) in WAYS {
            let case = format!("{way}, {place}");
            let client = client.clone();
            let error = at(place, move || run(&client));
            let error = error.unwrap_or_else(|| panic!("{case}: no error"));
            assert_advises(&error, &case);
        }
    }
    assert_eq!(sandbox.request_total(), 0);
    // The client is as good as before.
    client.partners().profile().unwrap();
}

/// Ends of an iterator within a runtime: its error, what comes after it, and what comes outside.
fn ends<T: Send + 'static>(
    place: &'static str,
    mut iterator: impl Iterator<Item = Result<T, Error>> + Send + 'static,
) {
    let (error, after, mut iterator) = at(place, move || {
        let error = iterator.next().and_then(Result::err);
        (error, iterator.next().is_none(), iterator)
    });
    assert_advises(&error.unwrap(), place);
    assert!(after, "{place}: it ends");
    assert!(iterator.next().is_none(), "{place}: and stays so");
}

#[test]
fn an_iterator_ends_with_that_error() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    for place in PLACES {
        ends(place, client.tasks().list().items());
        ends(place, client.tasks().list().pages());
        ends(
            place,
            client.restores().job("J").wait(Duration::MAX).states(),
        );
    }
    assert_eq!(sandbox.request_total(), 0);
}

#[test]
fn what_is_here_already_is_given_within_a_runtime_and_the_cursor_leads_on() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    for place in PLACES {
        let mut items = client.tasks().list().items();
        let first = items.next().unwrap().unwrap();
        let (mut read, errors, items) = at(place, move || {
            let (read, errors): (Vec<_>, Vec<_>) = items.by_ref().partition(Result::is_ok);
            (read, errors, items)
        });
        assert_eq!((read.len(), errors.len()), (9, 1), "{place}");
        read.insert(0, Ok(first));
        let rest = client.tasks().list().resume_from(items.cursor().unwrap());
        read.extend(rest.items());
        let read: Vec<_> = read.into_iter().map(|task| task.unwrap().id).collect();
        let expected = client.tasks().list().collect().unwrap();
        let expected: Vec<_> = expected.into_iter().map(|task| task.id).collect();
        assert_eq!(read, expected, "{place}");
    }
}

#[test]
fn the_last_clone_can_be_dropped_within_a_runtime() {
    let sandbox = sandbox();
    for place in PLACES {
        drop_at(&sandbox, place, |client| client);
        drop_at(&sandbox, place, |client| client.tasks());
        drop_at(&sandbox, place, |client| {
            // The next page is under way when it is dropped.
            let mut items = client.tasks().list().concurrency(4).items();
            items.next().unwrap().unwrap();
            items
        });
        drop_at(&sandbox, place, |client| client.restores().job("J"));
        drop_at(&sandbox, place, |client| {
            client.restores().job("J").wait(Duration::MAX)
        });
    }
}

fn drop_at<T: Send + 'static>(
    sandbox: &Sandbox,
    place: &'static str,
    last: impl FnOnce(Client) -> T,
) {
    let client = client(sandbox);
    client.sign_in().unwrap();
    let last = last(client);
    at(place, move || drop(last));
}

/// Building one is no waiting, so it can be done anywhere.
#[test]
fn a_client_can_be_made_within_a_runtime_and_used_outside() {
    let sandbox = sandbox();
    for place in PLACES {
        let account = sandbox.partner().clone();
        let builder = cloudally_contract::accounts::builder(
            &sandbox,
            cloudally_contract::accounts::partner(&account),
        );
        let client = at(place, move || builder.build_blocking()).unwrap();
        client.partners().profile().unwrap();
    }
}

/// Executors that are not tokio's have nothing that would be stopped.
#[test]
fn another_executor_is_no_hindrance() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let profile = futures_util::FutureExt::now_or_never(async { client.partners().profile() });
    profile.unwrap().unwrap();
}
