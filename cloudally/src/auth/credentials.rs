//! The credentials of a client.

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

/// The credentials that a client signs in with. `Debug` shows none of them.
///
/// # Examples
///
/// ```
/// use cloudally::Credentials;
/// let partner = Credentials::partner("my-client-id", "my-client-secret").with_user("me@example.com", "my-password");
/// assert!(!format!("{partner:?}").contains("my-client-secret"));
/// ```
#[derive(Clone)]
pub struct Credentials {
    pub(crate) kind: CredentialKind,
    /// The name of an addition that has no effect on this kind.
    ineffective: Option<&'static str>,
}

#[derive(Clone)]
pub(crate) enum CredentialKind {
    Partner {
        client: ClientPair,
        user: Option<User>,
    },
    Portal {
        user: User,
        client: Option<ClientPair>,
    },
    AccessToken(Secret),
    Provider(Provider),
}

type BoxError = Box<dyn StdError + Send + Sync>;
pub(crate) type Provider =
    Arc<dyn Fn() -> BoxFuture<'static, Result<TemporaryToken, BoxError>> + Send + Sync>;

/// An access token from a provider of the program; see [`Credentials::provider`]. `Debug` does not
/// show it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let token = cloudally::TemporaryToken::new("my-token").expires_in(Duration::from_secs(3600));
/// ```
#[derive(Clone, Debug)]
pub struct TemporaryToken {
    pub(crate) access_token: Secret,
    pub(crate) expires_in: Option<Duration>,
}

impl TemporaryToken {
    /// Makes a token that expires by the `exp` claim of its JWT, or at an unknown time.
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self {
            access_token: access_token.into(),
            expires_in: None,
        }
    }

    /// Sets how long the token is valid, from the moment the provider returns it.
    #[must_use]
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.expires_in = Some(lifetime);
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
    /// The pair as headers.
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

impl From<CredentialKind> for Credentials {
    fn from(kind: CredentialKind) -> Self {
        Self {
            kind,
            ineffective: None,
        }
    }
}

impl Credentials {
    /// Signs in as a partner, by the client id and secret that the portal generates.
    ///
    /// Public clients sign in on behalf of a portal user as well: add one with
    /// [`with_user`](Self::with_user).
    ///
    /// [Evidence](crate#evidence): spec for the pair, observed for the user.
    pub fn partner(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        let client = ClientPair {
            id: client_id.into(),
            secret: client_secret.into(),
        };
        CredentialKind::Partner { client, user: None }.into()
    }

    /// Signs in as a portal user, by address and password.
    ///
    /// [Evidence](crate#evidence): spec.
    pub fn portal(email: impl Into<String>, password: impl Into<Secret>) -> Self {
        let user = User {
            email: email.into(),
            password: password.into(),
        };
        CredentialKind::Portal { user, client: None }.into()
    }

    /// Uses an access token that the program already has, until the service refuses it. It cannot
    /// be renewed.
    pub fn access_token(access_token: impl Into<Secret>) -> Self {
        CredentialKind::AccessToken(access_token.into()).into()
    }

