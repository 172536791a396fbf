//! The retry loop, and the future of a call. The only module that constructs the generated client.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use cloudally_gen::operation::Operation;
use cloudally_gen::secret::Secret;
use cloudally_gen::session::Session;
use cloudally_gen::{Error as RawError, ResponseValue};
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use tracing::{Instrument, Span};

use crate::attempt::{AttemptError, FailedCall, PartialResponse};
use crate::auth::cache::TokenCache;
use crate::auth::token::Token;
use crate::classify::classify;
use crate::error::{Error, ErrorKind};
use crate::read::read_failure;
use crate::response::{Response, ResponseParts};
use crate::retry::policy::{Decision, RetryContext, RetryPolicy, decide};
use crate::runtime::require_runtime;
use crate::secrets::Secrets;
use crate::trace;
use crate::transport::{RetryEvent, Transport, unsent};

/// How long the body of a failure is awaited. Its status says what matters.
const ERROR_BODY_PATIENCE: Duration = Duration::from_secs(1);

/// A call that is sent when it is awaited.
///
/// It borrows nothing, so several calls can be awaited at once, and each can run in a task of its
/// own. Dropping it ends the call; what was sent already may still be carried out.
///
/// Everything that this crate awaits is like that. A single request is a `Call`, whose response
/// [`with_response`](Self::with_response) adds; work of several requests, such as
/// [`ListRequest::collect`](crate::ListRequest::collect), is another future that borrows nothing.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// let (partner, task) =
///     tokio::try_join!(client.partners().profile(), client.backups().get("BT-1"))?;
/// let spawned = tokio::spawn(client.resellers().profile());
/// # Ok(())
/// # }
/// ```
#[must_use = "a call is not sent until it is awaited"]
pub struct Call<T>(BoxFuture<'static, Result<Response<T>, Error>>);

impl<T> Call<T> {
    #[inline]
    pub(crate) fn new(
        call: impl Future<Output = Result<Response<T>, Error>> + Send + 'static,
    ) -> Self {
        Self(Box::pin(call))
    }
}

impl<T: Send + 'static> Call<T> {
    /// Returns the same call with the status and headers of its response beside the value.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// let response = client.partners().profile().with_response().await?;
    /// println!("{:?}, request {:?}", response.value.email, response.parts.request_id());
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_response(self) -> Call<Response<T>> {
        Call::new(async move {
            let response = self.0.await?;
            let parts = response.parts.clone();
            Ok(Response::new(response, parts))
        })
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.0.as_mut().poll(context);
        polled.map(|result| result.map(|response| response.value))
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
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
        operation: &Operation<'_>,
        authorization: Authorization<'_>,
        policy: &RetryPolicy,
        send: Send,
    ) -> Result<Response<T>, FailedCall>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let span = trace::call(operation);
        let running = Running {
            operation,
            authorization,
            policy,
            span: &span,
            started: self.clock.monotonic(),
            attempts: 0,
            replays: 0,
            refused: None,
            was_stale: false,
        };
        // Pinned in place, because it is large to move.
        let call = pin!(self.run(running, send));
        let result = call.instrument(span.clone()).await;
        if let Err(failed) = &result {
            trace::ended(&span, &failed.error);
        }
        result
    }

    /// The retry loop.
    async fn run<T, Send, Sent>(
        &self,
        mut running: Running<'_>,
        send: Send,
    ) -> Result<Response<T>, FailedCall>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        self.admit(&running)?;
        let mut last: Option<FailedCall> = None;
        loop {
            let token = match self.prepare(&running).await {
                Ok(token) => token,
                // What the service last said is worth more than that there was no time to ask
                // again.
                Err(error) if error.kind() == ErrorKind::Timeout => {
                    return Err(last.unwrap_or(error.into()));
                }
                Err(error) => return Err(error.into()),
            };
            running.attempts += 1;
            let secrets = self.secrets(running.authorization, token.as_deref());
            let failed = match self.attempt(&running, token.as_deref(), &send).await {
                Ok(response) => return Ok(running.succeeded(response, &secrets)),
                Err(failed) => running.failed(failed, &secrets),
            };
            let decision = self.decide(&mut running, token.as_ref(), &failed);
            let failed = failed.with_decision(decision);
            trace::failed(running.span, running.attempts, &failed.error, decision);
            let Decision::Retry { delay } = decision else {
                return Err(failed);
            };
            self.announce_retry(&failed.error, delay);
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
    async fn prepare(&self, running: &Running<'_>) -> Result<Option<Arc<Token>>, Error> {
        // A failed sign-in names its own operation.
        let name_operation = |error: Error| match error.operation() {
            None => error.with_operation(running.operation.id),
            Some(_) => error,
        };
        self.acquire_permit(self.remaining(running))
            .await
            .map_err(name_operation)?;
        let token = match running.authorization {
            Authorization::Token(tokens) => {
                let token = self.token(tokens, self.remaining(running)).await;
                Some(token.map_err(name_operation)?)
            }
            Authorization::SignIn(_) => None,
        };
        if self.remaining(running).is_zero() {
            return Err(name_operation(unsent(
                "the deadline passed before the request was sent",
            )));
        }
        Ok(token)
    }

    /// Returns a valid token, and signs in if there is none.
    pub(crate) async fn token(
        &self,
        tokens: &TokenCache,
        remaining: Duration,
    ) -> Result<Arc<Token>, Error> {
        // Nearly always there is one, and then nothing is awaited.
        if let Some(token) = tokens.fresh() {
            return Ok(token);
        }
        require_runtime()?;
        match self.within(remaining, pin!(tokens.token())).await {
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
        let of_call = match authorization {
            Authorization::SignIn(secrets) => secrets,
            Authorization::Token(_) => &[],
        };
        let of_token = token.into_iter().flat_map(Token::secrets);
        let of_client = self.secrets.iter().map(Secret::expose);
        Secrets::new(of_token.chain(of_client).chain(of_call.iter().copied()))
    }

    /// Makes one attempt within the rest of the deadline.
    async fn attempt<T, Send, Sent>(
        &self,
        running: &Running<'_>,
        token: Option<&Token>,
        send: &Send,
    ) -> Result<Response<T>, FailedCall>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let operation = running.operation;
        let session = self.session(operation, token).record_parts();
        let is_pooled = operation.is_idempotent && !running.was_stale;
        let http = if is_pooled {
            self.http.pooled()
        } else {
            self.http.fresh()
        };
        let http = http.map_err(|error| error.with_operation(operation.id))?;
        let raw = self.raw_client(http, session.clone());
        let sent = async {
            match send(raw).await {
                Ok(response) => Ok(response),
                Err(error) => {
                    let patience = self.sleep.deadline(ERROR_BODY_PATIENCE);
                    Err(read_failure::<T>(operation, error, &session, patience).await)
                }
            }
        };
        let sent = self.within(self.remaining(running), pin!(sent)).await;
        if is_pooled {
            session.with_extensions(|response| self.http.record(response));
        }
        let error = match sent {
            Some(Ok(response)) => return Ok(with_recorded_parts(response, &session)),
            Some(Err(error)) => error,
            None => AttemptError::Deadline {
                response: PartialResponse::recorded_by(&session),
            },
        };
        let is_stale = is_pooled && error.is_without_response(|error| self.http.was_stale(error));
        let is_foreign = error.is_foreign();
        let response = error.response();
        let parts = response.map(|response| Box::new(response.parts()));
        let body = response.map_or_else(Bytes::new, |response| response.body.clone());
        let error = classify(operation, error, &self.destination, self.clock.now());
        Err(FailedCall {
            error,
            parts,
            body,
            is_foreign,
            is_stale,
        })
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
        let token = self.token(tokens, policy.deadline).await?;
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
        if *is_stale && !running.was_stale {
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

    fn announce_retry(&self, error: &Error, delay: Duration) {
        if let Some(on_retry) = &self.on_retry {
            on_retry(&RetryEvent { error, delay });
        }
    }
}

impl Running<'_> {
    fn succeeded<T>(&self, mut response: Response<T>, secrets: &Secrets<'_>) -> Response<T> {
        response.parts = response.parts.redacted(secrets);
        trace::succeeded(self.span, self.attempts, &response.parts);
        response
    }

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

fn with_recorded_parts<T>(response: ResponseValue<T>, session: &Session) -> Response<T> {
    let headers = session.take_parts().map(|parts| parts.headers);
    let parts = ResponseParts::new(response.status(), headers.unwrap_or_default());
    Response::new(response.into_inner(), parts)
}
