//! A token and its lifetime. The time is passed in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloudally_gen::secret::Secret;
use cloudally_gen::types::AccessToken;
use http::HeaderValue;
use jiff::Timestamp;

/// How long before its expiry a long-lived token is renewed.
const RENEWAL_LEAD: Duration = Duration::from_secs(60);
/// The shortest lifetime of a token, so that no response makes the client renew without pause.
const MIN_LIFETIME: Duration = Duration::from_secs(1);

/// A token to send requests with. Times are on the monotonic clock.
#[derive(Clone)]
pub(crate) struct Token {
    /// The value of the `Authorization` header.
    pub(crate) authorization: HeaderValue,
    access: Secret,
    refresh: Option<Secret>,
    /// Whether the refresh token was used, by whichever clone.
    is_refresh_used: Arc<AtomicBool>,
    /// `Duration::MAX` where the expiry is unknown.
    expires: Duration,
    /// Never after the expiry.
    renew: Duration,
}

/// When a token was received, and how its renewal is spread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received {
    /// On the monotonic clock.
    pub(crate) monotonic: Duration,
    /// On the wall clock.
    pub(crate) now: Timestamp,
    /// A random number from 0 to 1.
    pub(crate) jitter: f64,
}

/// The state of a token at a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Fresh,
    /// Still valid, and to be renewed in the background.
    Due,
    Expired,
}

/// Why there is no usable access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is missing, or consists of spaces.
    Missing,
    NotAHeader,
}

impl Unusable {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Missing => "there is no access token, or a blank one",
            Self::NotAHeader => "the access token has a character that a header cannot carry",
        }
    }
}

impl Token {
    /// The token of a sign-in response. It expires by `expiresIn`, else by the `exp` claim of the
    /// JWT, else it is used until the service refuses it.
    ///
    /// [Evidence](crate#evidence): observed for `expiresIn`, spec for the JWT.
    pub(crate) fn from_response(
        response: &AccessToken,
        received: Received,
    ) -> Result<Self, Unusable> {
        let access = response.access_token.as_ref().ok_or(Unusable::Missing)?;
        let scheme = response
            .token_type
            .as_deref()
            .map(str::trim)
            .filter(|scheme| !scheme.is_empty());
        let lifetime = response
            .expires_in
            .as_ref()
            .and_then(|seconds| seconds.duration());
        Self::new(
            scheme.unwrap_or("Bearer"),
            access,
            response.refresh_token.clone(),
            lifetime,
            received,
        )
    }

    /// A token of a provider. It expires after `lifetime`, else by its JWT, else when the service
    /// refuses it.
    pub(crate) fn provided(
        access: &Secret,
        lifetime: Option<Duration>,
        received: Received,
    ) -> Result<Self, Unusable> {
        Self::new("Bearer", access, None, lifetime, received)
    }

    /// A fixed token, which is used until the service refuses it, whatever its JWT says: it cannot
    /// be renewed, so discarding it early gains nothing, and would be wrong where a clock is wrong.
    pub(crate) fn fixed(access: &Secret) -> Result<Self, Unusable> {
        Ok(Self {
            authorization: header("Bearer", access)?,
            access: access.clone(),
            refresh: None,
            is_refresh_used: Arc::default(),
            expires: Duration::MAX,
            renew: Duration::MAX,
        })
    }

    fn new(
        scheme: &str,
        access: &Secret,
        refresh: Option<Secret>,
        lifetime: Option<Duration>,
        received: Received,
    ) -> Result<Self, Unusable> {
        let authorization = header(scheme, access)?;
        let lifetime = lifetime
            .or_else(|| jwt_lifetime(access.expose(), received.now))
            .map(|lifetime| lifetime.max(MIN_LIFETIME));
        let at = received.monotonic;
        Ok(Self {
            authorization,
            access: access.clone(),
            refresh,
            is_refresh_used: Arc::default(),
            expires: lifetime.map_or(Duration::MAX, |lifetime| at.saturating_add(lifetime)),
            renew: lifetime.map_or(Duration::MAX, |lifetime| {
                // Spread, so that clients which signed in together do not renew together.
                let lead = RENEWAL_LEAD
                    .min(lifetime / 5)
                    .mul_f64(1.0 + received.jitter / 4.0);
                at.saturating_add(lifetime.saturating_sub(lead).max(MIN_LIFETIME))
            }),
        })
    }

