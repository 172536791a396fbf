//! Makes calls: the only file that builds a raw client. Each attempt gets a token and a session of its own; what fails is
//! classified, and tried again if the policy says so.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cloudally_gen::operation::Operation;
use cloudally_gen::session::{Head, Session};
use cloudally_gen::{Error as RawError, ResponseValue};
use futures_util::future::{Either, select};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use tracing::Instrument;

use crate::auth::cache::TokenCache;
use crate::auth::credentials::ClientPair;
use crate::auth::token::Token;
use crate::classify::{Outcome, classify, request_id};
use crate::error::{Error, ErrorKind};
use crate::random::Random;
use crate::retry::budget::Budget;
use crate::retry::policy::{Decision, RetryPolicy, Standing, decide};
use crate::retry::rate::Limiter;
use crate::time::{Clock, Sleep};
use crate::trace;

/// How much of an error answer is read.
const ERROR_BODY: usize = 64 << 10;

/// What every call needs: connections, limits, time.
pub(crate) struct Transport {
    pub(crate) base_url: String,
    /// Keeps connections open for the next read.
    pub(crate) pooled: reqwest::Client,
    /// Opens a connection for each request: on one that was idle, a reset leaves open whether a mutation arrived.
    pub(crate) fresh: reqwest::Client,
    pub(crate) policy: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) body_limit: usize,
    /// What goes along as headers on every request.
    pub(crate) client_headers: Option<ClientPair>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sleep: Arc<dyn Sleep>,
    pub(crate) random: Arc<Random>,
    pub(crate) on_retry: Option<OnRetry>,
}

/// What is told of an attempt that will be followed by another.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Retry<'a> {
    /// Why the attempt failed; it names the operation, the status and the number of attempts so far.
    pub error: &'a Error,
    /// How long the wait is before the next attempt.
    pub wait: Duration,
}

pub(crate) type OnRetry = Arc<dyn Fn(&Retry<'_>) + Send + Sync>;

/// A success.
pub(crate) struct Answer<T> {
    pub(crate) value: T,
    pub(crate) headers: HeaderMap,
}

/// A failure, with what a caller may still make of the answer.
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) head: Option<Head>,
    pub(crate) body: Bytes,
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self {
            error,
            head: None,
            body: Bytes::new(),
        }
    }
}

