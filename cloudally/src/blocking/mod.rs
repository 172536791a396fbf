//! A client for programs without an asynchronous runtime.
//!
//! It has the resources and names of the asynchronous [`Client`](crate::Client), with results in
//! place of futures and iterators in place of streams.
//!
//! # Examples
//!
//! ```no_run
//! use cloudally::blocking::Client;
//!
//! fn main() -> Result<(), cloudally::Error> {
//!     let client = Client::from_env()?;
//!     for entry in client.partners().backup_statuses().items() {
//!         let entry = entry?;
//!         if entry.has_failures() {
//!             println!("{} failed", entry.label());
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! For other settings, call [`ClientBuilder::build_blocking`] instead of `build`. To wait for a
//! restore, call `restore.wait(max_wait).done()`.
//!
//! The client has a runtime with one thread, on which tokens are renewed and pages are prefetched.
//! Many threads can use it at once. Within an asynchronous runtime, where blocking would stop other
//! tasks, each call is an [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) error. That
//! includes `spawn_blocking`, which cannot be distinguished: use a thread of `std`, or the
//! asynchronous client.

mod api;
mod health;
mod list;
mod request;
mod restore;
mod runtime;

use std::sync::Arc;

pub use self::api::{
    Authentication, Backups, Billing, Partners, Resellers, Restores, Tasks, Users,
};
pub use self::list::{Items, ListRequest, Pages};
pub use self::request::Request;
pub use self::restore::{PreparedRestore, RestoreHandle, RestoreStates, RestoreWaiter};

use self::runtime::Runtime;
use crate::call::Call;
use crate::config::ClientBuilder;
use crate::error::Error;
use crate::retry::policy::RetryPolicy;

/// A blocking client of the CloudAlly API.
///
/// Clones share connections, token and limits, so keep one for the program.
#[derive(Clone, Debug)]
pub struct Client {
    client: crate::Client,
    runtime: Arc<Runtime>,
}

impl Client {
    /// Makes a blocking client from an asynchronous one.
    ///
    /// Build the asynchronous one for this purpose only, because its connections live as long as
    /// the runtime in which they were made.
    ///
    /// # Examples
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
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if no thread can be started.
    pub fn new(client: crate::Client) -> Result<Self, Error> {
        let runtime = Arc::new(Runtime::start()?);
        Ok(Self { client, runtime })
    }

    /// Builds a client with the credentials of the environment; see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if variables are missing,
    /// contradict each other or cannot be read, or if no thread can be started.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build_blocking()
    }

    /// Returns a clone with another retry policy; see
    /// [`Client::with_retry_policy`](crate::Client::with_retry_policy).
    #[must_use]
    pub fn with_retry_policy(&self, policy: RetryPolicy) -> Self {
        Self {
            client: self.client.with_retry_policy(policy),
            runtime: Arc::clone(&self.runtime),
        }
    }

    /// Signs in now; see [`Client::sign_in`](crate::Client::sign_in).
    ///
    /// # Errors
    /// As with [`Client::sign_in`](crate::Client::sign_in), and within an asynchronous runtime.
    pub fn sign_in(&self) -> Result<(), Error> {
        self.runtime.wait(self.client.sign_in())
    }

    /// Returns the asynchronous client behind this one.
    #[must_use]
    pub fn client(&self) -> &crate::Client {
        &self.client
    }

    /// Blocks until a call of the asynchronous [`client`](Self::client) is done, such as one with
    /// its headers.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(client: cloudally::blocking::Client) -> Result<(), cloudally::Error> {
    /// let profile = client.client().partners().profile();
    /// let response = client.wait(profile.with_response())?;
    /// println!("{:?}", response.parts.request_id());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As the call, and within an asynchronous runtime.
    pub fn wait<T>(&self, call: Call<T>) -> Result<T, Error> {
        self.runtime.wait(call)
    }
}

impl ClientBuilder {
    /// Builds a blocking client; see [`build`](Self::build).
    ///
    /// # Errors
    /// As with [`build`](Self::build), and if no thread can be started.
    #[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
    pub fn build_blocking(self) -> Result<Client, Error> {
        Client::new(self.build()?)
    }
}
