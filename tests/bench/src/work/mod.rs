//! The work that is measured, by each contender.

mod callers;
mod clients;
mod endurance;
mod health;
mod lists;
mod outcomes;

use std::error::Error;
use std::fmt::Display;
use std::hint::black_box;
use std::str::FromStr;
use std::time::{Duration, Instant};

use cloudally::{Client, ClientBuilder, Credentials};
use cloudally_gen::session::{ClientCredentials, Session};
use reqwest::header::HeaderValue;

use self::lists::Fetch;
use crate::by_hand::{ByHand, CLIENT, List, Partner, Task};
use crate::expert::{self, Expert};

/// How long a caller waits for a token by hand, where it does not wait for ever.
const DEADLINE: Duration = Duration::from_secs(60);

/// What came of it, or why nothing did.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// Who does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    /// The SDK.
    Sdk,
    /// The generated client alone.
    Generated,
    /// reqwest and serde_json by hand.
    ByHand,
    /// The same by somebody who knows what each step costs.
    Expert,
}

impl Contender {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ByHand, Self::Expert, Self::Generated, Self::Sdk];

    /// As it is named on the command line and in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sdk => "sdk",
            Self::Generated => "generated",
            Self::ByHand => "by-hand",
            Self::Expert => "expert",
        }
    }
}

impl FromStr for Contender {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|contender| contender.name() == name)
            .ok_or_else(|| format!("there is no contender {name}"))
    }
}

/// Does what the arguments say, and gives what is to be printed.
///
/// # Errors
/// If the arguments are wrong or a call fails.
pub fn run(arguments: &[String]) -> Outcome<String> {
    let [work, contender, count, url] = arguments else {
        return Err("usage: bench-client WORK CONTENDER COUNT URL".into());
    };
    let contender: Contender = contender.parse()?;
    let count: u32 = count.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match work.as_str() {
            "get" => get(contender, count, url).await,
            "page" => page(contender, count, url, 500).await,
            // The count is the size of the one page that is read.
            "one-page" => page(contender, 1, url, count).await,
            "status-page" => outcomes::status_page(contender, count, url).await,
            "restore" => outcomes::restore(contender, count, url).await,
            "missing" => outcomes::missing(contender, count, url).await,
            "busy" => outcomes::busy(contender, count, url).await,
            "clients" => clients::build(contender, count),
            "size" => size(count, url).await,
            "first-call" => first_call(contender, count, url).await,
            "token" => token(count, url).await,
            "list-one-by-one" => lists::read(Fetch::OneByOne, count, url).await,
            "list-eight" => lists::read(Fetch::Eight, count, url).await,
            "consume-one-by-one" => lists::consume(Fetch::OneByOne, url).await,
            "consume-ahead" => lists::consume(Fetch::Ahead, url).await,
            "items" => lists::items(contender, count, url).await,
            "callers" => callers::meet_expired(contender, None, count, url).await,
            "callers-with-deadline" => {
                callers::meet_expired(contender, Some(DEADLINE), count, url).await
            }
            "stream" => endurance::stream(count, url).await,
            "calls" => endurance::calls(count, url).await,
            "assess" => health::run(count, url.rsplit('/').next().unwrap_or_default()),
            _ => Err(format!("there is no work {work}").into()),
        }
    })
}

/// The SDK's client for this server.
///
/// # Errors
/// If it cannot be set up.
pub fn client(url: &str) -> Result<Client, cloudally::Error> {
    builder(url).build()
}

fn builder(url: &str) -> ClientBuilder {
    let (id, secret) = CLIENT;
    Client::builder()
        .base_url(url)
        .credentials(Credentials::partner(id, secret))
        .no_proxy()
}

