//! The errors of a start.

use std::net::SocketAddr;

use thiserror::Error;

use crate::situations::SituationError;

/// Errors that prevent a sandbox from starting.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The address cannot be bound: the port is in use, or binding it is not permitted.
    #[error("cannot listen on {address}: {source}")]
    #[non_exhaustive]
    Bind {
        /// The requested address.
        address: SocketAddr,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// A host to allow is not a domain: it is empty, an address, or has a port.
    #[error("cannot allow the host {host:?}: it must be a domain, without a port")]
    #[non_exhaustive]
    Host {
        /// The given host.
        host: String,
    },
    /// The TLS certificate could not be generated.
    #[error("cannot make a certificate: {source}")]
    #[non_exhaustive]
    Tls {
        /// The error of the TLS libraries.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A fleet of the given size cannot be healthy: a user has no task, or a task no status entry.
    #[error("cannot generate a healthy fleet: {message}")]
    #[non_exhaustive]
    Size {
        /// The size that it needs.
        message: String,
    },
    /// A situation cannot be applied to the data.
    #[error("cannot apply a situation: {source}")]
    #[non_exhaustive]
    Situation {
        /// Why not.
        source: SituationError,
    },
    /// The given JSON is not a data set.
    #[error("the data set cannot be used: {message}")]
    #[non_exhaustive]
    Data {
        /// What is wrong, and at which member.
        message: String,
    },
}
