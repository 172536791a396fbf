//! Rules that cannot mean anything are refused, so that no test passes because nothing went wrong.

use axum::http::HeaderValue;
use thiserror::Error;

use super::fault::{Fault, Shift, ShiftKind, Total};
use super::rule::{Rule, Trigger};
use crate::document::find_field;
use crate::routes::{Pages, operation_ids, traits_of};

/// So many items come or go at once at most: more than a list of the service is known to have.
const MAX_COUNT: usize = 1_000_000;

impl Rule {
    /// Whether the rule can have an effect. [`Faults::add`](crate::Faults::add) takes no other.
    ///
    /// # Errors
    ///
    /// Says what cannot be: an operation that doesn't exist, requests that never come (number 0, `until` before
    /// `from`), an `nth` beside other conditions, a share of nothing or of more than all, a status that isn't an error's, a header or a
    /// field that cannot be written, a change of no items or of more than a million, a delay of no time, a `total` that is
    /// off by 0, a fault that the operation cannot meet, and a missing field that no answer has in the service's
    /// description. What that doesn't know must be a pointer (`/extra`, `/data/extra`). It doesn't say that a pointer
    /// leads nowhere, that a body is shorter than where it should be cut, or that a list is shorter than where it should
    /// change.
    pub fn check(&self) -> Result<(), RuleError> {
        self.trigger.check()?;
        self.fault.check()?;
        let operation = self.trigger.operation.as_deref();
        if let Some(operation) = operation {
            self.fault.can_meet(operation)?;
        }
        self.fault.is_of_an_answer(operation)
    }
}

impl Trigger {
    fn check(&self) -> Result<(), RuleError> {
        if [self.nth, self.from, self.until, self.every].contains(&Some(0)) {
            return Err(RuleError::RequestZero);
        }
        let is_narrowed = self.from.is_some() || self.until.is_some() || self.every.is_some();
        if self.nth.is_some() && (is_narrowed || self.share.is_some()) {
            return Err(RuleError::NthAndMore);
        }
        if let Some(until) = self.until {
            let from = self.from.unwrap_or(1);
            let every = self.every.unwrap_or(1);
            if from
                .checked_next_multiple_of(every)
                .is_none_or(|first| first > until)
            {
                return Err(RuleError::Never { from, until, every });
            }
        }
        match self.share {
            Some(share) if share.share > 0.0 && share.share <= 1.0 => Ok(()),
            Some(share) => Err(RuleError::Share { share: share.share }),
            None => Ok(()),
        }
    }
}

impl Fault {
    fn check(&self) -> Result<(), RuleError> {
        match self {
            Self::Status(failure) => {
                if !(400..=599).contains(&failure.status) {
                    return Err(RuleError::Status {
                        status: failure.status,
                    });
                }
                writable("Retry-After", failure.retry_after.as_deref())
            }
            Self::ContentType { value } => writable("Content-Type", Some(value)),
            Self::MissingField { field } | Self::Value { field, .. } => named(field),
            Self::Shift(shift) => shift.check(),
            Self::Delay { by } if by.is_zero() => Err(RuleError::NoDelay),
            Self::Total(Total::OffBy(0)) => Err(RuleError::RightTotal),
            _ => Ok(()),
        }
    }

    /// Whether requests of this operation can go wrong like this.
    fn can_meet(&self, operation: &str) -> Result<(), RuleError> {
        let Some((pages, has_token)) = traits_of(operation) else {
            return Err(RuleError::UnknownOperation {
                operation: operation.to_owned(),
            });
        };
        let what = match self {
            Self::Shift(_) | Self::EmptyPage | Self::FirstPage | Self::Total(_)
                if pages == Pages::None =>
            {
                "pages"
            }
            Self::RepeatToken if pages != Pages::Tokens => "tokens of pages",
            Self::ExpireToken if !has_token => "access token",
            _ => return Ok(()),
        };
        Err(RuleError::Elsewhere {
            operation: operation.to_owned(),
            what,
        })
    }

    /// Whether there is a field that could be missing. One that gets a value may be new.
    fn is_of_an_answer(&self, operation: Option<&str>) -> Result<(), RuleError> {
        match self {
            Self::MissingField { field } if !field.starts_with('/') => find_field(operation, field)
                .map_err(|known| RuleError::UnknownField {
                    field: field.clone(),
                    operation: operation.unwrap_or("any operation").to_owned(),
                    known: known.join(", "),
                }),
            _ => Ok(()),
        }
    }
}

