//! Runs a sandbox until it is told to stop.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use cloudally_sandbox::{Credentials, Sandbox, SandboxBuilder};

/// A stand-in for the CloudAlly REST service, on loopback.
///
/// Prints its URL and an account's credentials as shell lines, and serves until Ctrl-C.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What the data is made from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Number of users
    #[arg(long, default_value_t = 40)]
    users: usize,
    /// Number of tasks
    #[arg(long, default_value_t = 1200)]
    tasks: usize,
    /// Number of status entries
    #[arg(long, default_value_t = 3000)]
    statuses: usize,
    /// How long an access token is good
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    token_lifetime: u64,
    /// Whose credentials to print
    #[arg(long, value_enum, default_value_t = Account::Partner)]
    account: Account,
}

/// The accounts that every sandbox has.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Account {
    /// An ordinary partner: all but resellers and v2
    Partner,
    /// A partner with resellers: everything
    Distributor,
    /// A person who signs in without a client: backup tasks and restores
    PortalUser,
}

impl Account {
    fn credentials(self, sandbox: &Sandbox) -> &Credentials {
        match self {
            Self::Partner => sandbox.partner(),
            Self::Distributor => sandbox.distributor(),
            Self::PortalUser => sandbox.portal_user(),
        }
    }
}

impl Arguments {
    fn builder(&self) -> SandboxBuilder {
        Sandbox::builder()
            .bind(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)))
            .seed(self.seed)
            .users(self.users)
            .tasks(self.tasks)
            .statuses(self.statuses)
            .token_lifetime(Duration::from_secs(self.token_lifetime))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cloudally-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    // Before anything is printed, so that whoever reads it can stop the sandbox at once.
    let mut signals = Signals::new()?;
    let sandbox = arguments.builder().start().await?;
    print(&sandbox, arguments.account.credentials(&sandbox))?;
    signals.received().await;
    tokio::select! {
        () = sandbox.shutdown() => {}
        // Whoever asks twice doesn't want to wait for open requests.
        () = signals.received() => {}
    }
    Ok(())
}

fn print(sandbox: &Sandbox, account: &Credentials) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for (name, value) in [
        ("CLOUDALLY_BASE_URL", sandbox.url()),
        ("CLOUDALLY_CLIENT_ID", account.client_id()),
        ("CLOUDALLY_CLIENT_SECRET", account.client_secret()),
        ("CLOUDALLY_USER", account.email()),
        ("CLOUDALLY_PASSWORD", account.password()),
    ] {
        writeln!(out, "export {name}='{value}'")?;
    }
    out.flush()
}

/// Ctrl-C and, where there is one, SIGTERM.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn received(&mut self) {
        // Without a handler the system stops the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