    /// Takes tokens from a function of the program, such as one that reads a vault.
    ///
    /// The function is called when there is no token, shortly before the last one expires, and when
    /// the service refuses it; never twice at once. What it returns as an error is the
    /// [`cause`](Error::cause) of the call's error, and its message is part of that error's
    /// message.
    ///
    /// # Examples
    ///
    /// ```
    /// use cloudally::{Credentials, TemporaryToken};
    /// let credentials = Credentials::provider(|| async {
    ///     let token = std::fs::read_to_string("/run/secrets/cloudally")?;
    ///     Ok::<_, std::io::Error>(TemporaryToken::new(token.trim_end()))
    /// });
    /// ```
    pub fn provider<F, Made, E>(provider: F) -> Self
    where
        F: Fn() -> Made + Send + Sync + 'static,
        Made: Future<Output = Result<TemporaryToken, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        CredentialKind::Provider(Arc::new(move || Box::pin(provider().map_err(Into::into)))).into()
    }

    /// Adds the portal user on whose behalf a partner signs in, or replaces a portal user.
    ///
    /// An access token or a provider does not sign in, so adding a user to one is an error at
    /// [`build`](crate::ClientBuilder::build).
    #[must_use]
    pub fn with_user(mut self, email: impl Into<String>, password: impl Into<Secret>) -> Self {
        let added = User {
            email: email.into(),
            password: password.into(),
        };
        match &mut self.kind {
            CredentialKind::Partner { user, .. } => *user = Some(added),
            CredentialKind::Portal { user, .. } => *user = added,
            CredentialKind::AccessToken(_) | CredentialKind::Provider(_) => {
                self.ineffective = Some("with_user");
            }
        }
        self
    }

    /// Adds the client id and secret that the sign-in of a portal user sends as headers, or
    /// replaces those of a partner.
    ///
    /// An access token or a provider does not sign in, so adding them to one is an error at
    /// [`build`](crate::ClientBuilder::build).
    ///
    /// [Evidence](crate#evidence): observed.
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
        match &mut self.kind {
            CredentialKind::Partner { client, .. } => *client = added,
            CredentialKind::Portal { client, .. } => *client = Some(added),
            CredentialKind::AccessToken(_) | CredentialKind::Provider(_) => {
                self.ineffective = Some("with_client");
            }
        }
        self
    }

    /// Checks whether the credentials can be sent. The error says which of them cannot, and shows
    /// none.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(name) = self.ineffective {
            return Err(Error::configuration(format!(
                "`{name}` has no effect on an access token or a token provider, which do not sign in: remove it"
            )));
        }
        if let CredentialKind::AccessToken(token) = &self.kind {
            return header_text("access token", token.expose());
        }
        if let Some(client) = self.client() {
            header_text("client id", &client.id)?;
            header_text("client secret", client.secret.expose())?;
        }
        match self.user() {
            Some(user) if user.email.trim().is_empty() => {
                Err(Error::configuration("the user is blank: give its address"))
            }
            Some(user) if user.password.expose().trim().is_empty() => {
                Err(Error::configuration("the password is blank"))
            }
            _ => Ok(()),
        }
    }

    /// Everything secret in them.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let token = match &self.kind {
            CredentialKind::AccessToken(token) => Some(token),
            _ => None,
        };
        let client = self.client().map(|client| &client.secret);
        let user = self.user().map(|user| &user.password);
        token
            .into_iter()
            .chain(client)
            .chain(user)
            .cloned()
            .collect()
    }

    fn user(&self) -> Option<&User> {
        match &self.kind {
            CredentialKind::Partner { user, .. } => user.as_ref(),
            CredentialKind::Portal { user, .. } => Some(user),
            CredentialKind::AccessToken(_) | CredentialKind::Provider(_) => None,
        }
    }

    pub(crate) fn client(&self) -> Option<&ClientPair> {
        match &self.kind {
            CredentialKind::Partner { client, .. } => Some(client),
            CredentialKind::Portal { client, .. } => client.as_ref(),
            CredentialKind::AccessToken(_) | CredentialKind::Provider(_) => None,
        }
    }
}

/// Checks whether a text can be sent as a header.
fn header_text(what: &str, text: &str) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Err(Error::configuration(format!("the {what} is blank")));
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
        let kind = match &self.kind {
            CredentialKind::Partner { user: None, .. } => "Partner",
            CredentialKind::Partner { user: Some(_), .. } => "Partner with user",
            CredentialKind::Portal { .. } => "Portal",
            CredentialKind::AccessToken(_) => "AccessToken",
            CredentialKind::Provider(_) => "Provider",
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
            (Credentials::partner("", "canary"), "client id is blank"),
            (
                Credentials::partner("id", "canary\n"),
                "client secret has a character",
            ),
            (
                Credentials::partner("id", "s").with_user("", "canary"),
                "user is blank",
            ),
            (Credentials::portal("me", " "), "password is blank"),
            (Credentials::access_token(" "), "access token is blank"),
            (
                Credentials::access_token("canary\r"),
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
