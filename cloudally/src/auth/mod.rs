//! Signing in: credentials, tokens, and the one token that all calls share.

pub(crate) mod cache;
pub(crate) mod credentials;
pub(crate) mod login;
pub(crate) mod token;
