//! A token and how long it lives. Pure: the time is passed in.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloudally_gen::secret::Secret;
use cloudally_gen::types::AccessToken;
use http::HeaderValue;
use jiff::Timestamp;

/// How long before its end a long-lived token is renewed.
const AHEAD: Duration = Duration::from_secs(60);
/// A token is never taken to live shorter than this, so that no answer makes the client renew without pause.
const SHORTEST: Duration = Duration::from_secs(1);

/// A token that requests can be sent with. Times are on the monotonic clock.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) authorization: HeaderValue,
    pub(crate) refresh: Option<Secret>,
    expires: Option<Duration>,
    renew: Option<Duration>,
}

/// What a token is good for at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Fresh,
    /// Still good, and to be renewed in the background.
    Due,
    Expired,
}

/// Why an answer to a sign-in holds no token that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    Missing,
    NotAHeader,
}

impl Token {
    /// The token of an answer that came at `received`. Its life is `expiresIn`, else the `exp` of the JWT, else it is
    /// used until it is refused (WIRE: observed, spec).
    pub(crate) fn from_answer(
        answer: &AccessToken,
        received: Duration,
        now: Timestamp,
    ) -> Result<Self, Unusable> {
        let access = answer
            .access_token
            .as_ref()
            .filter(|token| !token.expose().is_empty())
            .ok_or(Unusable::Missing)?;
        let scheme = answer
            .token_type
            .as_deref()
            .map(str::trim)
            .filter(|scheme| !scheme.is_empty());
        let authorization =
            header(scheme.unwrap_or("Bearer"), access).ok_or(Unusable::NotAHeader)?;
        let life = answer
            .expires_in
            .as_ref()
            .and_then(|seconds| seconds.duration())
            .or_else(|| life_of_jwt(access.expose(), now));
        Ok(Self::new(
            authorization,
            answer.refresh_token.clone(),
            life,
            received,
        ))
    }

    /// A token from elsewhere, which lives until it is refused.
    pub(crate) fn ready(access: &Secret) -> Result<Self, Unusable> {
        let authorization = header("Bearer", access).ok_or(Unusable::NotAHeader)?;
        Ok(Self::new(authorization, None, None, Duration::ZERO))
    }

    fn new(
        authorization: HeaderValue,
        refresh: Option<Secret>,
        life: Option<Duration>,
        received: Duration,
    ) -> Self {
        let life = life.map(|life| life.max(SHORTEST));
        Self {
            authorization,
            refresh,
            expires: life.map(|life| received.saturating_add(life)),
            renew: life.map(|life| received.saturating_add(life - AHEAD.min(life / 5))),
        }
    }

    pub(crate) fn state(&self, now: Duration) -> State {
        if self.expires.is_some_and(|expires| now >= expires) {
            State::Expired
        } else if self.renew.is_some_and(|renew| now >= renew) {
            State::Due
        } else {
            State::Fresh
        }
    }

    /// The same token after the service has refused it: expired, but its refresh token may still be good.
    pub(crate) fn rejected(&self) -> Self {
        Self {
            expires: Some(Duration::ZERO),
            ..self.clone()
        }
    }
}

fn header(scheme: &str, access: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("{scheme} {}", access.expose())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The time until the `exp` claim, by the clock on the wall. The signature is the service's business.
fn life_of_jwt(token: &str, now: Timestamp) -> Option<Duration> {
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

    fn now() -> Timestamp {
        "2026-03-02T06:00:00Z".parse().unwrap()
    }

    fn token(answer: Value) -> Result<Token, Unusable> {
        let answer: AccessToken = serde_json::from_value(answer).unwrap();
        Token::from_answer(&answer, RECEIVED, now())
    }

    fn jwt(claims: &Value) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    fn states(token: &Token, ages: [u64; 4]) -> [State; 4] {
        ages.map(|age| token.state(RECEIVED + Duration::from_secs(age)))
    }

    #[test]
    fn a_long_life_is_renewed_a_minute_ahead_and_a_short_one_at_four_fifths() {
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
    fn an_odd_life_neither_panics_nor_renews_without_pause() {
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
    fn without_a_life_the_jwt_tells_it() {
        use State::*;
        let exp = now().as_second() + 100;
        let known = token(json!({"accessToken": jwt(&json!({"exp": exp}))})).unwrap();
        assert_eq!(
            states(&known, [0, 79, 80, 100]),
            [Fresh, Fresh, Due, Expired]
        );
        for odd in [json!({"exp": "x"}), json!({}), json!([])] {
            let token = token(json!({"accessToken": jwt(&odd)})).unwrap();
            assert_eq!(token.state(Duration::MAX), Fresh, "{odd}");
        }
        let past = token(json!({"accessToken": jwt(&json!({"exp": 5}))})).unwrap();
        assert_eq!(
            states(&past, [0, 0, 1, 2]),
            [Fresh, Fresh, Expired, Expired]
        );
    }

    #[test]
    fn the_scheme_is_the_one_that_came() {
        for (answer, expected) in [
            (json!({"accessToken": "t"}), "Bearer t"),
            (json!({"accessToken": "t", "tokenType": null}), "Bearer t"),
            (json!({"accessToken": "t", "tokenType": " "}), "Bearer t"),
            (json!({"accessToken": "t", "tokenType": "MAC"}), "MAC t"),
        ] {
            let token = token(answer).unwrap();
            assert_eq!(token.authorization.to_str().unwrap(), expected);
            assert!(token.authorization.is_sensitive());
        }
    }

    #[test]
    fn an_answer_without_a_usable_token_is_told_apart() {
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
    fn a_rejected_token_is_expired_and_keeps_its_refresh_token() {
        let token = token(json!({"accessToken": "t", "refreshToken": "r"}))
            .unwrap()
            .rejected();
        assert_eq!(token.state(Duration::ZERO), State::Expired);
        assert_eq!(token.refresh.unwrap().expose(), "r");
    }
}
