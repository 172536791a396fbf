//! The same client for programs without an asynchronous runtime: the same resources and names, results in place of
//! futures, iterators in place of streams.
//!
//! ```no_run
//! use cloudally::blocking::Client;
//!
//! fn main() -> Result<(), cloudally::Error> {
//!     let client = Client::from_env()?;
//!     for entry in client.partners().status().items() {
//!         let entry = entry?;
//!         if entry.has_failures() {
//!             println!("{:?} failed", entry.entity_name);
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! With settings of your own: `Client::builder()` as ever, and [`ClientBuilder::build_blocking`] at its end. A restore is waited
//! for by `restore.wait(longest).done()`.
//!
//! It has a runtime with one thread of its own, on which tokens are renewed and pages fetched ahead. It may be used by many
//! threads at once. Within an asynchronous runtime, where blocking would stop others, each call is an
//! [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) error. That includes `spawn_blocking`, which cannot be
//! told apart: use a thread of `std`, or await the asynchronous client.

mod api;
mod list;
mod request;
mod restore;
mod runtime;

use std::sync::Arc;

pub use self::api::{
    Authentication, Backups, Billing, Partners, Resellers, Restores, Tasks, Users,
};
pub use self::list::{Items, List, Pages};
pub use self::request::Request;
pub use self::restore::{RestoreHandle, States, Wait};

use self::runtime::Runtime;
use crate::config::ClientBuilder;
use crate::error::Error;
use crate::reply::Reply;
use crate::retry::policy::RetryPolicy;

/// A client of the CloudAlly API that blocks. Clones share connections, token and limits; keep one for the program.
#[derive(Clone, Debug)]
pub struct Client {
    client: crate::Client,
    runtime: Arc<Runtime>,
}

impl Client {
    /// A client that blocks until the calls of this one are done. Build that one for this purpose: its connections live as
    /// long as the runtime in which they were made.
    ///
    /// ```
    /// # fn main() -> Result<(), cloudally::Error> {
    /// use cloudally::{Client, Credentials, blocking};
    /// let client = Client::builder().credentials(Credentials::partner("id", "secret")).build()?;
    /// let client = blocking::Client::new(client)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn new(client: crate::Client) -> Result<Self, Error> {
        let runtime = Arc::new(Runtime::start()?);
        Ok(Self { client, runtime })
    }

    /// A client with the credentials of the environment; see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    /// If variables are missing, ambiguous or not readable, or no thread can be started.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build_blocking()
    }

    /// The same client with another retry policy; see [`Client::with_retry`](crate::Client::with_retry).
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        Self {
            client: self.client.with_retry(policy),
            runtime: Arc::clone(&self.runtime),
        }
    }

    /// Signs in now; see [`Client::sign_in`](crate::Client::sign_in).
    ///
    /// # Errors
    /// If the sign-in fails.
    pub fn sign_in(&self) -> Result<(), Error> {
        self.runtime.wait(self.client.sign_in())
    }

    /// The client whose calls this one waits for.
    #[must_use]
    pub fn client(&self) -> &crate::Client {
        &self.client
    }

    /// Makes any call of [`client`](Self::client), such as one whose headers are wanted.
    ///
    /// ```no_run
    /// # fn run(client: cloudally::blocking::Client) -> Result<(), cloudally::Error> {
    /// let profile = client.client().partners().profile();
    /// let response = client.wait(profile.with_response())?;
    /// println!("{:?}", response.head.request_id());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the call fails, or this is within an asynchronous runtime.
    pub fn wait<T>(&self, call: Reply<T>) -> Result<T, Error> {
        self.runtime.wait(call)
    }
}

impl ClientBuilder {
    /// Builds a client that blocks; see [`build`](Self::build).
    ///
    /// # Errors
    /// As [`build`](Self::build), or if no thread can be started.
    pub fn build_blocking(self) -> Result<Client, Error> {
        Client::new(self.build()?)
    }
}
