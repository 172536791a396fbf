//! The client: one per program, cloned wherever it is needed.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use cloudally_gen::operation::{Endpoint, Operation};
use cloudally_gen::{Error as RawError, ResponseValue};
use serde::de::DeserializeOwned;

use crate::api::{Authentication, Backups, Billing, Partners, Resellers, Restores, Tasks, Users};
use crate::attempt::FailedCall;
use crate::auth::cache::TokenCache;
use crate::call::Call;
use crate::error::Error;
use crate::response::Response;
use crate::retry::policy::RetryPolicy;
use crate::send::{Authorization, CallSettings};
use crate::transport::Transport;

/// A client of the CloudAlly API.
///
/// Clones share connections, token, retry budget and rate limit, so keep one for the program and
/// clone it wherever it is needed. [`builder`](Self::builder) and [`from_env`](Self::from_env) make
/// one.
///
/// # Examples
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
    /// The one setting in which clones can differ.
    policy: RetryPolicy,
    /// The number of the page that this clone reads, if it is made to read one.
    page: Option<u64>,
}

struct Inner {
    transport: Arc<Transport>,
    tokens: TokenCache,
    page_size: u32,
}

impl Client {
    pub(crate) fn new(transport: Arc<Transport>, tokens: TokenCache, page_size: u32) -> Self {
        let policy = transport.policy;
        Self {
            inner: Arc::new(Inner {
                transport,
                tokens,
                page_size,
            }),
            policy,
            page: None,
        }
    }

