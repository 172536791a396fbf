//! The types of a failed attempt: why it failed, and what was received of the response.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use cloudally_gen::json;
use cloudally_gen::session::{Refusal, Session};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use serde_path_to_error::Segment;

use crate::error::Error;
use crate::response::ResponseParts;
use crate::retry::policy::Decision;

/// How much of a body an error keeps, in bytes.
pub(crate) const MAX_ERROR_BODY: usize = 64 << 10;

/// A response of which at least the status and headers were received.
#[derive(Debug, Default)]
pub(crate) struct PartialResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// As much of the body as was read.
    pub(crate) body: Bytes,
}

impl PartialResponse {
    /// The response whose status and headers the session recorded, if there was one.
    pub(crate) fn recorded_by(session: &Session) -> Option<Self> {
        let parts = session.take_parts()?;
        Some(Self {
            status: parts.status,
            headers: parts.headers,
            body: Bytes::new(),
        })
    }

    pub(crate) fn parts(&self) -> ResponseParts {
        ResponseParts::new(self.status, self.headers.clone())
    }

    /// The status and headers, and the body.
    pub(crate) fn into_parts(self) -> (ResponseParts, Bytes) {
        (ResponseParts::new(self.status, self.headers), self.body)
    }

    /// Whether the status says that the request failed, so that the error of it is all there is.
    fn is_failure(&self) -> bool {
        self.status.is_client_error() || self.status.is_server_error()
    }

    /// Whether it is a web page, and so not from the service.
    pub(crate) fn is_html(&self) -> bool {
        const HTML: &[u8] = b"text/html";
        let content_type = self.headers.get(http::header::CONTENT_TYPE);
        content_type.is_some_and(|kind| {
            let start = kind.as_bytes().trim_ascii_start().get(..HTML.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(HTML))
        }) || json::without_mark(&self.body)
            .trim_ascii_start()
            .starts_with(b"<")
    }

    /// As much of the body as an error keeps, without the memory of the rest.
    pub(crate) fn start_of_body(&self) -> Bytes {
        match self.body.get(..MAX_ERROR_BODY) {
            Some(start) if self.body.len() > MAX_ERROR_BODY => Bytes::copy_from_slice(start),
            _ => self.body.clone(),
        }
    }
}

/// Why an attempt gave no value.
#[derive(Debug)]
pub(crate) enum AttemptError {
    /// The status is not one that the operation documents as a success.
    Status(PartialResponse),
    /// The status is a success, and the body is not what the operation documents.
    Undecodable {
        response: PartialResponse,
        error: serde_json::Error,
        location: Option<DecodeLocation>,
    },
    /// There was no response, or the connection broke while it was read.
    Transport {
        response: Option<PartialResponse>,
        error: reqwest::Error,
    },
    /// The deadline passed while the response was awaited or read.
    Deadline { response: Option<PartialResponse> },
    /// The status is a success, and the body is an error with this status.
    ErrorEnvelope {
        response: PartialResponse,
        status: StatusCode,
    },
    /// The body was not decoded.
    Refused {
        response: Option<PartialResponse>,
        refusal: Refusal,
    },
    /// The request could not be built, so nothing was sent.
    Unsendable { reason: String },
}

impl AttemptError {
    fn response(&self) -> Option<&PartialResponse> {
        match self {
            Self::Status(response)
            | Self::Undecodable { response, .. }
            | Self::ErrorEnvelope { response, .. } => Some(response),
            Self::Transport { response, .. }
            | Self::Deadline { response }
            | Self::Refused { response, .. } => response.as_ref(),
            Self::Unsendable { .. } => None,
        }
    }

    /// The response, if a caller can still make use of it.
    pub(crate) fn usable_response(&self) -> Option<&PartialResponse> {
        self.response().filter(|response| !response.is_failure())
    }

    /// The error of a connection on which no response came.
    pub(crate) fn without_response(&self) -> Option<&reqwest::Error> {
        match self {
            Self::Transport {
                response: None,
                error,
            } => Some(error),
            _ => None,
        }
    }

    /// Whether the response is not one of the operation, but a web page or an error.
    pub(crate) fn is_foreign(&self) -> bool {
        match self {
            Self::ErrorEnvelope { .. } => true,
            Self::Status(response) | Self::Undecodable { response, .. } => response.is_html(),
            _ => false,
        }
    }
}

/// A failed call, with the response for a caller that can still make use of it.
pub(crate) struct FailedCall {
    pub(crate) error: Error,
    /// Those of a response whose status is no failure.
    pub(crate) parts: Option<Box<ResponseParts>>,
    pub(crate) body: Bytes,
    /// Whether the response is not one of the operation, and its body of no use.
    pub(crate) is_foreign: bool,
    /// Whether the request met a connection that the service had closed after another.
    pub(crate) is_stale: bool,
}

