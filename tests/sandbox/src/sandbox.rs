//! The handle to a running sandbox.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::builder::SandboxBuilder;
use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::data::Kind;
use crate::faults::Faults;
use crate::history::Requests;
use crate::routes;
use crate::situations::{Affected, Situation, SituationError};
use crate::start_error::SandboxError;
use crate::state::State;
use crate::tls::Tls;
use crate::wire::{Incoming, Line};

/// A running CloudAlly service on loopback with its own data, which stops when it is dropped.
///
/// ```
/// use cloudally_sandbox::Sandbox;
/// use serde_json::{Value, json};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let http = reqwest::Client::new();
///
/// let partner = sandbox.partner();
/// let token: Value = http
///     .post(format!("{}/auth/partner", sandbox.url()))
///     .json(&json!({"clientId": partner.client_id, "clientSecret": partner.client_secret}))
///     .send().await?
///     .json().await?;
/// let page: Value = http
///     .get(format!("{}/v1/partners/users?pageSize=25", sandbox.url()))
///     .bearer_auth(token["accessToken"].as_str().unwrap_or_default())
///     .send().await?
///     .json().await?;
///
/// assert_eq!(page["totalPages"], 2);
/// assert_eq!(page["data"].as_array().map(Vec::as_slice), Some(&sandbox.users()[..25]));
/// assert_eq!(sandbox.request_count("listPartnerUsers"), 1);
/// sandbox.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[must_use = "a sandbox stops when it is dropped"]
pub struct Sandbox {
    url: String,
    ca_pem: Option<String>,
    state: Arc<State>,
    server: JoinHandle<()>,
}

pub(crate) fn serve(
    state: Arc<State>,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
) -> Sandbox {
    let (acceptor, ca_pem) = match tls {
        Some(tls) => (Some(tls.acceptor), Some(tls.ca_pem)),
        None => (None, None),
    };
    let router = routes::router(Arc::clone(&state));
    let service = router.into_make_service_with_connect_info::<Line>();
    let stop = state.stop.clone();
    let server = tokio::spawn(async move {
        let server = axum::serve(Incoming::new(listener, acceptor), service)
            .with_graceful_shutdown(async move { stop.stopped().await });
        // `axum::serve` never returns an error.
        let _ = server.await;
    });
    Sandbox {
        url: format!("{}://{address}", state.scheme),
        ca_pem,
        state,
        server,
    }
}

impl Sandbox {
    /// Starts a sandbox with the default settings, as a task of the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns [`SandboxError::Bind`] if no port on loopback can be bound.
    pub async fn start() -> Result<Self, SandboxError> {
        Self::builder().start().await
    }

    /// Returns a builder with the default settings.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// Returns the base URL without a trailing slash: `http://127.0.0.1:PORT`, or `https://` with
    /// TLS.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the PEM certificate that a client must trust, or `None` unless the sandbox serves
    /// over [`tls`](SandboxBuilder::tls).
    #[must_use]
    pub fn ca_certificate(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Returns the credentials of the ordinary partner, which sees all users and has no resellers.
    #[must_use]
    pub fn partner(&self) -> &Credentials {
        &self.state.authority.standard.partner
    }

    /// Returns the credentials of the distributor, a partner that has resellers.
    #[must_use]
    pub fn distributor(&self) -> &Credentials {
        &self.state.authority.standard.distributor
    }

    /// Returns the credentials of the first of the [`resellers`](Self::resellers), which sees only
    /// its own users and their items.
    #[must_use]
    pub fn reseller(&self) -> &Credentials {
        &self.state.authority.standard.reseller
    }

    /// Returns the credentials of the portal user, who signs in at `/auth`, or at `/auth/partner`
    /// together with the client credentials. The client id and secret are those of the ordinary
    /// partner.
    #[must_use]
    pub fn portal_user(&self) -> &Credentials {
        &self.state.authority.standard.portal_user
    }

    /// Returns the clock that the sandbox runs on.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.state.clock
    }

    /// Moves the sandbox's clock forward: tokens expire, restores progress, and due backups run.
    pub fn advance(&self, by: Duration) {
        self.state.clock.advance(by);
    }

