//! Many callers that meet an expired token at the same time.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use super::{Outcome, client};
use crate::by_hand::ByHand;
use crate::serve::TOKEN_LIFE;

/// Lets so many callers ask for a token when it has expired. Tells how many sign-ins that took, and how many milliseconds
/// the last one was served after a sign-in alone would have been over.
#[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
pub(super) async fn meet_expired(count: u32, url: &str) -> Outcome<String> {
    let start = Instant::now();
    let by_hand = ByHand::sign_in(url).await?;
    let alone = start.elapsed();

    let client = client(url)?;
    client.sign_in().await?;
    tokio::time::sleep(TOKEN_LIFE + Duration::from_millis(200)).await;
    let before: u64 = by_hand.get("/sign-ins", &[]).await?;
    let start = Instant::now();
    let callers = (0..count).map(|_| tokio::spawn(client.sign_in()));
    for served in try_join_all(callers).await? {
        served?;
    }
    let took = start.elapsed();
    let after: u64 = by_hand.get("/sign-ins", &[]).await?;
    let late = took.saturating_sub(alone).as_secs_f64() * 1000.0;
    Ok(format!("{} {late}", after - before))
}
