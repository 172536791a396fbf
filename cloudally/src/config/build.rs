//! Checks the settings of a client, and builds it.

use std::sync::Arc;

use super::{ClientBuilder, ClientHeaders};
use crate::auth::cache::TokenCache;
use crate::auth::credentials::Credentials;
use crate::auth::login::SignIn;
use crate::base_url::{BaseUrl, parse_base_url};
use crate::client::Client;
use crate::connection::Connections;
use crate::error::Error;
use crate::random::Random;
use crate::retry::budget::Budget;
use crate::retry::rate_limit::{Limiter, RateLimit};
use crate::transport::Transport;

impl ClientBuilder {
    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if there are no credentials or
    /// they cannot be sent, if the base URL is not one that credentials may be sent to, if a number
    /// that must not be zero is, if a setting has no effect beside another one, or if TLS cannot be
    /// set up.
    pub fn build(self) -> Result<Client, Error> {
        self.check()?;
        let credentials = self.credentials.clone().ok_or_else(|| {
            Error::configuration(
                "no credentials: call `credentials` on the builder, or start from `from_env`",
            )
        })?;
        credentials.check()?;
        let (clock, sleep) = (Arc::clone(&self.clock), Arc::clone(&self.sleep));
        let page_size = self.page_size;
        let random = Arc::new(Random::new());
        let transport = Arc::new(self.transport(&credentials, Arc::clone(&random))?);
        let sign_in = SignIn {
            transport: Arc::clone(&transport),
            credentials,
        };
        let tokens = TokenCache::new(Arc::new(sign_in), clock, sleep, random);
        Ok(Client::new(transport, tokens, page_size))
    }

    fn check(&self) -> Result<(), Error> {
        if let Some(problem) = &self.header_problem {
            return Err(Error::configuration(problem.as_str()));
        }
        self.policy.check()?;
        self.rate_limit.map_or(Ok(()), RateLimit::check)?;
        if self.page_size == 0 {
            return Err(Error::configuration("`page_size` is 0: set at least 1"));
        }
        if usize::try_from(self.page_size).is_ok_and(|size| size > self.max_page_items) {
            return Err(Error::configuration(format!(
                "`page_size` is {} and `max_page_items` {}, so that a full page would be refused: raise `max_page_items`",
                self.page_size, self.max_page_items
            )));
        }
        if self.max_response_bytes == 0 {
            return Err(Error::configuration(
                "`max_response_bytes` is 0, so that no response could be read: set at least 1",
            ));
        }
        for (name, timeout) in [
            ("connect_timeout", self.connection.connect_timeout),
            ("read_timeout", self.connection.read_timeout),
        ] {
            if timeout.is_zero() {
                return Err(Error::configuration(format!(
                    "`{name}` is zero, so that every request would fail: set a longer one"
                )));
            }
        }
        if http::HeaderValue::from_str(&self.connection.user_agent).is_err() {
            return Err(Error::configuration(
                "the user agent has a character that a header cannot carry",
            ));
        }
        if ["proxy", "no_proxy"]
            .iter()
            .all(|name| self.connection_calls.contains(name))
        {
            return Err(Error::configuration(
                "`proxy` and `no_proxy` contradict each other: call one of them",
            ));
        }
        if self.http_client.is_some() && !self.connection_calls.is_empty() {
            return Err(Error::configuration(format!(
                "`{}` has no effect beside `http_client`: set it on that client instead",
                self.connection_calls.join("`, `")
            )));
        }
        Ok(())
    }

    fn transport(self, credentials: &Credentials, random: Arc<Random>) -> Result<Transport, Error> {
        let BaseUrl {
            text,
            url,
            base,
            is_loopback,
        } = parse_base_url(&self.base_url)?;
        let default_headers = Some(self.default_headers).filter(|headers| !headers.is_empty());
        let default_headers = default_headers.map(Arc::new);
        let client = credentials.client().cloned();
        let is_every = self.client_headers == ClientHeaders::EveryRequest;
        let client_headers = match client.as_ref().filter(|_| is_every) {
            Some(pair) => Some(pair.headers()?),
            None => None,
        };
        let (http, destination) = match self.http_client {
            Some(client) => Connections::provided(client, &url),
            None => Connections::new(self.connection, &url, is_loopback)?,
        };
        Ok(Transport {
            base_url: text,
            base,
            destination,
            http,
            policy: self.policy,
            budget: Budget::new(self.budget),
            limiter: self.rate_limit.map(Limiter::new),
            max_response_bytes: self.max_response_bytes,
            max_page_items: self.max_page_items,
            secrets: [credentials.secrets(), self.secrets].concat(),
            client,
            client_headers,
            clock: self.clock,
            sleep: self.sleep,
            random,
            observers: self.observers,
            default_headers,
        })
    }
}
