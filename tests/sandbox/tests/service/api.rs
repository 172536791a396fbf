//! A client with no opinions.

use cloudally_sandbox::{Clock, Credentials, Rule, RuleId, Sandbox, SandboxBuilder, Timestamp};
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// A sandbox with ragged data, whose time stands still.
pub(crate) fn standing_still() -> SandboxBuilder {
    Sandbox::builder().ragged().clock(Clock::manual(start()))
}

pub(crate) fn start() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

pub(crate) async fn started(builder: SandboxBuilder) -> Sandbox {
    builder.start().await.unwrap()
}

/// A small sandbox whose time stands still.
pub(crate) async fn small() -> Sandbox {
    started(standing_still().users(5).tasks(23).statuses(47)).await
}

pub(crate) async fn small_as_anonymous() -> (Sandbox, Api) {
    let sandbox = small().await;
    let api = Api::anonymous(&sandbox);
    (sandbox, api)
}

pub(crate) async fn small_as_partner() -> (Sandbox, Api) {
    let sandbox = small().await;
    let api = Api::partner(&sandbox).await;
    (sandbox, api)
}

pub(crate) async fn small_as_distributor() -> (Sandbox, Api) {
    let sandbox = small().await;
    let api = Api::distributor(&sandbox).await;
    (sandbox, api)
}

pub(crate) fn add_rule(sandbox: &Sandbox, rule: Rule) -> RuleId {
    sandbox.faults().add(rule).unwrap()
}

pub(crate) struct Api {
    http: Client,
    url: String,
    token: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Api {
    pub(crate) fn anonymous(sandbox: &Sandbox) -> Self {
        Self {
            http: Client::new(),
            url: sandbox.url().to_owned(),
            token: None,
        }
    }

    pub(crate) fn over(self, http: Client) -> Self {
        Self { http, ..self }
    }

    pub(crate) async fn partner(sandbox: &Sandbox) -> Self {
        Self::client(sandbox, sandbox.partner()).await
    }

    pub(crate) async fn distributor(sandbox: &Sandbox) -> Self {
        Self::client(sandbox, sandbox.distributor()).await
    }

    pub(crate) async fn client(sandbox: &Sandbox, credentials: &Credentials) -> Self {
        Self::anonymous(sandbox)
            .signed_in("/auth/partner", client_body(credentials))
            .await
    }

    pub(crate) async fn person(sandbox: &Sandbox, credentials: &Credentials) -> Self {
        Self::anonymous(sandbox)
            .signed_in("/auth", person_body(credentials))
            .await
    }

    pub(crate) async fn portal_user(sandbox: &Sandbox) -> Self {
        Self::person(sandbox, sandbox.portal_user()).await
    }

    async fn signed_in(self, path: &str, body: Value) -> Self {
        let answer = self.post(path, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.with_token(&answer.access_token())
    }

    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method.parse().unwrap(), format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request("POST", path).json(body)).await
    }
}

impl Answer {
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {:?}", self.text))
    }

    pub(crate) fn access_token(&self) -> String {
        self.json()["accessToken"].as_str().unwrap().to_owned()
    }

    pub(crate) fn refresh_token(&self) -> String {
        self.json()["refreshToken"].as_str().unwrap().to_owned()
    }

    pub(crate) fn location(&self) -> &str {
        self.headers[LOCATION].to_str().unwrap()
    }

    /// The items of a page.
    pub(crate) fn items(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()["data"].as_array().unwrap().clone()
    }

    /// Checks the whole of an error answer.
    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, reason: &str, path: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/json");
        let mut body = self.json();
        let message = body["message"].take();
        assert!(message.as_str().is_some_and(|message| !message.is_empty()));
        let timestamp = body["timestamp"].take();
        timestamp.as_str().unwrap().parse::<Timestamp>().unwrap();
        assert_eq!(
            body,
            json!({"timestamp": null, "status": status, "error": reason, "message": null, "path": path})
        );
    }
}

pub(crate) fn client_body(credentials: &Credentials) -> Value {
    json!({"clientId": credentials.client_id, "clientSecret": credentials.client_secret})
}

pub(crate) fn person_body(credentials: &Credentials) -> Value {
    json!({"email": credentials.email, "password": credentials.password})
}
