//! The client: one for a program, cloned wherever it is needed.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use cloudally_gen::operation::Operation;
use cloudally_gen::{Error as RawError, ResponseValue};
use serde::de::DeserializeOwned;

use crate::api::{Authentication, Backups, Billing, Partners, Resellers, Restores, Tasks, Users};
use crate::auth::cache::TokenCache;
use crate::call::{Authorization, Failed};
use crate::config::ClientBuilder;
use crate::error::Error;
use crate::request::Request;
use crate::response::Response;
use crate::retry::policy::RetryPolicy;
use crate::transport::Transport;

/// A client of the CloudAlly API. Clones share connections, token and limits; keep one for the program.
///
/// ```no_run
/// # async fn run() -> Result<(), cloudally::Error> {
/// let client = cloudally::Client::from_env()?;
/// println!("{:?}", client.partners().profile().await?.contact_name);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// What this clone does differently.
    policy: RetryPolicy,
}

struct Inner {
    transport: Arc<Transport>,
    tokens: TokenCache,
    page_size: u32,
}

impl Client {
    /// Starts to set up a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A client with the credentials of the environment; see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    /// If variables are missing, ambiguous or not readable.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }

    pub(crate) fn new(transport: Arc<Transport>, tokens: TokenCache, page_size: u32) -> Self {
        let policy = transport.policy;
        Self {
            inner: Arc::new(Inner {
                transport,
                tokens,
                page_size,
            }),
            policy,
        }
    }

    /// The same client with another retry policy for its calls: same connections, token and limits. A sign-in keeps the
    /// policy that the client was built with.
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// use std::time::Duration;
    /// use cloudally::RetryPolicy;
    /// let hasty = client.with_retry(RetryPolicy::none().deadline(Duration::from_secs(2)));
    /// hasty.partners().profile().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            policy,
        }
    }

    /// Signs in now, rather than with the first call: to find out early whether the credentials are good. Does nothing
    /// while there is a token that has not expired.
    ///
    /// # Errors
    /// If the sign-in fails.
    pub fn sign_in(&self) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        let inner = Arc::clone(&self.inner);
        let deadline = self.policy.deadline;
        async move {
            inner
                .transport
                .token(&inner.tokens, deadline)
                .await
                .map(drop)
        }
    }

    /// Signing in by hand, for those who keep tokens themselves.
    pub fn authentication(&self) -> Authentication {
        Authentication::new(self)
    }

    /// The partner: profile, backup status, resellers.
    pub fn partners(&self) -> Partners {
        Partners::new(self)
    }

    /// The users, that is the tenants, of the partner.
    pub fn users(&self) -> Users {
        Users::new(self)
    }

    /// The tasks of all users of the partner.
    pub fn tasks(&self) -> Tasks {
        Tasks::new(self)
    }

    /// The bills.
    pub fn billing(&self) -> Billing {
        Billing::new(self)
    }

    /// The backup tasks of the account that is signed in.
    pub fn backups(&self) -> Backups {
        Backups::new(self)
    }

    /// Restores: ask for one, and wait for it.
    pub fn restores(&self) -> Restores {
        Restores::new(self)
    }

    /// What a reseller reads of its own accounts (v2).
    pub fn resellers(&self) -> Resellers {
        Resellers::new(self)
    }

    /// A request to a path that no resource has a method for, such as `/v1/partners/new`.
    pub fn request(&self, method: reqwest::Method, path: impl Into<String>) -> Request {
        Request::new(self.clone(), method, path.into())
    }

    /// The generated client, with the token of now and this client's limit of bodies: for those who need it as it is. It
    /// tries nothing again, renews nothing, and its errors may show what was sent. Each request has a connection of its
    /// own, so that a mutation cannot meet one that is about to close. The headers of each answer are with it. An answer
    /// that is no success comes unread with the error: [`body`](cloudally_gen::Client::body) reads it within the limit.
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// let raw = client.raw().await?;
    /// if let Ok(answer) = raw.get_partner().send().await {
    ///     println!("{} {:?}", answer.status(), answer.into_inner().email);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the sign-in fails.
    pub fn raw(
        &self,
    ) -> impl Future<Output = Result<cloudally_gen::Client, Error>> + Send + 'static {
        let Self { inner, policy } = self.clone();
        async move { inner.transport.raw(&inner.tokens, &policy).await }
    }

    pub(crate) fn policy(&self) -> RetryPolicy {
        self.policy
    }

    pub(crate) fn page_size(&self) -> u32 {
        self.inner.page_size
    }

    pub(crate) fn transport(&self) -> &Arc<Transport> {
        &self.inner.transport
    }

    pub(crate) async fn call<T, Send, Sent>(
        &self,
        operation: &Operation<'_>,
        send: Send,
    ) -> Result<Response<T>, Failed>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let Inner {
            transport, tokens, ..
        } = &*self.inner;
        transport
            .call(operation, Authorization::Token(tokens), &self.policy, send)
            .await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("transport", &self.inner.transport)
            .field("tokens", &self.inner.tokens)
            .finish_non_exhaustive()
    }
}
