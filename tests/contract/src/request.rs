//! A request as it went over the wire, or as it should have.

use std::collections::BTreeMap;

use cloudally::reqwest::Url;
use serde_json::{Value, json};

use crate::{made_up, server};

/// A request with all that it says but for the headers that only frame it (`host`,
/// `content-length`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The path, as encoded.
    pub path: String,
    /// The query, in the order of the names.
    pub query: Vec<(String, String)>,
    /// All headers.
    pub headers: BTreeMap<String, String>,
    /// The body as JSON, as text if it is none, and null if there is none.
    pub body: Value,
}

impl Request {
    /// What reached a server.
    #[must_use]
    pub fn received(request: &server::Request) -> Self {
        let mut url = Url::parse("http://localhost").unwrap();
        url.set_query(request.query.as_deref());
        let mut query: Vec<_> = url.query_pairs().into_owned().collect();
        query.sort();
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &request.headers {
            let name = name.to_ascii_lowercase();
            if name == "host" || name == "content-length" {
                continue;
            }
            // A header that is sent twice must not look like one that is sent once.
            headers
                .entry(name)
                .and_modify(|first| *first = format!("{first}, {value}"))
                .or_insert_with(|| value.clone());
        }
        let body = match &*request.body {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query,
            headers,
            body,
        }
    }

    /// A read with a token, as every client sends it by default.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            headers: BTreeMap::new(),
            body: Value::Null,
        }
        .header("accept", "application/json")
        .header("accept-encoding", "gzip")
        .header(
            "user-agent",
            concat!("cloudally-rust/", env!("CARGO_PKG_VERSION")),
        )
        .header("client-id", made_up::CLIENT_ID)
        .header("client-secret", made_up::CLIENT_SECRET)
        .header(
            "authorization",
            &format!("Bearer {}", made_up::ACCESS_TOKEN),
        )
    }

    /// A request with a body and a token.
    #[must_use]
    pub fn post(path: &str, body: Value) -> Self {
        Self {
            method: "POST".to_owned(),
            body,
            ..Self::get(path)
        }
        .header("content-type", "application/json")
    }

    /// The sign-in of [`made_up::partner`].
    #[must_use]
    pub fn sign_in() -> Self {
        let body = json!({"clientId": made_up::CLIENT_ID, "clientSecret": made_up::CLIENT_SECRET});
        Self::post("/auth/partner", body).without("authorization")
    }

    /// The use of the refresh token of that sign-in.
    #[must_use]
    pub fn refresh() -> Self {
        let body = json!({"refreshToken": made_up::REFRESH_TOKEN});
        Self::post("/auth/refresh", body).without("authorization")
    }

    /// With this query and nothing else.
    #[must_use]
    pub fn query<const N: usize>(mut self, query: [(&str, &str); N]) -> Self {
        self.query = query
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        self.query.sort();
        self
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Without this header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Without the client's headers.
    #[must_use]
    pub fn without_client(self) -> Self {
        self.without("client-id").without("client-secret")
    }

    /// Method and path, where the rest is not in question.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}
