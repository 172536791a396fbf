//! What can go wrong.

use std::path::PathBuf;

/// Why a cassette could not be recorded, written, read or played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address of the service is none, or secrets would go to it in the clear.
    #[error("the upstream is no place to record from: {reason}")]
    Upstream {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No port could be had on loopback.
    #[error("cannot listen on loopback: {0}")]
    Listen(#[source] std::io::Error),
    /// The client that passes requests on could not be made.
    #[error("cannot make a client: {0}")]
    Client(#[source] reqwest::Error),
    /// Something is left that must not be written. It is not shown.
    #[error("the cassette still holds {what} at `{place}`; nothing was written")]
    Leak {
        /// What kind of thing.
        what: &'static str,
        /// Where in the cassette.
        place: String,
    },
    /// Nothing was said that could be kept.
    #[error("nothing was recorded, for no request came or none was answered; nothing was written")]
    Empty,
    /// More was said than is kept in memory.
    #[error(
        "more than {} MiB was said, which is more than a cassette holds; nothing was written. Record fewer requests at a time",
        limit / (1024 * 1024)
    )]
    TooLong {
        /// How many bytes are kept.
        limit: usize,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no cassette.
    #[error("{path} is no cassette: {source}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}
