//! Whether memory and file descriptors stay what they are.

use std::fs;

use futures_util::TryStreamExt;
use futures_util::stream::{self, StreamExt};

use super::{Outcome, client};

/// What the process holds.
struct Held {
    kibibytes: u64,
    descriptors: usize,
}

fn held() -> Outcome<Held> {
    let status = fs::read_to_string("/proc/self/status")?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = resident.and_then(|rest| rest.split_whitespace().next());
    Ok(Held {
        kibibytes: kibibytes
            .ok_or("the system does not tell of memory")?
            .parse()?,
        descriptors: fs::read_dir("/proc/self/fd")?.count(),
    })
}

/// Tells what was held after a tenth and at the end: KiB, KiB, descriptors, descriptors.
fn told(early: &Held, late: &Held) -> String {
    format!(
        "{} {} {} {}",
        early.kibibytes, late.kibibytes, early.descriptors, late.descriptors
    )
}

/// Streams a list of so many items.
pub(super) async fn stream(count: u32, url: &str) -> Outcome<String> {
    let client = client(url)?;
    let mut items = client.tasks().list().page_size(500).items();
    let mut early = None;
    let mut seen = 0;
    while items.try_next().await?.is_some() {
        seen += 1;
        if seen == count / 10 {
            early = Some(held()?);
        }
    }
    if seen != count {
        return Err(format!("{seen} items in place of {count}").into());
    }
    Ok(told(&early.ok_or("too few items")?, &held()?))
}

/// Makes so many small calls, sixteen at once.
pub(super) async fn calls(count: u32, url: &str) -> Outcome<String> {
    let client = client(url)?;
    client.sign_in().await?;
    let make = |count: u32| {
        let calls = stream::iter(0..count).map(|_| client.partners().profile());
        calls
            .buffer_unordered(16)
            .try_for_each(async |_| Ok::<(), cloudally::Error>(()))
    };
    make(count / 10).await?;
    let early = held()?;
    make(count - count / 10).await?;
    Ok(told(&early, &held()?))
}
