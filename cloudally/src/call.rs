//! Makes calls: the only file that builds a raw client. Each attempt gets a token and a session of its own; what fails is
//! classified, and tried again if the policy says so.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cloudally_gen::operation::Operation;
use cloudally_gen::session::Session;
use cloudally_gen::{Error as RawError, ResponseValue};
use serde::de::DeserializeOwned;
use tracing::{Instrument, Span};

use crate::auth::cache::TokenCache;
use crate::auth::token::Token;
use crate::classify::{Answered, Outcome, classify};
use crate::error::{Error, ErrorKind};
use crate::read;
use crate::response::{Head, Response};
use crate::retry::policy::{Decision, RetryPolicy, Standing, decide};
use crate::trace;
use crate::transport::{Retry, Transport, need_runtime, unsent};

/// How a call is authorised.
#[derive(Clone, Copy)]
pub(crate) enum Authorization<'a> {
    /// By the token that all calls share.
    Token(&'a TokenCache),
    /// By what it sends itself: a sign-in. These secrets may come back in the answer.
    SignIn(&'a [&'a str]),
}

/// A failure, with what a caller may still make of the answer.
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) head: Option<Box<Head>>,
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
    /// Makes a call. `send` makes one attempt.
    pub(crate) async fn call<T, Send, Sent>(
        &self,
        operation: &Operation<'_>,
        authorization: Authorization<'_>,
        policy: &RetryPolicy,
        send: Send,
    ) -> Result<Response<T>, Failed>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let span = trace::call(operation);
        // Pinned where it is, for it is large to move.
        let attempts = pin!(self.attempts(operation, authorization, policy, send, span.clone()));
        attempts.instrument(span).await
    }

    async fn attempts<T, Send, Sent>(
        &self,
        operation: &Operation<'_>,
        authorization: Authorization<'_>,
        policy: &RetryPolicy,
        send: Send,
        span: Span,
    ) -> Result<Response<T>, Failed>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        need_runtime().map_err(|error| error.operation_id(operation.id))?;
        let start = self.clock.monotonic();
        let remaining = || {
            policy
                .deadline
                .saturating_sub(self.clock.monotonic().saturating_sub(start))
        };
        let mut attempts = 0;
        let mut replayed = false;
        let mut last: Option<Failed> = None;
        // A sign-in is made for a call, which has paid in.
        if operation.needs_token {
            self.budget.deposit();
        }
        loop {
            let token = match self.prepare(operation, authorization, remaining).await {
                Ok(token) => token,
                // What the service said last tells more than that there was no time to ask again.
                Err(error) if error.kind() == ErrorKind::Timeout => {
                    return Err(last.unwrap_or(error.into()));
                }
                Err(error) => return Err(error.into()),
            };
            attempts += 1;
            let session = self
                .session(operation.needs_token, token.as_deref())
                .keep_head();
            let secrets = self.secrets(authorization, token.as_deref());
            let mut failed = match self.attempt(operation, &session, &send, remaining()).await {
                Ok(mut answer) => {
                    answer.head = answer.head.without(&secrets);
                    trace::succeeded(&span, attempts, &answer.head);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            failed.error = failed.error.tried(attempts).without(&secrets);
            failed.head = failed.head.map(|head| Box::new(head.without(&secrets)));
            // A refused token says nothing of the request: it was not looked at, so even a mutation can go again.
            let is_refused = failed.error.status() == Some(401) && !replayed;
            let wait = match (authorization, token) {
                (Authorization::Token(tokens), Some(token))
                    if is_refused && tokens.reject(&token) =>
                {
                    replayed = true;
                    Some(Duration::ZERO)
                }
                _ => self.wait(operation, policy, attempts, remaining(), &failed.error),
            };
            trace::failed(&span, attempts, &failed.error, wait);
            let Some(wait) = wait else {
                return Err(failed);
            };
            if let Some(on_retry) = &self.on_retry {
                on_retry(&Retry {
                    error: &failed.error,
                    wait,
                });
            }
            last = Some(failed);
            if !wait.is_zero() {
                self.sleep.sleep(wait).await;
            }
        }
    }

    /// The secrets that are sent, which the service may repeat.
    fn secrets<'a>(
        &'a self,
        authorization: Authorization<'a>,
        token: Option<&'a Token>,
    ) -> Vec<&'a str> {
        let mut secrets = match authorization {
            Authorization::SignIn(secrets) => secrets.to_vec(),
            Authorization::Token(_) => {
                let client = self.client.as_ref().map(|client| client.secret.expose());
                token.map(Token::text).into_iter().chain(client).collect()
            }
        };
        // A shorter one occurs in any text, and hides nothing.
        secrets.retain(|secret| secret.len() >= 4);
        secrets
    }

    /// How long to wait before another attempt, if there is to be one.
    fn wait(
        &self,
        operation: &Operation<'_>,
        policy: &RetryPolicy,
        attempts: u32,
        remaining: Duration,
        error: &Error,
    ) -> Option<Duration> {
        let is_idempotent = operation.is_idempotent;
        let standing = Standing {
            attempts,
            remaining,
            is_idempotent,
            share: self.random.share(),
        };
        match decide(policy, standing, error) {
            Decision::Retry { wait } if self.budget.withdraw() => Some(wait),
            Decision::Retry { .. } | Decision::Stop => None,
        }
    }

    /// Waits for a place within the rate limit, and then for a token: it should not grow old in the queue.
    async fn prepare(
        &self,
        operation: &Operation<'_>,
        authorization: Authorization<'_>,
        remaining: impl Fn() -> Duration,
    ) -> Result<Option<Arc<Token>>, Error> {
        // What failed before there was a sign-in is the operation's own failure.
        let own = |error: Error| match error.operation() {
            None => error.operation_id(operation.id),
            Some(_) => error,
        };
        self.place(remaining()).await.map_err(own)?;
        let token = match authorization {
            Authorization::Token(tokens) => {
                Some(self.token(tokens, remaining()).await.map_err(own)?)
            }
            Authorization::SignIn(_) => None,
        };
        if remaining().is_zero() {
            return Err(own(unsent(
                "the deadline passed before the request went out",
            )));
        }
        Ok(token)
    }

    /// A token that is good, within the time that is left.
    pub(crate) async fn token(
        &self,
        tokens: &TokenCache,
        remaining: Duration,
    ) -> Result<Arc<Token>, Error> {
        // Nearly always there is one, and then nothing is waited for.
        if let Some(token) = tokens.good() {
            return Ok(token);
        }
        need_runtime()?;
        match self.within(remaining, pin!(tokens.token())).await {
            Some(token) => token,
            None => Err(unsent("the deadline passed during the sign-in")),
        }
    }

    /// A raw client with a token of now, on connections of its own: what it sends may be a mutation.
    pub(crate) async fn raw(
        &self,
        tokens: &TokenCache,
        policy: &RetryPolicy,
    ) -> Result<cloudally_gen::Client, Error> {
        need_runtime()?;
        let token = self.token(tokens, policy.deadline).await?;
        let session = self.session(true, Some(&token));
        Ok(cloudally_gen::Client::new_with_client(
            &self.base_url,
            self.http.fresh()?.clone(),
            session,
        ))
    }

    fn session(&self, needs_token: bool, token: Option<&Token>) -> Session {
        let mut session = Session::new()
            .base(Arc::clone(&self.base))
            .body_limit(self.body_limit);
        if let Some(token) = token {
            session = session.authorization(token.authorization.clone());
        }
        // A sign-in carries them as its own parameters.
        if let Some(headers) = &self.every_request
            && needs_token
        {
            session = session.client(headers.clone());
        }
        session
    }

    async fn attempt<T, Send, Sent>(
        &self,
        operation: &Operation<'_>,
        session: &Session,
        send: &Send,
        remaining: Duration,
    ) -> Result<Response<T>, Failed>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let http = if operation.is_idempotent {
            self.http.pooled()
        } else {
            let fresh = self.http.fresh();
            fresh.map_err(|error| error.operation_id(operation.id))?
        };
        let raw =
            cloudally_gen::Client::new_with_client(&self.base_url, http.clone(), session.clone());
        let sent = async {
            match send(raw).await {
                Ok(answer) => Ok(answer),
                Err(error) => Err(read::failure::<T>(error, session).await),
            }
        };
        let outcome = match self.within(remaining, pin!(sent)).await {
            Some(Ok(answer)) => {
                let headers = session.take_head().map(|head| head.headers);
                let head = Head::new(answer.status(), headers.unwrap_or_default());
                return Ok(Response::new(answer.into_inner(), head));
            }
            Some(Err(outcome)) => outcome,
            None => Outcome::Deadline {
                answered: Answered::by(session),
            },
        };
        let head = outcome
            .answered()
            .map(|answered| Box::new(Head::new(answered.status, answered.headers.clone())));
        let body = outcome.body();
        let error = classify(operation, outcome, self.clock.now());
        Err(Failed { error, head, body })
    }
}
