//! Plays back the responses of a cassette.

use std::collections::BTreeMap;
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
/// theirs in the recorded order, and with [`repeat`](Self::repeat) from the first again. A request
/// that no response is left for receives a 501, which the service never sends.
#[derive(Debug)]
pub struct Player {
    listener: Listener,
    tape: Arc<Mutex<Tape>>,
}

#[derive(Debug, Default)]
struct Tape {
    tracks: Vec<Track>,
    repeat: bool,
    unexpected: Vec<Unexpected>,
}

#[derive(Debug)]
struct Track {
    interaction: Interaction,
    is_used: bool,
}

impl Tape {
    fn left(&self) -> impl Iterator<Item = &Request> {
        let left = self.tracks.iter().filter(|track| !track.is_used);
        left.map(|track| &track.interaction.request)
    }

    /// Uses the next response to a request, or says what is left in place of one.
    fn next(&mut self, request: &Request) -> Result<&Response, Unexpected> {
        let is_next = |track: &Track| !track.is_used && track.interaction.request.is(request);
        let mut at = self.tracks.iter().position(is_next);
        let is_recorded = self
            .tracks
            .iter()
            .any(|track| track.interaction.request.is(request));
        if at.is_none() && is_recorded && self.repeat {
            for track in &mut self.tracks {
                track.is_used &= !track.interaction.request.is(request);
            }
            at = self.tracks.iter().position(is_next);
        }
        match at {
            Some(at) => {
                let track = &mut self.tracks[at];
                track.is_used = true;
                Ok(&track.interaction.response)
            }
            None => Err(Unexpected {
                request: request.to_string(),
                is_recorded,
                left: self.left().map(ToString::to_string).collect(),
            }),
        }
    }
}

/// A request that no response was left for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unexpected {
    /// The method, path and query of the request.
    pub request: String,
    /// Whether the cassette has responses to this request, all of which were used.
    pub is_recorded: bool,
    /// The requests that were left on the cassette when it arrived.
    pub left: Vec<String>,
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = &self.request;
        match (self.left.as_slice(), self.is_recorded) {
            ([], true) => write!(
                f,
                "the cassette is played out: {request} came, and every response is used. Start \
                 the player again, or with --repeat"
            ),
            ([], false) => write!(
                f,
                "the cassette is played out: {request} came, which it never had"
            ),
            (left, true) => write!(
                f,
                "the cassette is played out for {request}: it came once more than was recorded. \
                 Left are: {}. --repeat starts over",
                left.join(", ")
            ),
            (left, false) => write!(
                f,
                "{request} came, which the cassette never had. Left are: {}",
                left.join(", ")
            ),
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
            tracks: cassette.interactions.into_iter().map(unused).collect(),
            repeat: false,
            unexpected: Vec::new(),
        }));
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&tape));
        let listener = Listener::start(port, routes).await?;
        Ok(Self { listener, tape })
    }

    /// Lets the responses to each request begin again once all of them are used, for a client that
    /// runs more than once.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use cloudally_cassette::{Cassette, Player};
    /// # let cassette: Cassette = serde_json::from_str(r#"{"version": 1, "interactions": [{
    /// #     "request": {"method": "GET", "path": "/v1/partners"}, "response": {"status": 200}
    /// # }]}"#)?;
    /// let player = Player::start(cassette).await?.repeat();
    /// for _ in 0..2 {
    ///     let response = reqwest::get(format!("{}/v1/partners", player.url())).await?;
    ///     assert_eq!(response.status(), 200);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn repeat(self) -> Self {
        self.tape().repeat = true;
        self
    }

    /// Returns the base URL for clients.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.listener.url
    }

    /// Returns the number of responses that are not used yet, or not used again after they began
    /// again.
    #[must_use]
    pub fn left(&self) -> usize {
        self.tape().left().count()
    }

    /// Returns the requests that no response was left for. Each received a 501.
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

fn unused(interaction: Interaction) -> Track {
    Track {
        interaction,
        is_used: false,
    }
}

async fn answer(
    State(tape): State<Arc<Mutex<Tape>>>,
    request: axum::extract::Request,
) -> HttpResponse {
    let request = Request {
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query: pairs(request.uri().query()),
        headers: BTreeMap::new(),
        body: Value::Null,
    };
    let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
    match tape.next(&request) {
        Ok(response) => replay(response),
        Err(unexpected) => {
            let message = unexpected.to_string();
            tape.unexpected.push(unexpected);
            text(StatusCode::NOT_IMPLEMENTED, &message)
        }
    }
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