impl FailedCall {
    /// The status of the response that was received, whatever its body says.
    pub(crate) fn received(&self) -> Option<u16> {
        let parts = self.parts.as_deref().or(self.error.response_parts())?;
        Some(parts.status().as_u16())
    }

    pub(crate) fn with_decision(mut self, decision: Decision) -> Self {
        if decision == Decision::BudgetSpent {
            self.error = self.error.with_retry_budget_spent();
        }
        self
    }
}

impl From<FailedCall> for Error {
    fn from(failed: FailedCall) -> Self {
        failed.error
    }
}

impl From<Error> for FailedCall {
    fn from(error: Error) -> Self {
        Self {
            error,
            parts: None,
            body: Bytes::new(),
            is_foreign: false,
            is_stale: false,
        }
    }
}

/// The field of a response at which decoding failed.
#[derive(Debug)]
pub(crate) struct DecodeLocation {
    /// A JSON path such as `data[3].size`.
    pub(crate) path: String,
    /// The id of the innermost item around the field that has one.
    pub(crate) item_id: Option<String>,
}

impl DecodeLocation {
    /// Decodes the body again, this time recording the path.
    ///
    /// Returns `None` if the body is not JSON, or if it is as a whole of the wrong type.
    pub(crate) fn find<T: DeserializeOwned>(body: &[u8]) -> Option<Self> {
        let body = &json::normalized(body);
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let result: Result<T, _> = serde_path_to_error::deserialize(&mut deserializer);
        let error = result.err()?;
        let path = error.path().to_string();
        // These stand for the whole body and for an unknown place.
        if matches!(path.as_str(), "." | "?") {
            return None;
        }
        let item_id = std::str::from_utf8(body).ok();
        let item_id = item_id.and_then(|body| innermost_id(body, error.path()));
        Some(Self { path, item_id })
    }
}

/// Follows the path without reading what is beside it, where there may be what cannot be read.
fn innermost_id(body: &str, path: &serde_path_to_error::Path) -> Option<String> {
    let mut current = body;
    let mut id = item_id(current);
    for segment in path.iter() {
        let mut json = serde_json::Deserializer::from_str(current);
        let Ok(Some(inner)) = json.deserialize_any(Child(segment)) else {
            break;
        };
        current = inner.get();
        id = item_id(current).or(id);
    }
    id
}

/// Picks the value of one segment of a path, and keeps no other.
struct Child<'s>(&'s Segment);

impl<'de> Visitor<'de> for Child<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let Segment::Seq { index } = self.0 else {
            return Ok(None);
        };
        for _ in 0..*index {
            items.next_element::<IgnoredAny>()?;
        }
        let found = items.next_element()?;
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = fields.next_key::<Cow<'_, str>>()? {
            match self.0 {
                Segment::Map { key } if *key == name => found = Some(fields.next_value()?),
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

/// The fields that can be the id of a list item, whichever list it is in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ids<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    task_id: Option<&'a RawValue>,
    #[serde(borrow)]
    job_id: Option<&'a RawValue>,
    #[serde(borrow)]
    partner_id: Option<&'a RawValue>,
    #[serde(borrow)]
    user_id: Option<&'a RawValue>,
}

/// The id of a list item.
pub(crate) fn item_id(item: &str) -> Option<String> {
    if !item.trim_start().starts_with('{') {
        return None;
    }
    let ids: Ids<'_> = serde_json::from_str(item).ok()?;
    let ids = [ids.id, ids.task_id, ids.job_id, ids.partner_id, ids.user_id];
    let mut ids =
        ids.into_iter()
            .flatten()
            .filter_map(|id| match serde_json::from_str(id.get()).ok()? {
                Value::String(text) if !text.is_empty() => Some(text),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
    ids.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudally_gen::page::Page;
    use cloudally_gen::types::{BackupStatus, Task};

    #[test]
    fn a_location_names_the_field_and_the_item_around_it() {
        let body = br#"{"data": [{"id": "T-1"}, {"id": "T-2", "progress": {"current": []}}]}"#;
        let location = DecodeLocation::find::<Page<Task>>(body).unwrap();
        assert_eq!(location.path, "data[1].progress.current");
        assert_eq!(location.item_id.as_deref(), Some("T-2"));

        let body = br#"[{"taskId": 7, "userId": "U-1", "backupStatus": [{"error": {}}]}]"#;
        let location = DecodeLocation::find::<Page<BackupStatus>>(body).unwrap();
        assert_eq!(location.path, "[0].backupStatus[0].error");
        assert_eq!(location.item_id.as_deref(), Some("7"));

        let location = DecodeLocation::find::<Page<Task>>(br#"{"total": {}, "data": []}"#).unwrap();
        assert_eq!((location.path.as_str(), location.item_id), ("total", None));
        assert!(DecodeLocation::find::<Page<Task>>(b"7").is_none());
        assert!(DecodeLocation::find::<Page<Task>>(b"{").is_none());
    }
}
