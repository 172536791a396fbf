//! Forwards requests to the service, and records them with their responses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, request};
use axum::response::Response as HttpResponse;
use http_body_util::BodyExt;
use serde_json::Value;

use crate::cassette::{Cassette, Interaction, Request, Response, pairs};
use crate::error::Error;
use crate::listener::Listener;
use crate::scan;
use crate::scrub::Scrub;
use crate::words;

/// Headers that are not forwarded: those that apply to one hop, and those that the HTTP client sets
/// itself. Without `accept-encoding` the response is not compressed, and can be recorded as text.
const NOT_PASSED_ON: [&str; 11] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The headers that are recorded. `scrub` decides how much of their values is kept.
const REQUEST_HEADERS: [&str; 2] = ["accept", "content-type"];
const RESPONSE_HEADERS: [&str; 3] = ["content-type", "retry-after", "location"];

/// The number of bytes of requests and responses that are kept.
const LIMIT: usize = 64 * 1024 * 1024;

/// The bytes that are counted per interaction for its headers and its data structures.
const OVERHEAD: usize = 1024;

/// A server on loopback that forwards every request to a service, and keeps the traffic in memory,
/// up to 64 MiB.
#[derive(Debug)]
pub struct Recorder {
    listener: Listener,
    heard: Arc<Heard>,
}

#[derive(Debug)]
struct Heard {
    upstream: String,
    client: reqwest::Client,
    said: Mutex<Said>,
}

/// The recorded traffic, as long as it does not exceed the limit.
#[derive(Debug, Default)]
struct Said {
    interactions: Vec<Interaction>,
    size: usize,
}

impl Said {
    fn push(&mut self, interaction: Interaction, size: usize) {
        self.size = self.size.saturating_add(size);
        if self.size <= LIMIT {
            self.interactions.push(interaction);
        } else {
            // The recording exceeds the limit and will not be written, so it is freed.
            self.interactions = Vec::new();
        }
    }

    fn finish(self) -> Result<Cassette, Error> {
        if self.size > LIMIT {
            return Err(Error::TooLong { limit: LIMIT });
        }
        let cassette = Scrub::default().scrub(self.interactions.into());
        scan::scan(&cassette)?;
        Ok(cassette)
    }
}

impl Recorder {
    /// Records the traffic between clients and this service, on a free port.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Upstream`] unless the URL is `https`, or `http` on loopback, without user,
    /// password, query and fragment; [`Error::Listen`] if no port on loopback can be bound; and
    /// [`Error::Client`] if the HTTP client cannot be built.
    pub async fn start(upstream: &str) -> Result<Self, Error> {
        Self::start_on(0, upstream).await
    }

    /// Records on a given port; 0 picks a free one.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`start`](Self::start).
    pub async fn start_on(port: u16, upstream: &str) -> Result<Self, Error> {
        let (upstream, is_loopback) = place(upstream)?;
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never());
        // A proxy from the environment would receive credentials in the clear.
        let client = if is_loopback {
            client.no_proxy()
        } else {
            client
        };
        let heard = Arc::new(Heard {
            upstream,
            client: client.build().map_err(Error::Client)?,
            said: Mutex::default(),
        });
        let routes = Router::new()
            .fallback(pass_on)
            .with_state(Arc::clone(&heard));
        let listener = Listener::start(port, routes).await?;
        Ok(Self { listener, heard })
    }

    /// Returns the base URL for clients.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.listener.url
    }

    /// Stops once the open requests have been responded to, and returns the traffic with all
    /// private data replaced.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] if there was more than 64 MiB of traffic, and [`Error::Leak`] if
    /// private data is left.
    pub async fn finish(self) -> Result<Cassette, Error> {
        self.finish_unless(std::future::pending()).await
    }

    /// Does the same as [`finish`](Self::finish), but leaves out the requests that are still open
    /// when the future `done` completes.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`finish`](Self::finish).
    pub async fn finish_unless(self, done: impl Future<Output = ()>) -> Result<Cassette, Error> {
        tokio::select! {
            () = self.listener.stop() => {}
            () = done => {}
        }
        std::mem::take(&mut *lock(&self.heard.said)).finish()
    }
}

