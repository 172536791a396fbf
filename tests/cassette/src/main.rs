//! Records a cassette, or plays one.

#[path = "../../sandbox/src/signals.rs"]
mod signals;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use cloudally_cassette::{Cassette, Player, Recorder};
use signals::Signals;

/// Records what a client and the CloudAlly service say to each other, without anything private, and plays it back.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Stand between a client and the service until Ctrl-C, and write a cassette then, once the open requests are answered;
    /// a second Ctrl-C leaves these out
    Record {
        /// The service
        #[arg(long, default_value = "https://api.cloudally.com")]
        upstream: String,
        /// The file to write
        #[arg(long)]
        out: PathBuf,
        /// Port to listen on; 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Answer as the service did, until Ctrl-C; exits with 1 if something came that the cassette does not have
    Play {
        /// The cassette
        file: PathBuf,
        /// Port to listen on; 0 takes a free one
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
        Command::Play { file, port } => play(port, &file).await,
    };
    done.unwrap_or_else(|error| {
        eprintln!("cloudally-cassette: {error}");
        ExitCode::from(2)
    })
}

type Failed = Box<dyn std::error::Error>;

async fn record(port: u16, upstream: &str, out: &Path) -> Result<ExitCode, Failed> {
    // Before anybody works for hours on what cannot be written then.
    Cassette::try_place(out)?;
    let mut signals = Signals::listen()?;
    let recorder = Recorder::start_on(port, upstream).await?;
    println!("export CLOUDALLY_BASE_URL='{}'", recorder.url());
    signals.next().await;
    // Whoever asks twice doesn't want to wait for what is not answered yet.
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

async fn play(port: u16, file: &Path) -> Result<ExitCode, Failed> {
    let mut signals = Signals::listen()?;
    let player = Player::start_on(port, Cassette::read(file)?).await?;
    println!("export CLOUDALLY_BASE_URL='{}'", player.url());
    signals.next().await;
    let unexpected = player.unexpected();
    for request in &unexpected {
        eprintln!("{request}");
    }
    Ok(ExitCode::from(u8::from(!unexpected.is_empty())))
}
