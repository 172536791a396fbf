//! Whether a failed attempt is followed by another, and after which delay.

pub(crate) mod backoff;
pub(crate) mod budget;
pub(crate) mod policy;
pub(crate) mod rate_limit;
pub(crate) mod retry_after;
