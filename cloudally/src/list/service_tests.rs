//! Lists against a service that pages, fails and shifts in every way that one can.

use std::sync::Mutex;

use cloudally_gen::operations::{LIST_PARTNER_TASKS, LIST_PARTNER_USERS};
use cloudally_gen::page::Page as RawPage;
use futures_util::StreamExt;
use futures_util::future::ready;

use super::*;
use crate::{ErrorKind, ResponseParts};

/// How the service pages.
#[derive(Clone, Copy, PartialEq, Debug)]
enum By {
    Number,
    Token,
}

/// A service that has these items.
struct Service {
    by: By,
    items: Mutex<Vec<String>>,
    /// The percentage of requests that fail.
    failing: u64,
    random: Mutex<fastrand::Rng>,
    requested: Mutex<Vec<u64>>,
    /// How the items change after each page.
    shift: fn(&mut Vec<String>, u64),
}

impl Service {
    fn new(by: By, count: usize, seed: u64, failing: u64) -> Arc<Self> {
        Arc::new(Self {
            by,
            items: Mutex::new((0..count).map(|number| format!("i-{number}")).collect()),
            failing,
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            requested: Mutex::default(),
            shift: |_, _| {},
        })
    }

    fn shifting(count: usize, shift: fn(&mut Vec<String>, u64)) -> Arc<Self> {
        let service = Self::new(By::Number, count, 0, 0);
        Arc::new(Self {
            shift,
            ..Arc::into_inner(service).unwrap()
        })
    }

    fn list(self: &Arc<Self>, page_size: u32) -> ListRequest<String> {
        let service = Arc::clone(self);
        let key = Key::id(|item: &String| id_text(Some(item)));
        let client = super::tests::client();
        let list = ListRequest::new(
            &client,
            &LIST_PARTNER_TASKS,
            None,
            key,
            move |_, position| {
                let response = service.respond(&position);
                Box::pin(ready(match response {
                    Ok(page) => Ok(Response::new(page, ResponseParts::default())),
                    Err(error) => Err(error.into()),
                }))
            },
        );
        list.page_size(page_size)
    }

    fn respond(&self, position: &Position) -> Result<RawPage<String>, Error> {
        self.requested.lock().unwrap().push(position.page);
        if self.random.lock().unwrap().u64(0..100) < self.failing {
            return Err(Error::new(ErrorKind::ConnectionLost, "x"));
        }
        let mut items = self.items.lock().unwrap();
        let size = usize::try_from(position.page_size).unwrap();
        let start = match &position.token {
            Some(token) => token.parse().unwrap(),
            None => size * usize::try_from(position.page - 1).unwrap(),
        };
        let end = (start + size).min(items.len());
        let mut page = RawPage::default();
        page.total = i64::try_from(items.len()).ok();
        page.data = Some(items.get(start..end).unwrap_or_default().to_vec());
        match self.by {
            By::Number => {
                page.page = i64::try_from(position.page).ok();
                page.total_pages = i64::try_from(items.len().div_ceil(size)).ok();
            }
            By::Token => page.next_page_token = (end < items.len()).then(|| end.to_string()),
        }
        (self.shift)(&mut items, position.page);
        Ok(page)
    }
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_over_a_thousand_faulty_runs() {
    for seed in 0..1_000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let by = if random.bool() { By::Number } else { By::Token };
        let count = random.usize(0..60);
        let service = Service::new(by, count, seed, 30);
        let concurrency = random.usize(1..5);
        let list = || {
            service
                .list(7)
                .concurrency(concurrency)
                .prefetch(seed % 3 == 0)
        };
        let mut items = list().items();
        let mut read = Vec::new();
        loop {
            // Now and then another program takes over, with a stored cursor.
            if random.u8(0..10) == 0
                && let Some(cursor) = items.cursor()
            {
                let cursor =
                    serde_json::from_str(&serde_json::to_string(&cursor).unwrap()).unwrap();
                items = list().resume_from(cursor).items();
            }
            match items.next().await {
                Some(Ok(item)) => read.push(item),
                Some(Err(error)) => {
                    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "seed {seed}")
                }
                // Three failures in a row end a stream, and its cursor continues.
                None => match items.cursor() {
                    Some(cursor) => items = list().resume_from(cursor).items(),
                    None => break,
                },
            }
        }
        assert_eq!(read, *service.items.lock().unwrap(), "seed {seed}, {by:?}");
    }
}

#[tokio::test]
async fn pages_by_number_are_delivered_in_order_and_no_more_are_requested_than_allowed() {
    let service = Service::new(By::Number, 50, 1, 0);
    let mut pages = service.list(5).concurrency(4).pages();
    let mut numbers = Vec::new();
    while let Some(page) = pages.next().await {
        numbers.push(page.unwrap().number);
        let requested = service.requested.lock().unwrap().len();
        assert!(
            requested <= numbers.len() + 4,
            "{requested} pages requested when {} were received",
            numbers.len()
        );
    }
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    assert_eq!(service.requested.lock().unwrap().len(), 10);
}

