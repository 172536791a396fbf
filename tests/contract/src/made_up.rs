//! Credentials of nobody. Every secret among them has the word `canary` in it, and nothing else
//! has.

use cloudally::Credentials;

/// The word that must not be seen anywhere.
pub const CANARY: &str = "canary";
/// A client id.
pub const CLIENT_ID: &str = "contract-client-id";
/// The secret of the client id.
pub const CLIENT_SECRET: &str = "canary-client-secret";
/// The address of a portal user.
pub const EMAIL: &str = "portal@example.com";
/// The password of the portal user.
pub const PASSWORD: &str = "canary-password";
/// The access token of every sign-in of the script.
pub const ACCESS_TOKEN: &str = "canary-access-token";
/// The refresh token that comes with it.
pub const REFRESH_TOKEN: &str = "canary-refresh-token";
/// An id that nothing has.
pub const NOTHING: &str = "00000000-0000-0000-0000-000000000000";

/// A partner's credentials.
#[must_use]
pub fn partner() -> Credentials {
    Credentials::partner(CLIENT_ID, CLIENT_SECRET)
}

/// A portal user's credentials.
#[must_use]
pub fn portal() -> Credentials {
    Credentials::portal(EMAIL, PASSWORD)
}
