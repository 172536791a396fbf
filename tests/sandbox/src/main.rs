//! Runs a sandbox until a signal stops it.

mod signals;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use cloudally_sandbox::{Credentials, Rule, Sandbox, SandboxBuilder, Scenario};
use signals::Signals;

/// A stateful fake of the CloudAlly REST service, on loopback.
///
/// Prints its URL and the credentials of an account as shell exports, and serves until Ctrl-C or
/// SIGTERM. Open the URL in a browser for the other accounts, the operations, and the control
/// endpoints.
#[derive(Debug, Parser)]
#[command(version, after_long_help = scenarios())]
struct Arguments {
    /// Port to listen on; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Address to listen on; beyond loopback, everyone who can reach it can use and control the
    /// sandbox
    #[arg(long, value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST.into())]
    listen: IpAddr,
    /// Domain that requests may name as their host beside localhost and addresses; may be repeated
    #[arg(long, value_name = "DOMAIN")]
    allow_host: Vec<String>,
    /// Seed that data, credentials and tokens are generated from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Number of users to generate
    #[arg(long, default_value_t = 40)]
    users: usize,
    /// Number of tasks to generate
    #[arg(long, default_value_t = 1200)]
    tasks: usize,
    /// Number of status entries to generate
    #[arg(long, default_value_t = 3000)]
    statuses: usize,
    /// Generate nulls, gaps and unknown values, too
    #[arg(long)]
    ragged: bool,
    /// Generate a healthy fleet with what a scenario adds; may be repeated, or list several with
    /// commas; --list-scenarios lists them
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        conflicts_with = "ragged"
    )]
    scenario: Vec<Scenario>,
    /// List the scenarios, and exit
    #[arg(long)]
    list_scenarios: bool,
    /// JSON file with the data, instead of generated data; GET /_sandbox/data writes such a file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["users", "tasks", "statuses", "ragged", "scenario"])]
    data: Option<PathBuf>,
    /// How long an access token is valid, capped at 1,000 years
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    token_lifetime: u64,
    /// How long a restore takes
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    restore_duration: u64,
    /// How many requests are kept, up to 32 MiB of them
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    history: usize,
    /// A fault rule, in the JSON of POST /_sandbox/faults; may be repeated
    #[arg(long, value_name = "JSON", value_parser = rule)]
    fault: Vec<Rule>,
    /// Serve over TLS, and write the CA certificate that clients must trust to this file
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
    /// Account whose credentials are printed
    #[arg(long, value_enum, default_value_t = Account::Partner)]
    account: Account,
}

/// The accounts that every sandbox has.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Account {
    /// An ordinary partner: everything but resellers and v2
    Partner,
    /// A partner with resellers: everything
    Distributor,
    /// A portal user, with the partner's client credentials or without: backup tasks and restores
    PortalUser,
    /// A reseller: its own users
    Reseller,
}

impl Account {
    fn credentials(self, sandbox: &Sandbox) -> &Credentials {
        match self {
            Self::Partner => sandbox.partner(),
            Self::Distributor => sandbox.distributor(),
            Self::PortalUser => sandbox.portal_user(),
            Self::Reseller => sandbox.reseller(),
        }
    }
}

type Failed = Box<dyn std::error::Error>;

fn rule(json: &str) -> Result<Rule, Box<dyn std::error::Error + Send + Sync>> {
    let rule: Rule = serde_json::from_str(json)?;
    rule.check()?;
    Ok(rule)
}

impl Arguments {
    fn builder(&self) -> Result<SandboxBuilder, Failed> {
        let mut builder = Sandbox::builder()
            .bind(SocketAddr::from((self.listen, self.port)))
            .seed(self.seed)
            .users(self.users)
            .tasks(self.tasks)
            .statuses(self.statuses)
            .history(self.history)
            .restore_duration(Duration::from_secs(self.restore_duration))
            .token_lifetime(Duration::from_secs(self.token_lifetime));
        if let Some(file) = &self.data {
            let json = std::fs::read_to_string(file).map_err(|error| at(file, &error))?;
            builder = builder.data_json(json);
        }
        if self.ragged {
            builder = builder.ragged();
        }
        for scenario in &self.scenario {
            builder = builder.scenario(*scenario);
        }
        for domain in &self.allow_host {
            builder = builder.allow_host(domain);
        }
        if self.tls.is_some() {
            builder = builder.tls();
        }
        Ok(builder)
    }
}

