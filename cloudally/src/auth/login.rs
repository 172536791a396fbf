//! The three sign-in operations, and which of them serves which credentials.

use std::sync::Arc;
use std::time::Duration;

use cloudally_gen::operation::Endpoint;
use cloudally_gen::operations::{Login, PartnerLogin, RefreshToken};
use cloudally_gen::secret::Secret;
use cloudally_gen::types::{AccessToken, LoginBody, PartnerLoginBody, RefreshTokenBody};
use futures_util::future::BoxFuture;

use crate::auth::cache::Renew;
use crate::auth::credentials::{
    ClientPair, CredentialKind, Credentials, Provider, TemporaryToken, User,
};
use crate::auth::token::{Received, Token, Unusable};
use crate::classify::server_message;
use crate::error::{Error, ErrorKind};
use crate::observe::{RenewalKind, TokenRenewed};
use crate::response::Response;
use crate::retry::policy::RetryPolicy;
use crate::secrets::Secrets;
use crate::send::{Authorization, CallSettings};
use crate::transport::Transport;

/// The shortest deadline of a sign-in that callers share.
const SIGN_IN_DEADLINE: Duration = Duration::from_secs(60);

/// Makes tokens from credentials.
pub(crate) struct SignIn {
    pub(crate) transport: Arc<Transport>,
    pub(crate) credentials: Credentials,
}

impl Renew for SignIn {
    fn renew(&self, previous: Option<Arc<Token>>) -> BoxFuture<'static, Result<Token, Error>> {
        let transport = Arc::clone(&self.transport);
        let credentials = self.credentials.clone();
        Box::pin(async move {
            let started = transport.clock.monotonic();
            let policy = &sign_in_policy(&transport.policy);
            let refreshed = renew_by_refresh(&transport, policy, previous.as_deref()).await;
            let kind = match refreshed {
                Some(_) => RenewalKind::Refresh,
                None => RenewalKind::SignIn,
            };
            let renewed = match refreshed {
                Some(token) => Ok(token),
                None => sign_in_with(&transport, policy, &credentials).await,
            };
            let renewal = TokenRenewed {
                kind,
                duration: transport.clock.monotonic().saturating_sub(started),
                error: renewed.as_ref().err(),
            };
            let observers = &transport.observers;
            observers.each(|observer| observer.token_renewed(&renewal));
            renewed
        })
    }

    fn is_final(&self) -> bool {
        matches!(self.credentials.kind, CredentialKind::AccessToken(_))
    }

    fn holds_failures(&self) -> bool {
        !matches!(self.credentials.kind, CredentialKind::Provider(_))
    }
}

async fn sign_in_with(
    transport: &Transport,
    policy: &RetryPolicy,
    credentials: &Credentials,
) -> Result<Token, Error> {
    match &credentials.kind {
        CredentialKind::Partner { client, user } => {
            let response = partner_login(transport, policy, client, user.as_ref()).await?;
            token_of::<PartnerLogin>(transport, &response.value)
        }
        CredentialKind::Portal { user, .. } => {
            let response = login(transport, policy, user).await?;
            token_of::<Login>(transport, &response.value)
        }
        CredentialKind::AccessToken(access) => Token::fixed(access).map_err(unusable),
        CredentialKind::Provider(provider) => {
            let token = call_provider(transport, provider).await?;
            let received = received_now(transport);
            Token::provided(&token.access_token, token.expires_in, received).map_err(unusable)
        }
    }
}

/// The policy of a sign-in that callers share. It has a deadline of its own, so that one which
/// takes longer than the call that began it finishes for the next; and while the service fails, it
/// is attempted until then, because all calls would fail with it.
fn sign_in_policy(policy: &RetryPolicy) -> RetryPolicy {
    RetryPolicy {
        deadline: policy.deadline.max(SIGN_IN_DEADLINE),
        is_patient: policy.max_attempts > 1,
        ..*policy
    }
}

/// Calls the program's token provider, within the deadline of a call.
async fn call_provider(
    transport: &Transport,
    provider: &Provider,
) -> Result<TemporaryToken, Error> {
    let deadline = sign_in_policy(&transport.policy).deadline;
    match transport.within(deadline, std::pin::pin!(provider())).await {
        Some(Ok(token)) => Ok(token),
        Some(Err(error)) => {
            let failed = Error::new(ErrorKind::Unauthenticated, "the token provider failed");
            Err(failed.with_cause(error))
        }
        None => Err(Error::new(
            ErrorKind::Timeout,
            "the token provider returned no token within the deadline",
        )),
    }
}

