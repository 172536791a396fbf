//! How long lists take and how much of them is in memory, on a fake clock, so that no machine is
//! too slow.

#![allow(clippy::disallowed_methods)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudally_gen::operations::LIST_PARTNER_TASKS;
use cloudally_gen::page::Page as RawPage;
use tokio::time::{Instant, sleep};

use super::*;
use crate::ResponseParts;

const LATENCY: Duration = Duration::from_millis(50);

/// An item that counts how many there are.
struct Counted(Arc<Live>, usize);

#[derive(Default)]
struct Live {
    now: AtomicUsize,
    made: AtomicUsize,
    most: AtomicUsize,
    /// Requests in flight.
    inflight: AtomicUsize,
}

impl Counted {
    fn new(live: &Arc<Live>) -> Self {
        let now = live.now.fetch_add(1, Ordering::Relaxed) + 1;
        live.most.fetch_max(now, Ordering::Relaxed);
        let id = live.made.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(live), id)
    }
}

impl std::hash::Hash for Counted {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.1.hash(state);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts a request as long as it is in flight.
struct Inflight(Arc<Live>);

impl Drop for Inflight {
    fn drop(&mut self) {
        self.0.inflight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A list of so many pages, each of which takes so long.
fn list(pages: i64, size: usize, latency: Duration) -> (ListRequest<Counted>, Arc<Live>) {
    let live = Arc::<Live>::default();
    let service = Arc::clone(&live);
    let list = ListRequest::new(
        &super::tests::client(),
        &LIST_PARTNER_TASKS,
        None,
        Key::id(|item: &Counted| Some(item.1.to_string().into())),
        move |_, position| {
            let live = Arc::clone(&service);
            live.inflight.fetch_add(1, Ordering::Relaxed);
            let guard = Inflight(Arc::clone(&live));
            Box::pin(async move {
                if !latency.is_zero() {
                    sleep(latency).await;
                }
                let mut page = RawPage::default();
                page.page = i64::try_from(position.page).ok();
                page.total_pages = Some(pages);
                page.total = i64::try_from(size).ok().map(|size| size * pages);
                page.data = Some((0..size).map(|_| Counted::new(&live)).collect());
                drop(guard);
                Ok(Response::new(page, ResponseParts::default()))
            })
        },
    );
    (list.page_size(u32::try_from(size).unwrap()), live)
}

/// How long it takes to read 50 pages, with so long a pause after each.
async fn time(list: ListRequest<Counted>, pause: Duration) -> Duration {
    let start = Instant::now();
    let mut pages = list.pages();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        drop(page.unwrap());
        count += 1;
        if !pause.is_zero() {
            sleep(pause).await;
        }
    }
    assert_eq!(count, 50);
    start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn eight_pages_at_once_are_more_than_six_times_as_fast_as_one() {
    let fifty = || list(50, 10, LATENCY).0;
    let one_by_one = time(fifty().prefetch(false), Duration::ZERO).await;
    let eight = time(fifty().concurrency(8), Duration::ZERO).await;
    let ratio = one_by_one.as_secs_f64() / eight.as_secs_f64();
    assert!(ratio >= 6.0, "{one_by_one:?} and {eight:?}: {ratio:.2}");
}

#[tokio::test(start_paused = true)]
async fn prefetching_hides_the_network_behind_a_slow_consumer() {
    let fifty = || list(50, 10, LATENCY).0;
    let apart = time(fifty().prefetch(false), LATENCY).await;
    let prefetched = time(fifty(), LATENCY).await;
    let ratio = apart.as_secs_f64() / prefetched.as_secs_f64();
    assert!(ratio >= 1.8, "{apart:?} and {prefetched:?}: {ratio:.2}");
}

#[tokio::test(start_paused = true)]
async fn no_more_is_in_memory_than_the_pages_in_flight_and_the_current_one() {
    for concurrency in [1, 3, 8] {
        let (list, live) = list(50, 10, LATENCY);
        let mut items = list.concurrency(concurrency).items();
        while let Some(item) = items.next().await {
            drop(item.unwrap());
            // Slow enough for everything that can be prefetched.
            sleep(LATENCY / 4).await;
        }
        let most = live.most.load(Ordering::Relaxed);
        assert!(most <= (concurrency + 1) * 10, "{concurrency}: {most}");
        assert_eq!(live.now.load(Ordering::Relaxed), 0);
    }
}

#[tokio::test]
async fn of_a_million_items_a_thousand_are_in_memory() {
    let (list, live) = list(2_000, 500, Duration::ZERO);
    let mut items = list.items();
    let mut count = 0;
    while let Some(item) = items.next().await {
        drop(item.unwrap());
        count += 1;
    }
    assert_eq!(count, 1_000_000);
    let most = live.most.load(Ordering::Relaxed);
    assert!(most <= 1_000, "{most}");
}

#[tokio::test(start_paused = true)]
async fn dropping_a_list_stops_the_pages_in_flight() {
    let (list, live) = list(50, 10, LATENCY);
    let mut pages = list.concurrency(8).pages();
    pages.next().await.unwrap().unwrap();
    // Everything that can be prefetched is in flight now.
    tokio::task::yield_now().await;
    assert_eq!(live.inflight.load(Ordering::Relaxed), 8);
    drop(pages);
    while live.inflight.load(Ordering::Relaxed) > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(live.now.load(Ordering::Relaxed), 0);
}
