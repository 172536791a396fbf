//! Reads what is left of an answer that failed, so that it can be classified.

use bytes::{Bytes, BytesMut};
use cloudally_gen::Error as RawError;
use cloudally_gen::session::Session;
use serde::de::DeserializeOwned;

use crate::classify::{Answered, Outcome};

/// How much of an error answer is read.
const ERROR_BODY: usize = 64 << 10;

/// What the raw client's error holds. Its own text shows headers and bodies, so it goes no further than this.
pub(crate) async fn failure<T: DeserializeOwned>(
    error: RawError<()>,
    session: &Session,
) -> Outcome {
    match error {
        RawError::UnexpectedResponse(response) => {
            let (status, headers) = (response.status(), response.headers().clone());
            let body = read_some(response).await;
            Outcome::Status(Answered {
                status,
                headers,
                body,
            })
        }
        RawError::ErrorResponse(answer) => {
            let (status, headers) = (answer.status(), answer.headers().clone());
            Outcome::Status(Answered {
                status,
                headers,
                body: Bytes::new(),
            })
        }
        RawError::InvalidResponsePayload(body, error) => {
            let path = json_path::<T>(&body);
            let answered = Answered {
                body,
                ..Answered::by(session).unwrap_or_default()
            };
            Outcome::Undecodable {
                answered,
                error,
                path,
            }
        }
        RawError::CommunicationError(error)
        | RawError::ResponseBodyError(error)
        | RawError::InvalidUpgrade(error) => Outcome::Transport {
            answered: Answered::by(session),
            error,
        },
        RawError::InvalidRequest(reason) | RawError::Custom(reason) => {
            Outcome::Unsendable { reason }
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
