//! Lists in pages. The end of a list is the server's word, and a list that is not complete is an error.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use cloudally_gen::operation::Operation;
use cloudally_gen::page::Page as RawPage;
use futures_core::Stream;
use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

/// How many items a page holds at most, unless said otherwise: what every known client asks for (WIRE: observed).
pub(crate) const PAGE_SIZE: u32 = 500;

type Fetch<T> = Arc<dyn Fn(Cursor) -> BoxFuture<'static, Result<RawPage<T>, Error>> + Send + Sync>;

/// A list of the service, not yet read.
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// use futures_util::TryStreamExt;
/// let mut tasks = client.tasks().list().items();
/// while let Some(task) = tasks.try_next().await? {
///     println!("{:?}", task.alias);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a list reads nothing until it is streamed or collected"]
pub struct List<T> {
    operation: &'static Operation,
    fetch: Fetch<T>,
    start: Cursor,
}

/// A place in a list: where the next page is. It can be stored, and a list goes on from it later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The number of the page, from 1.
    pub(crate) page: u64,
    pub(crate) token: Option<String>,
    pub(crate) page_size: u32,
    /// How many items came before this page.
    pub(crate) seen: u64,
}

impl Cursor {
    pub(crate) fn start(page_size: u32) -> Self {
        Self {
            page: 1,
            token: None,
            page_size,
            seen: 0,
        }
    }

    /// The number to ask for; the first page is asked for without one (WIRE: observed).
    pub(crate) fn number(&self) -> Option<i64> {
        (self.page > 1).then(|| i64::try_from(self.page).unwrap_or(i64::MAX))
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, in the order of the service.
    pub items: Vec<T>,
    /// The number of the page, from 1.
    pub number: u64,
    /// How many items the list has in all, if the service says so.
    pub total: Option<u64>,
    /// Where the next page is; none after the last.
    pub next: Option<Cursor>,
}

impl<T: Send + 'static> List<T> {
    pub(crate) fn new<F>(operation: &'static Operation, page_size: u32, fetch: F) -> Self
    where
        F: Fn(Cursor) -> BoxFuture<'static, Result<RawPage<T>, Error>> + Send + Sync + 'static,
    {
        Self {
            operation,
            fetch: Arc::new(fetch),
            start: Cursor::start(page_size),
        }
    }

    /// How many items a page holds at most; at least 1. The default is 500.
    pub fn page_size(mut self, items: u32) -> Self {
        self.start.page_size = items.max(1);
        self
    }

    /// Goes on from a cursor of the same list, with its page size.
    pub fn start_at(mut self, cursor: Cursor) -> Self {
        self.start = cursor;
        self
    }

    /// The items, page after page. An error leaves the stream where it is: polled again, it asks for the same page again,
    /// unless the list itself is broken ([`ErrorKind::Incomplete`]), which ends it.
    pub fn items(self) -> Items<T> {
        Items {
            pages: self.pages(),
            buffer: VecDeque::new(),
        }
    }

    /// The pages. Errors are as in [`items`](Self::items).
    pub fn pages(self) -> Pages<T> {
        Pages {
            list: self.fetch,
            operation: self.operation,
            state: State::At(self.start),
            tokens: HashSet::new(),
        }
    }

    /// One page, from where the list starts.
    ///
    /// # Errors
    /// If the call fails, or the page says that the list is broken.
    pub async fn page(self) -> Result<Page<T>, Error> {
        let raw = (self.fetch)(self.start.clone()).await?;
        advance(&self.start, raw).map_err(|broken| broken.error(self.operation))
    }

    /// All items.
    ///
    /// # Errors
    /// If a call fails, or the list is not complete.
    pub async fn all(self) -> Result<Vec<T>, Error> {
        self.items().try_collect().await
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("operation", &self.operation.id)
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

/// The pages of a list, as a stream.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T> {
    operation: &'static Operation,
    list: Fetch<T>,
    state: State<T>,
    /// Every token that was followed: a second time would go round in circles.
    tokens: HashSet<String>,
}

enum State<T> {
    At(Cursor),
    Fetching(Cursor, BoxFuture<'static, Result<RawPage<T>, Error>>),
    Done,
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Done => return Poll::Ready(None),
                State::At(cursor) => {
                    let cursor = cursor.clone();
                    let fetching = (this.list)(cursor.clone());
                    this.state = State::Fetching(cursor, fetching);
                }
                State::Fetching(cursor, fetching) => {
                    let raw = ready!(fetching.as_mut().poll(context));
                    let cursor = cursor.clone();
                    let page = match raw {
                        Ok(raw) => {
                            advance(&cursor, raw).and_then(|page| follow(&mut this.tokens, page))
                        }
                        Err(error) => {
                            this.state = State::At(cursor);
                            return Poll::Ready(Some(Err(error)));
                        }
                    };
                    this.state = match &page {
                        Ok(Page {
                            next: Some(next), ..
                        }) => State::At(next.clone()),
                        Ok(_) | Err(_) => State::Done,
                    };
                    return Poll::Ready(Some(page.map_err(|broken| broken.error(this.operation))));
                }
            }
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &self.operation.id)
            .finish_non_exhaustive()
    }
}

