//! Signs in: the three endpoints, and which of them serves which credentials.

use std::sync::Arc;

use cloudally_gen::operations;
use cloudally_gen::secret::Secret;
use cloudally_gen::types::{AccessToken, LoginBody, PartnerLoginBody, RefreshTokenBody};
use futures_util::future::BoxFuture;

use crate::auth::cache::Renew;
use crate::auth::credentials::{ClientPair, Credentials, Kind, User};
use crate::auth::token::{Token, Unusable};
use crate::call::Transport;
use crate::error::{Error, ErrorKind};

/// Makes tokens from credentials.
pub(crate) struct SignIn {
    pub(crate) transport: Arc<Transport>,
    pub(crate) credentials: Credentials,
}

impl Renew for SignIn {
    /// By the refresh token first. It is used up by the attempt, whatever comes of it, so if that fails the next step is
    /// a sign-in.
    fn renew(&self, before: Option<Arc<Token>>) -> BoxFuture<'static, Result<Token, Error>> {
        let transport = Arc::clone(&self.transport);
        let credentials = self.credentials.clone();
        Box::pin(async move {
            if let Kind::Token(access) = &credentials.0 {
                return ready(access, before.is_some());
            }
            if let Some(refresh_token) = before.and_then(|token| token.refresh.clone()) {
                let refreshed = refresh(&transport, refresh_token).await;
                if let Ok(token) = refreshed
                    .and_then(|answer| token(&transport, &answer, operations::REFRESH_TOKEN.id))
                {
                    return Ok(token);
                }
            }
            match &credentials.0 {
                Kind::Partner { client, user } => {
                    let answer = partner_login(&transport, client, user.as_ref()).await?;
                    token(&transport, &answer, operations::PARTNER_LOGIN.id)
                }
                Kind::Portal { user, client } => {
                    let answer = login(&transport, user, client.as_ref()).await?;
                    token(&transport, &answer, operations::LOGIN.id)
                }
                Kind::Token(access) => ready(access, false),
            }
        })
    }
}

fn ready(access: &Secret, was_refused: bool) -> Result<Token, Error> {
    if was_refused {
        return Err(Error::new(
            ErrorKind::Unauthenticated,
            "the service refused the access token, and a bare token cannot be renewed; get a new one",
        ));
    }
    Token::ready(access).map_err(|_| {
        Error::configuration("the access token has a character that a header cannot carry")
    })
}

fn token(
    transport: &Transport,
    answer: &AccessToken,
    operation: &'static str,
) -> Result<Token, Error> {
    let received = transport.clock.monotonic();
    Token::from_answer(answer, received, transport.clock.now()).map_err(|why| {
        let what = match why {
            Unusable::Missing => "the answer holds no access token",
            Unusable::NotAHeader => "the access token has a character that a header cannot carry",
        };
        Error::new(ErrorKind::Decode, what).operation_id(operation)
    })
}

/// `POST /auth/partner` with the union of what the vendor documents and what public clients send (WIRE).
pub(crate) async fn partner_login(
    transport: &Transport,
    client: &ClientPair,
    user: Option<&User>,
) -> Result<AccessToken, Error> {
    let answer = transport.call(&operations::PARTNER_LOGIN, None, |raw| {
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
    let answer = transport.call(&operations::LOGIN, None, |raw| {
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
    let answer = transport.call(&operations::REFRESH_TOKEN, None, |raw| {
        let mut body = RefreshTokenBody::default();
        body.refresh_token = Some(refresh_token.clone());
        async move { raw.refresh_token().body(body).send().await }
    });
    Ok(answer.await?.value)
}
