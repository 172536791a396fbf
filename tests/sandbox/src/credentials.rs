//! The made-up accounts' credentials.

use std::fmt;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::data::uuid;

/// What one account of the sandbox signs in with. All values are made up, and follow from the seed.
///
/// `Debug` shows neither the secret nor the password.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// The client id.
    pub client_id: String,
    /// The secret that belongs to the client id.
    pub client_secret: String,
    /// The mail address of the portal user.
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

    /// The same client, another person.
    pub(crate) fn colleague(&self, rng: &mut ChaCha8Rng, email: &str) -> Self {
        Self {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            ..Self::generate(rng, email)
        }
    }

    /// The client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The secret that belongs to the client id.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// The mail address of the portal user.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The password of the portal user.
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
