//! Signs in: the three endpoints, and which of them serves which credentials.

use std::sync::Arc;

use cloudally_gen::operations;
use cloudally_gen::secret::Secret;
use cloudally_gen::types::{AccessToken, LoginBody, PartnerLoginBody, RefreshTokenBody};
use futures_util::future::BoxFuture;

use crate::auth::cache::Renew;
use crate::auth::credentials::{ClientPair, Credentials, Kind, ProvidedToken, Provider, User};
use crate::auth::token::{Received, Token, Unusable};
use crate::call::Authorization;
use crate::error::{Error, ErrorKind};
use crate::response::Response;
use crate::retry::policy::RetryPolicy;
use crate::transport::Transport;

/// Makes tokens from credentials.
pub(crate) struct SignIn {
    pub(crate) transport: Arc<Transport>,
    pub(crate) credentials: Credentials,
}

impl Renew for SignIn {
    fn renew(&self, before: Option<Arc<Token>>) -> BoxFuture<'static, Result<Token, Error>> {
        let transport = Arc::clone(&self.transport);
        let credentials = self.credentials.clone();
        Box::pin(async move {
            if let Some(token) = by_refresh(&transport, before.as_deref()).await {
                return Ok(token);
            }
            match &credentials.0 {
                Kind::Partner { client, user } => {
                    let answer =
                        partner_login(&transport, &transport.policy, client, user.as_ref()).await?;
                    received(&transport, &answer.value, operations::PARTNER_LOGIN.id)
                }
                Kind::Portal { user, .. } => {
                    let answer = login(&transport, &transport.policy, user).await?;
                    received(&transport, &answer.value, operations::LOGIN.id)
                }
                Kind::Token(access) => Token::ready(access).map_err(|_| unusable()),
                Kind::Provider(provider) => provided(&transport, &ask(&transport, provider).await?),
            }
        })
    }

    fn is_final(&self) -> bool {
        matches!(self.credentials.0, Kind::Token(_))
    }
}

/// A token of the caller's own making, within the time that a call may take.
async fn ask(transport: &Transport, provider: &Provider) -> Result<ProvidedToken, Error> {
    match transport
        .within(transport.policy.deadline, std::pin::pin!(provider()))
        .await
    {
        Some(Ok(token)) => Ok(token),
        Some(Err(error)) => {
            let failed = Error::new(
                ErrorKind::Unauthenticated,
                "the token provider failed; see the cause",
            );
            Err(failed.caused_by_boxed(error))
        }
        None => Err(Error::new(
            ErrorKind::Timeout,
            "the token provider gave no token within the deadline",
        )),
    }
}

/// A token by the refresh token of the one before. Whatever comes of it, it is used up: if that fails, the next step is to
/// sign in. Only one that was never sent is kept.
async fn by_refresh(transport: &Transport, before: Option<&Token>) -> Option<Token> {
    let before = before?;
    let refresh_token = before.take_refresh()?;
    match refresh(transport, &transport.policy, refresh_token.clone()).await {
        Ok(answer) => received(transport, &answer.value, operations::REFRESH_TOKEN.id).ok(),
        Err(error) => {
            if error.kind() == ErrorKind::Connect {
                before.give_back(refresh_token);
            }
            None
        }
    }
}

fn received(
    transport: &Transport,
    answer: &AccessToken,
    operation: &'static str,
) -> Result<Token, Error> {
    Token::from_answer(answer, moment(transport)).map_err(|why| {
        let what = match why {
            Unusable::Missing => "the answer holds no access token",
            Unusable::NotAHeader => "the access token has a character that a header cannot carry",
        };
        Error::new(ErrorKind::Decode, what).operation_id(operation)
    })
}

fn provided(transport: &Transport, token: &ProvidedToken) -> Result<Token, Error> {
    Token::provided(&token.access_token, token.expires_in, moment(transport))
        .map_err(|_| unusable())
}

fn unusable() -> Error {
    Error::configuration("the access token has a character that a header cannot carry")
}

fn moment(transport: &Transport) -> Received {
    Received {
        monotonic: transport.clock.monotonic(),
        now: transport.clock.now(),
        share: transport.random.share(),
    }
}

/// `POST /auth/partner` with the union of what the vendor documents and what public clients send (WIRE).
pub(crate) async fn partner_login(
    transport: &Transport,
    policy: &RetryPolicy,
    client: &ClientPair,
    user: Option<&User>,
) -> Result<Response<AccessToken>, Error> {
    let password = user.map_or("", |user| user.password.expose());
    let secrets = [client.secret.expose(), password];
    let answer = transport.call(
        &operations::PARTNER_LOGIN,
        Authorization::SignIn(&secrets),
        policy,
        |raw| {
            let body = PartnerLoginBody {
                client_id: client.id.clone(),
                client_secret: client.secret.clone(),
                email: user.map(|user| user.email.clone()),
                password: user.map(|user| user.password.clone()),
            };
            let ClientPair { id, secret } = client.clone();
            async move {
                raw.partner_login()
                    .client_id(id)
                    .client_secret(secret)
                    .body(body)
                    .send()
                    .await
            }
        },
    );
    Ok(answer.await?)
}

/// `POST /auth` (WIRE: spec), with the headers if a client id is configured (WIRE: observed).
pub(crate) async fn login(
    transport: &Transport,
    policy: &RetryPolicy,
    user: &User,
) -> Result<Response<AccessToken>, Error> {
    let secrets = [user.password.expose(), client_secret(transport)];
    let answer = transport.call(
        &operations::LOGIN,
        Authorization::SignIn(&secrets),
        policy,
        |raw| {
            let body = LoginBody {
                email: user.email.clone(),
                password: user.password.clone(),
            };
            let client = transport.client.clone();
            async move {
                let mut request = raw.login().body(body);
                if let Some(ClientPair { id, secret }) = client {
                    request = request.client_id(id).client_secret(secret);
                }
                request.send().await
            }
        },
    );
    Ok(answer.await?)
}

fn client_secret(transport: &Transport) -> &str {
    transport
        .client
        .as_ref()
        .map_or("", |client| client.secret.expose())
}

/// `POST /auth/refresh` (WIRE: spec, observed), with the headers like the other sign-ins. Never sent twice: the service may
/// take the token's second use for theft.
pub(crate) async fn refresh(
    transport: &Transport,
    policy: &RetryPolicy,
    refresh_token: Secret,
) -> Result<Response<AccessToken>, Error> {
    let secrets = [refresh_token.expose(), client_secret(transport)];
    let answer = transport.call(
        &operations::REFRESH_TOKEN,
        Authorization::SignIn(&secrets),
        policy,
        |raw| {
            let body = RefreshTokenBody {
                refresh_token: refresh_token.clone(),
            };
            let client = transport.client.clone();
            async move {
                let mut request = raw.refresh_token().body(body);
                if let Some(ClientPair { id, secret }) = client {
                    request = request.client_id(id).client_secret(secret);
                }
                request.send().await
            }
        },
    );
    Ok(answer.await?)
}
