//! Lists of several pages, with a server that takes its time.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cloudally::ListRequest;
use cloudally::types::Task;

use super::{Contender, Outcome, check, client};
use crate::expert::Expert;
use crate::serve::LATENCY;
use crate::{cpu, memory};

/// How many tasks a page has that is read item by item.
const PAGE_SIZE: u32 = 500;

/// How the pages of a list are fetched.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fetch {
    /// One after the other, each when it is asked for.
    OneByOne,
    /// The next one while one is consumed.
    Ahead,
    /// Eight at once.
    Eight,
}

fn list(fetch: Fetch, list: ListRequest<Task>) -> ListRequest<Task> {
    match fetch {
        Fetch::OneByOne => list.prefetch(false),
        Fetch::Ahead => list.prefetch(true),
        Fetch::Eight => list.concurrency(8),
    }
}

/// Reads all items of so many pages, and tells how many seconds it took.
#[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
pub(super) async fn read(fetch: Fetch, pages: u32, url: &str) -> Outcome<String> {
    let client = client(url)?;
    client.sign_in().await?;
    let start = Instant::now();
    let items = list(fetch, client.tasks().list().page_size(10))
        .collect()
        .await?;
    let took = start.elapsed();
    let expected = usize::try_from(pages)? * 10;
    if items.len() != expected {
        return Err(format!("{} items in place of {expected}", items.len()).into());
    }
    Ok(took.as_secs_f64().to_string())
}

/// The same, for a consumer that takes as long over a page as the server does.
#[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
pub(super) async fn consume(fetch: Fetch, url: &str) -> Outcome<String> {
    let client = client(url)?;
    client.sign_in().await?;
    let start = Instant::now();
    let mut pages = list(fetch, client.tasks().list().page_size(10)).pages();
    while pages.try_next().await?.is_some() {
        tokio::time::sleep(LATENCY).await;
    }
    let took: Duration = start.elapsed();
    Ok(took.as_secs_f64().to_string())
}

/// Reads the tasks of so many pages one by one, and keeps none. Tells the seconds of CPU that it
/// took, and the most that the process ever held in MB.
pub(super) async fn items(contender: Contender, pages: u32, url: &str) -> Outcome<String> {
    let url = format!("{url}-{pages}");
    let mut seen = 0;
    let took = if contender == Contender::Expert {
        let expert = Expert::sign_in(&url, PAGE_SIZE).await?;
        let start = cpu::seconds()?;
        for page in 1.. {
            let list = expert.tasks_of(page, PAGE_SIZE).await?;
            for task in list.data {
                black_box(task);
                seen += 1;
            }
            if i64::from(page) >= list.total_pages {
                break;
            }
        }
        cpu::seconds()? - start
    } else {
        let client = client(&url)?;
        client.sign_in().await?;
        let start = cpu::seconds()?;
        let mut items = client.tasks().list().page_size(PAGE_SIZE).items();
        while let Some(task) = items.try_next().await? {
            black_box(task);
            seen += 1;
        }
        cpu::seconds()? - start
    };
    check(seen, pages * PAGE_SIZE)?;
    Ok(format!("{took} {}", memory::peak()?))
}