/// Checks an upstream URL, and returns it with whether it is on loopback. Credentials may be sent
/// over https, or to loopback.
fn place(upstream: &str) -> Result<(String, bool), Error> {
    let refuse = |reason| Error::Upstream { reason };
    let url = reqwest::Url::parse(upstream).map_err(|_| refuse("it is no URL"))?;
    let host = url.host_str().ok_or(refuse("it names no host"))?;
    let is_loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
        return Err(refuse("credentials would go there in the clear; use https"));
    }
    let has_more = url.query().is_some() || url.fragment().is_some();
    if !url.username().is_empty() || url.password().is_some() || has_more {
        return Err(refuse("leave out user, password, query and fragment"));
    }
    Ok((upstream.trim_end_matches('/').to_owned(), is_loopback))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn pass_on(State(heard): State<Arc<Heard>>, request: axum::extract::Request) -> HttpResponse {
    let (parts, body) = request.into_parts();
    match heard.exchange(&parts, body).await {
        Ok(answer) => answer,
        // The error may contain the upstream's address, which the user of the recorder chose.
        Err(reason) => text(StatusCode::BAD_GATEWAY, &format!("the recorder: {reason}")),
    }
}

impl Heard {
    async fn exchange(&self, parts: &request::Parts, body: Body) -> Result<HttpResponse, String> {
        let body = body.collect().await.map_err(|error| error.to_string())?;
        let body = body.to_bytes();
        let path = parts.uri.path_and_query();
        let url = format!(
            "{}{}",
            self.upstream,
            path.map_or("/", |path| path.as_str())
        );
        let answer = self
            .client
            .request(parts.method.clone(), url)
            .headers(passed_on(&parts.headers))
            .body(body.clone())
            .send()
            .await
            .map_err(|error| error.without_url().to_string())?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let answer = answer
            .bytes()
            .await
            .map_err(|error| error.without_url().to_string())?;
        let place = path.map_or(0, |path| path.as_str().len());
        let size = place + body.len() + answer.len() + OVERHEAD;
        let interaction = Interaction {
            request: heard_request(parts, &body),
            response: Response {
                status: status.as_u16(),
                headers: kept(&headers, &RESPONSE_HEADERS),
                body: value(&answer),
            },
        };
        lock(&self.said).push(interaction, size);
        let mut response = HttpResponse::new(Body::from(answer));
        *response.status_mut() = status;
        *response.headers_mut() = passed_on(&headers);
        Ok(response)
    }
}

fn heard_request(parts: &request::Parts, body: &Bytes) -> Request {
    let mut headers = kept(&parts.headers, &REQUEST_HEADERS);
    for name in words::SECRET_HEADERS {
        if parts.headers.contains_key(name) {
            headers.insert(name.to_owned(), words::REDACTED.to_owned());
        }
    }
    Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: pairs(parts.uri.query()),
        headers,
        body: value(body),
    }
}

fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let passes = |name: &HeaderName| !NOT_PASSED_ON.contains(&name.as_str());
    let headers = headers.iter().filter(|(name, _)| passes(name));
    headers
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn kept(headers: &HeaderMap, names: &[&str]) -> BTreeMap<String, String> {
    let kept = names.iter().filter_map(|name| {
        let value = headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    kept.collect()
}

/// Returns JSON as a value, an empty body as null, and anything else as a string.
fn value(body: &Bytes) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

pub(crate) fn text(status: StatusCode, text: &str) -> HttpResponse {
    let mut response = HttpResponse::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_is_kept_is_refused_and_said_so() {
        let interaction: Interaction = serde_json::from_value(serde_json::json!({
            "request": {"method": "GET", "path": "/v1/partners"}, "response": {"status": 200},
        }))
        .unwrap();
        let mut said = Said::default();
        said.push(interaction.clone(), LIMIT);
        assert_eq!(said.interactions.len(), 1);
        said.push(interaction.clone(), 1);
        said.push(interaction, 1);
        assert!(said.interactions.is_empty());
        let error = said.finish().unwrap_err().to_string();
        assert!(error.contains("more than 64 MiB"), "{error}");
        assert!(error.contains("Record fewer requests at a time"), "{error}");
    }

    #[test]
    fn credentials_go_nowhere_in_the_clear() {
        for fine in [
            "https://api.cloudally.com",
            "http://127.0.0.1:8080/",
            "http://localhost",
        ] {
            assert!(place(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "http://api.cloudally.com",
            "ftp://localhost",
            "https://user:word@api.cloudally.com",
            "https://api.cloudally.com?a=b",
            "api.cloudally.com",
            "",
        ] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
