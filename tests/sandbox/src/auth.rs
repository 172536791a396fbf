//! Who may sign in, with what, and which tokens are good.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use jiff::Timestamp;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::body::JsonObject;
use crate::credentials::Credentials;
use crate::data::{Origin, Stream};
use crate::error::ApiError;
use crate::token::{Claims, Signer};

pub(crate) const PARTNER_EMAIL: &str = "backup@harbor-msp.example.com";
pub(crate) const DISTRIBUTOR_EMAIL: &str = "api@overland.example.org";
const PORTAL_USER_EMAIL: &str = "amelia.stone@harbor-msp.example.com";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountKind {
    Partner,
    Distributor,
    PortalUser,
}

struct Account {
    kind: AccountKind,
    credentials: Credentials,
}

/// What a sign-in answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenAnswer {
    access_token: String,
    token_type: &'static str,
    refresh_token: String,
    expires_in: u64,
}

pub(crate) struct Authority {
    accounts: [Account; 3],
    signer: Signer,
    lifetime: Duration,
    issued: Mutex<Issued>,
}

struct Issued {
    rng: ChaCha8Rng,
    serial: u64,
    /// The refresh tokens that are good for one more use, with the account's position.
    refresh_tokens: HashMap<String, usize>,
}

impl Authority {
    pub(crate) fn new(origin: Origin, lifetime: Duration) -> Self {
        let rng = &mut origin.rng(Stream::Accounts);
        let partner = Credentials::generate(rng, PARTNER_EMAIL);
        let distributor = Credentials::generate(rng, DISTRIBUTOR_EMAIL);
        let portal_user = partner.colleague(rng, PORTAL_USER_EMAIL);
        let mut rng = origin.rng(Stream::Tokens);
        Self {
            accounts: [
                (AccountKind::Partner, partner),
                (AccountKind::Distributor, distributor),
                (AccountKind::PortalUser, portal_user),
            ]
            .map(|(kind, credentials)| Account { kind, credentials }),
            signer: Signer::generate(&mut rng),
            lifetime,
            issued: Mutex::new(Issued {
                rng,
                serial: 0,
                refresh_tokens: HashMap::new(),
            }),
        }
    }

    pub(crate) fn credentials(&self, kind: AccountKind) -> &Credentials {
        let [partner, distributor, portal_user] = &self.accounts;
        match kind {
            AccountKind::Partner => &partner.credentials,
            AccountKind::Distributor => &distributor.credentials,
            AccountKind::PortalUser => &portal_user.credentials,
        }
    }

    pub(crate) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// `/auth/partner`: the client's id and secret in the body (the vendor's document), or in headers
    /// beside the body's mail address and password (what clients do), or all of it.
    pub(crate) fn partner_login(
        &self,
        headers: &HeaderMap,
        body: &JsonObject,
        now: Timestamp,
    ) -> Result<TokenAnswer, ApiError> {
        let in_headers = client_headers(headers)?;
        let in_body = pair(body, "clientId", "clientSecret")?;
        let person = pair(body, "email", "password")?;
        match (in_headers, in_body, person) {
            (None, None, _) => return Err(missing("client-id and client-secret")),
            (Some(_), None, None) => return Err(missing("email and password")),
            _ => {}
        }
        self.sign_in(now, |account| {
            account.kind != AccountKind::PortalUser
                && in_headers.is_none_or(|given| account.is_client(given))
                && in_body.is_none_or(|given| account.is_client(given))
                && person.is_none_or(|given| account.is_person(given))
        })
    }

    /// `/auth`: a mail address and a password; the client's headers may come along.
    pub(crate) fn login(
        &self,
        headers: &HeaderMap,
        body: &JsonObject,
        now: Timestamp,
    ) -> Result<TokenAnswer, ApiError> {
        let in_headers = client_headers(headers)?;
        let person =
            pair(body, "email", "password")?.ok_or_else(|| missing("email and password"))?;
        self.sign_in(now, |account| {
            account.is_person(person) && in_headers.is_none_or(|given| account.is_client(given))
        })
    }

