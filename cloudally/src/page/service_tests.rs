//! Lists against a service that pages, fails and shifts as one may.

use std::sync::Mutex;

use cloudally_gen::operations::{LIST_PARTNER_TASKS, LIST_PARTNER_USERS};
use futures_util::StreamExt;
use futures_util::future::ready;

use super::*;

/// How the service pages.
#[derive(Clone, Copy, PartialEq, Debug)]
enum By {
    Number,
    Token,
}

/// A service that holds these items.
struct Service {
    by: By,
    items: Mutex<Vec<String>>,
    /// The share of requests that fail, in percent.
    failing: u64,
    random: Mutex<fastrand::Rng>,
    asked: Mutex<Vec<u64>>,
    /// What is done to the items after each page.
    shift: fn(&mut Vec<String>, u64),
}

impl Service {
    fn new(by: By, count: usize, seed: u64, failing: u64) -> Arc<Self> {
        Arc::new(Self {
            by,
            items: Mutex::new((0..count).map(|number| format!("i-{number}")).collect()),
            failing,
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            asked: Mutex::default(),
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

    fn list(self: &Arc<Self>, page_size: u32) -> List<String> {
        let service = Arc::clone(self);
        let key = Key::Id(|item: &String| key::hash(item));
        List::new(&LIST_PARTNER_TASKS, None, page_size, key, move |cursor| {
            let answer = service.answer(&cursor);
            Box::pin(ready(match answer {
                Ok(page) => Ok(Response::new(page, Head::default())),
                Err(error) => Err(error.into()),
            }))
        })
    }

    fn answer(&self, cursor: &Cursor) -> Result<RawPage<String>, Error> {
        self.asked.lock().unwrap().push(cursor.page);
        if self.random.lock().unwrap().u64(0..100) < self.failing {
            return Err(Error::new(ErrorKind::Interrupted, "x"));
        }
        let mut items = self.items.lock().unwrap();
        let size = usize::try_from(cursor.page_size).unwrap();
        let start = match &cursor.token {
            Some(token) => token.parse().unwrap(),
            None => size * usize::try_from(cursor.page - 1).unwrap(),
        };
        let end = (start + size).min(items.len());
        let mut page = RawPage::default();
        page.total = i64::try_from(items.len()).ok();
        page.data = Some(items.get(start..end).unwrap_or_default().to_vec());
        match self.by {
            By::Number => {
                page.page = i64::try_from(cursor.page).ok();
                page.total_pages = i64::try_from(items.len().div_ceil(size)).ok();
            }
            By::Token => page.next_page_token = (end < items.len()).then(|| end.to_string()),
        }
        (self.shift)(&mut items, cursor.page);
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
                items = list().start_at(cursor).items();
            }
            match items.next().await {
                Some(Ok(item)) => read.push(item),
                Some(Err(error)) => assert_eq!(error.kind(), ErrorKind::Interrupted, "seed {seed}"),
                // Three failures in a row end a stream, and its cursor goes on.
                None => match items.cursor() {
                    Some(cursor) => items = list().start_at(cursor).items(),
                    None => break,
                },
            }
        }
        assert_eq!(read, *service.items.lock().unwrap(), "seed {seed}, {by:?}");
    }
}

#[tokio::test]
async fn pages_by_number_come_in_order_and_no_more_are_held_than_asked_for() {
    let service = Service::new(By::Number, 50, 1, 0);
    let mut pages = service.list(5).concurrency(4).pages();
    let mut numbers = Vec::new();
    while let Some(page) = pages.next().await {
        numbers.push(page.unwrap().number);
        let asked = service.asked.lock().unwrap().len();
        assert!(
            asked <= numbers.len() + 4,
            "{asked} pages asked for when {} came",
            numbers.len()
        );
    }
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    assert_eq!(service.asked.lock().unwrap().len(), 10);
}

#[tokio::test]
async fn a_limit_ends_the_list_without_another_request() {
    for by in [By::Number, By::Token] {
        let service = Service::new(by, 50, 1, 0);
        assert_eq!(service.list(5).limit(7).all().await.unwrap().len(), 7);
        assert_eq!(*service.asked.lock().unwrap(), [1, 2]);
        assert_eq!(service.list(5).limit(0).all().await.unwrap().len(), 0);
        assert_eq!(service.asked.lock().unwrap().len(), 2);
        assert_eq!(service.list(5).limit(500).all().await.unwrap().len(), 50);
    }
}

#[tokio::test]
async fn the_next_page_is_under_way_while_this_one_is_consumed() {
    let service = Service::new(By::Token, 50, 1, 0);
    let mut items = service.list(5).items();
    items.next().await.unwrap().unwrap();
    assert_eq!(*service.asked.lock().unwrap(), [1, 2]);
    drop(items);
    assert_eq!(service.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_item_that_is_added_meanwhile_doubles_none() {
    let service = Service::shifting(10, |items, page| {
        if page == 1 {
            items.insert(0, "new".to_owned());
        }
    });
    let mut pages = service.list(3).pages();
    let (mut read, mut repeated) = (Vec::new(), 0);
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        repeated += page.repeated;
        read.extend(page.items);
    }
    assert_eq!(
        read,
        (0..10)
            .map(|number| format!("i-{number}"))
            .collect::<Vec<_>>()
    );
    assert_eq!(repeated, 1);
}

#[tokio::test]
async fn a_cursor_within_a_page_that_shifted_goes_on_at_the_right_item() {
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
        .start_at(items.cursor().unwrap())
        .all()
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
async fn an_item_that_is_lost_because_another_was_removed_is_told() {
    let service = Service::shifting(10, |items, page| {
        if page == 1 {
            items.remove(0);
        }
    });
    let read: Vec<_> = service.list(3).items().collect().await;
    assert_eq!(read.iter().filter(|item| item.is_ok()).count(), 9);
    let error = read.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert!(error.to_string().contains("held 10 items"), "{error}");
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused_before_anything_is_sent() {
    let service = Service::new(By::Number, 5, 1, 0);
    let cursor = Cursor::start(&LIST_PARTNER_USERS, None, 5);
    let error = service.list(5).start_at(cursor).all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("listPartnerUsers"), "{error}");
    let mut zero = Cursor::start(&LIST_PARTNER_TASKS, None, 5);
    zero.page = 0;
    assert_eq!(
        service
            .list(5)
            .start_at(zero)
            .page()
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Configuration
    );
    assert!(service.asked.lock().unwrap().is_empty());
}
