//! What can go wrong.

use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;

/// What goes wrong with a request that a [`Rule`](crate::Rule) picks.
///
/// Those with settings of their own are made by a function or a type of the same name:
/// [`Fault::status`], [`Shift::insert`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The request isn't carried out, and answered with an error; see [`Fault::status`].
    Status(Failure),
    /// The access token that the request carries has expired: this request and all later ones with it get a
    /// 401.
    ExpireToken,
    /// The list changes just before its page is read; see [`Shift`].
    ///
    /// This and the other faults of pages do nothing to what isn't a list.
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
        }
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

/// An error that is answered instead of carrying out the request, from [`Fault::status`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "a failure does nothing until a rule has it"]
pub struct Failure {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
}

impl Failure {
    /// With a `Retry-After` of that many whole seconds.
    pub fn retry_after(self, delay: Duration) -> Self {
        self.retry_after_text(delay.as_secs().to_string())
    }

    /// With this `Retry-After`, be it a date or nonsense. What a header cannot carry is left out.
    pub fn retry_after_text(mut self, text: impl Into<String>) -> Self {
        self.retry_after = Some(text.into());
        self
    }
}

impl Failure {
    pub(crate) fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = ApiError::new(status, "A fault that was asked for").into_response();
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
/// so in the current walk only, which ends when the first page is asked for.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "a shift does nothing until a rule has it"]
pub struct Shift {
    pub(crate) kind: ShiftKind,
    pub(crate) count: usize,
    pub(crate) at: usize,
    pub(crate) hidden: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Total {
    /// It is this number.
    Is(u64),
    /// It is too large by this number.
    OffBy(i64),
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
