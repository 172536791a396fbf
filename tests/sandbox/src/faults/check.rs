//! Rejects rules that can have no effect, so that no test passes because its fault never occurred.

use axum::http::HeaderValue;
use thiserror::Error;

use super::fault::{Fault, Shift, ShiftKind, Total};
use super::rule::{Rule, Trigger};
use crate::document::find_field;
use crate::routes::{Pages, operation_ids, traits_of};

/// The largest number of items that one change may insert or remove. It is above the length of any
/// list that the service is known to have.
const MAX_COUNT: usize = 1_000_000;

impl Rule {
    /// Checks that the rule can have an effect. [`Faults::add`](crate::Faults::add) rejects any
    /// other.
    ///
    /// It does not detect a pointer to a field that does not exist, a body that is shorter than the
    /// offset at which to cut it, or a list that is shorter than the position at which to change
    /// it.
    ///
    /// # Errors
    ///
    /// Returns a [`RuleError`] that names the setting to correct:
    ///
    /// - an operation that does not exist, or one that the fault does not apply to
    /// - request numbers that never occur: number 0, or no number between `from` and `until`
    /// - `nth` together with other conditions
    /// - a share that is not above 0 and at most 1
    /// - a status outside 400 to 599
    /// - a header value or a field name that cannot be written
    /// - a change of no items, or of more than 1,000,000
    /// - repeated items that are given a position or are hidden
    /// - a delay of no time, or a `total` that is off by 0
    /// - a missing field that no response has according to the API description. To remove a field
    ///   that only your own data has, use a JSON pointer (`/extra`, `/data/extra`).
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

    /// Checks that the fault can apply to the operation.
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

    /// Checks that a field to remove exists. A field to set may be new.
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

/// Errors for a rule that can have no effect.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RuleError {
    /// No operation has this id.
    #[error("no operation has the id {operation:?}: there are {}", operations())]
    #[non_exhaustive]
    UnknownOperation {
        /// The operation id in the rule.
        operation: String,
    },
    /// A request number is 0, but requests are counted from 1.
    #[error("requests are counted from 1: there is none with the number 0")]
    RequestZero,
    /// `nth` is combined with another condition.
    #[error("`nth` picks one request: leave out `from`, `until`, `first`, `every` and `share`")]
    NthAndMore,
    /// The conditions select no request.
    #[error("no request is picked: none from {from} to {until} has a number that {every} divides")]
    #[non_exhaustive]
    Never {
        /// The number of the first request that could be selected.
        from: u64,
        /// The number of the last request that could be selected.
        until: u64,
        /// The interval between selected requests; 1 selects all.
        every: u64,
    },
    /// The share of requests is not above 0 and at most 1.
    #[error("the share of requests must be above 0, and 1 at most, and not {share}")]
    #[non_exhaustive]
    Share {
        /// The share in the rule.
        share: f64,
    },
    /// The status is not that of an error.
    #[error("the status of an error is from 400 to 599, and not {status}")]
    #[non_exhaustive]
    Status {
        /// The status in the rule.
        status: u16,
    },
    /// The value cannot be sent in a header.
    #[error("{header} cannot have a line break or another control character in it")]
    #[non_exhaustive]
    Header {
        /// The name of the header.
        header: &'static str,
    },
    /// The field name is empty, or has an empty part.
    #[error(
        "{field:?} names no field: write `status`, `schedule.frequency` or `/totalPages`, without an empty name"
    )]
    #[non_exhaustive]
    Field {
        /// The field name in the rule.
        field: String,
    },
    /// No response of the operation has the field, so that it is missing anyway.
    #[error(
        "no answer of {operation} has the field {field:?}: there are {known}. What only your own data has is named by a pointer, such as `/extra` or `/data/extra`"
    )]
    #[non_exhaustive]
    UnknownField {
        /// The field name in the rule.
        field: String,
        /// The operation id, or `any operation`.
        operation: String,
        /// The field names that exist at this place, separated by commas.
        known: String,
    },
    /// A list changes by no items.
    #[error("a list that changes by 0 items stays as it is: the `count` is from 1")]
    NoItems,
    /// A list changes by more than 1,000,000 items.
    #[error("a list cannot change by {count} items at once: the `count` is {MAX_COUNT} at most")]
    #[non_exhaustive]
    TooManyItems {
        /// The number of items in the rule.
        count: usize,
    },
    /// The delay is zero.
    #[error("a delay of no time delays nothing: the `millis` are from 1")]
    NoDelay,
    /// The `total` is off by 0, and thus correct.
    #[error("a `total` that is off by 0 is right: write another `offBy`, or `is`")]
    RightTotal,
    /// Repeated items have a position or are hidden, which has no effect on them.
    #[error(
        "items are repeated at the start of the page, and `total` never counts them: leave out `at` and `hidden`"
    )]
    RepeatAt,
    /// The fault cannot apply to the operation.
    #[error("{operation} cannot meet this fault: it has no {what}")]
    #[non_exhaustive]
    Elsewhere {
        /// The operation id.
        operation: String,
        /// What the operation lacks, such as `pages`.
        what: &'static str,
    },
}
