//! How long lists take and how much of them is held, on a clock of the test's own: no machine is too slow for it.

#![allow(clippy::disallowed_methods)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudally_gen::operations::LIST_PARTNER_TASKS;
use futures_util::StreamExt;
use tokio::time::{Instant, sleep};

use super::*;

const LATENCY: Duration = Duration::from_millis(50);

/// An item that knows how many there are.
struct Counted(Arc<Live>, usize);

#[derive(Default)]
struct Live {
    now: AtomicUsize,
    made: AtomicUsize,
    most: AtomicUsize,
    /// Requests under way.
    asking: AtomicUsize,
}

impl Counted {
    fn new(live: &Arc<Live>) -> Self {
        let now = live.now.fetch_add(1, Ordering::Relaxed) + 1;
        live.most.fetch_max(now, Ordering::Relaxed);
        let id = live.made.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(live), id)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts a request as long as it is under way.
struct Asking(Arc<Live>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.asking.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A list of so many pages, each of which takes so long.
fn list(pages: i64, size: usize, latency: Duration) -> (List<Counted>, Arc<Live>) {
    let live = Arc::<Live>::default();
    let service = Arc::clone(&live);
    let list = List::new(
        &LIST_PARTNER_TASKS,
        None,
        u32::try_from(size).unwrap(),
        Key::Id(|item: &Counted| key::hash(&item.1)),
        move |cursor| {
            let live = Arc::clone(&service);
            live.asking.fetch_add(1, Ordering::Relaxed);
            let asking = Asking(Arc::clone(&live));
            Box::pin(async move {
                if !latency.is_zero() {
                    sleep(latency).await;
                }
                let mut page = RawPage::default();
                page.page = i64::try_from(cursor.page).ok();
                page.total_pages = Some(pages);
                page.total = i64::try_from(size).ok().map(|size| size * pages);
                page.data = Some((0..size).map(|_| Counted::new(&live)).collect());
                drop(asking);
                Ok(Response::new(page, Head::default()))
            })
        },
    );
    (list, live)
}

/// How long it takes to read 50 pages, with so long a pause after each.
async fn time(list: List<Counted>, pause: Duration) -> Duration {
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
async fn fetching_ahead_hides_the_network_behind_a_slow_consumer() {
    let fifty = || list(50, 10, LATENCY).0;
    let apart = time(fifty().prefetch(false), LATENCY).await;
    let ahead = time(fifty(), LATENCY).await;
    let ratio = apart.as_secs_f64() / ahead.as_secs_f64();
    assert!(ratio >= 1.8, "{apart:?} and {ahead:?}: {ratio:.2}");
}

#[tokio::test(start_paused = true)]
async fn no_more_is_held_than_the_pages_under_way_and_the_one_consumed() {
    for concurrency in [1, 3, 8] {
        let (list, live) = list(50, 10, LATENCY);
        let mut items = list.concurrency(concurrency).items();
        while let Some(item) = items.next().await {
            drop(item.unwrap());
            // As slow as it gets: all that may be fetched ahead is.
            sleep(LATENCY / 4).await;
        }
        let most = live.most.load(Ordering::Relaxed);
        assert!(most <= (concurrency + 1) * 10, "{concurrency}: {most}");
        assert_eq!(live.now.load(Ordering::Relaxed), 0);
    }
}

#[tokio::test]
async fn of_a_million_items_a_thousand_are_held() {
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
async fn dropping_a_list_stops_what_is_under_way() {
    let (list, live) = list(50, 10, LATENCY);
    let mut pages = list.concurrency(8).pages();
    pages.next().await.unwrap().unwrap();
    // All that may be fetched ahead is under way now.
    tokio::task::yield_now().await;
    assert_eq!(live.asking.load(Ordering::Relaxed), 8);
    drop(pages);
    while live.asking.load(Ordering::Relaxed) > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(live.now.load(Ordering::Relaxed), 0);
}
