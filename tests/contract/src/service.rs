//! A [`Server`] that gives planned answers, and the clients that call it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use cloudally::{Client, ClientBuilder};

use crate::answer::Answer;
use crate::made_up;
use crate::request::Request;
use crate::server::{self, Server};
use crate::time::NoWait;

/// Where nobody listens: the port is reserved for a service that has long gone out of use.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// A service that answers as planned, and keeps all requests.
pub struct Service {
    server: Server,
    script: Arc<Mutex<VecDeque<Answer>>>,
    /// What its clients wait for.
    pub sleep: NoWait,
}

impl Service {
    /// A service whose answer depends on the request.
    pub fn playing(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let answer = move |request: &server::Request| answer(&Request::received(request)).steps();
        Self {
            server: Server::start(answer),
            script: Arc::default(),
            sleep: NoWait::default(),
        }
    }

    /// A service that gives these answers one after the other, whatever the requests, and refuses
    /// what comes after.
    pub fn answering(script: impl IntoIterator<Item = Answer>) -> Self {
        let script: Arc<Mutex<VecDeque<_>>> = Arc::new(Mutex::new(script.into_iter().collect()));
        let next = Arc::clone(&script);
        let answer = move |request: &Request| {
            let planned = next.lock().unwrap().pop_front();
            planned.unwrap_or_else(|| Answer::unplanned(request))
        };
        Self {
            script,
            ..Self::playing(answer)
        }
    }

    /// As [`answering`](Self::answering), after a good sign-in.
    pub fn signed_in(script: impl IntoIterator<Item = Answer>) -> Self {
        Self::answering(std::iter::once(Answer::signed_in()).chain(script))
    }

    /// Goes on with these answers; what is left of the script before is dropped.
    pub fn answers_next(&self, script: impl IntoIterator<Item = Answer>) {
        *self.script.lock().unwrap() = script.into_iter().collect();
    }

    /// The base address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// A client of it that waits for nothing, to be set up further.
    pub fn builder(&self) -> ClientBuilder {
        Client::builder()
            .base_url(self.url())
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
        let requests = self.server.requests();
        requests.iter().map(Request::received).collect()
    }

    /// Method and path of all requests up to now, in order.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Request::line).collect()
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