/// The items of a list, as a stream.
#[must_use = "a stream does nothing until it is polled"]
pub struct Items<T> {
    pages: Pages<T>,
    buffer: VecDeque<T>,
}

// Items are moved out of the buffer, never pinned in it.
impl<T> Unpin for Items<T> {}

impl<T> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.buffer.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.buffer = page.items.into(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .field("buffered", &self.buffer.len())
            .finish()
    }
}

/// How a list is broken.
#[derive(Debug, PartialEq, Eq)]
enum Broken {
    NoData,
    RepeatedToken,
    WrongPage { asked: u64, got: u64 },
    Count { total: u64, seen: u64 },
}

impl Broken {
    fn error(self, operation: &Operation) -> Error {
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
fn advance<T>(at: &Cursor, raw: RawPage<T>) -> Result<Page<T>, Broken> {
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

/// Notes the token that leads on; one that was followed before leads in a circle.
fn follow<T>(tokens: &mut HashSet<String>, page: Page<T>) -> Result<Page<T>, Broken> {
    let token = page.next.as_ref().and_then(|next| next.token.clone());
    if token.is_some_and(|token| !tokens.insert(token)) {
        return Err(Broken::RepeatedToken);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudally_gen::operations::LIST_PARTNER_TASKS;
    use futures_util::StreamExt;
    use futures_util::future::ready;
    use serde_json::{Value, json};
    use std::sync::Mutex;

    /// A list whose pages are these, in order; what is asked for is noted.
    fn list(pages: Vec<Value>) -> (List<u32>, Arc<Mutex<Vec<Cursor>>>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let pages = Mutex::new(VecDeque::from(pages));
        let log = Arc::clone(&asked);
        let list = List::new(&LIST_PARTNER_TASKS, 2, move |cursor| {
            log.lock().unwrap().push(cursor);
            let page = pages
                .lock()
                .unwrap()
                .pop_front()
                .expect("a page too many was asked for");
            Box::pin(ready(match page {
                Value::Null => Err(Error::new(ErrorKind::Server, "x")),
                page => Ok(serde_json::from_value(page).unwrap()),
            }))
        });
        (list, asked)
    }

    async fn read(pages: Vec<Value>) -> Result<Vec<u32>, String> {
        list(pages).0.all().await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_list_ends_where_the_service_says_so() {
        for (pages, expected) in [
            (vec![json!([1, 2])], vec![1, 2]),
            (
                vec![json!({"page": 0, "totalPages": 0, "total": 0, "data": []})],
                vec![],
            ),
            (
                vec![json!({"page": 0, "totalPages": 0, "total": 0, "data": null})],
                vec![],
            ),
            (
                vec![
                    json!({"page": 1, "totalPages": 3, "total": 3, "nextPageToken": null, "data": [1, 2]}),
                    json!({"page": 2, "totalPages": 3, "total": 3, "nextPageToken": null, "data": []}),
                    json!({"page": 3, "totalPages": 3, "total": 3, "nextPageToken": null, "data": [3]}),
                ],
                vec![1, 2, 3],
            ),
            (
                vec![
                    json!({"nextPageToken": "a", "data": [1]}),
                    json!({"nextPageToken": "b", "data": []}),
                    json!({"nextPageToken": "", "data": [2]}),
                ],
                vec![1, 2],
            ),
        ] {
            assert_eq!(read(pages.clone()).await, Ok(expected), "{pages:?}");
        }
    }

    #[tokio::test]
    async fn a_broken_list_is_an_error_and_ends() {
        for (pages, word) in [
            (vec![json!({"message": "sorry"})], "without `data`"),
            (
                vec![json!({"page": 1, "totalPages": 1, "total": 5, "data": [1]})],
                "5 items",
            ),
            (
                vec![
                    json!({"page": 1, "totalPages": 2, "data": [1]}),
                    json!({"page": 1, "totalPages": 2, "data": [1]}),
                ],
                "page 2 was asked for, and page 1 came",
            ),
            (
                vec![
                    json!({"nextPageToken": "a", "data": [1]}),
                    json!({"nextPageToken": "b", "data": [2]}),
                    json!({"nextPageToken": "a", "data": [3]}),
                ],
                "repeated a page token",
            ),
        ] {
            let (list, _) = list(pages);
            let mut items = list.items();
            let error = loop {
                match items.next().await.unwrap() {
                    Ok(_) => {}
                    Err(error) => break error,
                }
            };
            assert_eq!(error.kind(), ErrorKind::Incomplete);
            assert!(error.to_string().contains(word), "{error}");
            assert!(items.next().await.is_none());
        }
    }

    #[tokio::test]
    async fn after_an_error_the_same_page_is_asked_for_again() {
        let (list, asked) = list(vec![
            json!({"nextPageToken": "a", "data": [1]}),
            Value::Null,
            json!({"nextPageToken": null, "data": [2], "total": 2}),
        ]);
        let read: Vec<_> = list.items().map(|item| item.ok()).collect().await;
        assert_eq!(read, [Some(1), None, Some(2)]);
        let asked = asked.lock().unwrap();
        assert_eq!(asked[1], asked[2]);
        assert_eq!(
            (asked[1].page, asked[1].token.as_deref(), asked[1].seen),
            (2, Some("a"), 1)
        );
    }

    #[tokio::test]
    async fn a_stored_cursor_goes_on_and_still_counts_the_whole() {
        let (first, _) = list(vec![
            json!({"page": 1, "totalPages": 2, "total": 3, "data": [1, 2]}),
        ]);
        let cursor = first.page().await.unwrap().next.unwrap();
        let cursor: Cursor =
            serde_json::from_str(&serde_json::to_string(&cursor).unwrap()).unwrap();
        let (rest, asked) = list(vec![
            json!({"page": 2, "totalPages": 2, "total": 3, "data": [3]}),
        ]);
        assert_eq!(rest.start_at(cursor).all().await.unwrap(), [3]);
        assert_eq!(asked.lock().unwrap()[0].number(), Some(2));
    }

    #[tokio::test]
    async fn nothing_is_asked_for_beyond_what_is_consumed() {
        let (list, asked) = list(vec![json!({"nextPageToken": "a", "data": [1]})]);
        let mut items = list.items();
        assert_eq!(items.next().await.unwrap().unwrap(), 1);
        drop(items);
        assert_eq!(asked.lock().unwrap().len(), 1);
    }
}