fn at(file: &Path, error: &std::io::Error) -> Failed {
    format!("{}: {error}", file.display()).into()
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list_scenarios {
        return match write(&scenarios()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cloudally-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Failed> {
    // Signal handlers are installed before anything is printed, so that a reader can stop the
    // sandbox at once.
    let mut signals = Signals::listen()?;
    let sandbox = arguments.builder()?.start().await?;
    for rule in &arguments.fault {
        sandbox.faults().add(rule.clone())?;
    }
    if let (Some(file), Some(certificate)) = (&arguments.tls, sandbox.ca_certificate()) {
        std::fs::write(file, certificate).map_err(|error| at(file, &error))?;
    }
    let account = arguments.account.credentials(&sandbox);
    print(&sandbox, account, arguments.tls.as_deref())?;
    signals.next().await;
    tokio::select! {
        () = sandbox.shutdown() => {}
        // A second signal skips the wait for open requests.
        () = signals.next() => {}
    }
    Ok(())
}

fn print(sandbox: &Sandbox, account: &Credentials, ca: Option<&Path>) -> std::io::Result<()> {
    let mut text = String::new();
    // Absolute, because the lines may be read in another folder.
    let ca = ca.map(std::path::absolute).transpose()?;
    let ca = ca.map(|path| path.display().to_string());
    for (name, value) in [
        ("CLOUDALLY_BASE_URL", Some(sandbox.url())),
        ("CLOUDALLY_CLIENT_ID", Some(account.client_id())),
        ("CLOUDALLY_CLIENT_SECRET", Some(account.client_secret())),
        ("CLOUDALLY_USER", Some(account.email())),
        ("CLOUDALLY_PASSWORD", Some(account.password())),
        ("CLOUDALLY_ROOT_CERTIFICATE_FILE", ca.as_deref()),
    ] {
        if let Some(value) = value {
            // A quote within quotes, for a path may have one.
            text += &format!("export {name}='{}'\n", value.replace('\'', r"'\''"));
        }
    }
    // All lines are written at once, so that a reader that closes the pipe after the first lines
    // causes no error.
    write(&text)
}

fn write(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Returns the list of the scenarios, one per line.
fn scenarios() -> String {
    let mut text = "Scenarios:\n".to_owned();
    for scenario in Scenario::all() {
        let count = match scenario.count() {
            Some(count) => format!("{count} times: "),
            None => String::new(),
        };
        let days = match scenario.days() {
            0 => String::new(),
            1 => "after 1 day, ".to_owned(),
            days => format!("after {days} days, "),
        };
        let (name, what) = (scenario.name(), scenario.description());
        text += &format!("  {name:<20}{days}{count}{what}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_file_has_its_own_size() {
        let given = |more: &[&'static str]| {
            let name = ["cloudally-sandbox"].iter();
            Arguments::try_parse_from(name.chain(more).copied()).map(drop)
        };
        for size in ["--users", "--tasks", "--statuses"] {
            let error = given(&["--data", "a.json", size, "3"]).unwrap_err();
            let message = error.to_string();
            assert!(
                message.contains("cannot be used with") && message.contains(size),
                "{message}"
            );
        }
        given(&["--data", "a.json"]).unwrap();
        given(&["--users", "3"]).unwrap();
    }

    #[test]
    fn scenarios_are_named() {
        let given = |more: &[&'static str]| {
            let name = ["cloudally-sandbox"].iter();
            Arguments::try_parse_from(name.chain(more).copied())
        };
        let one = given(&["--scenario", "storm,partial", "--scenario", "dormant"]).unwrap();
        let names: Vec<_> = one.scenario.iter().map(|one| one.name()).collect();
        assert_eq!(names, ["storm", "partial", "dormant"]);
        let error = given(&["--scenario", "strom"]).unwrap_err().to_string();
        for scenario in Scenario::all() {
            assert!(error.contains(scenario.name()), "{error}");
            assert!(scenarios().contains(scenario.description()));
        }
        for other in [
            ["--ragged", "--scenario=storm"],
            ["--data=a", "--scenario=storm"],
        ] {
            let error = given(&other).unwrap_err().to_string();
            assert!(error.contains("cannot be used with"), "{error}");
        }
        assert!(given(&["--list-scenarios"]).unwrap().list_scenarios);
    }
}
