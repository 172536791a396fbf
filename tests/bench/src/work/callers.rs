//! Many callers that meet an expired token at the same time.

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::try_join_all;

use super::{Contender, Outcome, client};
use crate::by_hand::ByHand;
use crate::serve::TOKEN_LIFE;

/// Lets so many callers ask for a token when it has expired. Tells how many milliseconds after the time
/// of a sign-in alone the last one was served, and how many sign-ins that took. By hand, they
/// share the future of the one sign-in, and may each have a deadline, as the SDK's have.
#[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
pub(super) async fn meet_expired(
    contender: Contender,
    deadline: Option<Duration>,
    count: u32,
    url: &str,
) -> Outcome<String> {
    let by_hand = ByHand::sign_in(url).await?;
    let start = Instant::now();
    by_hand.new_token().await?;
    let alone = start.elapsed();

    let client = client(url)?;
    client.sign_in().await?;
    tokio::time::sleep(TOKEN_LIFE + Duration::from_millis(200)).await;
    let before: u64 = by_hand.get("/sign-ins", &[]).await?;
    let start = Instant::now();
    if contender == Contender::ByHand {
        let by_hand = by_hand.clone();
        let sign_in = async move { by_hand.new_token().await.map_err(|error| error.to_string()) };
        let sign_in = sign_in.boxed().shared();
        if let Some(deadline) = deadline {
            let callers =
                (0..count).map(|_| tokio::spawn(tokio::time::timeout(deadline, sign_in.clone())));
            for served in try_join_all(callers).await? {
                served??;
            }
        } else {
            let callers = (0..count).map(|_| tokio::spawn(sign_in.clone()));
            for served in try_join_all(callers).await? {
                served?;
            }
        }
    } else {
        let callers = (0..count).map(|_| tokio::spawn(client.sign_in()));
        for served in try_join_all(callers).await? {
            served?;
        }
    }
    let took = start.elapsed();
    let after: u64 = by_hand.get("/sign-ins", &[]).await?;
    let late = (took.as_secs_f64() - alone.as_secs_f64()) * 1000.0;
    Ok(format!("{late} {}", after - before))
}
