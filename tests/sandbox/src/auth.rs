//! Signs accounts in, and authenticates requests by their access tokens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::account::{Account, AccountKind, Accounts};
use crate::body::JsonObject;
use crate::credentials::Credentials;
use crate::data::{DataSet, Kind, Origin, Scope, Stream};
use crate::error::ApiError;
use crate::grants::{Family, Grants, Recent, Refused};
use crate::history::Secrets;
use crate::token::{Claims, Signer};

/// The longest lifetime of an access token, 1,000 years. It is capped so that every client can add
/// it to the current time.
const MAX_LIFETIME: Duration = Duration::from_secs(1_000 * 365 * 24 * 3600);

pub(crate) const PARTNER_EMAIL: &str = "backup@harbor-msp.example.com";
pub(crate) const DISTRIBUTOR_EMAIL: &str = "api@overland.example.org";
const RESELLER_EMAIL: &str = "ops@first-reseller.example.com";
const PORTAL_USER_EMAIL: &str = "amelia.stone@harbor-msp.example.com";

/// The body of a successful sign-in response.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenAnswer {
    access_token: String,
    token_type: &'static str,
    refresh_token: String,
    expires_in: u64,
}

/// How long tokens are valid, and what the reuse of a refresh token does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenRules {
    pub(crate) access_lifetime: Duration,
    pub(crate) refresh_lifetime: Duration,
    pub(crate) revokes_on_reuse: bool,
}

/// The credentials of the accounts that every sandbox has.
#[derive(Debug)]
pub(crate) struct Standard {
    pub(crate) partner: Credentials,
    pub(crate) distributor: Credentials,
    pub(crate) reseller: Credentials,
    pub(crate) portal_user: Credentials,
}

pub(crate) struct Authority {
    pub(crate) standard: Standard,
    accounts: RwLock<Accounts>,
    signer: Signer,
    lifetime: Duration,
    serial: AtomicU64,
    grants: Mutex<Grants>,
    /// The serial numbers of access tokens that a fault made expire early.
    expired: RwLock<Recent<u64>>,
    new_credentials: Mutex<ChaCha8Rng>,
}

impl Authority {
    pub(crate) fn new(origin: Origin, rules: TokenRules, data: &DataSet) -> Self {
        let rng = &mut origin.rng(Stream::Accounts);
        let partner = Credentials::generate(rng, PARTNER_EMAIL);
        let distributor = Credentials::generate(rng, DISTRIBUTOR_EMAIL);
        let portal_user = partner.colleague(rng, PORTAL_USER_EMAIL);
        let mut more = origin.rng(Stream::ResellerAccount);
        let standard = Standard {
            reseller: Credentials::generate(&mut more, RESELLER_EMAIL),
            partner,
            distributor,
            portal_user,
        };
        let mut accounts = Accounts::default();
        let first = data.list(Kind::Resellers).items.first();
        let first = first.and_then(|reseller| reseller.id.clone());
        for (kind, credentials, scope) in [
            (AccountKind::Partner, &standard.partner, Scope::All),
            (AccountKind::Distributor, &standard.distributor, Scope::All),
            (
                AccountKind::Reseller,
                &standard.reseller,
                Scope::Reseller(first.unwrap_or_else(|| Arc::from(""))),
            ),
            // The portal user shares the partner's client, and sees everything.
            (AccountKind::PortalUser, &standard.portal_user, Scope::All),
        ] {
            accounts.add(Account {
                kind,
                credentials: credentials.clone(),
                scope,
            });
        }
        let mut rng = origin.rng(Stream::Tokens);
        Self {
            standard,
            accounts: RwLock::new(accounts),
            signer: Signer::generate(&mut rng),
            lifetime: rules.access_lifetime.min(MAX_LIFETIME),
            serial: AtomicU64::new(0),
            grants: Mutex::new(Grants::new(
                rng,
                rules.refresh_lifetime,
                rules.revokes_on_reuse,
            )),
            expired: RwLock::default(),
            new_credentials: Mutex::new(more),
        }
    }

    /// Adds an account. Returns false, and adds nothing, if its email address is taken.
    pub(crate) fn add(&self, account: Account) -> bool {
        let mut accounts = self
            .accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        accounts.add(account)
    }

    /// Adds an account with generated credentials. An email address that is taken gets a numeric
    /// prefix.
    pub(crate) fn add_new(&self, kind: AccountKind, scope: Scope, email: &str) -> Credentials {
        let mut rng = self
            .new_credentials
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for number in 1_u64.. {
            let email = match number {
                1 => email.to_owned(),
                _ => format!("{number}.{email}"),
            };
            let credentials = match kind {
                AccountKind::PortalUser => self.standard.partner.colleague(&mut rng, &email),
                _ => Credentials::generate(&mut rng, &email),
            };
            let account = Account {
                kind,
                credentials: credentials.clone(),
                scope: scope.clone(),
            };
            if self.add(account) {
                return credentials;
            }
        }
        // This is unreachable, because there are fewer accounts than numbers.
        self.standard.partner.clone()
    }

