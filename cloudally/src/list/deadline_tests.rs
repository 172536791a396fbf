//! The deadline of a whole list, on tokio's paused clock.

#![allow(clippy::disallowed_methods)]

use std::pin::pin;
use std::sync::Mutex;

use cloudally_gen::operations::LIST_PARTNER_TASKS;
use cloudally_gen::page::Page as RawPage;
use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::*;
use crate::attempt::FailedCall;
use crate::time::Clock;
use crate::{Credentials, ErrorKind, ResponseParts};

const DEADLINE: Duration = Duration::from_millis(900);
const LATENCY: Duration = Duration::from_millis(250);

#[derive(Debug)]
struct Paused(Instant);

impl Clock for Paused {
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

/// A service with seven pages of two, each of which takes so long. A call ends by its deadline.
struct Service {
    latency: fn(u64) -> Duration,
    /// The total that it reports with each page.
    total: fn(u64) -> i64,
    /// The page with which it fails.
    failing: Option<(u64, ErrorKind)>,
    requested: Mutex<Vec<u64>>,
}

impl Service {
    fn new(latency: fn(u64) -> Duration) -> Self {
        Self {
            latency,
            total: |_| 14,
            failing: None,
            requested: Mutex::default(),
        }
    }

    fn list(self: &Arc<Self>) -> ListRequest<u64> {
        let client = Client::builder()
            .base_url("http://127.0.0.1:1")
            .credentials(Credentials::access_token("t"))
            .clock(Arc::new(Paused(Instant::now())))
            .build()
            .unwrap();
        let service = Arc::clone(self);
        let key = Key::id(|item: &u64| Some(item.to_string().into()));
        let request = ListRequest::new(&client, &LIST_PARTNER_TASKS, None, key, {
            move |client, position| {
                let service = Arc::clone(&service);
                Box::pin(async move { service.respond(&client, &position).await })
            }
        });
        request.page_size(2).deadline(DEADLINE)
    }

    async fn respond(
        &self,
        client: &Client,
        position: &Position,
    ) -> Result<Response<RawPage<u64>>, FailedCall> {
        let number = position.page;
        self.requested.lock().unwrap().push(number);
        let response = pin!(sleep((self.latency)(number)));
        let transport = client.transport();
        if transport
            .within(client.policy().deadline, response)
            .await
            .is_none()
        {
            return Err(Error::new(ErrorKind::Timeout, "late").into());
        }
        if let Some((_, kind)) = self.failing.filter(|(page, _)| *page == number) {
            return Err(Error::new(kind, "failed").into());
        }
        let mut page = RawPage::default();
        page.page = i64::try_from(number).ok();
        page.total_pages = Some(7);
        page.total = Some((self.total)(number));
        page.data = Some(vec![2 * number, 2 * number + 1]);
        Ok(Response::new(page, ResponseParts::default()))
    }

