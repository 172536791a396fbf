//! Signing in explicitly.

use cloudally_gen::secret::Secret;
use cloudally_gen::types::AccessToken;

use crate::api::resource;
use crate::auth::credentials::{ClientPair, User};
use crate::auth::login;
use crate::call::Call;

resource! {
    /// Signs in explicitly, for programs that manage tokens themselves.
    ///
    /// Every other call of the client signs in on its own. An [`AccessToken`] serialises its
    /// secrets in clear.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// # let (email, password) = (sandbox.portal_user().email(), sandbox.portal_user().password());
    /// let token = client.authentication().login(email, password).await?;
    /// println!("valid for {:?}", token.expires_in.and_then(|seconds| seconds.duration()));
    /// # Ok(())
    /// # }
    /// ```
    Authentication
}

impl Authentication {
    /// Signs in as a portal user: `POST /auth`. The client id and secret are sent as headers if the
    /// client has them.
    ///
    /// [Evidence](crate#evidence): spec for the request, observed for the response and the headers.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`](crate::ErrorKind::Unauthenticated) if the credentials are
    /// refused; otherwise as with every call.
    pub fn login(
        &self,
        email: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Call<AccessToken> {
        let client = self.client.clone();
        let user = User {
            email: email.into(),
            password: password.into(),
        };
        Call::new(async move { login::login(client.transport(), &client.policy(), &user).await })
    }

    /// Signs in as a partner: `POST /auth/partner`, with id and secret in the body and as headers.
    ///
    /// [Evidence](crate#evidence): spec for the body, observed for the headers and the response.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// # let (id, secret) = (sandbox.partner().client_id(), sandbox.partner().client_secret());
    /// let token = client.authentication().partner_login(id, secret).await?;
    /// println!("{:?} token", token.token_type);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As with [`login`](Self::login).
    pub fn partner_login(
        &self,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Call<AccessToken> {
        self.partner(client_id.into(), client_secret.into(), None)
    }

    /// Signs in as a partner on behalf of a portal user: `POST /auth/partner` with all four.
    ///
    /// [Evidence](crate#evidence): observed.
    ///
    /// # Errors
    /// As with [`login`](Self::login).
    pub fn partner_login_as(
        &self,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        email: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Call<AccessToken> {
        let user = User {
            email: email.into(),
            password: password.into(),
        };
        self.partner(client_id.into(), client_secret.into(), Some(user))
    }

    fn partner(&self, id: String, secret: Secret, user: Option<User>) -> Call<AccessToken> {
        let client = self.client.clone();
        let pair = ClientPair { id, secret };
        Call::new(async move {
            let (transport, policy) = (client.transport(), client.policy());
            login::partner_login(transport, &policy, &pair, user.as_ref()).await
        })
    }

    /// Trades a refresh token for a new pair of tokens: `POST /auth/refresh`.
    ///
    /// The refresh token counts as used, so the request is never sent twice.
    ///
    /// [Evidence](crate#evidence): spec, observed.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// # let (id, secret) = (sandbox.partner().client_id(), sandbox.partner().client_secret());
    /// # let before = client.authentication().partner_login(id, secret).await?;
    /// # let refresh_token = before.refresh_token.ok_or("no refresh token")?;
    /// let token = client.authentication().refresh_token(refresh_token).await?;
    /// println!("valid for {:?}", token.expires_in.and_then(|seconds| seconds.duration()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As with [`login`](Self::login).
    /// [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) means that the refresh token
    /// may be used up: sign in again.
    pub fn refresh_token(&self, refresh_token: impl Into<Secret>) -> Call<AccessToken> {
        let client = self.client.clone();
        let token = refresh_token.into();
        Call::new(async move { login::refresh(client.transport(), &client.policy(), token).await })
    }
}
