//! A service on loopback that plays a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use cloudally::{Client, ClientBuilder};
use httpmock::{HttpMockResponse, MockServer};

use crate::answer::Answer;
use crate::made_up;
use crate::request::Request;
use crate::sleep::NoWait;

/// Where nobody listens: the port is reserved for a service that has long gone out of use.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// A mock server that notes every request before any mock sees it.
pub struct Service {
    server: MockServer,
    seen: Arc<Mutex<Vec<Request>>>,
    script: Arc<Mutex<VecDeque<Answer>>>,
    /// What its clients wait for.
    pub sleep: NoWait,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("seen", &self.seen())
            .finish_non_exhaustive()
    }
}

impl Service {
    /// A service without mocks: mount them on [`server`](Self::server), and
    /// [`refuse_the_rest`](Self::refuse_the_rest).
    pub async fn start() -> Self {
        let server = MockServer::start_async().await;
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let log = Arc::clone(&seen);
        // Mocks are tried in the order of their making, so this one, which never fits, sees all.
        server
            .mock_async(|when, _| {
                when.is_true(move |request| {
                    lock(&log).push(Request::received(request));
                    false
                });
            })
            .await;
        Self {
            server,
            seen,
            script: Arc::default(),
            sleep: NoWait::default(),
        }
    }

    /// A service that gives these answers one after the other, whatever it is asked, and refuses
    /// what comes after.
    pub async fn answering(script: impl IntoIterator<Item = Answer>) -> Self {
        let service = Self::start().await;
        service.answers_next(script);
        let script = Arc::clone(&service.script);
        service
            .server
            .mock_async(|_, then| {
                then.respond_with(move |request| match lock(&script).pop_front() {
                    Some(answer) => answer.into(),
                    None => unplanned(&Request::received(request)),
                });
            })
            .await;
        service
    }

    /// As [`answering`](Self::answering), after a good sign-in.
    pub async fn signed_in(script: impl IntoIterator<Item = Answer>) -> Self {
        Self::answering(std::iter::once(Answer::signed_in()).chain(script)).await
    }

    /// Goes on with these answers; what is left of the script before is dropped.
    pub fn answers_next(&self, script: impl IntoIterator<Item = Answer>) {
        *lock(&self.script) = script.into_iter().collect();
    }

    /// Refuses what no mock was planned for, with an answer that says so.
    pub async fn refuse_the_rest(&self) {
        self.server
            .mock_async(|_, then| {
                then.respond_with(|request| unplanned(&Request::received(request)));
            })
            .await;
    }

    /// The mock server.
    #[must_use]
    pub fn server(&self) -> &MockServer {
        &self.server
    }

    /// A client of it that waits for nothing, to be set up further.
    pub fn builder(&self) -> ClientBuilder {
        Client::builder()
            .base_url(self.server.base_url())
            .credentials(made_up::partner())
            .sleep(Arc::new(self.sleep.clone()))
    }

    /// A partner's client of it that waits for nothing.
    #[must_use]
    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// All requests up to now, in order.
    #[must_use]
    pub fn seen(&self) -> Vec<Request> {
        lock(&self.seen).clone()
    }

    /// Method and path of all requests up to now, in order.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        lock(&self.seen).iter().map(Request::line).collect()
    }

    /// Fails unless exactly these requests came, in this order.
    #[track_caller]
    pub fn assert_saw(&self, expected: impl IntoIterator<Item = Request>) {
        let seen = self.seen();
        let expected: Vec<_> = expected.into_iter().collect();
        for (at, (seen, expected)) in seen.iter().zip(&expected).enumerate() {
            assert_eq!(
                seen, expected,
                "request {at} is not the one that should go out"
            );
        }
        let lines = |requests: &[Request]| requests.iter().map(Request::line).collect::<Vec<_>>();
        assert_eq!(
            lines(&seen),
            lines(&expected),
            "too many or too few requests went out"
        );
    }
}

/// 418 is neither tried again nor taken for anything that the service says.
fn unplanned(request: &Request) -> HttpMockResponse {
    Answer::spring(
        418,
        &format!("the test did not plan for {}", request.line()),
    )
    .into()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