/// The generated client, with connections by hand.
async fn generated(url: &str) -> Outcome<cloudally_gen::Client> {
    let by_hand = ByHand::sign_in(url).await?;
    let (id, secret) = CLIENT;
    let session = Session::new()
        .authorization(HeaderValue::from_str(&format!(
            "Bearer {}",
            by_hand.token()
        ))?)
        .client(ClientCredentials::new(id, &secret.into())?);
    Ok(cloudally_gen::Client::new_with_client(
        url,
        by_hand.http().clone(),
        session,
    ))
}

fn told(error: impl Display) -> Box<dyn Error> {
    error.to_string().into()
}

/// The seconds that so many calls take, one after the other.
#[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
async fn timed(count: u32, mut call: impl AsyncFnMut() -> Outcome<()>) -> Outcome<String> {
    let start = Instant::now();
    for _ in 0..count {
        call().await?;
    }
    Ok(start.elapsed().as_secs_f64().to_string())
}

async fn get(contender: Contender, count: u32, url: &str) -> Outcome<String> {
    match contender {
        Contender::ByHand => {
            let client = ByHand::sign_in(url).await?;
            timed(count, async || {
                black_box(client.get::<Partner>("/v1/partners", &[]).await?);
                Ok(())
            })
            .await
        }
        Contender::Expert => {
            let client = Expert::sign_in(url, 500).await?;
            timed(count, async || {
                black_box(client.get::<Partner>(&client.partner).await?);
                Ok(())
            })
            .await
        }
        Contender::Generated => {
            let client = generated(url).await?;
            timed(count, async || {
                black_box(client.get_partner().send().await.map_err(told)?);
                Ok(())
            })
            .await
        }
        Contender::Sdk => {
            let client = client(url)?;
            client.sign_in().await?;
            timed(count, async || {
                black_box(client.partners().profile().await?);
                Ok(())
            })
            .await
        }
    }
}

/// Checks that a page has as many items as were asked for.
fn check(items: usize, size: u32) -> Outcome<()> {
    if items == usize::try_from(size)? {
        return Ok(());
    }
    Err(format!("{items} items in place of {size}").into())
}

async fn page(contender: Contender, count: u32, url: &str, size: u32) -> Outcome<String> {
    let check = |items| check(items, size);
    match contender {
        Contender::ByHand => {
            let client = ByHand::sign_in(url).await?;
            let size = size.to_string();
            let query = [("pageSize", size.as_str())];
            timed(count, async || {
                let page: List<Task> = client.get("/v1/partners/tasks", &query).await?;
                check(black_box(page).data.len())
            })
            .await
        }
        Contender::Expert => {
            let client = Expert::sign_in(url, size).await?;
            timed(count, async || {
                let page: List<expert::Task> = client.get(&client.tasks).await?;
                check(black_box(page).data.len())
            })
            .await
        }
        Contender::Generated => {
            let client = generated(url).await?;
            timed(count, async || {
                let request = client.list_partner_tasks().page_size(i64::from(size));
                let page = request.send().await.map_err(told)?.into_inner();
                check(black_box(page).data.map_or(0, |items| items.len()))
            })
            .await
        }
        Contender::Sdk => {
            let client = client(url)?;
            client.sign_in().await?;
            timed(count, async || {
                let page = client.tasks().list().page_size(size).page().await?;
                check(black_box(page).items.len())
            })
            .await
        }
    }
}

/// How many bytes a page of so many items has.
async fn size(count: u32, url: &str) -> Outcome<String> {
    let client = client(url)?;
    let page = client.request(reqwest::Method::GET, "/v1/partners/tasks");
    let body = page.query("pageSize", count).bytes().await?;
    Ok(body.len().to_string())
}

/// Everything up to the first answer, each time anew.
async fn first_call(contender: Contender, count: u32, url: &str) -> Outcome<String> {
    for _ in 0..count {
        get(contender, 1, url).await?;
    }
    Ok(String::new())
}

/// Asks for the token that is there.
async fn token(count: u32, url: &str) -> Outcome<String> {
    let client = client(url)?;
    client.sign_in().await?;
    for _ in 0..count {
        black_box(&client).sign_in().await?;
    }
    Ok(String::new())
}
