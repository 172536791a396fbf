//! One attempt of a call.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use cloudally_gen::operation::Operation;
use cloudally_gen::session::Session;
use cloudally_gen::{Error as RawError, ResponseValue};
use serde::de::DeserializeOwned;

use super::Running;
use crate::attempt::{AttemptError, FailedCall, PartialResponse};
use crate::auth::token::Token;
use crate::classify::classify;
use crate::error::ErrorKind;
use crate::observe::{Attempt, ObservedAttempt};
use crate::read::read_failure;
use crate::response::{Response, ResponseParts};
use crate::trace;
use crate::transport::Transport;

/// How long the body of a failure is awaited. Its status says what matters.
const ERROR_BODY_PATIENCE: Duration = Duration::from_secs(1);

impl Transport {
    /// Makes one attempt within the time that remains. It is traced, observed, and freed of secrets.
    pub(super) async fn attempt<T, Send, Sent>(
        &self,
        running: &Running<'_>,
        token: Option<&Token>,
        remaining: Duration,
        send: &Send,
    ) -> Result<Response<T>, FailedCall>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let number = running.attempts;
        let span = trace::attempt(running.span, running.operation, &self.destination, number);
        let mut session = self.session(running.operation, token).record_parts();
        if !span.is_disabled() {
            let is_custom = running.operation.path.is_empty();
            let span = span.clone();
            session =
                session.on_request(move |request| trace::sent(&span, request.url(), is_custom));
        }
        let observed = self.observe(running, number);
        let recorder = session.recorder();
        // Pinned in place, because it is large to move.
        let sent = pin!(self.send(running, session, &recorder, remaining, send));
        let sent = trace::within(&span, sent);
        let secrets = self.secrets(running.authorization, token);
        let result = match sent.await {
            Ok(mut response) => {
                response.parts = response.parts.redacted(&secrets);
                trace::succeeded(&span, &response.parts);
                Ok(response)
            }
            Err(failed) => {
                let failed = running.failed(failed, &secrets);
                trace::failed(&span, &failed.error, failed.received());
                if failed.error.kind() == ErrorKind::TokenRefused {
                    trace::token_refused(running.span, running.operation);
                }
                Err(failed)
            }
        };
        if let Some(observed) = observed {
            let (status, error) = match &result {
                Ok(response) => (Some(response.parts.status().as_u16()), None),
                Err(failed) => (failed.received(), Some(&failed.error)),
            };
            let lengths = [recorder.request_bytes(), recorder.body_bytes()];
            observed.finish(status, error, lengths);
        }
        result
    }

    /// Begins to observe an attempt, if anybody does.
    fn observe<'a>(&'a self, running: &Running<'a>, number: u32) -> Option<ObservedAttempt<'a>> {
        let Operation { method, path, .. } = *running.operation;
        let attempt = Attempt {
            operation: trace::operation_name(running.operation),
            method,
            url_template: path,
            server_address: &self.destination.host,
            server_port: self.destination.port,
            number,
        };
        ObservedAttempt::start(&self.observers, &*self.clock, attempt)
    }

    /// Sends a request within the time that remains.
    async fn send<T, Send, Sent>(
        &self,
        running: &Running<'_>,
        session: Session,
        recorder: &Session,
        remaining: Duration,
        send: &Send,
    ) -> Result<Response<T>, FailedCall>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let operation = running.operation;
        let is_pooled = operation.is_idempotent && !running.was_stale;
        let http = if is_pooled {
            self.http.pooled()
        } else {
            self.http.fresh()
        };
        let http = http.map_err(|error| error.with_operation(operation.id))?;
        let raw = self.raw_client(http, session);
        // Pinned in place too.
        let sent = pin!(async {
            match send(raw).await {
                Ok(response) => Ok(response),
                Err(error) => {
                    let patience = self.sleep.deadline(ERROR_BODY_PATIENCE);
                    Err(read_failure::<T>(operation, error, recorder, patience).await)
                }
            }
        });
        let sent = self.within(remaining, sent).await;
        if is_pooled && let Some(response) = recorder.take_extensions() {
            self.http.record(&response);
        }
        let error = match sent {
            Some(Ok(response)) => return Ok(with_recorded_parts(response, recorder)),
            Some(Err(error)) => error,
            None => AttemptError::Deadline {
                response: PartialResponse::recorded_by(recorder),
            },
        };
        let broken = error.without_response().filter(|_| is_pooled);
        let is_stale = broken.is_some_and(|error| self.http.was_stale(error));
        let is_foreign = error.is_foreign();
        let response = error.usable_response();
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
}

fn with_recorded_parts<T>(response: ResponseValue<T>, recorder: &Session) -> Response<T> {
    let headers = recorder.take_parts().map(|parts| parts.headers);
    let parts = ResponseParts::new(response.status(), headers.unwrap_or_default());
    Response::new(response.into_inner(), parts)
}
