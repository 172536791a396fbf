//! Signing in by hand.

use cloudally_gen::secret::Secret;
use cloudally_gen::types::AccessToken;

use crate::api::resource;
use crate::auth::credentials::{ClientPair, User};
use crate::auth::login;
use crate::reply::Reply;

resource! {
    /// Signs in by hand, for those who keep tokens themselves; every other call of the client signs in by itself.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// # let (email, password) = (sandbox.portal_user().email(), sandbox.portal_user().password());
    /// let answer = client.authentication().login(email, password).await?;
    /// println!("valid for {:?}", answer.expires_in.and_then(|seconds| seconds.duration()));
    /// # Ok(())
    /// # }
    /// ```
    Authentication
}

impl Authentication {
    /// Signs in as a portal user: `POST /auth` (spec). What comes back is observed, and so is that the client id and secret
    /// go along as headers, if the client has them.
    ///
    /// # Errors
    /// If the credentials are refused, or the call fails.
    pub fn login(
        &self,
        email: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Reply<AccessToken> {
        let client = self.client.clone();
        let user = User {
            email: email.into(),
            password: password.into(),
        };
        Reply::new(async move { login::login(client.transport(), &client.policy(), &user).await })
    }

    /// Signs in as a partner: `POST /auth/partner` (spec), with the id and secret also as headers (observed).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// # let (id, secret) = (sandbox.partner().client_id(), sandbox.partner().client_secret());
    /// let answer = client.authentication().partner_login(id, secret).await?;
    /// println!("{:?} token", answer.token_type);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the credentials are refused, or the call fails.
    pub fn partner_login(
        &self,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Reply<AccessToken> {
        let client = self.client.clone();
        let pair = ClientPair {
            id: client_id.into(),
            secret: client_secret.into(),
        };
        Reply::new(async move {
            login::partner_login(client.transport(), &client.policy(), &pair, None).await
        })
    }

    /// Signs in as a partner on behalf of a portal user: `POST /auth/partner` with all four (observed).
    ///
    /// # Errors
    /// If the credentials are refused, or the call fails.
    pub fn partner_login_as(
        &self,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        email: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Reply<AccessToken> {
        let client = self.client.clone();
        let pair = ClientPair {
            id: client_id.into(),
            secret: client_secret.into(),
        };
        let user = User {
            email: email.into(),
            password: password.into(),
        };
        Reply::new(async move {
            login::partner_login(client.transport(), &client.policy(), &pair, Some(&user)).await
        })
    }

    /// Trades a refresh token for a new pair of tokens: `POST /auth/refresh` (spec). The refresh token is used up, and
    /// the request is never sent twice.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// # let (id, secret) = (sandbox.partner().client_id(), sandbox.partner().client_secret());
    /// # let before = client.authentication().partner_login(id, secret).await?;
    /// # let refresh_token = before.refresh_token.ok_or("no refresh token")?;
    /// let answer = client.authentication().refresh_token(refresh_token).await?;
    /// println!("valid for {:?}", answer.expires_in.and_then(|seconds| seconds.duration()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the token is refused, or the call fails. [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) means that it
    /// may be used up: sign in anew.
    pub fn refresh_token(&self, refresh_token: impl Into<Secret>) -> Reply<AccessToken> {
        let client = self.client.clone();
        let token = refresh_token.into();
        Reply::new(async move { login::refresh(client.transport(), &client.policy(), token).await })
    }
}
