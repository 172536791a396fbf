//! The faults that a rule can inject.

use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::html;
use crate::error::{ApiError, Verbatim};

/// What happens to a request that a [`Rule`](crate::Rule) selects.
///
/// Faults with settings have a function or a type that builds them, such as [`Fault::status`] and
/// [`Shift::insert`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Fault {
    /// The response is an error; see [`Fault::status`].
    Status(Failure),
    /// The response is delayed by the sandbox's [`Clock`](crate::Clock). With a manual clock, it is
    /// sent once the clock has been advanced by the delay.
    Delay {
        /// The delay, in whole milliseconds in JSON.
        #[serde(rename = "millis", with = "millis")]
        by: Duration,
    },
    /// No response is sent, and the connection stays open until the client or the sandbox closes
    /// it.
    Stall,
    /// The response stops after its headers and this many bytes of the body, and the connection
    /// stays open.
    StallBody {
        /// The number of body bytes to send; the whole body if it is shorter.
        after: u64,
    },
    /// The connection is closed after the headers and this many bytes of the body.
    CutBody {
        /// The number of body bytes to send; the whole body if it is shorter.
        after: u64,
    },
    /// The connection is reset (TCP RST) without a response.
    Reset,
    /// The connection is reset (TCP RST) after the headers and this many bytes of the body.
    ResetBody {
        /// The number of body bytes to send; the whole body if it is shorter.
        after: u64,
    },
    /// The response has another `Content-Type`, but an unchanged body.
    ContentType {
        /// The value of `Content-Type`.
        value: String,
    },
    /// The body is invalid JSON of the same length, and matches its `Content-Length`.
    MalformedJson,
    /// A field is missing from each item of a list, or from a single object.
    MissingField {
        /// The name of the field, with dots for nested fields (`schedule.frequency`), or a JSON
        /// pointer from the root of the body (`/totalPages`, `/data/0/id`). In a pointer, a name
        /// applies to every element of an array: `/data/id` is the id of all items. A name must
        /// exist in the API description; a pointer may lead anywhere.
        field: String,
    },
    /// A field has another value in each item of a list, or in a single object. See
    /// [`Fault::value`] and [`Fault::unknown`].
    Value {
        /// The name of the field, as in [`Fault::MissingField`]; it may be new.
        field: String,
        /// The value.
        value: Value,
    },
    /// The access token of the request has expired: this request and all later ones that carry it
    /// get a 401.
    ExpireToken,
    /// The list changes just before its page is read; see [`Shift`].
    ///
    /// A rule for all operations with this or another fault of pages does not affect operations
    /// that return no list.
    Shift(Shift),
    /// The page is empty although more follow. Its items are on the next page.
    EmptyPage,
    /// The first page is returned, whichever page was requested.
    FirstPage,
    /// The page's `nextPageToken` is the one that led to this page. Lists without tokens are not
    /// affected.
    RepeatToken,
    /// The page's `total` is wrong; see [`Fault::total`] and [`Fault::total_off_by`].
    Total(Total),
}

impl Fault {
    /// Responds with this error status and a JSON body in the service's format.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cloudally_sandbox::{Fault, Rule};
    ///
    /// Rule::on_any().nth(1).then(Fault::status(429).retry_after(Duration::from_secs(7)));
    /// Rule::on("listPartnerTasks").first(2).then(Fault::status(503));
    /// ```
    pub fn status(status: u16) -> Failure {
        Failure {
            status,
            retry_after: None,
            body: ErrorBody::Json,
        }
    }

    /// Delays the response; see [`Fault::Delay`].
    pub fn delay(by: Duration) -> Self {
        Self::Delay { by }
    }

    /// Closes the connection after this many bytes of the body.
    pub fn cut_body(after: u64) -> Self {
        Self::CutBody { after }
    }

    /// Resets the connection after this many bytes of the body.
    pub fn reset_body(after: u64) -> Self {
        Self::ResetBody { after }
    }

    /// Stops sending after this many bytes of the body, on an open connection.
    pub fn stall_body(after: u64) -> Self {
        Self::StallBody { after }
    }

    /// Sets the `Content-Type` of the response, for example to `text/html`.
    pub fn content_type(value: impl Into<String>) -> Self {
        Self::ContentType {
            value: value.into(),
        }
    }

    /// Removes a field from the response; see [`Fault::MissingField`].
    pub fn missing(field: impl Into<String>) -> Self {
        Self::MissingField {
            field: field.into(),
        }
    }

    /// Sets a field of the response; see [`Fault::MissingField`] for how to name it.
    pub fn value(field: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Value {
            field: field.into(),
            value: value.into(),
        }
    }

    /// Sets a field to the text `NEVER_HEARD_OF`, which no document names, for example to test
    /// unknown enum values.
    pub fn unknown(field: impl Into<String>) -> Self {
        Self::value(field, "NEVER_HEARD_OF")
    }

    /// Sets the `total` of a page.
    pub fn total(total: u64) -> Self {
        Self::Total(Total::Is(total))
    }

    /// Adds a number to the `total` of a page. The result is never below 0.
    pub fn total_off_by(by: i64) -> Self {
        Self::Total(Total::OffBy(by))
    }
}

/// An error response, from [`Fault::status`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
#[must_use = "a failure does nothing until a rule has it"]
pub struct Failure {
    pub(crate) status: u16,
    /// A number of seconds, or any other text.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "retry_after")]
    pub(crate) retry_after: Option<String>,
    #[serde(default)]
    body: ErrorBody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ErrorBody {
    /// The service's own format.
    #[default]
    Json,
    Html,
    Empty,
}

impl Failure {
    /// Adds a `Retry-After` of this delay, in whole seconds.
    pub fn retry_after(self, delay: Duration) -> Self {
        self.retry_after_text(delay.as_secs().to_string())
    }

