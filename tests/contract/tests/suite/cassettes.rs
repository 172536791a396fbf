//! Cassettes: what was recorded against the sandbox is played back, and nothing private is on it.
//!
//! `CLOUDALLY_RECORD=1 cargo test -p cloudally-contract --test suite cassettes` records the committed
//! ones anew.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cloudally::rust_decimal::Decimal;
use cloudally::types::RestoreRequest;
use cloudally::{Client, Credentials, Error, ErrorKind};
use cloudally_cassette::{Cassette, Player, Recorder};
use cloudally_contract::setup::status_of;
use cloudally_contract::time::NoWait;
use cloudally_sandbox::{Clock, Sandbox};
use futures_util::future::BoxFuture;
use serde_json::Value;

/// What a program reads, told in a line.
type Scenario = fn(Client) -> BoxFuture<'static, Result<String, Error>>;

const SCENARIOS: [(&str, Scenario); 3] = [
    ("morning_check", |client| Box::pin(morning_check(client))),
    ("restore", |client| Box::pin(restore(client))),
    ("reseller", |client| Box::pin(reseller(client))),
];

async fn morning_check(client: Client) -> Result<String, Error> {
    let users = client.users().list().page_size(4).collect().await?;
    let tasks = client.tasks().list().page_size(5).collect().await?;
    let statuses = client
        .partners()
        .backup_statuses()
        .page_size(8)
        .collect()
        .await?;
    let bills = client.billing().bills().collect().await?;
    let failed = statuses.iter().filter(|entry| entry.has_failures()).count();
    let known = statuses
        .iter()
        .filter(|entry| tasks.iter().any(|task| task.id == entry.task_id));
    let sum: Decimal = bills
        .iter()
        .filter_map(|bill| bill.total.as_ref()?.decimal())
        .sum();
    Ok(format!(
        "{} users, {} tasks, {} statuses, {failed} failed, {} of known tasks, {sum} billed",
        users.len(),
        tasks.len(),
        statuses.len(),
        known.count(),
    ))
}

async fn restore(client: Client) -> Result<String, Error> {
    let mut request = RestoreRequest::default();
    request.task_id = client
        .tasks()
        .list()
        .page_size(20)
        .page()
        .await?
        .items
        .remove(0)
        .id;
    let restore = client.restores().create(request.clone()).await?;
    let job = restore.wait(Duration::from_secs(3600)).await?;
    // A task is no job.
    let task = request.task_id.as_ref().map(|id| id.as_str()).unwrap();
    let none = client.restores().status(task).await.unwrap_err();
    assert_eq!(
        (none.kind(), &job.job_id),
        (ErrorKind::NotFound, &Some(restore.id().clone()))
    );
    Ok(format!("{:?} {:?}", job.status, job.progress))
}

async fn reseller(client: Client) -> Result<String, Error> {
    let profile = client.resellers().profile().await?;
    let accounts = client.resellers().accounts().page_size(4).collect().await?;
    let bills = client.resellers().bills().collect().await?;
    Ok(format!(
        "{:?}, {} accounts, {} bills",
        profile.region,
        accounts.len(),
        bills.len()
    ))
}

/// A sandbox whose every answer is the same whenever it is started.
async fn sandbox() -> Sandbox {
    let start = "2026-03-02T06:00:00Z".parse().unwrap();
    let builder = Sandbox::builder()
        .ragged()
        .seed(7)
        .users(9)
        .tasks(14)
        .statuses(20);
    builder.clock(Clock::manual(start)).start().await.unwrap()
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("cassettes/{name}.json"))
}

/// Runs a scenario against the sandbox by way of a recorder: what it told, and what was recorded.
async fn record(sandbox: &Sandbox, scenario: Scenario) -> (String, Cassette) {
    let recorder = Recorder::start(sandbox.url()).await.unwrap();
    let clock = sandbox.clock().clone();
    // Without the fractions of a second that are added at random.
    let sleep = NoWait::meanwhile(move |wait| clock.advance(Duration::from_secs(wait.as_secs())));
    let account = sandbox.distributor();
    let credentials = Credentials::partner(account.client_id(), account.client_secret())
        .with_user(account.email(), account.password());
    let client = Client::builder()
        .base_url(recorder.url())
        .credentials(credentials)
        .sleep(Arc::new(sleep));
    let told = scenario(client.build().unwrap()).await.unwrap();
    (told, recorder.finish().await.unwrap())
}

