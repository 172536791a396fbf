//! What a client signs in with.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use cloudally_gen::secret::Secret;
use cloudally_gen::session::ClientCredentials;
use futures_util::TryFutureExt;
use futures_util::future::BoxFuture;
use http::HeaderValue;

use crate::error::Error;

/// What a client signs in with. `Debug` shows no secret.
///
/// ```
/// use cloudally::Credentials;
/// let partner = Credentials::partner("my-client-id", "my-client-secret").with_user("me@example.com", "my-password");
/// assert!(!format!("{partner:?}").contains("my-client-secret"));
/// ```
#[derive(Clone)]
pub struct Credentials(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    Partner {
        client: ClientPair,
        user: Option<User>,
    },
    Portal {
        user: User,
        client: Option<ClientPair>,
    },
    Token(Secret),
    Provider(Provider),
}

type BoxError = Box<dyn StdError + Send + Sync>;
pub(crate) type Provider =
    Arc<dyn Fn() -> BoxFuture<'static, Result<ProvidedToken, BoxError>> + Send + Sync>;

/// A token from a provider of your own; see [`Credentials::provider`]. `Debug` does not show it.
///
/// ```
/// use std::time::Duration;
/// let token = cloudally::ProvidedToken::new("my-token").expires_in(Duration::from_secs(3600));
/// ```
#[derive(Clone, Debug)]
pub struct ProvidedToken {
    pub(crate) access_token: Secret,
    pub(crate) expires_in: Option<Duration>,
}

impl ProvidedToken {
    /// A token whose end is what its JWT says, or not known.
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self {
            access_token: access_token.into(),
            expires_in: None,
        }
    }

    /// How long it is good for, from now on.
    #[must_use]
    pub fn expires_in(mut self, life: Duration) -> Self {
        self.expires_in = Some(life);
        self
    }
}

/// The client id and secret of a partner.
#[derive(Clone)]
pub(crate) struct ClientPair {
    pub(crate) id: String,
    pub(crate) secret: Secret,
}

impl ClientPair {
    /// The two as headers.
    pub(crate) fn headers(&self) -> Result<ClientCredentials, Error> {
        ClientCredentials::new(&self.id, &self.secret).map_err(|_| {
            Error::configuration(
                "the client id or secret has a character that a header cannot carry",
            )
        })
    }
}

/// A portal user.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) email: String,
    pub(crate) password: Secret,
}

impl Credentials {
    /// A partner, by the client id and secret that the portal generates (spec). Public clients send a portal user too
    /// (observed): add one by [`with_user`](Self::with_user).
    pub fn partner(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        let client = ClientPair {
            id: client_id.into(),
            secret: client_secret.into(),
        };
        Self(Kind::Partner { client, user: None })
    }

    /// A portal user, by address and password (spec).
    pub fn portal(email: impl Into<String>, password: impl Into<Secret>) -> Self {
        let user = User {
            email: email.into(),
            password: password.into(),
        };
        Self(Kind::Portal { user, client: None })
    }

    /// An access token from elsewhere. It is used until the service refuses it, and cannot be renewed.
    pub fn token(access_token: impl Into<Secret>) -> Self {
        Self(Kind::Token(access_token.into()))
    }

    /// Tokens from a function of your own, such as one that asks a vault. It is called when there is no token, when the
    /// last one runs out, and when the service refuses it; never twice at once.
    ///
    /// ```
    /// use cloudally::{Credentials, ProvidedToken};
    /// let credentials = Credentials::provider(|| async {
    ///     let token = std::fs::read_to_string("/run/secrets/cloudally")?;
    ///     Ok::<_, std::io::Error>(ProvidedToken::new(token.trim_end()))
    /// });
    /// ```
    pub fn provider<F, Made, E>(provider: F) -> Self
    where
        F: Fn() -> Made + Send + Sync + 'static,
        Made: Future<Output = Result<ProvidedToken, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        Self(Kind::Provider(Arc::new(move || {
            Box::pin(provider().map_err(Into::into))
        })))
    }

    /// Adds the portal user on whose behalf a partner signs in. For a portal user it replaces the user; a
    /// token or a provider has none, and stays as it is.
    #[must_use]
    pub fn with_user(mut self, email: impl Into<String>, password: impl Into<Secret>) -> Self {
        let added = User {
            email: email.into(),
            password: password.into(),
        };
        match &mut self.0 {
            Kind::Partner { user, .. } => *user = Some(added),
            Kind::Portal { user, .. } => *user = added,
            Kind::Token(_) | Kind::Provider(_) => {}
        }
        self
    }

    /// Adds the client id and secret that a portal user's sign-in sends along as headers (observed). For a partner it
    /// replaces them; a token or a provider has none, and stays as it is.
    #[must_use]
    pub fn with_client(
        mut self,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Self {
        let added = ClientPair {
            id: client_id.into(),
            secret: client_secret.into(),
        };
        match &mut self.0 {
            Kind::Partner { client, .. } => *client = added,
            Kind::Portal { client, .. } => *client = Some(added),
            Kind::Token(_) | Kind::Provider(_) => {}
        }
        self
    }

    /// Whether they can be sent at all. The error says which of them cannot, and shows none.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let (client, user) = match &self.0 {
            Kind::Partner { client, user } => (Some(client), user.as_ref()),
            Kind::Portal { user, client } => (client.as_ref(), Some(user)),
            Kind::Token(token) => return header_text("access token", token.expose()),
            Kind::Provider(_) => (None, None),
        };
        if let Some(client) = client {
            header_text("client id", &client.id)?;
            header_text("client secret", client.secret.expose())?;
        }
        match user {
            Some(user) if user.email.is_empty() => {
                Err(Error::configuration("the user is empty: give its address"))
            }
            Some(user) if user.password.expose().is_empty() => {
                Err(Error::configuration("the password is empty"))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn client(&self) -> Option<&ClientPair> {
        match &self.0 {
            Kind::Partner { client, .. } => Some(client),
            Kind::Portal { client, .. } => client.as_ref(),
            Kind::Token(_) | Kind::Provider(_) => None,
        }
    }
}

/// Whether a text can travel as a header.
fn header_text(what: &str, text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::configuration(format!("the {what} is empty")));
    }
    match HeaderValue::from_str(text) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::configuration(format!(
            "the {what} has a character that a header cannot carry, such as a line feed at its end"
        ))),
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Kind::Partner { user: None, .. } => "Partner",
            Kind::Partner { user: Some(_), .. } => "Partner with user",
            Kind::Portal { .. } => "Portal",
            Kind::Token(_) => "Token",
            Kind::Provider(_) => "Provider",
        };
        write!(f, "Credentials({kind}, [redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_sent_is_named_and_not_shown() {
        for (credentials, word) in [
            (Credentials::partner("", "canary"), "client id is empty"),
            (
                Credentials::partner("id", "canary\n"),
                "client secret has a character",
            ),
            (
                Credentials::partner("id", "s").with_user("", "canary"),
                "user is empty",
            ),
            (Credentials::portal("me", ""), "password is empty"),
            (
                Credentials::token("canary\r"),
                "access token has a character",
            ),
        ] {
            let error = credentials.check().unwrap_err().to_string();
            assert!(error.contains(word) && !error.contains("canary"), "{error}");
        }
        assert!(
            Credentials::partner("id", "secret")
                .with_user("me", "pässwörd")
                .check()
                .is_ok()
        );
    }
}
