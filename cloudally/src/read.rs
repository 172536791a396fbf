//! Reads what is left of an answer that failed, so that it can be classified.

use bytes::{Bytes, BytesMut};
use cloudally_gen::Error as RawError;
use cloudally_gen::session::Session;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::classify::{Answered, Outcome};

/// How much of an error answer is read.
const ERROR_BODY: usize = 64 << 10;

/// What the raw client's error holds. Its own text shows headers and bodies, so it goes no further than this.
pub(crate) async fn failure<T: DeserializeOwned>(
    error: RawError<()>,
    session: &Session,
) -> Outcome {
    match error {
        RawError::UnexpectedResponse(mut response) => {
            // The status is known even if the deadline passes before the body has come.
            session.saw(&mut response);
            let body = read_some(response).await;
            Outcome::Status(Answered {
                body,
                ..Answered::by(session).unwrap_or_default()
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
            let place = Place::find::<T>(&body);
            let answered = Answered {
                body,
                ..Answered::by(session).unwrap_or_default()
            };
            Outcome::Undecodable {
                answered,
                error,
                place,
            }
        }
        RawError::CommunicationError(error)
        | RawError::ResponseBodyError(error)
        | RawError::InvalidUpgrade(error) => Outcome::Transport {
            answered: Answered::by(session),
            error,
        },
        RawError::Custom(_) if session.is_too_long() => Outcome::TooLong {
            answered: Answered::by(session),
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

/// Where in an answer decoding fails.
#[derive(Debug)]
pub(crate) struct Place {
    /// Such as `data[3].size`.
    pub(crate) path: String,
    /// The id of the innermost item around it that has one.
    pub(crate) item_id: Option<String>,
}

impl Place {
    /// The place in a body: it is decoded once more to find out. None where the body is no JSON, or as a whole is not what
    /// it should be.
    fn find<T: DeserializeOwned>(body: &[u8]) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let result: Result<T, _> = serde_path_to_error::deserialize(&mut deserializer);
        let error = result.err()?;
        let path = error.path().to_string();
        // The whole, or a place that is not known.
        if matches!(path.as_str(), "." | "?") {
            return None;
        }
        let value = serde_json::from_slice(body).ok();
        let item_id = value.and_then(|value: Value| innermost_id(&value, error.path()));
        Some(Self { path, item_id })
    }
}

fn innermost_id(value: &Value, path: &serde_path_to_error::Path) -> Option<String> {
    let mut within = value;
    let mut found = item_id(within);
    for segment in path.iter() {
        within = match segment {
            Segment::Seq { index } => within.get(*index),
            Segment::Map { key } => within.get(key),
            _ => None,
        }?;
        found = item_id(within).or(found);
    }
    found
}

/// What an item of a list is known by, whichever list it is in.
pub(crate) fn item_id(item: &Value) -> Option<String> {
    let ids = ["id", "taskId", "jobId", "partnerId", "userId"].iter();
    let mut texts = ids.filter_map(|name| match item.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    texts.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudally_gen::page::Page;
    use cloudally_gen::types::{StatusEntry, Task};

    #[test]
    fn a_place_is_told_with_the_item_around_it() {
        let body = br#"{"data": [{"id": "T-1"}, {"id": "T-2", "progress": {"current": []}}]}"#;
        let place = Place::find::<Page<Task>>(body).unwrap();
        assert_eq!(place.path, "data[1].progress.current");
        assert_eq!(place.item_id.as_deref(), Some("T-2"));

        let body = br#"[{"taskId": 7, "userId": "U-1", "backupStatus": [{"error": {}}]}]"#;
        let place = Place::find::<Page<StatusEntry>>(body).unwrap();
        assert_eq!(place.path, "[0].backupStatus[0].error");
        assert_eq!(place.item_id.as_deref(), Some("7"));

        let place = Place::find::<Page<Task>>(br#"{"total": {}, "data": []}"#).unwrap();
        assert_eq!((place.path.as_str(), place.item_id), ("total", None));
        assert!(Place::find::<Page<Task>>(b"7").is_none());
        assert!(Place::find::<Page<Task>>(b"{").is_none());
    }
}