    /// `/auth/refresh`: a refresh token works once.
    pub(crate) fn refresh(
        &self,
        body: &JsonObject,
        now: Timestamp,
    ) -> Result<TokenAnswer, ApiError> {
        let token = body
            .text("refreshToken")?
            .ok_or_else(|| missing("refreshToken"))?;
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let account = issued
            .refresh_tokens
            .remove(token)
            .ok_or_else(|| ApiError::unauthorized("The refresh token is not valid"))?;
        Ok(self.issue(&mut issued, account, now))
    }

    /// Whose access token a request carries. The bare token does as well as `Bearer <token>`.
    pub(crate) fn authenticate(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<AccountKind, ApiError> {
        let value = headers
            .get(AUTHORIZATION)
            .ok_or_else(|| ApiError::unauthorized("Full authentication is required"))?;
        value
            .to_str()
            .ok()
            .and_then(|value| self.signer.claims(without_scheme(value), now))
            .and_then(|claims| {
                self.accounts
                    .iter()
                    .find(|account| account.credentials.email == claims.sub)
            })
            .map(|account| account.kind)
            .ok_or_else(|| ApiError::unauthorized("The access token is not valid, or has expired"))
    }

    fn sign_in(
        &self,
        now: Timestamp,
        is: impl Fn(&Account) -> bool,
    ) -> Result<TokenAnswer, ApiError> {
        let account = self
            .accounts
            .iter()
            .position(is)
            .ok_or_else(|| ApiError::unauthorized("Bad credentials"))?;
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.issue(&mut issued, account, now))
    }

    fn issue(&self, issued: &mut Issued, account: usize, now: Timestamp) -> TokenAnswer {
        issued.serial += 1;
        let subject = &self.accounts[account].credentials.email;
        let claims = Claims::new(subject, now, self.lifetime, issued.serial);
        let random: [u64; 4] = issued.rng.random();
        let refresh_token = random.map(|part| format!("{part:016x}")).concat();
        issued.refresh_tokens.insert(refresh_token.clone(), account);
        TokenAnswer {
            access_token: self.signer.jwt(&claims),
            token_type: "Bearer",
            refresh_token,
            expires_in: self.lifetime.as_secs(),
        }
    }
}

impl Account {
    fn is_client(&self, (id, secret): (&str, &str)) -> bool {
        self.credentials.client_id == id && self.credentials.client_secret == secret
    }

    fn is_person(&self, (email, password): (&str, &str)) -> bool {
        self.credentials.email == email && self.credentials.password == password
    }
}

fn without_scheme(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => value,
    }
}

fn client_headers(headers: &HeaderMap) -> Result<Option<(&str, &str)>, ApiError> {
    let text = |name: &'static str| {
        headers
            .get(name)
            .map(|value| {
                value
                    .to_str()
                    .map_err(|_| ApiError::bad_request(format!("{name} is not plain text")))
            })
            .transpose()
    };
    both(
        text("client-id")?,
        text("client-secret")?,
        "client-id and client-secret",
    )
}

fn pair<'a>(
    body: &'a JsonObject,
    first: &'static str,
    second: &'static str,
) -> Result<Option<(&'a str, &'a str)>, ApiError> {
    both(
        body.text(first)?,
        body.text(second)?,
        &format!("{first} and {second}"),
    )
}

/// Two values that make sense together only.
fn both<'a>(
    first: Option<&'a str>,
    second: Option<&'a str>,
    what: &str,
) -> Result<Option<(&'a str, &'a str)>, ApiError> {
    match (first, second) {
        (Some(first), Some(second)) => Ok(Some((first, second))),
        (None, None) => Ok(None),
        _ => Err(missing(what)),
    }
}

fn missing(what: &str) -> ApiError {
    ApiError::bad_request(format!("Missing: {what}"))
}
