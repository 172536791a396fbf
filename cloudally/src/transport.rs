//! What every call of a client shares: connections, limits and time.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use cloudally_gen::base::Base;
use cloudally_gen::operation::Operation;
use cloudally_gen::secret::Secret;
use cloudally_gen::session::{ClientCredentials, Session};
use http::HeaderMap;

use crate::auth::credentials::ClientPair;
use crate::auth::token::Token;
use crate::connection::{Connections, Destination};
use crate::error::{Error, ErrorKind};
use crate::observe::{Observers, PermitWaited};
use crate::random::Random;
use crate::retry::budget::Budget;
use crate::retry::policy::RetryPolicy;
use crate::retry::rate_limit::Limiter;
use crate::time::{AsyncSleep, Clock};
use crate::trace::operation_name;

/// What every call of a client shares.
pub(crate) struct Transport {
    pub(crate) base_url: String,
    pub(crate) base: Arc<Base>,
    pub(crate) destination: Destination,
    pub(crate) http: Connections,
    pub(crate) policy: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) max_response_bytes: usize,
    pub(crate) max_page_items: usize,
    /// Everything secret that the credentials hold.
    pub(crate) secrets: Vec<Secret>,
    /// The client's id and secret.
    pub(crate) client: Option<ClientPair>,
    /// The same as headers, if every request carries them.
    pub(crate) client_headers: Option<ClientCredentials>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sleep: Arc<dyn AsyncSleep>,
    pub(crate) random: Arc<Random>,
    pub(crate) observers: Observers,
    /// Headers of the program that every request carries.
    pub(crate) default_headers: Option<Arc<HeaderMap>>,
}

impl Transport {
    /// Waits for a rate-limit permit.
    pub(crate) async fn acquire_permit(
        &self,
        operation: &Operation<'_>,
        remaining: impl FnOnce() -> Duration,
    ) -> Result<(), Error> {
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        match limiter.reserve(self.clock.monotonic(), remaining()) {
            Some(Duration::ZERO) => Ok(()),
            Some(delay) => {
                self.sleep.sleep(delay).await;
                let waited = PermitWaited {
                    operation: operation_name(operation),
                    duration: delay,
                };
                self.observers
                    .each(|observer| observer.permit_waited(&waited));
                Ok(())
            }
            None => Err(unsent(
                "the client's own rate limit has no permit before the deadline",
            )),
        }
    }

    /// The session of one attempt: its credentials, and the limits on its response.
    pub(crate) fn session(&self, operation: &Operation<'_>, token: Option<&Token>) -> Session {
        let session = self.credentials(operation.needs_token, token);
        let session = session.response_fields(operation.response_fields);
        match operation.pagination {
            Some(_) => session.max_items(self.max_page_items),
            None => session,
        }
    }

    /// A session with credentials, for any operation.
    pub(crate) fn credentials(&self, needs_token: bool, token: Option<&Token>) -> Session {
        let mut session = Session::new()
            .base(Arc::clone(&self.base))
            .max_response_bytes(self.max_response_bytes);
        if let Some(headers) = &self.default_headers {
            session = session.default_headers(Arc::clone(headers));
        }
        if let Some(token) = token {
            session = session.authorization(token.authorization.clone());
        }
        // A sign-in sends them as parameters of its own.
        if let Some(headers) = &self.client_headers
            && needs_token
        {
            session = session.client(headers.clone());
        }
        session
    }

    /// The output of the future, or `None` if the time is over first.
    // An `async fn` would store its arguments twice, and a combinator would move the output, which
    // is large.
    pub(crate) fn within<'f, F: Future>(
        &self,
        remaining: Duration,
        mut future: Pin<&'f mut F>,
    ) -> impl Future<Output = Option<F::Output>> + use<'f, F> {
        let mut deadline = self.sleep.deadline(remaining);
        poll_fn(move |context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => deadline.as_mut().poll(context).map(|()| None),
        })
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("base_url", &self.base_url)
            .field("policy", &self.policy)
            .field("max_response_bytes", &self.max_response_bytes)
            .finish_non_exhaustive()
    }
}

/// The error of a deadline that passed before anything was sent.
pub(crate) fn unsent(what: &str) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("{what}, and nothing was sent; allow more time or try later"),
    )
}
