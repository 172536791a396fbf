//! Reads what is left of a failed attempt, so that it can be classified.

use std::pin::pin;

use bytes::{Bytes, BytesMut};
use cloudally_gen::Error as RawError;
use cloudally_gen::encoding::decode_start;
use cloudally_gen::error_envelope::error_status;
use cloudally_gen::operation::Operation;
use cloudally_gen::session::{Refusal, Session};
use futures_util::future::{Either, select};
use serde::de::DeserializeOwned;

use crate::attempt::{AttemptError, DecodeLocation, MAX_ERROR_BODY, PartialResponse};
use crate::time::SleepFuture;

/// Takes the error of the raw client apart. The body of a failure is read until `patience` is over.
/// The error's own `Display` shows headers and bodies, so it goes no further than this function.
pub(crate) async fn read_failure<T: DeserializeOwned>(
    operation: &Operation<'_>,
    error: RawError<()>,
    session: &Session,
    patience: SleepFuture,
) -> AttemptError {
    let recorded = || PartialResponse::recorded_by(session);
    let with_body = |body| PartialResponse {
        body,
        ..recorded().unwrap_or_default()
    };
    match error {
        RawError::UnexpectedResponse(mut response) => {
            // Recorded first, so that the status is known even if the deadline passes during the
            // body.
            session.record(&mut response);
            let mut response = with_body(read_error_body(response, patience).await);
            response.body = decode_start(&response.headers, response.body, MAX_ERROR_BODY);
            let is_success = response.status.is_success();
            let status = is_success
                .then(|| error_status(&response.body, operation.response_fields))
                .flatten();
            match status {
                Some(status) => AttemptError::ErrorEnvelope { response, status },
                None => AttemptError::Status(response),
            }
        }
        RawError::ErrorResponse(response) => AttemptError::Status(PartialResponse {
            status: response.status(),
            headers: response.headers().clone(),
            body: Bytes::new(),
        }),
        RawError::InvalidResponsePayload(body, error) => match session.refusal() {
            Some(Refusal::ErrorEnvelope(status)) => AttemptError::ErrorEnvelope {
                response: with_body(body),
                status,
            },
            _ => AttemptError::Undecodable {
                location: DecodeLocation::find::<T>(&body),
                response: with_body(body),
                error,
            },
        },
        RawError::CommunicationError(error)
        | RawError::ResponseBodyError(error)
        | RawError::InvalidUpgrade(error) => AttemptError::Transport {
            response: recorded(),
            error,
        },
        RawError::InvalidRequest(reason) | RawError::Custom(reason) => match session.refusal() {
            Some(refusal) => AttemptError::Refused {
                response: recorded(),
                refusal,
            },
            None => AttemptError::Unsendable { reason },
        },
    }
}

/// The first part of a body. The status matters most, so a body that breaks off or takes too long
/// is cut and no error.
async fn read_error_body(mut response: reqwest::Response, mut patience: SleepFuture) -> Bytes {
    let mut body = BytesMut::new();
    while let Either::Left((Ok(Some(chunk)), _)) =
        select(pin!(response.chunk()), &mut patience).await
    {
        let room = MAX_ERROR_BODY.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() >= MAX_ERROR_BODY {
            break;
        }
    }
    body.freeze()
}