    /// Adds a `Retry-After` with this value, which may be a date or invalid.
    pub fn retry_after_text(mut self, text: impl Into<String>) -> Self {
        self.retry_after = Some(text.into());
        self
    }

    /// Replaces the body by an HTML page, as a gateway in front of the service would send it.
    pub fn html(mut self) -> Self {
        self.body = ErrorBody::Html;
        self
    }

    /// Removes the body.
    pub fn empty(mut self) -> Self {
        self.body = ErrorBody::Empty;
        self
    }
}

impl Failure {
    pub(crate) fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match self.body {
            ErrorBody::Json => ApiError::new(status, "A fault that was asked for").into_response(),
            ErrorBody::Html => {
                let reason = status.canonical_reason().unwrap_or("Error");
                (status, Verbatim, Html(html(self.status, reason))).into_response()
            }
            ErrorBody::Empty => (status, Verbatim, ()).into_response(),
        };
        let retry_after = self.retry_after.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(value)) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, value);
        }
        response
    }
}

/// How a list changes between two of its pages.
///
/// The list changes just before the page of a selected request is read, once per selected request.
/// Inserted and removed items stay so for every account until the rule is removed. Repeated items
/// last for the current iteration only, which ends when the first page is requested. A rule changes
/// lists at most 1,000 times, and has no effect after that.
///
/// With pages of two items, and `nth(2)`:
///
/// | list `a b c d e` | pages | `total` |
/// |---|---|---|
/// | unchanged | `a b`, `c d`, `e` | 5, 5, 5 |
/// | `Shift::insert(1)` | `a b`, `b c`, `d e` | 5, 6, 6 |
/// | `Shift::remove(1)` | `a b`, `d e` | 5, 4 |
/// | `Shift::remove(1).hidden()` | `a b`, `d e` | 5, 5 |
/// | `Shift::repeat(1)` | `a b`, `b c`, `d e` | 5, 5, 5 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
#[must_use = "a shift does nothing until a rule has it"]
pub struct Shift {
    #[serde(rename = "change")]
    pub(crate) kind: ShiftKind,
    pub(crate) count: usize,
    #[serde(default)]
    pub(crate) at: usize,
    #[serde(default)]
    pub(crate) hidden: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ShiftKind {
    Insert,
    Remove,
    Repeat,
}

impl Shift {
    fn new(kind: ShiftKind, count: usize) -> Self {
        Self {
            kind,
            count,
            at: 0,
            hidden: false,
        }
    }

    /// Inserts items at the start of the list, so that the page repeats as many items of the page
    /// before. The new items are copies of the list's first items with ids of their own
    /// (`inserted-0`, `inserted-1`, ...).
    pub fn insert(count: usize) -> Self {
        Self::new(ShiftKind::Insert, count)
    }

    /// Removes items from the start of the list, so that the page skips as many items that were on
    /// no page yet.
    pub fn remove(count: usize) -> Self {
        Self::new(ShiftKind::Remove, count)
    }

    /// Repeats the last items of the page before at the start of the page, and moves all others
    /// back. `total` does not count them.
    pub fn repeat(count: usize) -> Self {
        Self::new(ShiftKind::Repeat, count)
    }

    /// Inserts or removes items at this position, counted from 0, instead of at the start of the
    /// list. It does not apply to repeated items.
    pub fn at(mut self, position: usize) -> Self {
        self.at = position;
        self
    }

    /// Leaves `total` unchanged by the inserted or removed items.
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
}

/// How the `total` of a page is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TotalJson", into = "TotalJson")]
#[non_exhaustive]
pub enum Total {
    /// It is this number.
    Is(u64),
    /// It is too large by this number, or too small if the number is negative.
    OffBy(i64),
}

/// The JSON representation of a [`Total`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TotalJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    is: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    off_by: Option<i64>,
}

impl TryFrom<TotalJson> for Total {
    type Error = &'static str;

    fn try_from(json: TotalJson) -> Result<Self, Self::Error> {
        match (json.is, json.off_by) {
            (Some(is), None) => Ok(Self::Is(is)),
            (None, Some(by)) => Ok(Self::OffBy(by)),
            _ => Err("a `total` needs `is` or `offBy`, and not both"),
        }
    }
}

impl From<Total> for TotalJson {
    fn from(total: Total) -> Self {
        let (is, off_by) = match total {
            Total::Is(is) => (Some(is), None),
            Total::OffBy(by) => (None, Some(by)),
        };
        Self { is, off_by }
    }
}

impl Total {
    pub(crate) fn of(self, total: usize) -> u64 {
        match self {
            Self::Is(lie) => lie,
            Self::OffBy(by) => u64::try_from(total)
                .unwrap_or(u64::MAX)
                .saturating_add_signed(by),
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Status(failure)
    }
}

impl From<Shift> for Fault {
    fn from(shift: Shift) -> Self {
        Self::Shift(shift)
    }
}

mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(by: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(by.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

mod retry_after {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum SecondsOrText {
        Seconds(u64),
        Text(String),
    }

    pub(super) fn serialize<S: Serializer>(
        text: &Option<String>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        text.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<String>, D::Error> {
        let value = Option::<SecondsOrText>::deserialize(from)?;
        Ok(value.map(|value| match value {
            SecondsOrText::Seconds(seconds) => seconds.to_string(),
            SecondsOrText::Text(text) => text,
        }))
    }
}
