//! Plays back the responses of a cassette.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response as HttpResponse;
use serde_json::Value;

use crate::cassette::{Cassette, Interaction, Request, Response, pairs};
use crate::error::Error;
use crate::listener::Listener;
use crate::recorder::text;

/// A server on loopback that responds to each request as the service did when the cassette was
/// recorded.
///
/// Requests match by method, path and query. Each response is used once; equal requests receive
/// theirs in the recorded order.
#[derive(Debug)]
pub struct Player {
    listener: Listener,
    tape: Arc<Mutex<Tape>>,
}

#[derive(Debug, Default)]
struct Tape {
    left: VecDeque<Interaction>,
    unexpected: Vec<Unexpected>,
}

/// A request that matched no remaining interaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unexpected {
    /// The method, path and query of the request.
    pub request: String,
    /// The requests that were left on the cassette when it arrived.
    pub left: Vec<String>,
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} came, and the cassette has ", self.request)?;
        match self.left.as_slice() {
            [] => f.write_str("nothing left"),
            left => write!(f, "left: {}", left.join(", ")),
        }
    }
}

impl Player {
    /// Plays a cassette on a free port.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Listen`] if no port on loopback can be bound.
    pub async fn start(cassette: Cassette) -> Result<Self, Error> {
        Self::start_on(0, cassette).await
    }

    /// Plays a cassette on a given port; 0 picks a free one.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`start`](Self::start).
    pub async fn start_on(port: u16, cassette: Cassette) -> Result<Self, Error> {
        let tape = Arc::new(Mutex::new(Tape {
            left: cassette.interactions.into(),
            unexpected: Vec::new(),
        }));
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&tape));
        let listener = Listener::start(port, routes).await?;
        Ok(Self { listener, tape })
    }

    /// Returns the base URL for clients.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.listener.url
    }

    /// Returns the number of responses that are not used yet.
    #[must_use]
    pub fn left(&self) -> usize {
        self.tape().left.len()
    }

    /// Returns the requests that matched no remaining interaction. Each received a 404.
    #[must_use]
    pub fn unexpected(&self) -> Vec<Unexpected> {
        self.tape().unexpected.clone()
    }

    /// Stops the player once the open requests have been responded to.
    pub async fn stop(self) {
        self.listener.stop().await;
    }

    fn tape(&self) -> std::sync::MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(
    State(tape): State<Arc<Mutex<Tape>>>,
    request: axum::extract::Request,
) -> HttpResponse {
    let (method, path) = (request.method().as_str(), request.uri().path());
    let query = pairs(request.uri().query());
    let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
    let mut left = tape.left.iter();
    let at = left.position(|left| left.request.is(method, path, &query));
    let Some(found) = at.and_then(|at| tape.left.remove(at)) else {
        let asked = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query,
            headers: BTreeMap::new(),
            body: Value::Null,
        };
        let left = tape.left.iter().map(|left| left.request.to_string());
        let unexpected = Unexpected {
            request: asked.to_string(),
            left: left.collect(),
        };
        let message = unexpected.to_string();
        tape.unexpected.push(unexpected);
        return text(StatusCode::NOT_FOUND, &message);
    };
    replay(&found.response)
}

fn replay(response: &Response) -> HttpResponse {
    let body = match &response.body {
        Value::Null => Body::empty(),
        Value::String(text) if !is_json(response) => Body::from(text.clone()),
        value => Body::from(value.to_string()),
    };
    let mut answer = HttpResponse::new(body);
    *answer.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers.get("content-type");
    kind.is_some_and(|kind| kind.contains("json"))
}