    /// Takes the refresh token out: it may be valid for one use only, so nobody else can have it.
    pub(crate) fn take_refresh(&self) -> Option<Secret> {
        let refresh = self.refresh.clone()?;
        let was_used = self.is_refresh_used.swap(true, Ordering::AcqRel);
        (!was_used).then_some(refresh)
    }

    /// Puts the refresh token back, because it was not sent after all.
    pub(crate) fn put_back_refresh(&self) {
        self.is_refresh_used.store(false, Ordering::Release);
    }

    /// The access token without its scheme, and the refresh token.
    pub(crate) fn secrets(&self) -> [Option<&str>; 2] {
        let refresh = self.refresh.as_ref().map(Secret::expose);
        [Some(self.access.expose()), refresh]
    }

    pub(crate) fn state(&self, now: Duration) -> State {
        if now < self.renew {
            State::Fresh
        } else if now < self.expires {
            State::Due
        } else {
            State::Expired
        }
    }

    /// The same token after the service refused it: expired, while its refresh token may still be
    /// valid.
    pub(crate) fn rejected(&self) -> Self {
        Self {
            expires: Duration::ZERO,
            renew: Duration::ZERO,
            ..self.clone()
        }
    }
}

fn header(scheme: &str, access: &Secret) -> Result<HeaderValue, Unusable> {
    if access.expose().trim().is_empty() {
        return Err(Unusable::Missing);
    }
    let value = HeaderValue::try_from(format!("{scheme} {}", access.expose()));
    let mut value = value.map_err(|_| Unusable::NotAHeader)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The time until the `exp` claim, by the wall clock. Checking the signature is up to the service.
fn jwt_lifetime(token: &str, now: Timestamp) -> Option<Duration> {
    #[derive(serde::Deserialize)]
    struct Claims {
        exp: serde_json::Number,
    }
    let payload = token.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    let exp = claims.exp.as_f64()?;
    let left = exp - now.as_duration().as_secs_f64();
    Some(Duration::try_from_secs_f64(left).unwrap_or(if left > 0.0 {
        Duration::MAX
    } else {
        Duration::ZERO
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const RECEIVED: Duration = Duration::from_secs(1_000);

    fn received(jitter: f64) -> Received {
        Received {
            monotonic: RECEIVED,
            now: now(),
            jitter,
        }
    }

    fn now() -> Timestamp {
        "2026-03-02T06:00:00Z".parse().unwrap()
    }

    fn token(answer: Value) -> Result<Token, Unusable> {
        let answer: AccessToken = serde_json::from_value(answer).unwrap();
        Token::from_response(&answer, received(0.0))
    }

    fn jwt(claims: &Value) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    fn states(token: &Token, ages: [u64; 4]) -> [State; 4] {
        ages.map(|age| token.state(RECEIVED + Duration::from_secs(age)))
    }

    #[test]
    fn a_long_lifetime_is_renewed_a_minute_ahead_and_a_short_one_at_four_fifths() {
        use State::*;
        let long = token(json!({"accessToken": "t", "expiresIn": 3600})).unwrap();
        assert_eq!(
            states(&long, [0, 3539, 3540, 3600]),
            [Fresh, Fresh, Due, Expired]
        );
        let short = token(json!({"accessToken": "t", "expiresIn": "10"})).unwrap();
        assert_eq!(states(&short, [0, 7, 8, 10]), [Fresh, Fresh, Due, Expired]);
    }

    #[test]
    fn renewals_are_spread_over_a_quarter_of_the_lead() {
        let answer =
            serde_json::from_value(json!({"accessToken": "t", "expiresIn": 3600})).unwrap();
        let late = Token::from_response(&answer, received(1.0)).unwrap();
        assert_eq!(
            states(&late, [3524, 3525, 3599, 3600]),
            [State::Fresh, State::Due, State::Due, State::Expired]
        );
    }

    #[test]
    fn an_odd_lifetime_neither_panics_nor_renews_without_pause() {
        use State::*;
        for life in [json!(0), json!(-5), json!("-1")] {
            let token = token(json!({"accessToken": "t", "expiresIn": life})).unwrap();
            assert_eq!(
                states(&token, [0, 0, 1, 2]),
                [Fresh, Fresh, Expired, Expired],
                "{life}"
            );
        }
        for life in [json!(u64::MAX), json!(1e300), json!(null), json!("soon")] {
            let token = token(json!({"accessToken": "t", "expiresIn": life})).unwrap();
            assert_eq!(token.state(Duration::from_secs(1 << 40)), Fresh, "{life}");
        }
    }

    #[test]
    fn without_a_lifetime_the_jwt_decides() {
        use State::*;
        let exp = now().as_second() + 100;
        let known = token(json!({"accessToken": jwt(&json!({"exp": exp}))})).unwrap();
        assert_eq!(
            states(&known, [0, 79, 80, 100]),
            [Fresh, Fresh, Due, Expired]
        );
        for odd in [json!({"exp": "x"}), json!({}), json!([])] {
            let token = token(json!({"accessToken": jwt(&odd)})).unwrap();
            assert_eq!(token.state(Duration::from_secs(u64::MAX)), Fresh, "{odd}");
        }
        let past = token(json!({"accessToken": jwt(&json!({"exp": 5}))})).unwrap();
        assert_eq!(
            states(&past, [0, 0, 1, 2]),
            [Fresh, Fresh, Expired, Expired]
        );
    }

    #[test]
    fn the_scheme_is_that_of_the_response() {
        for (answer, expected) in [
            (json!({"accessToken": "t"}), "Bearer t"),
            (json!({"accessToken": "t", "tokenType": null}), "Bearer t"),
            (json!({"accessToken": "t", "tokenType": " "}), "Bearer t"),
            (json!({"accessToken": "t", "tokenType": "MAC"}), "MAC t"),
        ] {
            let token = token(answer).unwrap();
            assert_eq!(token.authorization.to_str().unwrap(), expected);
            assert_eq!(token.secrets(), [Some("t"), None]);
            assert!(token.authorization.is_sensitive());
        }
    }

    #[test]
    fn a_response_without_a_usable_token_is_recognised() {
        assert_eq!(token(json!({})).err(), Some(Unusable::Missing));
        assert_eq!(
            token(json!({"accessToken": ""})).err(),
            Some(Unusable::Missing)
        );
        assert_eq!(
            token(json!({"accessToken": "a\nb"})).err(),
            Some(Unusable::NotAHeader)
        );
    }

    #[test]
    fn a_fixed_token_is_used_until_it_is_refused() {
        let expired = Secret::from(jwt(&json!({"exp": 5})));
        assert_eq!(
            Token::fixed(&expired)
                .unwrap()
                .state(Duration::from_secs(u64::MAX)),
            State::Fresh
        );
        let provided = Token::provided(&expired, None, received(0.0)).unwrap();
        assert_eq!(
            states(&provided, [0, 0, 1, 2]),
            [State::Fresh, State::Fresh, State::Expired, State::Expired]
        );
    }

    #[test]
    fn a_rejected_token_is_expired_and_keeps_its_refresh_token() {
        let token = token(json!({"accessToken": "t", "refreshToken": "r"})).unwrap();
        let rejected = token.rejected();
        assert_eq!(rejected.state(Duration::ZERO), State::Expired);
        assert_eq!(rejected.take_refresh().unwrap().expose(), "r");
        assert!(
            token.take_refresh().is_none(),
            "it is good for one use, whoever takes it"
        );
    }
}
