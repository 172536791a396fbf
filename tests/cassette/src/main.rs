//! Records a cassette, or plays one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use cloudally_cassette::{Cassette, Player, Recorder};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

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
    let mut signals = signals()?;
    let recorder = Recorder::start_on(port, upstream).await?;
    println!("export CLOUDALLY_BASE_URL='{}'", recorder.url());
    signals.recv().await;
    // Whoever asks twice doesn't want to wait for what is not answered yet.
    let asked_again = async {
        signals.recv().await;
    };
    let cassette = recorder.finish_unless(asked_again).await?;
    cassette.write(out)?;
    eprintln!(
        "wrote {} interactions to {}",
        cassette.interactions.len(),
        out.display()
    );
    Ok(ExitCode::SUCCESS)
}

async fn play(port: u16, file: &Path) -> Result<ExitCode, Failed> {
    let mut signals = signals()?;
    let player = Player::start_on(port, Cassette::read(file)?).await?;
    println!("export CLOUDALLY_BASE_URL='{}'", player.url());
    signals.recv().await;
    let unexpected = player.unexpected();
    for request in &unexpected {
        eprintln!("{request}");
    }
    Ok(ExitCode::from(u8::from(!unexpected.is_empty())))
}

/// Ctrl-C and, where there is one, SIGTERM: each time that one comes.
fn signals() -> Result<UnboundedReceiver<()>, ctrlc::Error> {
    let (came, signals) = unbounded_channel();
    ctrlc::set_handler(move || {
        // Who doesn't listen any more is ending already.
        let _ = came.send(());
    })?;
    Ok(signals)
}