    /// Returns a clone with another retry policy for its calls.
    ///
    /// It shares connections, token and limits with this client. A sign-in keeps the policy that
    /// the client was built with, because it is made for all clones, and has at least 60 s. A
    /// policy that [`ClientBuilder::build`](crate::ClientBuilder::build) would refuse makes each
    /// call fail with [`ErrorKind::Configuration`](crate::ErrorKind::Configuration).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// use std::time::Duration;
    /// use cloudally::RetryPolicy;
    /// let hasty = client.with_retry_policy(RetryPolicy::never().deadline(Duration::from_secs(2)));
    /// hasty.partners().profile().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_retry_policy(&self, policy: RetryPolicy) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            policy,
            page: self.page,
        }
    }

    /// Returns a clone that reads this page of a list.
    pub(crate) fn with_page(mut self, number: u64) -> Self {
        self.page = Some(number);
        self
    }

    /// Signs in now rather than with the first call, to learn early whether the credentials are
    /// accepted.
    ///
    /// While there is a token that has not expired it returns at once, and at most starts a renewal
    /// in the background. Like a [`Call`], the future borrows nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`](crate::ErrorKind::Unauthenticated) if the credentials are
    /// refused; otherwise as with every call.
    pub fn sign_in(&self) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        let inner = Arc::clone(&self.inner);
        let deadline = self.policy.deadline;
        async move {
            let token = inner.transport.token(&inner.tokens, || deadline);
            token.await.map(drop)
        }
    }

    /// Returns the operations that sign in explicitly, for programs that manage tokens themselves.
    pub fn authentication(&self) -> Authentication {
        Authentication::new(self)
    }

    /// Returns the operations on the partner: its profile, backup statuses and resellers.
    pub fn partners(&self) -> Partners {
        Partners::new(self)
    }

    /// Returns the operations on the users of the partner, which are its tenants.
    pub fn users(&self) -> Users {
        Users::new(self)
    }

    /// Returns the operations on the tasks of all users of the partner.
    pub fn tasks(&self) -> Tasks {
        Tasks::new(self)
    }

    /// Returns the operations on bills.
    pub fn billing(&self) -> Billing {
        Billing::new(self)
    }

    /// Returns the operations on the backup tasks of the account that is signed in.
    pub fn backups(&self) -> Backups {
        Backups::new(self)
    }

    /// Returns the operations that create restores and wait for them.
    pub fn restores(&self) -> Restores {
        Restores::new(self)
    }

    /// Returns the operations by which a reseller reads its own accounts (v2).
    pub fn resellers(&self) -> Resellers {
        Resellers::new(self)
    }

    /// Signs in if necessary, and returns the generated client with the current token.
    ///
    /// It sends each request once, does not renew the token, has errors that show what was sent,
    /// and follows the service's document without a promise of stability. Unless you need exactly
    /// that, [`operation`](Self::operation) is the better choice. Each request opens a connection,
    /// so that a mutation does not meet one that is about to close. A response without success
    /// comes unread with the error: [`raw::Client::body`](cloudally_gen::Client::body) reads it
    /// within the limit.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// let raw = client.raw().await?;
    /// if let Ok(response) = raw.get_partner().send().await {
    ///     println!("{} {:?}", response.status(), response.into_inner().email);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Fails if the sign-in does.
    #[cfg(feature = "unstable-raw")]
    #[cfg_attr(docsrs, doc(cfg(feature = "unstable-raw")))]
    pub fn raw(
        &self,
    ) -> impl Future<Output = Result<cloudally_gen::Client, Error>> + Send + 'static {
        let Self { inner, policy, .. } = self.clone();
        async move { inner.transport.raw(&inner.tokens, &policy).await }
    }

    /// Calls a generated operation with everything that the SDK does: token, renewal, retries by
    /// its idempotency, deadline and errors.
    ///
    /// It is for operations that have no method here yet, such as one that `cargo xtask regen` took
    /// from a new document. The parameters that it requires are its fields; `build` sets the
    /// others, once per attempt. The operations follow the service's document without a promise of
    /// stability.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// use cloudally::raw::operations::{GetBackupTask, ListPartnerTasks};
    /// let page = client.operation(ListPartnerTasks, |request| request.page_size(10u32)).await?;
    /// println!("{:?} tasks", page.total);
    /// let operation = GetBackupTask { task_id: "BT-1".to_owned() };
    /// println!("{:?}", client.operation(operation, |request| request).await?.name);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the operation is a sign-in,
    /// for which there is [`authentication`](Self::authentication), or if a parameter is not
    /// valid. Otherwise as with every call: see [`ErrorKind`](crate::ErrorKind).
    #[cfg(feature = "unstable-raw")]
    #[cfg_attr(docsrs, doc(cfg(feature = "unstable-raw")))]
    pub fn operation<O, F>(&self, endpoint: O, build: F) -> Call<O::Response>
    where
        O: Endpoint,
        O::Response: DeserializeOwned,
        F: Fn(O::Request) -> O::Request + Send + Sync + 'static,
    {
        if !O::OPERATION.needs_token {
            let what = "a sign-in is called with `client.authentication()`";
            let error = Error::invalid_input(what).with_operation(O::OPERATION.id);
            return Call::new(std::future::ready(Err(error)));
        }
        self.call(endpoint, build)
    }

    /// Calls a generated operation. `build` sets its optional parameters, once per attempt.
    pub(crate) fn call<O, F>(&self, endpoint: O, build: F) -> Call<O::Response>
    where
        O: Endpoint,
        O::Response: DeserializeOwned,
        F: Fn(O::Request) -> O::Request + Send + Sync + 'static,
    {
        let client = self.clone();
        Call::new(async move { Ok(client.send(&endpoint, build).await?) })
    }

    /// Calls a generated operation, and keeps the response of a failure for the caller.
    pub(crate) async fn send<O, F>(
        &self,
        endpoint: &O,
        build: F,
    ) -> Result<Response<O::Response>, FailedCall>
    where
        O: Endpoint,
        O::Response: DeserializeOwned,
        F: Fn(O::Request) -> O::Request + Sync,
    {
        let build = &build;
        let send = |raw| async move { O::send(build(endpoint.request(raw))).await };
        self.attempt(&O::OPERATION, send).await
    }

    /// Runs the retry loop around a function that makes one attempt.
    pub(crate) fn attempt<'a, T, Send, Sent>(
        &'a self,
        operation: &'a Operation<'a>,
        send: Send,
    ) -> impl Future<Output = Result<Response<T>, FailedCall>>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        let Inner {
            transport, tokens, ..
        } = &*self.inner;
        let settings = CallSettings {
            operation,
            authorization: Authorization::Token(tokens),
            policy: &self.policy,
            page: self.page,
        };
        transport.call(settings, send)
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
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.transport.base_url)
            .finish_non_exhaustive()
    }
}
