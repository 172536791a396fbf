//! The ways in which a list can be incomplete.

use cloudally_gen::operation::Operation;

use crate::error::{Error, ErrorKind, ListCounts};

/// How many empty pages can follow one another. A service that sends more has lost its place.
pub(super) const MAX_EMPTY_PAGES: u32 = 100;

/// Why a list is incomplete, and how far it was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Incomplete {
    pub(super) reason: IncompleteReason,
    pub(super) counts: ListCounts,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum IncompleteReason {
    NoData,
    RepeatedToken,
    RepeatedPage,
    OnlyEmptyPages,
    WrongPage { requested: u64, received: u64 },
    Shrank { from: u64 },
    Grew { from: u64 },
    FewerPages,
    WrongCount,
}

impl Incomplete {
    pub(super) fn into_error(self, operation: &Operation<'_>) -> Error {
        let ListCounts {
            received,
            duplicates,
            total,
            ..
        } = self.counts;
        let what = self.reason.describe();
        let total = total.map_or_else(
            || "no total".to_owned(),
            |total| format!("a total of {total}"),
        );
        Error::new(
            ErrorKind::Incomplete,
            format!(
                "the list is incomplete: {what}; {received} items were received, {duplicates} of them twice, and the service reports {total}; read it again from the start"
            ),
        )
        .with_operation(operation.id)
        .with_counts(self.counts)
    }
}

impl IncompleteReason {
    fn describe(&self) -> String {
        let what = match self {
            Self::OnlyEmptyPages => {
                return format!(
                    "{MAX_EMPTY_PAGES} pages in a row were empty, and the service reports more"
                );
            }
            Self::WrongPage {
                requested,
                received,
            } => {
                return format!("page {requested} was requested, and page {received} was received");
            }
            Self::Shrank { from } => {
                return format!(
                    "it had {from} items at first and fewer in the end, so some may have been skipped"
                );
            }
            Self::Grew { from } => {
                return format!(
                    "so many items were added to its {from} since the previous page that some would be read twice"
                );
            }
            Self::NoData => "a page has no `data`",
            Self::RepeatedToken => "the service repeated a page token, so the list would never end",
            Self::RepeatedPage => "the service repeated a page, so the list would never end",
            Self::FewerPages => {
                "it had fewer pages in the end than at first, so some items may have been skipped"
            }
            Self::WrongCount => "the number of items does not match the total",
        };
        what.to_owned()
    }
}
