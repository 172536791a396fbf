//! The same calls written by hand: reqwest, and serde_json into plain structs.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// What a program without the SDK would hold.
#[derive(Clone, Debug)]
pub struct ByHand {
    http: reqwest::Client,
    base_url: String,
    token: String,
}

/// The id and secret that all contenders send.
pub const CLIENT: (&str, &str) = ("bench-client-id", "bench-client-secret");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedIn {
    access_token: String,
}

/// A list as it comes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct List<T> {
    /// Its items.
    pub data: Vec<T>,
    /// How many pages there are.
    pub total_pages: i64,
}

/// The partner, as far as a program may want it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of the service")]
pub struct Partner {
    pub partner_id: Option<String>,
    pub email: Option<String>,
    pub contact_name: Option<String>,
    pub discount: Option<f64>,
    pub phone: Option<String>,
    pub currency: Option<String>,
    pub address: Option<String>,
    pub region: Option<String>,
}

/// A task with all its fields. The words of the service are texts, or enums in an expert's program.
#[derive(Debug, Deserialize)]
#[serde(
    rename_all = "camelCase",
    bound = "S: DeserializeOwned + Ord, W: DeserializeOwned"
)]
#[expect(missing_docs, reason = "the fields of the service")]
pub struct Task<S = String, W = String> {
    pub id: Option<String>,
    pub account: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub source: Option<S>,
    pub user_id: Option<String>,
    pub domain: Option<String>,
    pub status: Option<W>,
    pub region: Option<String>,
    pub alias: Option<String>,
    pub backup_task_id: Option<String>,
    pub index: Option<bool>,
    pub snapshot_date: Option<i64>,
    pub last_backup_dates: Option<BTreeMap<S, Option<i64>>>,
    pub next_backup: Option<String>,
    pub progress: Option<Progress>,
    pub size: Option<i64>,
    pub create_date: Option<String>,
    pub num_of_billed_entities: Option<i64>,
    pub num_of_entities: Option<i64>,
    pub user_email: Option<String>,
    pub multi_entities_task: Option<bool>,
}

/// How far a task is.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the service")]
pub struct Progress {
    pub current: Option<i64>,
    pub state: Option<String>,
    pub service: Option<String>,
    pub cancelled: Option<bool>,
}

/// An HTTP client with the settings that the SDK has.
pub(crate) fn http_client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent("by-hand/0.1.0")
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(30))
        .http1_only()
        .no_proxy()
}

impl ByHand {
    /// Builds the HTTP client, with the settings that the SDK has, and signs in.
    ///
    /// # Errors
    /// As reqwest says.
    pub async fn sign_in(base_url: &str) -> reqwest::Result<Self> {
        let mut client = Self {
            http: http_client().build()?,
            base_url: base_url.to_owned(),
            token: String::new(),
        };
        client.token = client.new_token().await?;
        Ok(client)
    }

    /// Signs in once more.
    ///
    /// # Errors
    /// As reqwest says.
    pub async fn new_token(&self) -> reqwest::Result<String> {
        let (id, secret) = CLIENT;
        let signed_in: SignedIn = self
            .http
            .post(format!("{}/auth/partner", self.base_url))
            .header("client-id", id)
            .header("client-secret", secret)
            .json(&json!({"clientId": id, "clientSecret": secret}))
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        Ok(signed_in.access_token)
    }

    /// The token of the sign-in.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The HTTP client.
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// As reqwest says.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> reqwest::Result<T> {
        let (id, secret) = CLIENT;
        let mut request = self
            .http
            .get(format!("{}{path}", self.base_url))
            .bearer_auth(&self.token)
            .header("client-id", id)
            .header("client-secret", secret);
        if !query.is_empty() {
            request = request.query(query);
        }
        request.send().await?.error_for_status()?.json().await
    }
}
