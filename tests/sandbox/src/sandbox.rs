//! A running sandbox.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::builder::{SandboxBuilder, SandboxError};
use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::data::Kind;
use crate::faults::Faults;
use crate::history::Requests;
use crate::routes;
use crate::state::State;
use crate::tls::Tls;
use crate::wire::{Incoming, Line};

/// A CloudAlly service on loopback, with its own data. It stops when it is dropped.
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
    let (scheme, acceptor, ca_pem) = match tls {
        Some(tls) => ("https", Some(tls.acceptor), Some(tls.ca_pem)),
        None => ("http", None, None),
    };
    let router = routes::router(Arc::clone(&state));
    let service = router.into_make_service_with_connect_info::<Line>();
    let stop = state.stop.clone();
    let server = tokio::spawn(async move {
        let server = axum::serve(Incoming::new(listener, acceptor), service)
            .with_graceful_shutdown(async move { stop.stopped().await });
        // axum's server has no way to fail.
        let _ = server.await;
    });
    Sandbox {
        url: format!("{scheme}://{address}"),
        ca_pem,
        state,
        server,
    }
}

impl Sandbox {
    /// Starts a sandbox with the default settings, as a task of the current tokio runtime.
    ///
    /// # Errors
    ///
    /// Fails if no port on loopback can be listened on.
    pub async fn start() -> Result<Self, SandboxError> {
        Self::builder().start().await
    }

    /// Settings for a sandbox.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// The base URL: `http://127.0.0.1:PORT`, or `https://` with TLS.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What a client must trust to use a sandbox with [`tls`](SandboxBuilder::tls): a certificate in PEM.
    #[must_use]
    pub fn ca_certificate(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// What the ordinary partner signs in with.
    #[must_use]
    pub fn partner(&self) -> &Credentials {
        &self.state.authority.standard.partner
    }

    /// What the distributor signs in with: a partner that has resellers.
    #[must_use]
    pub fn distributor(&self) -> &Credentials {
        &self.state.authority.standard.distributor
    }

    /// What the first of the [`resellers`](Self::resellers) signs in with. It sees its own users, and what
    /// belongs to them.
    #[must_use]
    pub fn reseller(&self) -> &Credentials {
        &self.state.authority.standard.reseller
    }

    /// What the portal user signs in with: at `/auth`, or at `/auth/partner` along with the client. The client id and
    /// secret are the ordinary partner's.
    #[must_use]
    pub fn portal_user(&self) -> &Credentials {
        &self.state.authority.standard.portal_user
    }

    /// The sandbox's time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.state.clock
    }

    /// Moves the sandbox's time forward: tokens expire, restores go on, and backups run when they are due.
    pub fn advance(&self, by: Duration) {
        self.state.clock.advance(by);
    }

    /// What goes wrong: nothing, until a rule is added.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// The profile of the ordinary partner.
    #[must_use]
    pub fn partner_profile(&self) -> &Value {
        &self.state.data.profiles.partner
    }

    /// The profile of the distributor.
    #[must_use]
    pub fn distributor_profile(&self) -> &Value {
        &self.state.data.profiles.distributor
    }

    /// The distributor, as `/v2/resellers/details` shows it.
    #[must_use]
    pub fn reseller_details(&self) -> &Value {
        &self.state.data.profiles.details
    }

    /// All users, in the order of the list, as they were at the start.
    #[must_use]
    pub fn users(&self) -> &[Value] {
        self.state.data.start(Kind::Users)
    }

    /// All tasks, in the order of the list, as they were at the start.
    #[must_use]
    pub fn tasks(&self) -> &[Value] {
        self.state.data.start(Kind::Tasks)
    }

    /// All status entries, in the order of the list, as they were at the start.
    #[must_use]
    pub fn statuses(&self) -> &[Value] {
        self.state.data.start(Kind::Statuses)
    }

    /// All bills, in the order of the list, as they were at the start.
    #[must_use]
    pub fn bills(&self) -> &[Value] {
        self.state.data.start(Kind::Bills)
    }

    /// All resellers, in the order of the list, as they were at the start.
    #[must_use]
    pub fn resellers(&self) -> &[Value] {
        self.state.data.start(Kind::Resellers)
    }

    /// All backup tasks of `/v1/backup-tasks`, in the order of the list, as they were at the start.
    #[must_use]
    pub fn backup_tasks(&self) -> &[Value] {
        self.state.data.start(Kind::BackupTasks)
    }

    /// All data as it is now, in the form that [`SandboxBuilder::data_json`] takes.
    #[must_use]
    pub fn export(&self) -> Value {
        self.state.data.export(self.state.clock.now())
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// The last requests, known paths or not, the oldest first. How many are remembered is up to
    /// [`SandboxBuilder::history`].
    pub fn requests(&self) -> Requests {
        self.state.requests()
    }

    /// Forgets the requests so far. [`request_count`](Self::request_count) goes on.
    pub fn clear_requests(&self) {
        self.state.history.clear();
    }

    /// How many requests came in, known paths or not.
    #[must_use]
    pub fn request_total(&self) -> u64 {
        self.state.traffic.total()
    }

    /// How many requests an operation got, whatever it answered; 0 for an id that isn't one of
    /// [`operations`](Self::operations).
    #[must_use]
    pub fn request_count(&self, operation_id: &str) -> u64 {
        self.state.traffic.count(operation_id)
    }

    /// The ids of all operations: those of the vendor's document, then `listPartnerBills`, `partnerLoginV2`,
    /// `getResellerDetailsV2`, `listResellerAccountsV2`, `listResellerBackupTasksV2`,
    /// `listResellerBackupStatusesV2` and `listResellerBillsV2`.
    pub fn operations() -> impl Iterator<Item = &'static str> {
        routes::operation_ids()
    }

    /// Stops the sandbox: no new connections; returns when the open requests are answered. To wait no
    /// longer than some time, drop the returned future.
    pub async fn shutdown(mut self) {
        self.state.stop.stop();
        // The task can only have been cancelled, along with its runtime.
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
        // Open connections end by themselves; the listener goes with its task.
        self.state.stop.stop();
        self.server.abort();
    }
}
