//! Reads what is left of a failed attempt, so that it can be classified.

use bytes::{Bytes, BytesMut};
use cloudally_gen::Error as RawError;
use cloudally_gen::session::Session;
use serde::de::DeserializeOwned;

use crate::attempt::{AttemptError, DecodeLocation, MAX_ERROR_BODY, PartialResponse};

/// Takes the error of the raw client apart. Its own `Display` shows headers and bodies, so it goes
/// no further than this function.
pub(crate) async fn read_failure<T: DeserializeOwned>(
    error: RawError<()>,
    session: &Session,
) -> AttemptError {
    let recorded = || PartialResponse::recorded_by(session);
    match error {
        RawError::UnexpectedResponse(mut response) => {
            // Recorded first, so that the status is known even if the deadline passes during the
            // body.
            session.record(&mut response);
            let body = read_error_body(response).await;
            AttemptError::Status(PartialResponse {
                body,
                ..recorded().unwrap_or_default()
            })
        }
        RawError::ErrorResponse(response) => AttemptError::Status(PartialResponse {
            status: response.status(),
            headers: response.headers().clone(),
            body: Bytes::new(),
        }),
        RawError::InvalidResponsePayload(body, error) => AttemptError::Undecodable {
            location: DecodeLocation::find::<T>(&body),
            response: PartialResponse {
                body,
                ..recorded().unwrap_or_default()
            },
            error,
        },
        RawError::CommunicationError(error)
        | RawError::ResponseBodyError(error)
        | RawError::InvalidUpgrade(error) => AttemptError::Transport {
            response: recorded(),
            error,
        },
        RawError::Custom(_) if session.is_body_too_large() => AttemptError::BodyTooLarge {
            response: recorded(),
        },
        RawError::InvalidRequest(reason) | RawError::Custom(reason) => {
            AttemptError::Unsendable { reason }
        }
    }
}

/// The first part of a body. The status matters most, so a body that breaks off is cut and no
/// error.
async fn read_error_body(mut response: reqwest::Response) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MAX_ERROR_BODY.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() >= MAX_ERROR_BODY {
            break;
        }
    }
    body.freeze()
}
