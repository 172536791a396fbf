//! Tokens: sign-in, renewal and rotation, one at a time, whatever the clock and the service say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod credentials;
mod dropping;
mod odd_tokens;
mod renewal;
mod rotation;
mod sign_in_failures;
mod tokens;
