//! Calls with other outcomes than a small response, by the SDK and by an expert.

use std::hint::black_box;

use cloudally::types::RestoreRequest;
use cloudally::{ErrorKind, RetryBudget};

use super::{Contender, Outcome, builder, check, client, timed};
use crate::by_hand::{List, Partner};
use crate::expert::{BackupStatus, Expert};

const TASK: &str = "6f1f4bb0-7d4c-4d4e-9a35-c5e3f1a7b201";
const ENTITY: &str = "ann@acme.example.com";
const PAGE_SIZE: u32 = 500;

/// Reads pages of status entries.
pub(super) async fn status_page(contender: Contender, count: u32, url: &str) -> Outcome<String> {
    if contender == Contender::Expert {
        let expert = Expert::sign_in(url, PAGE_SIZE).await?;
        return timed(count, async || {
            let page: List<BackupStatus> = expert.get(&expert.statuses).await?;
            check(black_box(page).data.len(), PAGE_SIZE)
        })
        .await;
    }
    let client = client(url)?;
    client.sign_in().await?;
    timed(count, async || {
        let list = client.partners().backup_statuses();
        let page = list.page_size(PAGE_SIZE).page().await?;
        check(black_box(page).items.len(), PAGE_SIZE)
    })
    .await
}

/// Requests restores.
pub(super) async fn restore(contender: Contender, count: u32, url: &str) -> Outcome<String> {
    if contender == Contender::Expert {
        let expert = Expert::sign_in(url, PAGE_SIZE).await?;
        return timed(count, async || {
            let job = expert.restore(TASK, ENTITY).await?;
            black_box(job.job_id.ok_or("a restore without a job")?);
            Ok(())
        })
        .await;
    }
    let client = client(url)?;
    client.sign_in().await?;
    timed(count, async || {
        let request = RestoreRequest::new(TASK).with_entity_name(ENTITY);
        black_box(client.restores().create(request).await?);
        Ok(())
    })
    .await
}

/// Asks for what is not there.
pub(super) async fn missing(contender: Contender, count: u32, url: &str) -> Outcome<String> {
    if contender == Contender::Expert {
        let expert = Expert::sign_in(url, PAGE_SIZE).await?;
        return timed(count, async || {
            let problem = expert.get_missing(&expert.partner).await?;
            black_box(problem.message.ok_or("a problem without a message")?);
            Ok(())
        })
        .await;
    }
    let client = client(url)?;
    client.sign_in().await?;
    timed(count, async || {
        let error = client.partners().profile().await.err();
        match black_box(error).filter(|error| error.kind() == ErrorKind::NotFound) {
            Some(_) => Ok(()),
            None => Err("it is there".into()),
        }
    })
    .await
}

/// Reads what is refused the first time, and given the second.
pub(super) async fn busy(contender: Contender, count: u32, url: &str) -> Outcome<String> {
    if contender == Contender::Expert {
        let expert = Expert::sign_in(url, PAGE_SIZE).await?;
        return timed(count, async || {
            black_box(expert.get_twice::<Partner>(&expert.partner).await?);
            Ok(())
        })
        .await;
    }
    // Each call is retried, which no budget is meant for.
    let client = builder(url)
        .retry_budget(RetryBudget::default().percent(100))
        .build()?;
    client.sign_in().await?;
    timed(count, async || {
        black_box(client.partners().profile().await?);
        Ok(())
    })
    .await
}
