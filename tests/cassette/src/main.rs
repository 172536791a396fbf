//! Records a cassette, or plays one back.

mod signals;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use cloudally_cassette::{Cassette, Player, Recorder};
use signals::Signals;

/// Records the traffic between a client and the CloudAlly service without private data, and plays
/// it back.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Forward a client's requests to the service until Ctrl-C, then write a cassette once the open
    /// requests have been responded to; a second Ctrl-C leaves these out
    Record {
        /// Base URL of the service
        #[arg(long, default_value = "https://api.cloudally.com")]
        upstream: String,
        /// File to write
        #[arg(long)]
        out: PathBuf,
        /// Port to listen on; 0 picks a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Respond as the service did until Ctrl-C; a request that no response is left for gets a 501,
    /// and lets the program exit with 1
    Play {
        /// Cassette to play
        file: PathBuf,
        /// Begin again with the responses to a request once all of them are used
        #[arg(long)]
        repeat: bool,
        /// Port to listen on; 0 picks a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Record {
            upstream,
            out,
            port,
        } => record(port, &upstream, &out).await,
        Command::Play { file, repeat, port } => play(port, &file, repeat).await,
    };
    done.unwrap_or_else(|error| {
        eprintln!("cloudally-cassette: {error}");
        ExitCode::from(2)
    })
}

type Failed = Box<dyn std::error::Error>;

async fn record(port: u16, upstream: &str, out: &Path) -> Result<ExitCode, Failed> {
    // Checked first, so that a long recording is not lost to a path that cannot be written.
    Cassette::try_place(out)?;
    let mut signals = Signals::listen()?;
    let recorder = Recorder::start_on(port, upstream).await?;
    println!("export CLOUDALLY_BASE_URL='{}'", recorder.url());
    signals.next().await;
    // A second signal skips the wait for open requests.
    let cassette = recorder.finish_unless(signals.next()).await?;
    cassette.write(out)?;
    eprintln!(
        "wrote {} interactions to {}",
        cassette.interactions.len(),
        out.display()
    );
    for request in cassette.unplayable() {
        eprintln!(
            "warning: {request} cannot be played back, for it has a parameter that the document does not know"
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn play(port: u16, file: &Path, repeat: bool) -> Result<ExitCode, Failed> {
    let mut signals = Signals::listen()?;
    let mut player = Player::start_on(port, Cassette::read(file)?).await?;
    if repeat {
        player = player.repeat();
    }
    println!("export CLOUDALLY_BASE_URL='{}'", player.url());
    signals.next().await;
    let unexpected = player.unexpected();
    for request in &unexpected {
        eprintln!("{request}");
    }
    Ok(ExitCode::from(u8::from(!unexpected.is_empty())))
}