/// Trades the refresh token of the previous token. Whatever the result, the refresh token counts as
/// used: if this fails, the next step is to sign in. Only one that was never sent is kept.
async fn renew_by_refresh(
    transport: &Transport,
    policy: &RetryPolicy,
    previous: Option<&Token>,
) -> Option<Token> {
    let previous = previous?;
    let refresh_token = previous.take_refresh()?;
    // Not patiently, because there is the sign-in to fall back on.
    let policy = RetryPolicy {
        is_patient: false,
        ..*policy
    };
    match refresh(transport, &policy, refresh_token.clone()).await {
        Ok(response) => token_of::<RefreshToken>(transport, &response.value).ok(),
        Err(error) => {
            if error.kind() == ErrorKind::Connect {
                previous.put_back_refresh();
            }
            None
        }
    }
}

/// The token of a response, or an error with what the service says instead: that a second factor
/// is missing, say, or that the password has expired.
fn token_of<O: Endpoint>(transport: &Transport, response: &AccessToken) -> Result<Token, Error> {
    Token::from_response(response, received_now(transport)).map_err(|why| {
        let said = serde_json::to_vec(&response.extra).unwrap_or_default();
        let (message, code) = server_message(&said);
        let error = Error::new(ErrorKind::Decode, why.text()).with_operation(O::OPERATION.id);
        let secrets = Secrets {
            of_client: &transport.secrets,
            ..Secrets::default()
        };
        error.with_server_message(message, code).redacted(&secrets)
    })
}

fn unusable(why: Unusable) -> Error {
    Error::configuration(why.text())
}

fn received_now(transport: &Transport) -> Received {
    Received {
        monotonic: transport.clock.monotonic(),
        now: transport.clock.now(),
        jitter: transport.random.jitter(),
    }
}

/// Sends a sign-in, whose response may repeat these secrets. `build` sets its optional parameters.
async fn sign_in<O, F>(
    transport: &Transport,
    endpoint: O,
    policy: &RetryPolicy,
    secrets: &[&str],
    build: F,
) -> Result<Response<AccessToken>, Error>
where
    O: Endpoint<Response = AccessToken>,
    F: Fn(O::Request) -> O::Request,
{
    let (endpoint, build) = (&endpoint, &build);
    let send = |raw| async move { O::send(build(endpoint.request(raw))).await };
    let settings = CallSettings {
        operation: &O::OPERATION,
        authorization: Authorization::SignIn(secrets),
        policy,
        page: None,
    };
    Ok(transport.call(settings, send).await?)
}

/// Sends `POST /auth/partner` with the union of what the vendor documents and what public clients
/// send.
///
/// [Evidence](crate#evidence): spec for id and secret in the body, observed for the rest.
pub(crate) async fn partner_login(
    transport: &Transport,
    policy: &RetryPolicy,
    client: &ClientPair,
    user: Option<&User>,
) -> Result<Response<AccessToken>, Error> {
    let body = Arc::new(PartnerLoginBody {
        client_id: client.id.clone(),
        client_secret: client.secret.clone(),
        email: user.map(|user| user.email.clone()),
        password: user.map(|user| user.password.clone()),
    });
    let password = user.map_or("", |user| user.password.expose());
    let secrets = [client.secret.expose(), password];
    let endpoint = PartnerLogin { body };
    sign_in(transport, endpoint, policy, &secrets, |request| {
        request
            .client_id(client.id.clone())
            .client_secret(client.secret.clone())
    })
    .await
}

/// Sends `POST /auth`, with the client's headers if it has an id.
///
/// [Evidence](crate#evidence): spec; observed for the headers.
pub(crate) async fn login(
    transport: &Transport,
    policy: &RetryPolicy,
    user: &User,
) -> Result<Response<AccessToken>, Error> {
    let body = Arc::new(LoginBody {
        email: user.email.clone(),
        password: user.password.clone(),
    });
    let secrets = [user.password.expose(), client_secret(transport)];
    let endpoint = Login { body };
    sign_in(
        transport,
        endpoint,
        policy,
        &secrets,
        |request| match transport.client.clone() {
            Some(ClientPair { id, secret }) => request.client_id(id).client_secret(secret),
            None => request,
        },
    )
    .await
}

/// Sends `POST /auth/refresh`, with the client's headers like the other sign-ins. It is never sent
/// twice, because the service may take a second use of the token for theft.
///
/// [Evidence](crate#evidence): spec, observed.
pub(crate) async fn refresh(
    transport: &Transport,
    policy: &RetryPolicy,
    refresh_token: Secret,
) -> Result<Response<AccessToken>, Error> {
    let body = Arc::new(RefreshTokenBody {
        refresh_token: refresh_token.clone(),
    });
    let secrets = [refresh_token.expose(), client_secret(transport)];
    let endpoint = RefreshToken { body };
    sign_in(
        transport,
        endpoint,
        policy,
        &secrets,
        |request| match transport.client.clone() {
            Some(ClientPair { id, secret }) => request.client_id(id).client_secret(secret),
            None => request,
        },
    )
    .await
}

fn client_secret(transport: &Transport) -> &str {
    transport
        .client
        .as_ref()
        .map_or("", |client| client.secret.expose())
}