impl Transport {
    /// Makes a call, with a token if there is a cache to take it from. `send` makes one attempt.
    pub(crate) async fn call<T, Send, Sent>(
        &self,
        operation: &'static Operation,
        tokens: Option<&TokenCache>,
        policy: &RetryPolicy,
        send: Send,
    ) -> Result<Answer<T>, Failed>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        self.attempts(operation, tokens, policy, send)
            .instrument(trace::call(operation))
            .await
    }

    async fn attempts<T, Send, Sent>(
        &self,
        operation: &'static Operation,
        tokens: Option<&TokenCache>,
        policy: &RetryPolicy,
        send: Send,
    ) -> Result<Answer<T>, Failed>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let start = self.clock.monotonic();
        let remaining = || {
            policy
                .deadline
                .saturating_sub(self.clock.monotonic().saturating_sub(start))
        };
        let mut attempts = 0;
        let mut replayed = false;
        self.budget.deposit();
        loop {
            let token = match tokens {
                Some(tokens) => Some(self.token(operation, tokens, remaining()).await?),
                None => None,
            };
            self.place(operation, remaining()).await?;
            if remaining().is_zero() {
                return Err(unsent("the deadline passed before an attempt", operation)
                    .tried(attempts)
                    .into());
            }
            attempts += 1;
            let session = self.session(operation, token.as_deref())?;
            let mut failed = match self.attempt(operation, &session, &send, remaining()).await {
                Ok(answer) => {
                    let head = session.head();
                    let request_id = request_id(&answer.headers);
                    trace::succeeded(
                        attempts,
                        head.map(|head| head.status.as_u16()),
                        request_id.as_deref(),
                    );
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            failed.error = failed.error.tried(attempts);
            // A refused token says nothing of the request: it was not looked at, so even a mutation can go again.
            if let (Some(tokens), Some(token), Some(401), false) =
                (tokens, token, failed.error.status(), replayed)
                && tokens.reject(&token)
            {
                trace::failed(attempts, &failed.error, Some(Duration::ZERO));
                replayed = true;
                continue;
            }
            let standing = Standing {
                attempts,
                remaining: remaining(),
                is_idempotent: operation.is_idempotent,
                share: self.random.share(),
            };
            match decide(policy, standing, &failed.error) {
                Decision::Retry { wait } if self.budget.withdraw() => {
                    trace::failed(attempts, &failed.error, Some(wait));
                    if let Some(on_retry) = &self.on_retry {
                        on_retry(&Retry {
                            error: &failed.error,
                            wait,
                        });
                    }
                    self.sleep.sleep(wait).await;
                }
                Decision::Retry { .. } | Decision::Stop => {
                    trace::failed(attempts, &failed.error, None);
                    return Err(failed);
                }
            }
        }
    }

    async fn token(
        &self,
        operation: &Operation,
        tokens: &TokenCache,
        remaining: Duration,
    ) -> Result<Arc<Token>, Error> {
        match self.within(remaining, tokens.token()).await {
            Some(token) => token,
            None => Err(unsent("the deadline passed during the sign-in", operation)),
        }
    }

    /// Waits for a place within the client's own rate limit.
    async fn place(&self, operation: &Operation, remaining: Duration) -> Result<(), Error> {
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        match limiter.reserve(self.clock.monotonic(), remaining) {
            Some(Duration::ZERO) => Ok(()),
            Some(wait) => {
                self.sleep.sleep(wait).await;
                Ok(())
            }
            None => Err(unsent(
                "the deadline is too close to wait for the client's own rate limit",
                operation,
            )),
        }
    }

    fn session(&self, operation: &Operation, token: Option<&Token>) -> Result<Session, Error> {
        let mut session = Session::new().body_limit(self.body_limit);
        if let Some(token) = token {
            session = session.authorization(token.authorization.clone());
        }
        if let Some(pair) = &self.client_headers
            && token.is_some()
        {
            session = session.client(&pair.id, &pair.secret).map_err(|_| {
                Error::configuration(
                    "the client id or secret has a character that a header cannot carry",
                )
                .operation_id(operation.id)
            })?;
        }
        Ok(session)
    }

    async fn attempt<T, Send, Sent>(
        &self,
        operation: &Operation,
        session: &Session,
        send: &Send,
        remaining: Duration,
    ) -> Result<Answer<T>, Failed>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let http = if operation.is_idempotent {
            &self.pooled
        } else {
            &self.fresh
        };
        let raw =
            cloudally_gen::Client::new_with_client(&self.base_url, http.clone(), session.clone());
        let sent = async {
            match send(raw).await {
                Ok(answer) => Ok(answer),
                Err(error) => Err(read_failure::<T>(error, session).await),
            }
        };
        let (outcome, body) = match self.within(remaining, sent).await {
            Some(Ok(answer)) => {
                let headers = answer.headers().clone();
                return Ok(Answer {
                    value: answer.into_inner(),
                    headers,
                });
            }
            Some(Err(failure)) => failure,
            None => (Outcome::Deadline, Bytes::new()),
        };
        let error = classify(operation, outcome, self.clock.now());
        Err(Failed {
            error,
            head: session.head().cloned(),
            body,
        })
    }

    /// The future's output, or nothing if the time is up first.
    async fn within<F: Future>(&self, remaining: Duration, future: F) -> Option<F::Output> {
        let future = std::pin::pin!(future);
        match select(future, self.sleep.deadline(remaining)).await {
            Either::Left((output, _)) => Some(output),
            Either::Right(((), _)) => None,
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("base_url", &self.base_url)
            .field("policy", &self.policy)
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}

/// The time was up before anything was sent.
fn unsent(what: &str, operation: &Operation) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("{what}, and nothing was sent; allow more time or try later"),
    )
    .operation_id(operation.id)
}

/// What the raw client's error holds, with the body of the answer. Its own text shows headers and bodies, so it goes no
/// further than this.
async fn read_failure<T: DeserializeOwned>(
    error: RawError<()>,
    session: &Session,
) -> (Outcome, Bytes) {
    let status = session.head().map(|head| head.status);
    match error {
        RawError::UnexpectedResponse(response) => {
            let status = response.status();
            let headers = response.headers().clone();
            let body = read_some(response).await;
            (
                Outcome::Status {
                    status,
                    headers,
                    body: body.clone(),
                },
                body,
            )
        }
        RawError::InvalidResponsePayload(body, error) => {
            let (status, headers) = match session.head() {
                Some(head) => (head.status, head.headers.clone()),
                None => (StatusCode::OK, HeaderMap::new()),
            };
            (
                Outcome::Undecodable {
                    status,
                    headers,
                    error,
                    path: json_path::<T>(&body),
                },
                body,
            )
        }
        RawError::CommunicationError(error)
        | RawError::ResponseBodyError(error)
        | RawError::InvalidUpgrade(error) => (Outcome::Transport { error, status }, Bytes::new()),
        RawError::InvalidRequest(reason) | RawError::Custom(reason) => {
            (Outcome::Unsendable { reason }, Bytes::new())
        }
        RawError::ErrorResponse(answer) => {
            let (status, headers) = (answer.status(), answer.headers().clone());
            (
                Outcome::Status {
                    status,
                    headers,
                    body: Bytes::new(),
                },
                Bytes::new(),
            )
        }
    }
}

/// The first part of a body. The status is what matters, so a body that breaks off is as good as a short one.
async fn read_some(mut response: reqwest::Response) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = ERROR_BODY.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() >= ERROR_BODY {
            break;
        }
    }
    body.freeze()
}

/// Where in the body decoding fails: it is decoded once more to find out.
fn json_path<T: DeserializeOwned>(body: &[u8]) -> Option<String> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let result: Result<T, _> = serde_path_to_error::deserialize(&mut deserializer);
    result.err().map(|error| error.path().to_string())
}