#[tokio::test]
async fn a_limit_ends_the_list_without_another_request() {
    for by in [By::Number, By::Token] {
        let service = Service::new(by, 50, 1, 0);
        assert_eq!(
            service.list(5).max_items(7).collect().await.unwrap().len(),
            7
        );
        assert_eq!(*service.requested.lock().unwrap(), [1, 2]);
        assert_eq!(
            service.list(5).max_items(0).collect().await.unwrap().len(),
            0
        );
        assert_eq!(service.requested.lock().unwrap().len(), 2);
        assert_eq!(
            service
                .list(5)
                .max_items(500)
                .collect()
                .await
                .unwrap()
                .len(),
            50
        );
    }
}

/// A list that is read in portions, each by a stored cursor, is read to its end.
#[tokio::test]
async fn a_list_that_is_cut_off_can_be_resumed_behind_its_last_item() {
    for by in [By::Number, By::Token] {
        for portion in 1..=12 {
            let service = Service::new(by, 23, 1, 0);
            let mut read = Vec::new();
            let mut cursor: Option<Cursor> = None;
            loop {
                let mut list = service.list(5).max_items(portion);
                if let Some(cursor) = cursor.take() {
                    list = list.resume_from(cursor);
                }
                let mut items = list.items();
                let before = read.len();
                while let Some(item) = items.next().await {
                    read.push(item.unwrap());
                }
                assert!(read.len() - before <= usize::try_from(portion).unwrap());
                match items.cursor() {
                    Some(next) => {
                        let stored = serde_json::to_string(&next).unwrap();
                        cursor = Some(serde_json::from_str(&stored).unwrap());
                    }
                    None => break,
                }
            }
            assert_eq!(read, *service.items.lock().unwrap(), "{by:?}, {portion}");
        }
    }
    let service = Service::new(By::Number, 23, 1, 0);
    let page = service.list(5).max_items(3).page().await.unwrap();
    assert_eq!(page.items.len(), 3);
    let rest = service.list(5).resume_from(page.next.unwrap());
    assert_eq!(rest.collect().await.unwrap().len(), 20);
}

#[tokio::test]
async fn the_next_page_is_in_flight_while_the_current_one_is_consumed() {
    let service = Service::new(By::Token, 50, 1, 0);
    let mut items = service.list(5).items();
    items.next().await.unwrap().unwrap();
    assert_eq!(*service.requested.lock().unwrap(), [1, 2]);
    drop(items);
    assert_eq!(service.requested.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_item_that_is_added_meanwhile_duplicates_none() {
    let service = Service::shifting(10, |items, page| {
        if page == 1 {
            items.insert(0, "new".to_owned());
        }
    });
    let mut pages = service.list(3).pages();
    let (mut read, mut duplicates) = (Vec::new(), 0);
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        duplicates += page.duplicates;
        read.extend(page.items);
    }
    assert_eq!(
        read,
        (0..10)
            .map(|number| format!("i-{number}"))
            .collect::<Vec<_>>()
    );
    assert_eq!(duplicates, 1);
}

#[tokio::test]
async fn a_cursor_within_a_page_that_shifted_continues_at_the_right_item() {
    let service = Service::shifting(10, |items, page| {
        if page == 1 && items.len() == 10 {
            items.insert(0, "new".to_owned());
        }
    });
    let mut items = service.list(4).prefetch(false).items();
    let mut read = Vec::new();
    for _ in 0..5 {
        read.push(items.next().await.unwrap().unwrap());
    }
    let rest = service
        .list(4)
        .resume_from(items.cursor().unwrap())
        .collect()
        .await
        .unwrap();
    read.extend(rest);
    assert_eq!(
        read,
        (0..10)
            .map(|number| format!("i-{number}"))
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn an_item_that_is_lost_because_another_was_removed_is_reported() {
    let service = Service::shifting(10, |items, page| {
        if page == 1 {
            items.remove(0);
        }
    });
    let read: Vec<_> = service.list(3).items().collect().await;
    assert_eq!(read.iter().filter(|item| item.is_ok()).count(), 9);
    let error = read.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert!(error.to_string().contains("had 10 items"), "{error}");
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused_before_anything_is_sent() {
    let service = Service::new(By::Number, 5, 1, 0);
    let cursor = Cursor::from(Position::start(&LIST_PARTNER_USERS, None, 5));
    let error = service
        .list(5)
        .resume_from(cursor)
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidCursor);
    assert!(error.to_string().contains("listPartnerUsers"), "{error}");
    let mut zero = Cursor::from(Position::start(&LIST_PARTNER_TASKS, None, 5));
    zero.position.page = 0;
    assert_eq!(
        service
            .list(5)
            .resume_from(zero)
            .page()
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::InvalidCursor
    );
    assert!(service.requested.lock().unwrap().is_empty());
}
