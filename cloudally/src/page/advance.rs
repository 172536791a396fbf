//! What a page says of what comes after it, and how a list can be broken. Pure.

use cloudally_gen::operation::Operation;
use cloudally_gen::page::Page as RawPage;

use super::{Cursor, Page};
use crate::error::{Error, ErrorKind};

/// How a list is broken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    NoData,
    RepeatedToken,
    WrongPage { asked: u64, got: u64 },
    Count { total: u64, seen: u64 },
}

impl Broken {
    pub(super) fn error(self, operation: &Operation) -> Error {
        let what = match self {
            Self::NoData => "a page came without `data`".to_owned(),
            Self::RepeatedToken => {
                "the service repeated a page token, so the list would never end".to_owned()
            }
            Self::WrongPage { asked, got } => {
                format!("page {asked} was asked for, and page {got} came")
            }
            Self::Count { total, seen } => {
                format!("the service says that there are {total} items, and its pages held {seen}")
            }
        };
        Error::new(
            ErrorKind::Incomplete,
            format!("the list is not complete: {what}; read it again from the start"),
        )
        .operation_id(operation.id)
    }
}

/// What a page says of itself and of what comes after it. Pure.
pub(super) fn advance<T>(at: &Cursor, raw: RawPage<T>) -> Result<Page<T>, Broken> {
    let count = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    let (said, total_pages, total) = (count(raw.page), count(raw.total_pages), count(raw.total));
    let is_empty_list = total == Some(0) || total_pages == Some(0);
    let items = match raw.data {
        Some(items) => items,
        None if is_empty_list => Vec::new(),
        None => return Err(Broken::NoData),
    };
    // A list that pages by token may number as it likes; one that pages by number must give the page asked for.
    if let (None, Some(got)) = (&at.token, said)
        && got != at.page
        && !(got == 0 && items.is_empty())
    {
        return Err(Broken::WrongPage {
            asked: at.page,
            got,
        });
    }
    let seen = at
        .seen
        .saturating_add(u64::try_from(items.len()).unwrap_or(u64::MAX));
    let token = raw.next_page_token.filter(|token| !token.is_empty());
    if token.is_some() && token == at.token {
        return Err(Broken::RepeatedToken);
    }
    let is_last = token.is_none() && total_pages.unwrap_or(0) <= at.page;
    let next = (!is_last).then(|| Cursor {
        page: at.page.saturating_add(1),
        token,
        page_size: at.page_size,
        seen,
    });
    match total {
        Some(total) if next.is_none() && total != seen => Err(Broken::Count { total, seen }),
        _ => Ok(Page {
            items,
            number: at.page,
            total,
            next,
        }),
    }
}
