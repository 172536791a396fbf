//! `Retry-After`: obeyed within limits, and harmless beyond them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudally::time::Clock;
use cloudally::{Client, ErrorKind, RetryPolicy};

use cloudally_contract::server::{Server, reply};
use cloudally_contract::setup::{SECOND, SIGN_IN, builder, profile, read, tokens, with_token};
use cloudally_contract::time::{FakeClock, NoWait, in_time};

/// A server that asks once to wait so long, and then answers.
fn asking(status: u16, value: &str) -> Server {
    let value = value.to_owned();
    let asked = AtomicUsize::new(0);
    Server::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => reply(status, &[("retry-after", &value)], "{}"),
        _ => profile(),
    })
}

fn client(server: &Server, policy: RetryPolicy) -> (Client, NoWait) {
    let sleep = NoWait::default();
    let builder = with_token(server).sleep(Arc::new(sleep.clone()));
    let client = builder
        .clock(Arc::new(FakeClock::new()))
        .retry_policy(policy)
        .build()
        .unwrap();
    (client, sleep)
}

/// The date that is so many seconds from the fake clock's noon.
fn date(seconds: i64) -> String {
    let at = FakeClock::new().now() + jiff::SignedDuration::from_secs(seconds);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[tokio::test]
async fn seconds_and_dates_are_waited_for() {
    for status in [429, 503] {
        for (value, expected) in [
            ("5".to_owned(), 5),
            ("59".to_owned(), 59),
            (" 7 ".to_owned(), 7),
            (date(30), 30),
            (date(1), 1),
            ("1.5".to_owned(), 2),
            ("5, 7".to_owned(), 7),
        ] {
            let server = asking(status, &value);
            let (client, sleep) = client(&server, RetryPolicy::default());
            in_time("the second attempt", read(&client)).await.unwrap();
            assert_eq!(sleep.waits(), [expected * SECOND], "{status} {value}");
            assert_eq!(server.requests().len(), 2);
        }
    }
}

#[tokio::test]
async fn what_is_no_wish_to_wait_is_neither_a_panic_nor_a_hammer() {
    let backoff = Duration::from_millis(200);
    for status in [429, 503] {
        for value in [
            "0",
            "-5",
            "-18446744073709551616",
            "soon",
            "",
            " ",
            "5 s",
            "0x10",
            "\u{1F600}",
            "Mon, 99 Foo 2026 99:99:99 GMT",
            &date(-30),
            &date(-100_000_000),
            "NaN",
            "inf",
            "1e3",
        ] {
            let server = asking(status, value);
            let (client, sleep) = client(&server, RetryPolicy::default());
            in_time("the second attempt", read(&client)).await.unwrap();
            assert_eq!(server.requests().len(), 2, "{value}");
            let [wait] = sleep.waits()[..] else {
                panic!("{value}: {:?}", sleep.waits());
            };
            assert!(wait <= backoff, "{value}: the usual wait, not {wait:?}");
        }
    }
}

/// The last date that the header can hold.
const LAST_DAY: &str = "Fri, 31 Dec 9999 23:59:59 GMT";

fn seconds_until_the_last_day() -> u64 {
    let seconds = 253_402_300_799 - FakeClock::new().now().as_second();
    seconds.unsigned_abs()
}

/// The service's clock is an hour behind or ahead of ours.
#[tokio::test]
async fn a_date_is_counted_from_the_clock_of_the_service() {
    for skew in [-3600, 3600] {
        let asked = AtomicUsize::new(0);
        let headers = [("date", date(skew)), ("retry-after", date(skew + 7))];
        let server = Server::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
            0 => reply(
                503,
                &headers
                    .each_ref()
                    .map(|(name, value)| (*name, value.as_str())),
                "{}",
            ),
            _ => profile(),
        });
        let (client, sleep) = client(&server, RetryPolicy::default());
        in_time("the second attempt", read(&client)).await.unwrap();
        assert_eq!(sleep.waits(), [7 * SECOND], "{skew}");
    }
}

#[tokio::test]
async fn a_wait_beyond_the_cap_or_the_deadline_is_an_error_at_once_that_carries_it() {
    let short = RetryPolicy::default().deadline(10 * SECOND);
    let patient = RetryPolicy::default().deadline(3600 * SECOND);
    for (status, kind) in [(429, ErrorKind::RateLimited), (503, ErrorKind::Server)] {
        for (policy, value, expected) in [
            (patient, "61".to_owned(), 61),
            (patient, "86400".to_owned(), 86_400),
            (patient, date(3599), 3599),
            (patient.max_retry_after(5 * SECOND), "6".to_owned(), 6),
            (short, "10".to_owned(), 10),
            (short, date(11), 11),
            (RetryPolicy::default(), "60".to_owned(), 60),
            (patient, u64::MAX.to_string(), u64::MAX),
            (patient, "18446744073709551616".to_owned(), u64::MAX),
            (patient, "9".repeat(1_000), u64::MAX),
            (patient, LAST_DAY.to_owned(), seconds_until_the_last_day()),
        ] {
            let server = asking(status, &value);
            let (client, sleep) = client(&server, policy);
            let error = in_time("the error", read(&client)).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (kind, 1), "{value}");
            assert_eq!(
                error.retry_after(),
                Some(Duration::from_secs(expected)),
                "{value}"
            );
            assert!(error.to_string().contains("retry after"), "{error}");
            assert_eq!(
                (server.requests().len(), sleep.waits().len()),
                (1, 0),
                "{value}"
            );
        }
    }
}

#[tokio::test]
async fn a_service_that_asks_to_wait_again_and_again_is_asked_three_times() {
    for value in ["0", "-1", "1", "18446744073709551616"] {
        let server = Server::start(move |_| reply(429, &[("retry-after", value)], "{}"));
        let (client, _) = client(&server, RetryPolicy::default());
        in_time("the error", read(&client)).await.unwrap_err();
        assert!(server.requests().len() <= 3, "{value}");
    }
}

#[tokio::test]
async fn a_sign_in_obeys_it_too() {
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN if asked.fetch_add(1, Ordering::SeqCst) == 0 => {
            reply(429, &[("retry-after", "9")], "{}")
        }
        SIGN_IN => tokens("t", None, None),
        _ => profile(),
    });
    let sleep = NoWait::default();
    let client = builder(server.url())
        .sleep(Arc::new(sleep.clone()))
        .build()
        .unwrap();
    read(&client).await.unwrap();
    assert_eq!(sleep.waits(), [9 * SECOND]);
}
