//! A mock server that fails a test on any request that the test did not plan.

mod error;
mod expectation;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use httpmock::prelude::HttpMockRequest;
use httpmock::{HttpMockResponse, Mock, MockServer, Then, When};

pub(crate) use error::error;
use expectation::{Difference, Expectation};

/// A mock server for tests that fails the test on any request that was not planned.
///
/// Plan requests with the methods of [`MockServerExt`](crate::httpmock::MockServerExt), one for
/// each operation, or with [`plan`](Self::plan). Any other request receives a 501. When the service
/// is dropped, the test then panics with a message that lists the unexpected requests, the planned
/// ones, and how each unexpected request differs from the closest planned one. Secrets are not
/// shown in the message.
///
/// # Errors of the service
///
/// `then.error(status, message)` lets a planned request fail. The response has the status and the
/// body `{status, error, message}`, which Spring Boot writes, and `error` is the reason phrase of
/// the status. It panics if the status is not from 400 to 599. Other headers can be added to its
/// `into_inner()`.
///
/// Evidence: inferred.
///
/// ```
/// # mod cloudally { pub mod testing {
/// #     pub use cloudally_gen::{httpmock::MockServerExt, mock_service::MockService};
/// # } }
/// use cloudally::testing::{MockServerExt, MockService};
///
/// let service = MockService::start();
/// service.get_partner(|_, then| {
///     let then = then.error(429, "Too many requests");
///     then.into_inner().header("retry-after", "3");
/// });
/// ```
pub struct MockService {
    server: MockServer,
    plan: Arc<Mutex<Plan>>,
}

#[derive(Debug, Default)]
struct Plan {
    planned: Vec<Expectation>,
    unplanned: Vec<Unplanned>,
    /// The id of the mock that answers all other requests. It must be the last one, because
    /// httpmock uses the first mock that matches.
    catch_all: Option<usize>,
}

/// A request that was not planned.
#[derive(Debug)]
struct Unplanned {
    /// The method, path and query.
    request: String,
    /// How the request differs from the closest planned one.
    nearest: Option<String>,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let came: Vec<_> = self.unplanned.iter().map(|one| &*one.request).collect();
        let came = came.join(", ");
        if self.planned.is_empty() {
            return write!(f, "received {came}, and no request was planned");
        }
        let planned: Vec<_> = self.planned.iter().map(|one| &*one.name).collect();
        let planned = planned.join(", ");
        write!(
            f,
            "received {came}, which matches no planned request: {planned}"
        )?;
        let told = self.unplanned.iter().filter_map(|one| {
            let nearest = one.nearest.as_ref()?;
            Some(format!("for {}, {nearest}", one.request))
        });
        let told: Vec<_> = told.collect();
        if told.is_empty() {
            return Ok(());
        }
        write!(f, ". {}", told.join(". "))
    }
}

impl MockService {
    /// Starts a server on loopback.
    #[must_use]
    pub fn start() -> Self {
        let service = Self {
            server: MockServer::start(),
            plan: Arc::default(),
        };
        service.catch_all();
        service
    }

    /// Returns the base URL for a client, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.base_url()
    }

    /// Returns the underlying server, for mocks that no plan can express.
    ///
    /// httpmock uses the first mock that matches, and [`start`](Self::start) and
    /// [`plan`](Self::plan) each leave a mock that matches every request at the end. A mock that is
    /// added here directly is therefore reached only once a request has been planned after it.
    #[must_use]
    pub fn server(&self) -> &MockServer {
        &self.server
    }

    /// Plans a request of any kind. The name identifies it in messages.
    pub fn plan<F>(&self, name: impl Into<String>, specify: F) -> Mock<'_>
    where
        F: FnOnce(When, Then),
    {
        let before = self.plan_state().catch_all.take();
        let mock = self.server.mock(specify);
        let expectation = Expectation::of(name.into(), *self.server.address(), mock.id());
        self.plan_state().planned.push(expectation);
        self.catch_all();
        if let Some(id) = before {
            Mock::new(id, &self.server).delete();
        }
        mock
    }

    /// Returns the requests that were not planned, such as `GET /v1/partners?a=b`, and forgets
    /// them, so that they no longer fail the test.
    #[must_use]
    pub fn take_unplanned(&self) -> Vec<String> {
        let unplanned = std::mem::take(&mut self.plan_state().unplanned);
        unplanned.into_iter().map(|one| one.request).collect()
    }

    fn catch_all(&self) {
        let plan = Arc::clone(&self.plan);
        let mock = self.server.mock(|when, then| {
            when.is_true(|_| true);
            then.respond_with(move |request: &HttpMockRequest| {
                let came = expectation::line(request);
                let mut plan = lock(&plan);
                let differences = plan.planned.iter().map(|one| one.difference(request));
                let nearest = differences.min_by_key(Difference::distance);
                plan.unplanned.push(Unplanned {
                    request: came,
                    nearest: nearest.map(|nearest| nearest.to_string()),
                });
                let message = serde_json::json!({"message": plan.to_string()});
                HttpMockResponse::builder()
                    .status(501)
                    .header("content-type", "application/json")
                    .body(message.to_string())
                    .build()
            });
        });
        self.plan_state().catch_all = Some(mock.id());
    }

    fn plan_state(&self) -> MutexGuard<'_, Plan> {
        lock(&self.plan)
    }
}

fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for MockService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockService")
            .field("url", &self.url())
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl Drop for MockService {
    #[allow(
        clippy::panic,
        reason = "it is how a test fails, and this is for tests"
    )]
    fn drop(&mut self) {
        let plan = self.plan_state();
        // A test that is already failing keeps its own reason.
        if !plan.unplanned.is_empty() && !std::thread::panicking() {
            let message = plan.to_string();
            drop(plan);
            panic!("unplanned requests: {message}");
        }
    }
}
