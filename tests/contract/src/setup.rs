//! Clients to test, the usual answers, and futures that are driven by hand.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use cloudally::types::Partner;
use cloudally::{Client, ClientBuilder, Credentials, Error, RetryBudget, RetryPolicy};

use crate::server::{Gate, Request, Server, Step, json};
use crate::time::{FakeClock, NoWait};

pub const SIGN_IN: &str = "/auth/partner";
pub const REFRESH: &str = "/auth/refresh";
pub const READ: &str = "/v1/partners";
pub const RESTORE: &str = "/v1/restore";

pub const SECOND: Duration = Duration::from_secs(1);

/// A partner whose secrets are not secret.
pub fn partner() -> Credentials {
    Credentials::partner("id", "secret")
}

/// A builder of a client of the server.
pub fn builder(url: impl Into<String>) -> ClientBuilder {
    Client::builder().base_url(url).credentials(partner())
}

/// A client with a token that is good for good, so that nothing but the call itself is sent.
pub fn with_token(server: &Server) -> ClientBuilder {
    builder(server.url()).credentials(Credentials::access_token("t"))
}

/// A client with such a token that tries nothing again.
pub fn without_retries(server: &Server) -> Client {
    let builder = with_token(server).sleep(Arc::new(NoWait::default()));
    builder.retry_policy(RetryPolicy::never()).build().unwrap()
}

/// A client with such a token that waits for nothing and can retry once in all.
pub fn with_one_retry(server: &Server) -> Client {
    let builder = with_token(server).sleep(Arc::new(NoWait::default()));
    let budget = RetryBudget::default().burst(1).percent(0);
    builder.retry_budget(budget).build().unwrap()
}

/// Connections that many clients share, where a test needs a client for each of thousands of cases.
pub fn connections() -> cloudally::reqwest::Client {
    use cloudally::reqwest::{Client, redirect, retry};
    let builder = Client::builder().no_proxy().retry(retry::never());
    builder.redirect(redirect::Policy::none()).build().unwrap()
}

/// A client that has signed in, and the clock that it goes by.
pub async fn signed_in(server: &Server) -> (Client, FakeClock) {
    let clock = FakeClock::new();
    let client = builder(server.url())
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    client.sign_in().await.unwrap();
    (client, clock)
}

/// A client that goes by this clock, and waits for nothing.
pub fn impatient(server: &Server, clock: &FakeClock) -> Client {
    let builder = builder(server.url()).clock(Arc::new(clock.clone()));
    builder
        .sleep(Arc::new(NoWait::default()))
        .http_client(connections())
        .build()
        .unwrap()
}

/// The answer to a sign-in.
pub fn tokens(access: &str, refresh: Option<&str>, expires_in: Option<u64>) -> Vec<Step> {
    let answer = serde_json::json!({
        "accessToken": access,
        "tokenType": "Bearer",
        "refreshToken": refresh,
        "expiresIn": expires_in,
    });
    json(200, answer.to_string())
}

/// A service that gives `t0` and `r0`, and `t1` and `r1` for them, good for so many seconds.
pub fn renewing(seconds: u64) -> Server {
    renewing_at(&Gate::opened(), seconds)
}

/// The same, whose renewals wait at a gate.
pub fn renewing_at(gate: &Gate, seconds: u64) -> Server {
    let gate = gate.clone();
    Server::start(move |request| token_of(request, &gate, seconds).unwrap_or_else(profile))
}

/// The same, for a hundred seconds; it refuses reads with `t0`.
pub fn refusing_the_first(gate: &Gate) -> Server {
    let gate = gate.clone();
    Server::start(move |request| match token_of(request, &gate, 100) {
        Some(steps) => steps,
        None if request.token() == "t1" => profile(),
        None => json(401, "{}"),
    })
}

fn token_of(request: &Request, gate: &Gate, seconds: u64) -> Option<Vec<Step>> {
    match request.path.as_str() {
        "/auth" | SIGN_IN => Some(tokens("t0", Some("r0"), Some(seconds))),
        REFRESH => {
            let renewed = tokens("t1", Some("r1"), Some(seconds));
            Some([vec![Step::Wait(gate.clone())], renewed].concat())
        }
        _ => None,
    }
}

/// The answer to a read.
pub fn profile() -> Vec<Step> {
    json(200, r#"{"partnerId": "P-1"}"#)
}

/// Whether it asks for a token, in whatever way.
pub fn is_sign_in(request: &Request) -> bool {
    request.path.starts_with("/auth")
}

/// The status of the answer that made it an error.
pub fn status_of(error: &Error) -> Option<u16> {
    error.status().map(u16::from)
}

pub async fn read(client: &Client) -> Result<Partner, Error> {
    client.partners().profile().await
}

pub type Call<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// A read that has not begun.
pub fn reading(client: &Client) -> Call<Partner> {
    let client = client.clone();
    Box::pin(async move { client.partners().profile().await })
}

/// Reads that have not begun.
pub fn many(client: &Client, count: usize) -> Vec<Call<Partner>> {
    (0..count).map(|_| reading(client)).collect()
}

/// Polls the call once, which must leave it waiting.
pub async fn begin<T>(call: &mut Call<T>) {
    let is_pending = poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await;
    assert!(is_pending, "it has nothing to wait for");
}

/// Drives calls that have begun, few at a time: thousands that wait for a token need no thousands
/// of connections.
pub async fn finish<T>(calls: Vec<Call<T>>) -> Vec<Result<T, Error>> {
    let mut results = Vec::with_capacity(calls.len());
    let mut calls = calls.into_iter();
    loop {
        let few: Vec<_> = calls.by_ref().take(50).collect();
        if few.is_empty() {
            return results;
        }
        results.extend(futures_util::future::join_all(few).await);
    }
}

/// A future's output, or nothing if it is given up after so many polls.
pub async fn give_up_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Lets everything that is ready on this runtime run.
pub async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// So many attempts, and short waits.
pub fn attempts(count: u32) -> RetryPolicy {
    let moment = Duration::from_millis(1);
    RetryPolicy::default()
        .max_attempts(count)
        .backoff(moment, moment)
}