async fn play(player: &Player, scenario: Scenario) -> Result<String, Error> {
    let client = Client::builder()
        .base_url(player.url())
        .credentials(Credentials::partner(
            "played-client",
            "canary-client-secret",
        ))
        .sleep(Arc::new(NoWait::default()));
    scenario(client.build().unwrap()).await
}

#[tokio::test]
async fn committed_cassettes_play_as_the_sandbox_answers() {
    for (name, scenario) in SCENARIOS {
        let (told, recorded) = record(&sandbox().await, scenario).await;
        if std::env::var_os("CLOUDALLY_RECORD").is_some() {
            recorded.write(&file(name)).unwrap();
        }
        let committed = Cassette::read(&file(name)).unwrap();
        assert!(committed == recorded, "{name}: record it anew");
        let player = Player::start(committed).await.unwrap();
        assert_eq!(play(&player, scenario).await.unwrap(), told, "{name}");
        assert_eq!((player.left(), player.unexpected().len()), (0, 0), "{name}");
        player.stop().await;
    }
}

/// Every text that the sandbox has of its people.
fn private(sandbox: &Sandbox) -> Vec<String> {
    let account = sandbox.distributor();
    let mut texts: Vec<String> = [
        account.client_id(),
        account.client_secret(),
        account.email(),
        account.password(),
    ]
    .map(str::to_owned)
    .into();
    let lists = [sandbox.users(), sandbox.tasks(), sandbox.statuses()];
    for item in lists.into_iter().flatten() {
        for name in [
            "id",
            "taskId",
            "userId",
            "name",
            "email",
            "userEmail",
            "alias",
            "entityName",
            "account",
        ] {
            texts.extend(item[name].as_str().map(str::to_owned));
        }
        texts.extend(
            item["reportEmails"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned),
        );
    }
    // Shorter ones are in any text.
    texts.retain(|text| text.chars().count() > 5);
    texts
}

#[tokio::test]
async fn nothing_private_is_on_a_cassette() {
    let sandbox = sandbox().await;
    let private = private(&sandbox);
    assert!(private.len() > 100, "{}", private.len());
    for (name, _) in SCENARIOS {
        let text = std::fs::read_to_string(file(name)).unwrap();
        for private in &private {
            assert!(!text.contains(private), "{name}: {private}");
        }
        assert!(!text.contains("eyJ") && !text.contains("Bearer "), "{name}");
    }
}

#[tokio::test]
async fn what_a_cassette_lacks_is_told_and_not_made_up() {
    let player = Player::start(Cassette::read(&file("restore")).unwrap())
        .await
        .unwrap();
    let error = play(&player, SCENARIOS[2].1).await.unwrap_err();
    assert_eq!(
        (error.kind(), status_of(&error)),
        (ErrorKind::Server, Some(501))
    );
    let unexpected = player.unexpected();
    assert_eq!(unexpected[0].request, "GET /v2/resellers/details");
    assert!(
        unexpected[0].to_string().contains("POST /v1/restore"),
        "{}",
        unexpected[0]
    );
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_told_by_the_recorder() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let upstream = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let recorder = Recorder::start(&upstream).await.unwrap();
    let client = Client::builder()
        .base_url(recorder.url())
        .credentials(Credentials::partner(
            "recorded-client",
            "canary-client-secret",
        ))
        .sleep(Arc::new(NoWait::default()));
    let error = client
        .build()
        .unwrap()
        .partners()
        .profile()
        .await
        .unwrap_err();
    assert_eq!(status_of(&error), Some(502), "{error}");
    assert!(recorder.finish().await.unwrap().interactions.is_empty());
}