    /// Signs in at `/auth/partner`, with the client id and secret in the body, or in headers beside
    /// the email address and password in the body, or with all of these.
    ///
    /// Evidence: spec for the body with the client id and secret, observed for the headers.
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
            // The client credentials alone never sign in a portal user.
            (person.is_some() || account.kind != AccountKind::PortalUser)
                && in_headers.is_none_or(|given| account.is_client(given))
                && in_body.is_none_or(|given| account.is_client(given))
                && person.is_none_or(|given| account.is_person(given))
        })
    }

    /// Signs in at `/auth`, with an email address and a password. Client headers are optional.
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

    /// Exchanges a refresh token at `/auth/refresh`. Each works once.
    pub(crate) fn refresh(
        &self,
        body: &JsonObject,
        now: Timestamp,
    ) -> Result<TokenAnswer, ApiError> {
        let token = body
            .text("refreshToken")?
            .ok_or_else(|| missing("refreshToken"))?;
        let mut grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        let grant = grants.spend(token, now).map_err(|refused| {
            ApiError::unauthorized(match refused {
                Refused::Unknown => "The refresh token is not valid",
                Refused::Expired => "The refresh token has expired",
                Refused::Reused => "The refresh token was used before",
            })
        })?;
        Ok(self.issue(&mut grants, grant.account, grant.family, now))
    }

    /// Returns the account that a request's access token belongs to. The token may be bare or
    /// follow `Bearer`.
    ///
    /// Evidence: observed for both.
    pub(crate) fn authenticate(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Arc<Account>, ApiError> {
        if !headers.contains_key(AUTHORIZATION) {
            return Err(ApiError::unauthorized("Full authentication is required"));
        }
        self.claims(headers, now)
            .filter(|claims| !self.is_refused(claims))
            .and_then(|claims| {
                let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
                accounts.by_email(&claims.sub).cloned()
            })
            .ok_or_else(|| ApiError::unauthorized("The access token is not valid, or has expired"))
    }

    /// Makes the access token of a request expire immediately.
    pub(crate) fn expire(&self, headers: &HeaderMap, now: Timestamp) {
        if let Some(serial) = self.claims(headers, now).and_then(|claims| claims.serial()) {
            let mut expired = self.expired.write().unwrap_or_else(PoisonError::into_inner);
            expired.insert(serial);
        }
    }

    fn claims(&self, headers: &HeaderMap, now: Timestamp) -> Option<Claims> {
        let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
        self.signer.claims(without_scheme(value), now)
    }

    fn is_refused(&self, claims: &Claims) -> bool {
        let expired = self.expired.read().unwrap_or_else(PoisonError::into_inner);
        let grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        grants.is_revoked(claims.sid)
            || claims
                .serial()
                .is_some_and(|serial| expired.contains(&serial))
    }

    fn sign_in(
        &self,
        now: Timestamp,
        is: impl Fn(&Account) -> bool,
    ) -> Result<TokenAnswer, ApiError> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let account = accounts
            .iter()
            .find(|account| is(account))
            .cloned()
            .ok_or_else(|| ApiError::unauthorized("Bad credentials"))?;
        drop(accounts);
        let mut grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        let family = grants.new_family();
        Ok(self.issue(&mut grants, account, family, now))
    }

    fn issue(
        &self,
        grants: &mut Grants,
        account: Arc<Account>,
        family: Family,
        now: Timestamp,
    ) -> TokenAnswer {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed) + 1;
        let subject = &account.credentials.email;
        let claims = Claims::new(subject, now, self.lifetime, serial, family);
        TokenAnswer {
            access_token: self.signer.jwt(&claims),
            token_type: "Bearer",
            refresh_token: grants.issue(account, family, now),
            expires_in: self.lifetime.as_secs(),
        }
    }

    /// Returns the secret parts of all credentials.
    pub(crate) fn secrets(&self) -> Secrets {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let credentials = accounts.iter().map(|account| &account.credentials);
        let secrets = credentials.flat_map(|one| [&one.client_secret, &one.password]);
        secrets.cloned().collect()
    }

    /// Returns the signer, which next-page tokens use too.
    pub(crate) fn signer(&self) -> &Signer {
        &self.signer
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

/// Returns two values that are only valid together, or an error if one of them is missing.
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
