//! How a list can be broken.

use cloudally_gen::operation::Operation;

use super::advance::MOST_EMPTY;
use crate::error::{Counts, Error, ErrorKind};

/// How a list is broken, and how far it came.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) how: How,
    pub(super) counts: Counts,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum How {
    NoData,
    RepeatedToken,
    RepeatedPage,
    OnlyEmpty,
    WrongPage { asked: u64, got: u64 },
    Shrank { from: u64 },
    Grew { from: u64 },
    FewerPages,
    Count,
}

impl Broken {
    pub(super) fn error(self, operation: &Operation<'_>) -> Error {
        let Counts {
            seen,
            repeated,
            total,
            ..
        } = self.counts;
        let what = match self.how {
            How::NoData => "a page came without `data`".to_owned(),
            How::RepeatedToken => {
                "the service repeated a page token, so the list would never end".to_owned()
            }
            How::RepeatedPage => "a page came again, so the list would never end".to_owned(),
            How::OnlyEmpty => format!(
                "{MOST_EMPTY} pages in a row were empty, and the service says that there are more"
            ),
            How::WrongPage { asked, got } => {
                format!("page {asked} was asked for, and page {got} came")
            }
            How::Shrank { from } => format!(
                "it held {from} items when it was begun and fewer when it ended, so that some may have been passed over"
            ),
            How::Grew { from } => format!(
                "so much was added to its {from} items since the page before that some would come twice"
            ),
            How::FewerPages => {
                "it had fewer pages when it ended than when it was begun, so that some items may have been passed over"
                    .to_owned()
            }
            How::Count => "the items do not add up to the total".to_owned(),
        };
        let total = total.map_or_else(
            || "no total".to_owned(),
            |total| format!("a total of {total}"),
        );
        Error::new(
            ErrorKind::Incomplete,
            format!(
                "the list is not complete: {what}; {seen} items came, {repeated} of them twice, and the service says {total}; read it again from the start"
            ),
        )
        .operation_id(operation.id)
        .with_counts(self.counts)
    }
}
