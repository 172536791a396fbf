//! Whether, and after how long, a failed attempt is followed by another.

pub(crate) mod after;
pub(crate) mod backoff;
pub(crate) mod budget;
pub(crate) mod policy;
pub(crate) mod rate;
