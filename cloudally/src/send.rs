//! The retry loop. The only module that constructs the generated client.

mod once;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use cloudally_gen::operation::Operation;
use cloudally_gen::session::Session;
use cloudally_gen::{Error as RawError, ResponseValue};
use serde::de::DeserializeOwned;
use tracing::Span;

use crate::attempt::FailedCall;
use crate::auth::cache::TokenCache;
use crate::auth::token::Token;
use crate::error::{Error, ErrorKind};
use crate::observe::{CallFinished, RetryEvent};
use crate::response::Response;
use crate::retry::policy::{Decision, RetryContext, RetryPolicy, decide};
use crate::runtime::require_runtime;
use crate::secrets::Secrets;
use crate::trace;
use crate::transport::{Transport, unsent};

/// What is called, and how.
#[derive(Clone, Copy)]
pub(crate) struct CallSettings<'a> {
    pub(crate) operation: &'a Operation<'a>,
    pub(crate) authorization: Authorization<'a>,
    pub(crate) policy: &'a RetryPolicy,
    /// The number of the page that is read, if one is.
    pub(crate) page: Option<u64>,
}

/// How a call is authorised.
#[derive(Clone, Copy)]
pub(crate) enum Authorization<'a> {
    /// By the token that all calls of the client share.
    Token(&'a TokenCache),
    /// By the secrets that a sign-in sends in its own request, and that its response may repeat.
    SignIn(&'a [&'a str]),
}

/// A call under way.
struct Running<'a> {
    operation: &'a Operation<'a>,
    authorization: Authorization<'a>,
    policy: &'a RetryPolicy,
    span: &'a Span,
    /// On the monotonic clock.
    started: Duration,
    /// How many attempts were begun.
    attempts: u32,
    /// How often the call has been repeated because its token was refused.
    replays: u32,
    /// A refused token that is to be replaced before the next attempt.
    refused: Option<Arc<Token>>,
    /// Whether an attempt met a connection that the service had closed. The others are then made on
    /// fresh ones.
    was_stale: bool,
}

