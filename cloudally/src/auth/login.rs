//! Signs in: the three endpoints, and which of them serves which credentials.

use std::sync::Arc;

use cloudally_gen::operations;
use cloudally_gen::secret::Secret;
use cloudally_gen::types::{AccessToken, LoginBody, PartnerLoginBody, RefreshTokenBody};
use futures_util::future::BoxFuture;

use crate::auth::cache::Renew;
use crate::auth::credentials::{ClientPair, Credentials, Kind, ProvidedToken, User};
use crate::auth::token::{Received, Token, Unusable};
use crate::call::Transport;
use crate::error::{Error, ErrorKind};

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
                    let answer = partner_login(&transport, client, user.as_ref()).await?;
                    received(&transport, &answer, operations::PARTNER_LOGIN.id)
                }
                Kind::Portal { user, client } => {
                    let answer = login(&transport, user, client.as_ref()).await?;
                    received(&transport, &answer, operations::LOGIN.id)
                }
                Kind::Token(_) if before.is_some() => Err(Error::new(
                    ErrorKind::Unauthenticated,
                    "the access token has expired or was refused, and a bare token cannot be renewed; get a new one",
                )),
                Kind::Token(access) => Token::ready(access).map_err(|_| unusable()),
                Kind::Provider(provider) => {
                    let token = provider().await.map_err(|error| {
                        Error::new(
                            ErrorKind::Unauthenticated,
                            "the token provider failed; see the cause",
                        )
                        .caused_by_boxed(error)
                    })?;
                    provided(&transport, &token)
                }
            }
        })
    }
}

/// A token by the refresh token of the one before. Whatever comes of it, it is used up: if that fails, the next step is to
/// sign in. Only one that was never sent is kept.
async fn by_refresh(transport: &Transport, before: Option<&Token>) -> Option<Token> {
    let before = before?;
    let refresh_token = before.take_refresh()?;
    match refresh(transport, refresh_token.clone()).await {
        Ok(answer) => received(transport, &answer, operations::REFRESH_TOKEN.id).ok(),
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
    client: &ClientPair,
    user: Option<&User>,
) -> Result<AccessToken, Error> {
    let answer = transport.call(&operations::PARTNER_LOGIN, None, &transport.policy, |raw| {
        let body = PartnerLoginBody {
            client_id: client.id.clone(),
            client_secret: client.secret.clone(),
            email: user.map(|user| user.email.clone()),
            password: user.map(|user| user.password.clone()),
        };
        let (id, secret) = (client.id.clone(), client.secret.clone());
        async move {
            raw.partner_login()
                .client_id(id)
                .client_secret(secret)
                .body(body)
                .send()
                .await
        }
    });
    Ok(answer.await?.value)
}

/// `POST /auth` (WIRE: spec; the headers are observed).
pub(crate) async fn login(
    transport: &Transport,
    user: &User,
    client: Option<&ClientPair>,
) -> Result<AccessToken, Error> {
    let answer = transport.call(&operations::LOGIN, None, &transport.policy, |raw| {
        let body = LoginBody {
            email: user.email.clone(),
            password: user.password.clone(),
        };
        let client = client.cloned();
        async move {
            let mut request = raw.login().body(body);
            if let Some(client) = client {
                request = request.client_id(client.id).client_secret(client.secret);
            }
            request.send().await
        }
    });
    Ok(answer.await?.value)
}

/// `POST /auth/refresh` (WIRE: spec, observed). Never sent twice: the service may take the token's second use for theft.
pub(crate) async fn refresh(
    transport: &Transport,
    refresh_token: Secret,
) -> Result<AccessToken, Error> {
    let answer = transport.call(&operations::REFRESH_TOKEN, None, &transport.policy, |raw| {
        let mut body = RefreshTokenBody::default();
        body.refresh_token = Some(refresh_token.clone());
        async move { raw.refresh_token().body(body).send().await }
    });
    Ok(answer.await?.value)
}
