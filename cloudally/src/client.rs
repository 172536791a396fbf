//! The client: one for a program, cloned wherever it is needed.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use cloudally_gen::operation::Operation;
use cloudally_gen::{Error as RawError, ResponseValue};
use serde::de::DeserializeOwned;

use crate::api::{Authentication, Backups, Billing, Partners, Resellers, Restores, Tasks, Users};
use crate::auth::cache::TokenCache;
use crate::call::{Answer, Failed, Transport};
use crate::config::ClientBuilder;
use crate::error::Error;

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
pub struct Client(Arc<Inner>);

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
        Self(Arc::new(Inner {
            transport,
            tokens,
            page_size,
        }))
    }

    /// Signs in now, rather than with the first call: to find out early whether the credentials are good. Does nothing
    /// while there is a token that has not expired.
    ///
    /// # Errors
    /// If the sign-in fails.
    pub async fn sign_in(&self) -> Result<(), Error> {
        self.0.tokens.token().await.map(drop)
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

    pub(crate) fn page_size(&self) -> u32 {
        self.0.page_size
    }

    pub(crate) fn transport(&self) -> &Arc<Transport> {
        &self.0.transport
    }

    pub(crate) async fn call<T, Send, Sent>(
        &self,
        operation: &'static Operation,
        send: Send,
    ) -> Result<Answer<T>, Failed>
    where
        T: DeserializeOwned,
        Send: Fn(cloudally_gen::Client) -> Sent,
        Sent: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
    {
        self.0
            .transport
            .call(operation, Some(&self.0.tokens), send)
            .await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("transport", &self.0.transport)
            .field("tokens", &self.0.tokens)
            .finish_non_exhaustive()
    }
}
