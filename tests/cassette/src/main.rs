//! Records a cassette, or plays one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use cloudally_cassette::{Cassette, Error, Player, Recorder};

/// Records what a client and the CloudAlly service say to each other, without anything private, and plays it back.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Stand between a client and the service until Ctrl-C, and write a cassette then
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

async fn record(port: u16, upstream: &str, out: &Path) -> Result<ExitCode, Error> {
    let recorder = Recorder::start_on(port, upstream).await?;
    println!("export CLOUDALLY_BASE_URL='{}'", recorder.url());
    stopped().await;
    let cassette = recorder.finish().await?;
    cassette.write(out)?;
    eprintln!(
        "wrote {} interactions to {}",
        cassette.interactions.len(),
        out.display()
    );
    Ok(ExitCode::SUCCESS)
}

async fn play(port: u16, file: &Path) -> Result<ExitCode, Error> {
    let player = Player::start_on(port, Cassette::read(file)?).await?;
    println!("export CLOUDALLY_BASE_URL='{}'", player.url());
    stopped().await;
    let unexpected = player.unexpected();
    for request in &unexpected {
        eprintln!("{request}");
    }
    Ok(ExitCode::from(u8::from(!unexpected.is_empty())))
}

/// Waits for Ctrl-C, and where there is one for SIGTERM. Where neither can be heard the system stops the process by itself.
async fn stopped() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
