//! The same calls as somebody writes them who knows what they cost: URLs and headers that are made
//! once, enums where the service has words, and a body that is decoded as the text that it is.

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::by_hand::{self, ByHand, CLIENT, List, http_client};
use crate::work::Outcome;

const CLIENT_ID: HeaderName = HeaderName::from_static("client-id");
const CLIENT_SECRET: HeaderName = HeaderName::from_static("client-secret");

/// What an expert's program holds.
#[derive(Debug)]
pub struct Expert {
    http: Client,
    /// For what must not be sent on a connection that may be closed: restores.
    fresh: Client,
    headers: [(HeaderName, HeaderValue); 3],
    /// `GET /v1/partners`.
    pub partner: Url,
    /// `GET /v1/partners/tasks`.
    pub tasks: Url,
    /// `GET /v1/partners/status`.
    pub statuses: Url,
    restores: Url,
}

impl Expert {
    /// Signs in, and makes ready what every call needs.
    ///
    /// # Errors
    /// As reqwest says.
    pub async fn sign_in(base_url: &str, page_size: u32) -> Outcome<Self> {
        let token = ByHand::sign_in(base_url).await?;
        let url = |path: &str| Url::parse(&format!("{base_url}{path}"));
        let (id, secret) = CLIENT;
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.token()))?;
        authorization.set_sensitive(true);
        Ok(Self {
            http: http_client().build()?,
            fresh: http_client().pool_max_idle_per_host(0).build()?,
            headers: [
                (AUTHORIZATION, authorization),
                (CLIENT_ID, HeaderValue::from_str(id)?),
                (CLIENT_SECRET, HeaderValue::from_str(secret)?),
            ],
            partner: url("/v1/partners")?,
            tasks: url(&format!("/v1/partners/tasks?pageSize={page_size}"))?,
            statuses: url(&format!("/v1/partners/status?pageSize={page_size}"))?,
            restores: url("/v1/restore")?,
        })
    }

    fn request(&self, http: &Client, method: Method, url: &Url) -> reqwest::RequestBuilder {
        let request = http.request(method, url.clone());
        self.headers.iter().fold(request, |request, (name, value)| {
            request.header(name, value.clone())
        })
    }

    /// Reads a response.
    ///
    /// # Errors
    /// As reqwest and serde_json say.
    pub async fn get<T: DeserializeOwned>(&self, url: &Url) -> Outcome<T> {
        let response = self.request(&self.http, Method::GET, url).send().await?;
        decoded(response.error_for_status()?).await
    }

    /// Reads a page of tasks.
    ///
    /// # Errors
    /// As reqwest and serde_json say.
    pub async fn tasks_of(&self, page: u32, size: u32) -> Outcome<List<Task>> {
        let mut url = self.tasks.clone();
        url.set_query(Some(&format!("pageSize={size}&page={page}")));
        self.get(&url).await
    }

    /// Reads a response, and asks once more at once if the service is busy.
    ///
    /// # Errors
    /// As reqwest and serde_json say.
    pub async fn get_twice<T: DeserializeOwned>(&self, url: &Url) -> Outcome<T> {
        let mut response = self.request(&self.http, Method::GET, url).send().await?;
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            // Read to its end, so that the connection can be used again.
            response.bytes().await?;
            response = self.request(&self.http, Method::GET, url).send().await?;
        }
        decoded(response.error_for_status()?).await
    }

    /// Asks for something that is not there, and gives what the service says of it.
    ///
    /// # Errors
    /// As reqwest and serde_json say, or if it is there.
    pub async fn get_missing(&self, url: &Url) -> Outcome<Problem> {
        let response = self.request(&self.http, Method::GET, url).send().await?;
        if response.status() != StatusCode::NOT_FOUND {
            return Err("it is there".into());
        }
        decoded(response).await
    }

    /// Requests a restore, on a connection of its own.
    ///
    /// # Errors
    /// As reqwest and serde_json say.
    pub async fn restore(&self, task: &str, entity: &str) -> Outcome<RestoreJob> {
        let body = serde_json::to_string(&RestoreRequest {
            task_id: task,
            entity_name: entity,
        })?;
        let request = self.request(&self.fresh, Method::POST, &self.restores);
        let request = request.header("content-type", HeaderValue::from_static("application/json"));
        let response = request.body(body).send().await?;
        decoded(response.error_for_status()?).await
    }
}

async fn decoded<T: DeserializeOwned>(response: reqwest::Response) -> Outcome<T> {
    let body = response.bytes().await?;
    Ok(serde_json::from_str(std::str::from_utf8(&body)?)?)
}

/// What the service says of a failure.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the service")]
pub struct Problem {
    pub error: Option<String>,
    pub message: Option<String>,
    pub status: Option<u16>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct RestoreRequest<'a> {
    task_id: &'a str,
    entity_name: &'a str,
}

/// A restore that was accepted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of the service")]
pub struct RestoreJob {
    pub job_id: Option<String>,
    pub status: Option<String>,
}

/// What is backed up.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "named as the service sends them")]
pub enum Source {
    Gmail,
    Drive,
    Box,
    Dropbox,
    Salesforce,
    Onedrive,
    Sharepoint,
    Exchange,
    Teams,
    #[serde(other)]
    Other,
}

/// The word for a state.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "named as the service sends them")]
pub enum Status {
    Active,
    Archived,
    Success,
    Failed,
    #[serde(other)]
    Other,
}

/// A task with enums.
pub type Task = by_hand::Task<Source, Status>;

/// A status entry with all its fields.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of the service")]
pub struct BackupStatus {
    pub backup_duration: Option<i64>,
    pub backup_status: Option<Vec<SubSource>>,
    pub entity_name: Option<String>,
    pub last_backup_attempt_date: Option<String>,
    pub last_backup_date: Option<String>,
    pub size: Option<i64>,
    pub source: Option<Source>,
    pub task_id: Option<String>,
    pub user_id: Option<String>,
}

/// What the last run came to for a part of an entity.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of the service")]
pub struct SubSource {
    #[serde(rename = "errFAQLink")]
    pub err_faq_link: Option<String>,
    pub error: Option<String>,
    pub status: Option<Status>,
    pub sub_source: Option<String>,
}
