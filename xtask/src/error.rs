//! What can stand in the way of a regeneration, each with where and what to do.

use std::io;
use std::path::PathBuf;

use crate::pointer::Pointer;
use crate::refusal::Refusals;

/// Why a regeneration stopped. Nothing was changed, unless it says so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },

    #[error("{}:{line}:{column}: not valid YAML: {message}", path.display())]
    Yaml {
        path: PathBuf,
        line: u64,
        column: u64,
        message: String,
    },

    #[error("{}: {pointer}: {message}", path.display())]
    In {
        path: PathBuf,
        pointer: Pointer,
        message: String,
    },

    #[error("{stage}: {pointer}: {message}; {advice}")]
    Document {
        stage: &'static str,
        pointer: Pointer,
        message: String,
        advice: String,
    },

    #[error("{0}")]
    Refused(Refusals),

    #[error(
        "{error}; what was written before could not be put back, so these are left half-done: {paths}"
    )]
    HalfDone { error: Box<Error>, paths: String },

    #[error("cannot write to the standard output: {source}; {done}")]
    Unprinted { source: io::Error, done: String },

    #[error("generate: {message}")]
    Generate { message: String },

    #[error("polish: {pass}: {message}")]
    Polish { pass: &'static str, message: String },

    #[error("{message}")]
    Usage { message: String },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.into(),
            source,
        }
    }

    pub(crate) fn document(
        stage: &'static str,
        pointer: &Pointer,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::Document {
            stage,
            pointer: pointer.clone(),
            message: message.into(),
            advice: advice.into(),
        }
    }

    pub(crate) fn polish(pass: &'static str, message: impl Into<String>) -> Self {
        Self::Polish {
            pass,
            message: message.into(),
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
        }
    }
}
