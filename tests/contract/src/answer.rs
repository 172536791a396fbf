//! What the service answers.

use serde_json::{Value, json};

use crate::fixtures;
use crate::request::Request;
use crate::server::{Step, reply};

/// An answer of the script.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// Nothing but a status.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// A status and JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            body: body.to_string(),
            ..Self::empty(status)
        }
        .header("content-type", "application/json")
    }

    /// A success.
    #[must_use]
    pub fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    /// A good sign-in or refresh.
    #[must_use]
    pub fn signed_in() -> Self {
        Self::ok(&fixtures::full("access_token"))
    }

    /// A failure in the words of Spring Boot.
    #[must_use]
    pub fn spring(status: u16, message: &str) -> Self {
        Self::json(
            status,
            &json!({
                "timestamp": "2026-03-02T06:00:00.000Z",
                "status": status,
                "error": "Reason of the status",
                "message": message,
                "path": "/somewhere",
            }),
        )
    }

    /// A gateway's web page.
    #[must_use]
    pub fn html(status: u16) -> Self {
        Self {
            body: "<html><h1>Bad gateway</h1></html>".to_owned(),
            ..Self::empty(status)
        }
        .header("content-type", "text/html; charset=utf-8")
    }

    /// A text that does not say what it is.
    #[must_use]
    pub fn text(status: u16, body: &str) -> Self {
        Self {
            body: body.to_owned(),
            ..Self::empty(status)
        }
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// 418 is neither retried nor mistaken for anything that the service says.
    #[must_use]
    pub fn unplanned(request: &Request) -> Self {
        Self::spring(
            418,
            &format!("the test did not plan for {}", request.line()),
        )
    }

    /// What a server does to give it.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let headers = self.headers.iter();
        let headers: Vec<_> = headers.map(|(name, value)| (&**name, &**value)).collect();
        reply(self.status, &headers, &self.body)
    }
}
