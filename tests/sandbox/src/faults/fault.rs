//! What can go wrong.

use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::html;
use crate::error::{ApiError, Verbatim};

/// What goes wrong with a request that a [`Rule`](crate::Rule) picks.
///
/// Those with settings of their own are made by a function or a type of the same name:
/// [`Fault::status`], [`Shift::insert`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Fault {
    /// The answer is an error; see [`Fault::status`].
    Status(Failure),
    /// The answer comes late, by the sandbox's [`Clock`](crate::Clock): one that stands still must be
    /// advanced.
    Delay {
        /// How late.
        #[serde(rename = "millis", with = "millis")]
        by: Duration,
    },
    /// Nothing is ever answered, and the connection stays open until the client or the sandbox ends it.
    Stall,
    /// The headers come, and this many bytes of the body; then nothing, on an open connection.
    StallBody {
        /// How many bytes of the body there are; all of them if it has fewer.
        after: u64,
    },
    /// The headers come, and this many bytes of the body; then the connection is closed.
    CutBody {
        /// How many bytes of the body there are; all of them if it has fewer.
        after: u64,
    },
    /// The connection is reset (RST) without an answer.
    Reset,
    /// The headers come, and this many bytes of the body; then the connection is reset (RST).
    ResetBody {
        /// How many bytes of the body there are; all of them if it has fewer.
        after: u64,
    },
    /// The body is what it is, but said to be of another type.
    ContentType {
        /// The value of `Content-Type`.
        value: String,
    },
    /// The body is cut off, but of the length that the headers say: JSON that isn't.
    MalformedJson,
    /// A field is missing: of each item of a list, or of the object.
    MissingField {
        /// Its name, with dots for what is within (`schedule.frequency`), or a JSON pointer from the top of
        /// the body (`/totalPages`, `/data/0/id`; `/data/id` is that of all items). A name must be one that the service's
        /// description has; a pointer may lead anywhere.
        field: String,
    },
    /// A field has another value: of each item of a list, or of the object. See [`Fault::value`] and
    /// [`Fault::unknown`].
    Value {
        /// Its name, as in [`Fault::MissingField`]; it may be a new one.
        field: String,
        /// The value.
        value: Value,
    },
    /// The access token that the request carries has expired: this request and all later ones with it get a
    /// 401.
    ExpireToken,
    /// The list changes just before its page is read; see [`Shift`].
    ///
    /// A rule for all operations with this or another fault of pages does nothing to what isn't a list.
    Shift(Shift),
    /// The page is empty, though more follow: what should be on it comes with the next one.
    EmptyPage,
    /// The first page comes again, whichever was asked for.
    FirstPage,
    /// The page's `nextPageToken` is the one that led to this page. Lists without tokens are as ever.
    RepeatToken,
    /// `total` is wrong; see [`Fault::total`] and [`Fault::total_off_by`].
    Total(Total),
}

impl Fault {
    /// An error with this status and a JSON body, as the service writes them.
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

    /// The answer is late by this.
    pub fn delay(by: Duration) -> Self {
        Self::Delay { by }
    }

    /// The body ends after this many bytes, and the connection with it.
    pub fn cut_body(after: u64) -> Self {
        Self::CutBody { after }
    }

    /// The body ends after this many bytes, and the connection is reset.
    pub fn reset_body(after: u64) -> Self {
        Self::ResetBody { after }
    }

    /// The body stops after this many bytes, on an open connection.
    pub fn stall_body(after: u64) -> Self {
        Self::StallBody { after }
    }

    /// The body is said to be of this type: `text/html`.
    pub fn content_type(value: impl Into<String>) -> Self {
        Self::ContentType {
            value: value.into(),
        }
    }

    /// A field is missing; see [`Fault::MissingField`].
    pub fn missing(field: impl Into<String>) -> Self {
        Self::MissingField {
            field: field.into(),
        }
    }

    /// A field has this value; see [`Fault::MissingField`] for how it is named.
    pub fn value(field: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Value {
            field: field.into(),
            value: value.into(),
        }
    }

    /// A field has a value that no document knows: `NEVER_HEARD_OF`.
    pub fn unknown(field: impl Into<String>) -> Self {
        Self::value(field, "NEVER_HEARD_OF")
    }

    /// `total` is this number.
    pub fn total(total: u64) -> Self {
        Self::Total(Total::Is(total))
    }

    /// `total` is too large by this number, or too small where it is negative; never below 0.
    pub fn total_off_by(by: i64) -> Self {
        Self::Total(Total::OffBy(by))
    }
}

/// An error as the answer, from [`Fault::status`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
#[must_use = "a failure does nothing until a rule has it"]
pub struct Failure {
    pub(crate) status: u16,
    /// Seconds, or a text.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "retry_after")]
    pub(crate) retry_after: Option<String>,
    #[serde(default)]
    body: ErrorBody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ErrorBody {
    /// As the service writes its own.
    #[default]
    Json,
    Html,
    Empty,
}

impl Failure {
    /// With a `Retry-After` of that many whole seconds.
    pub fn retry_after(self, delay: Duration) -> Self {
        self.retry_after_text(delay.as_secs().to_string())
    }

    /// With this `Retry-After`, be it a date or nonsense.
    pub fn retry_after_text(mut self, text: impl Into<String>) -> Self {
        self.retry_after = Some(text.into());
        self
    }

    /// With a page in HTML, as something in front of the service would write it.
    pub fn html(mut self) -> Self {
        self.body = ErrorBody::Html;
        self
    }

    /// Without a body.
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
/// The list changes just before the page is read whose request the rule picks, and once more each time.
/// Inserted and removed items stay so until the rule is removed, for everybody; an item that is repeated is
/// so in the current walk only, which ends when the first page is asked for. A rule changes its lists 1,000 times at most,
/// and then leaves them as they are.
///
/// With pages of two, and `nth(2)`:
///
/// | list `a b c d e` | pages | `total` |
/// |---|---|---|
/// | as it is | `a b`, `c d`, `e` | 5, 5, 5 |
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

    /// New items at the start of the list: the page repeats as many of the page before. The new ones
    /// are copies of the list's first items with ids of their own (`inserted-0`, `inserted-1`, ...).
    pub fn insert(count: usize) -> Self {
        Self::new(ShiftKind::Insert, count)
    }

    /// The first items of the list go: the page leaves out as many that were on no page yet.
    pub fn remove(count: usize) -> Self {
        Self::new(ShiftKind::Remove, count)
    }

    /// The page begins with the last items of the page before, and everything else moves back. `total`
    /// doesn't count them.
    pub fn repeat(count: usize) -> Self {
        Self::new(ShiftKind::Repeat, count)
    }

    /// Items are inserted or removed at this position, counted from 0, and not at the start of the list.
    /// What is repeated is so at the start of the page, always.
    pub fn at(mut self, position: usize) -> Self {
        self.at = position;
        self
    }

    /// `total` doesn't show that items were inserted or removed.
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
}

/// How `total` lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TotalJson", into = "TotalJson")]
#[non_exhaustive]
pub enum Total {
    /// It is this number.
    Is(u64),
    /// It is too large by this number.
    OffBy(i64),
}

/// A lie as JSON has it.
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
