//! The credentials of the sandbox's accounts.

use std::fmt;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::data::uuid;

/// The credentials of one account of the sandbox, generated from the seed.
///
/// They are valid nowhere else. `Debug` redacts the secret and the password.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// The client id.
    pub client_id: String,
    /// The client secret that belongs to the client id.
    pub client_secret: String,
    /// The email address of the portal user.
    pub email: String,
    /// The password of the portal user.
    pub password: String,
}

impl Credentials {
    pub(crate) fn generate(rng: &mut ChaCha8Rng, email: &str) -> Self {
        let secret: [u64; 4] = rng.random();
        Self {
            client_id: uuid(rng),
            client_secret: secret.map(|part| format!("{part:016x}")).concat(),
            email: email.to_owned(),
            password: format!("made-up-{:016x}", rng.random::<u64>()),
        }
    }

    /// Generates credentials of another person with the same client.
    pub(crate) fn colleague(&self, rng: &mut ChaCha8Rng, email: &str) -> Self {
        Self {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            ..Self::generate(rng, email)
        }
    }

    /// Returns the client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Returns the client secret that belongs to the client id.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// Returns the email address of the portal user.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Returns the password of the portal user.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .field("client_secret", &"[redacted]")
            .field("email", &self.email)
            .field("password", &"[redacted]")
            .finish()
    }
}
