//! The error type of this crate.

use std::path::PathBuf;

/// Errors of recording, writing, reading or playing a cassette.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The upstream URL is invalid, or would receive credentials without TLS.
    #[error("the upstream is no place to record from: {reason}")]
    Upstream {
        /// What is wrong with the URL.
        reason: &'static str,
    },
    /// No port on loopback could be bound.
    #[error("cannot listen on loopback: {0}")]
    Listen(#[source] std::io::Error),
    /// The HTTP client for the upstream could not be built.
    #[error("cannot make a client: {0}")]
    Client(#[source] reqwest::Error),
    /// The cassette still contains private data. The error does not show it.
    #[error("the cassette still holds {what} at `{place}`; nothing was written")]
    Leak {
        /// What kind of data it is.
        what: &'static str,
        /// Its place in the cassette, such as `/interactions/0/response/body/name`.
        place: String,
    },
    /// There are no interactions to write.
    #[error("nothing was recorded, for no request came or none was answered; nothing was written")]
    Empty,
    /// The traffic exceeds what a recorder keeps in memory.
    #[error(
        "more than {} MiB was said, which is more than a cassette holds; nothing was written. Record fewer requests at a time",
        limit / (1024 * 1024)
    )]
    TooLong {
        /// The number of bytes that are kept.
        limit: usize,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// A file is not a cassette.
    #[error("{path} is no cassette: {source}")]
    Format {
        /// The path of the file.
        path: PathBuf,
        /// The error of the JSON parser.
        source: serde_json::Error,
    },
}