    fn requests(&self) -> usize {
        self.requested.lock().unwrap().len()
    }
}

fn assert_expired(error: &Error, received: u64) {
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let text = error.to_string();
    assert!(
        text.contains("deadline of the list, 900ms, passed"),
        "{text}"
    );
    let told = format!("after {received} items were received");
    assert!(text.contains(&told), "{text}");
    assert_eq!(error.counts().unwrap().received, received);
    assert_eq!(error.operation(), Some("listPartnerTasks"));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_takes_longer_than_its_deadline_ends_by_it() {
    for (concurrency, is_prefetched, received) in [(1, true, 6), (1, false, 6), (4, true, 14)] {
        let service = Arc::new(Service::new(|_| LATENCY));
        let list = service
            .list()
            .concurrency(concurrency)
            .prefetch(is_prefetched);
        let start = Instant::now();
        let collected = list.collect().await;
        assert!(start.elapsed() <= DEADLINE, "{:?}", start.elapsed());
        if received == 14 {
            assert_eq!(
                collected.unwrap().len(),
                14,
                "four at a time it is not late"
            );
        } else {
            assert_expired(&collected.unwrap_err(), received);
            assert_eq!(service.requests(), 4);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_stalls_is_requested_once_and_its_cursor_resumes() {
    for concurrency in [1, 4] {
        let stall = |page| Duration::from_secs(if page == 3 { 3600 } else { 0 });
        let service = Arc::new(Service::new(stall));
        let start = Instant::now();
        let mut items = service.list().concurrency(concurrency).items();
        let mut read = Vec::new();
        let error = loop {
            match items.next().await.unwrap() {
                Ok(item) => read.push(item),
                Err(error) => break error,
            }
        };
        assert_expired(&error, 4);
        assert_eq!(start.elapsed(), DEADLINE);
        let requests = service.requests();
        assert!(items.next().await.is_none() && !items.is_complete());
        assert_eq!(service.requests(), requests);
        let third = service
            .requested
            .lock()
            .unwrap()
            .iter()
            .filter(|page| **page == 3)
            .count();
        assert_eq!(third, 1);

        let cursor = items.cursor().unwrap();
        let service = Arc::new(Service::new(|_| LATENCY / 3));
        read.extend(service.list().resume_from(cursor).collect().await.unwrap());
        assert_eq!(read, (2..16).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_between_two_polls_counts_and_the_time_before_the_first_does_not() {
    let service = Arc::new(Service::new(|_| Duration::ZERO));
    let mut pages = service.list().pages();
    sleep(10 * DEADLINE).await;
    pages.next().await.unwrap().unwrap();
    sleep(DEADLINE).await;
    assert_expired(&pages.next().await.unwrap().unwrap_err(), 2);
    assert!(pages.next().await.is_none());
    assert_eq!(pages.cursor().unwrap().position.page, 2);
}

#[tokio::test(start_paused = true)]
async fn it_bounds_a_single_page_too() {
    let service = Arc::new(Service::new(|_| 2 * DEADLINE));
    let start = Instant::now();
    assert_expired(&service.list().page().await.unwrap_err(), 0);
    assert_eq!(start.elapsed(), DEADLINE);
    let service = Arc::new(Service::new(|_| LATENCY));
    assert_eq!(service.list().page().await.unwrap().items, [2, 3]);
}

#[tokio::test(start_paused = true)]
async fn it_bounds_all_passes_of_a_list_that_is_read_again() {
    let service = Arc::new(Service {
        total: |page| 15 - i64::from(page == 7),
        ..Service::new(|_| Duration::from_millis(24))
    });
    let start = Instant::now();
    let error = service
        .list()
        .prefetch(false)
        .collect()
        .restarts(u32::MAX)
        .await
        .unwrap_err();
    assert_eq!(start.elapsed(), DEADLINE);
    assert_expired(&error, 4);
    assert!(error.to_string().contains("read 6 times"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_used_up_the_time_is_its_cause_and_one_for_good_is_itself() {
    for (kind, is_expired) in [(ErrorKind::Server, true), (ErrorKind::Forbidden, false)] {
        let service = Arc::new(Service {
            failing: Some((2, kind)),
            // The client of a list has no less time than the list, so this call is not cut off.
            ..Service::new(|page| Duration::from_millis(if page == 2 { 899 } else { 0 }))
        });
        let mut pages = service.list().prefetch(false).pages();
        pages.next().await.unwrap().unwrap();
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), kind, "time is left: {error}");
        if is_expired {
            let error = pages.next().await.unwrap().unwrap_err();
            assert_expired(&error, 2);
        }
        assert!(pages.next().await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn an_odd_deadline_is_no_panic() {
    let service = Arc::new(Service::new(|_| LATENCY));
    let all = service.list().deadline(Duration::MAX).collect().await;
    assert_eq!(all.unwrap().len(), 14);
    let requests = service.requests();
    let error = service
        .list()
        .deadline(Duration::ZERO)
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    let error = service
        .list()
        .deadline(Duration::from_nanos(1))
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(service.requests() <= requests + 1);
}