    /// Returns the fault rules of the sandbox. There are none until one is added.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// Applies a situation to tasks that have none, and returns what it was applied to.
    ///
    /// # Errors
    ///
    /// Returns [`SituationError::TooFew`] if there are not enough tasks for it, and
    /// [`SituationError::NotLater`] for fault rules that should begin later.
    pub fn apply(&self, situation: Situation) -> Result<Vec<Affected>, SituationError> {
        self.state.apply(&situation)
    }

    /// Returns what all situations were applied to, including those that begin later.
    #[must_use]
    pub fn affected(&self) -> Vec<Affected> {
        self.state.data.affected()
    }

    /// Returns the profile of the ordinary partner.
    #[must_use]
    pub fn partner_profile(&self) -> &Value {
        &self.state.data.profiles.partner
    }

    /// Returns the profile of the distributor, as `/v1/partners` serves it.
    #[must_use]
    pub fn distributor_profile(&self) -> &Value {
        &self.state.data.profiles.distributor
    }

    /// Returns the profile of the distributor, as `/v2/resellers/details` serves it.
    #[must_use]
    pub fn reseller_details(&self) -> &Value {
        &self.state.data.profiles.details
    }

    /// Returns all users in list order, as they were at the start.
    #[must_use]
    pub fn users(&self) -> &[Value] {
        self.state.data.start(Kind::Users)
    }

    /// Returns all tasks in list order, as they were at the start.
    #[must_use]
    pub fn tasks(&self) -> &[Value] {
        self.state.data.start(Kind::Tasks)
    }

    /// Returns all status entries in list order, as they were at the start.
    #[must_use]
    pub fn statuses(&self) -> &[Value] {
        self.state.data.start(Kind::Statuses)
    }

    /// Returns all bills in list order, as they were at the start.
    #[must_use]
    pub fn bills(&self) -> &[Value] {
        self.state.data.start(Kind::Bills)
    }

    /// Returns all resellers in list order, as they were at the start.
    #[must_use]
    pub fn resellers(&self) -> &[Value] {
        self.state.data.start(Kind::Resellers)
    }

    /// Returns all backup tasks of `/v1/backup-tasks` in list order, as they were at the start.
    #[must_use]
    pub fn backup_tasks(&self) -> &[Value] {
        self.state.data.start(Kind::BackupTasks)
    }

    /// Returns the data as it is now, in the format that [`SandboxBuilder::data_json`] accepts.
    #[must_use]
    pub fn export(&self) -> Value {
        self.state.data.export(self.state.clock.now())
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Returns the most recent requests, oldest first, including those to unknown paths.
    /// [`SandboxBuilder::history`] limits how many are kept.
    pub fn requests(&self) -> Requests {
        self.state.requests()
    }

    /// Clears the recorded requests. The counts of [`request_count`](Self::request_count) and
    /// [`request_total`](Self::request_total) continue.
    pub fn clear_requests(&self) {
        self.state.history.clear();
    }

    /// Returns the number of requests received since the start, including those to unknown paths,
    /// but not those to the control endpoint.
    #[must_use]
    pub fn request_total(&self) -> u64 {
        self.state.traffic.total()
    }

    /// Returns the number of requests that an operation received, whatever the response was. It is
    /// 0 for an id that is not one of the [`operations`](Self::operations).
    #[must_use]
    pub fn request_count(&self, operation_id: &str) -> u64 {
        self.state.traffic.count(operation_id)
    }

    /// Returns the ids of all operations: those of the vendor's document, then `listPartnerBills`,
    /// `partnerLoginV2`, `getResellerDetailsV2`, `listResellerAccountsV2`,
    /// `listResellerBackupTasksV2`, `listResellerBackupStatusesV2`, `listResellerBillsV2`,
    /// `listAccountBackupTasksV2` and `getAccountBackupTaskV2`.
    pub fn operations() -> impl Iterator<Item = &'static str> {
        routes::operation_ids()
    }

    /// Stops accepting connections, and returns once all open requests have been responded to. To
    /// limit the wait, drop the returned future, for example by a timeout.
    pub async fn shutdown(mut self) {
        self.state.stop.stop();
        // The only possible error is that the task was cancelled along with its runtime.
        let _ = (&mut self.server).await;
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Open connections end by themselves; the listener is dropped with its task.
        self.state.stop.stop();
        self.server.abort();
    }
}