impl Transport {
    /// Makes a call. `send` makes one attempt.
    pub(crate) async fn call<T, Send, Sent>(
        &self,
        settings: CallSettings<'_>,
        send: Send,
    ) -> Result<Response<T>, FailedCall>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let CallSettings {
            operation,
            authorization,
            policy,
            page,
        } = settings;
        let span = trace::call(operation, page);
        let started = self.clock.monotonic();
        let mut running = Running {
            operation,
            authorization,
            policy,
            span: &span,
            started,
            attempts: 0,
            replays: 0,
            refused: None,
            was_stale: false,
        };
        let result = {
            // Pinned in place, because it is large to move.
            let call = pin!(self.run(&mut running, send));
            trace::within(&span, call).await
        };
        let error = result.as_ref().err().map(|failed| &failed.error);
        if let Some(error) = error {
            trace::ended(&span, error);
        }
        if !self.observers.is_empty() {
            let finished = CallFinished {
                operation: trace::operation_name(operation),
                duration: self.clock.monotonic().saturating_sub(started),
                attempts: running.attempts,
                error,
            };
            self.observers
                .each(|observer| observer.call_finished(&finished));
        }
        result
    }

    /// The retry loop.
    async fn run<T, Send, Sent>(
        &self,
        running: &mut Running<'_>,
        send: Send,
    ) -> Result<Response<T>, FailedCall>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        self.admit(running)?;
        let mut last: Option<FailedCall> = None;
        loop {
            let (token, remaining) = match self.prepare(running).await {
                Ok(prepared) => prepared,
                // What the service last said is worth more than that there was no time to ask
                // again.
                Err(error) if error.kind() == ErrorKind::Timeout => {
                    return Err(last.unwrap_or(error.into()));
                }
                Err(error) => return Err(error.into()),
            };
            running.attempts += 1;
            // Awaited in place, because it is large to move.
            let failed = match self
                .attempt(running, token.as_deref(), remaining, &send)
                .await
            {
                Ok(mut response) => {
                    response.parts.set_attempts(running.attempts);
                    return Ok(response);
                }
                Err(failed) => failed,
            };
            let decision = self.decide(running, token.as_ref(), &failed);
            let failed = failed.with_decision(decision);
            trace::decided(
                running.span,
                running.operation,
                running.attempts,
                &failed.error,
                decision,
            );
            let Decision::Retry { delay } = decision else {
                return Err(failed);
            };
            let retry = RetryEvent {
                operation: trace::operation_name(running.operation),
                error: &failed.error,
                delay,
            };
            self.observers.each(|observer| observer.retry(&retry));
            last = Some(failed);
            if !delay.is_zero() {
                self.sleep.sleep(delay).await;
            }
            if let (Some(token), Authorization::Token(tokens)) =
                (running.refused.take(), running.authorization)
            {
                tokens.reject(&token);
            }
        }
    }

    /// Refuses a call that cannot be made, and pays into the retry budget for one that can.
    fn admit(&self, running: &Running<'_>) -> Result<(), Error> {
        let checked = require_runtime().and_then(|_| running.policy.check());
        checked.map_err(|error| error.with_operation(running.operation.id))?;
        // A sign-in is made for a call that has paid already.
        if running.operation.needs_token {
            self.budget.deposit();
        }
        Ok(())
    }

    fn remaining(&self, running: &Running<'_>) -> Duration {
        let elapsed = self.clock.monotonic().saturating_sub(running.started);
        running.policy.deadline.saturating_sub(elapsed)
    }

    /// Waits for a rate-limit permit, and then for a token, which should not grow old in the queue.
    /// Returns the time that remains beside the token.
    async fn prepare(
        &self,
        running: &Running<'_>,
    ) -> Result<(Option<Arc<Token>>, Duration), Error> {
        // A failed sign-in names its own operation.
        let name_operation = |error: Error| match error.operation() {
            None => error.with_operation(running.operation.id),
            Some(_) => error,
        };
        self.acquire_permit(running.operation, || self.remaining(running))
            .await
            .map_err(name_operation)?;
        let token = match running.authorization {
            Authorization::Token(tokens) => {
                let token = self.token(tokens, || self.remaining(running)).await;
                Some(token.map_err(name_operation)?)
            }
            Authorization::SignIn(_) => None,
        };
        let remaining = self.remaining(running);
        if remaining.is_zero() {
            return Err(name_operation(unsent(
                "the deadline passed before the request was sent",
            )));
        }
        Ok((token, remaining))
    }

    /// Returns a valid token, and signs in if there is none.
    pub(crate) async fn token(
        &self,
        tokens: &TokenCache,
        remaining: impl FnOnce() -> Duration,
    ) -> Result<Arc<Token>, Error> {
        // Nearly always there is one, and then nothing is awaited.
        if let Some(token) = tokens.fresh() {
            return Ok(token);
        }
        require_runtime()?;
        match self.within(remaining(), pin!(tokens.token())).await {
            Some(token) => token,
            None => Err(unsent("the deadline passed during the sign-in")),
        }
    }

    /// The secrets of the client and of the call, which the service may repeat.
    fn secrets<'a>(
        &'a self,
        authorization: Authorization<'a>,
        token: Option<&'a Token>,
    ) -> Secrets<'a> {
        Secrets {
            of_token: token.map(Token::secrets).unwrap_or_default(),
            of_client: &self.secrets,
            of_call: match authorization {
                Authorization::SignIn(secrets) => secrets,
                Authorization::Token(_) => &[],
            },
        }
    }

    fn raw_client(&self, http: reqwest::Client, session: Session) -> cloudally_gen::Client {
        cloudally_gen::Client::new_with_client(&self.base_url, http, session)
    }

    /// A raw client with the current token. It opens a connection per request, for what it sends
    /// may be a mutation.
    #[cfg(feature = "unstable-raw")]
    pub(crate) async fn raw(
        &self,
        tokens: &TokenCache,
        policy: &RetryPolicy,
    ) -> Result<cloudally_gen::Client, Error> {
        require_runtime()?;
        let token = self.token(tokens, || policy.deadline).await?;
        Ok(self.raw_client(self.http.fresh()?, self.credentials(true, Some(&token))))
    }

    /// What follows a failed attempt.
    fn decide(
        &self,
        running: &mut Running<'_>,
        token: Option<&Arc<Token>>,
        failed: &FailedCall,
    ) -> Decision {
        let FailedCall {
            error, is_stale, ..
        } = failed;
        // The service did not look at the request, so that it costs no budget.
        let is_read = matches!(running.operation.method, "GET" | "HEAD" | "OPTIONS");
        if *is_stale && is_read && !running.was_stale {
            running.was_stale = true;
            return Decision::Retry {
                delay: Duration::ZERO,
            };
        }
        if error.kind() == ErrorKind::TokenRefused
            && let (Authorization::Token(tokens), Some(token)) = (running.authorization, token)
        {
            return self.replace_token(running, tokens, token);
        }
        let context = RetryContext {
            attempts: running.attempts - u32::from(running.was_stale),
            remaining: self.remaining(running),
            is_idempotent: running.operation.is_idempotent,
            jitter: self.random.jitter(),
        };
        match decide(running.policy, context, error) {
            Decision::Retry { .. } if !self.budget.withdraw() => Decision::BudgetSpent,
            decision => decision,
        }
    }

    /// Repeats a call with another token. The service did not look at a request whose token it
    /// refused, so even a mutation is repeated once; a read also waits once, if the token was made
    /// a moment ago.
    fn replace_token(
        &self,
        running: &mut Running<'_>,
        tokens: &TokenCache,
        token: &Arc<Token>,
    ) -> Decision {
        let most = if running.operation.is_idempotent {
            2
        } else {
            1
        };
        if running.replays >= most {
            return Decision::Stop;
        }
        let delay = tokens.reject(token);
        if delay.is_zero() {
            running.replays += 1;
        } else if running.operation.is_idempotent && delay < self.remaining(running) {
            running.replays = most;
            running.refused = Some(Arc::clone(token));
        } else {
            return Decision::Stop;
        }
        Decision::Retry { delay }
    }
}

impl Running<'_> {
    fn failed(&self, mut failed: FailedCall, secrets: &Secrets<'_>) -> FailedCall {
        let mut error = failed.error.with_attempts(self.attempts).redacted(secrets);
        if let (ErrorKind::TokenRefused, Authorization::Token(tokens)) =
            (error.kind(), self.authorization)
            && tokens.is_final()
        {
            let detail = "the access token was refused; give the client a new one";
            error = error.reclassified(ErrorKind::Unauthenticated, detail);
        }
        failed.error = error;
        failed.parts = failed.parts.map(|parts| Box::new(parts.redacted(secrets)));
        failed
    }
}