impl Shift {
    fn check(&self) -> Result<(), RuleError> {
        if self.count == 0 {
            return Err(RuleError::NoItems);
        }
        if self.count > MAX_COUNT {
            return Err(RuleError::TooManyItems { count: self.count });
        }
        if self.kind == ShiftKind::Repeat && (self.at != 0 || self.hidden) {
            return Err(RuleError::RepeatAt);
        }
        Ok(())
    }
}

fn writable(header: &'static str, value: Option<&str>) -> Result<(), RuleError> {
    match value.map(HeaderValue::from_str) {
        Some(Err(_)) => Err(RuleError::Header { header }),
        _ => Ok(()),
    }
}

fn named(field: &str) -> Result<(), RuleError> {
    if field.starts_with('/') || field.split('.').all(|name| !name.is_empty()) {
        return Ok(());
    }
    Err(RuleError::Field {
        field: field.to_owned(),
    })
}

fn operations() -> String {
    operation_ids().collect::<Vec<_>>().join(", ")
}

/// Why a rule was not taken.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RuleError {
    /// The sandbox has no such operation.
    #[error("no operation has the id {operation:?}: there are {}", operations())]
    #[non_exhaustive]
    UnknownOperation {
        /// What the rule names.
        operation: String,
    },
    /// Requests are counted from 1.
    #[error("requests are counted from 1: there is none with the number 0")]
    RequestZero,
    /// `nth` beside another condition.
    #[error("`nth` picks one request: leave out `from`, `until`, `first`, `every` and `share`")]
    NthAndMore,
    /// The conditions pick no request.
    #[error("no request is picked: none from {from} to {until} has a number that {every} divides")]
    #[non_exhaustive]
    Never {
        /// The first request that could be.
        from: u64,
        /// The last one.
        until: u64,
        /// Which of them: 1 for all.
        every: u64,
    },
    /// The share of requests is none, or more than all.
    #[error("the share of requests must be above 0, and 1 at most, and not {share}")]
    #[non_exhaustive]
    Share {
        /// What the rule says.
        share: f64,
    },
    /// The status isn't that of an error.
    #[error("the status of an error is from 400 to 599, and not {status}")]
    #[non_exhaustive]
    Status {
        /// What the rule says.
        status: u16,
    },
    /// A header cannot carry the value.
    #[error("{header} cannot have a line break or another control character in it")]
    #[non_exhaustive]
    Header {
        /// The header.
        header: &'static str,
    },
    /// The field has no name.
    #[error(
        "{field:?} names no field: write `status`, `schedule.frequency` or `/totalPages`, without an empty name"
    )]
    #[non_exhaustive]
    Field {
        /// What the rule says.
        field: String,
    },
    /// No answer has the field, so that it is missing anyway.
    #[error(
        "no answer of {operation} has the field {field:?}: there are {known}. What only your own data has is named by a pointer, such as `/extra` or `/data/extra`"
    )]
    #[non_exhaustive]
    UnknownField {
        /// What the rule says.
        field: String,
        /// The operation, or that it is for any.
        operation: String,
        /// The names that there are in its place.
        known: String,
    },
    /// A list changes by no items.
    #[error("a list that changes by 0 items stays as it is: the `count` is from 1")]
    NoItems,
    /// A list changes by more items than a list has.
    #[error("a list cannot change by {count} items at once: the `count` is {MAX_COUNT} at most")]
    #[non_exhaustive]
    TooManyItems {
        /// What the rule says.
        count: usize,
    },
    /// The answer is not late.
    #[error("a delay of no time delays nothing: the `millis` are from 1")]
    NoDelay,
    /// The total is what it should be.
    #[error("a `total` that is off by 0 is right: write another `offBy`, or `is`")]
    RightTotal,
    /// Repeated items with a place of their own.
    #[error(
        "items are repeated at the start of the page, and `total` never counts them: leave out `at` and `hidden`"
    )]
    RepeatAt,
    /// The operation cannot go wrong in this way.
    #[error("{operation} cannot meet this fault: it has no {what}")]
    #[non_exhaustive]
    Elsewhere {
        /// The operation.
        operation: String,
        /// What it lacks.
        what: &'static str,
    },
}
