//! Signs and verifies access tokens and next-page tokens.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The only JOSE header that the sandbox writes, and therefore the only one that it accepts.
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    /// A serial number, which makes tokens of the same second distinct.
    pub(crate) jti: String,
    /// The sign-in that the token was issued for.
    pub(crate) sid: u64,
}

impl Claims {
    pub(crate) fn new(
        subject: &str,
        now: Timestamp,
        lifetime: Duration,
        serial: u64,
        sign_in: u64,
    ) -> Self {
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        Self {
            sub: subject.to_owned(),
            iat: now.as_second(),
            exp: now.as_second().saturating_add(lifetime),
            jti: serial.to_string(),
            sid: sign_in,
        }
    }

    pub(crate) fn serial(&self) -> Option<u64> {
        self.jti.parse().ok()
    }
}

/// Signs with HMAC-SHA-256, and verifies in constant time.
#[derive(Clone)]
pub(crate) struct Signer(Hmac<Sha256>);

impl Signer {
    pub(crate) fn generate(rng: &mut ChaCha8Rng) -> Self {
        let key: [u8; 64] = rng.random();
        Self(Hmac::new(&key.into()))
    }

    /// Returns `text.signature`.
    fn sign(&self, text: &str) -> String {
        let signature = self.0.clone().chain_update(text).finalize().into_bytes();
        format!("{text}.{}", BASE64URL.encode(signature))
    }

    /// Returns the text of `text.signature`, if the signature is valid.
    fn verify<'a>(&self, signed: &'a str) -> Option<&'a str> {
        let (text, signature) = signed.rsplit_once('.')?;
        let signature = BASE64URL.decode(signature).ok()?;
        self.0
            .clone()
            .chain_update(text)
            .verify_slice(&signature)
            .ok()?;
        Some(text)
    }

    /// Encodes the claims as a signed JSON Web Token.
    pub(crate) fn jwt(&self, claims: &Claims) -> String {
        let claims = serde_json::to_vec(claims).unwrap_or_default();
        let (header, claims) = (BASE64URL.encode(HEADER), BASE64URL.encode(claims));
        self.sign(&format!("{header}.{claims}"))
    }

    /// Returns the claims of a token that this signer issued and that has not expired.
    pub(crate) fn claims(&self, jwt: &str, now: Timestamp) -> Option<Claims> {
        let (header, claims) = self.verify(jwt)?.split_once('.')?;
        if BASE64URL.decode(header).ok()? != HEADER.as_bytes() {
            return None;
        }
        let claims: Claims = serde_json::from_slice(&BASE64URL.decode(claims).ok()?).ok()?;
        (now.as_second() < claims.exp).then_some(claims)
    }

    /// Signs the text of a next-page token.
    pub(crate) fn seal(&self, text: &str) -> String {
        self.sign(&BASE64URL.encode(text))
    }

    /// Returns the text that [`seal`](Self::seal) signed.
    pub(crate) fn open(&self, sealed: &str) -> Option<String> {
        String::from_utf8(BASE64URL.decode(self.verify(sealed)?).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn signer(seed: u64) -> Signer {
        Signer::generate(&mut ChaCha8Rng::seed_from_u64(seed))
    }

    fn claims() -> Claims {
        Claims::new(
            "a@example.com",
            Timestamp::UNIX_EPOCH,
            Duration::from_secs(60),
            1,
            1,
        )
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_token_is_good_until_it_expires() {
        let jwt = signer(1).jwt(&claims());
        assert_eq!(signer(1).claims(&jwt, at(59)), Some(claims()));
        assert_eq!(signer(1).claims(&jwt, at(60)), None);
    }

    #[test]
    fn forged_tokens_are_refused() {
        let jwt = signer(1).jwt(&claims());
        assert_eq!(signer(2).claims(&jwt, at(0)), None);
        let (unsigned, signature) = jwt.rsplit_once('.').unwrap();
        assert_eq!(signer(1).claims(unsigned, at(0)), None);
        assert_eq!(signer(1).claims(&format!("{unsigned}."), at(0)), None);
        assert_eq!(
            signer(1).claims(&format!("{unsigned}A.{signature}"), at(0)),
            None
        );
        let (_, claims) = unsigned.split_once('.').unwrap();
        let no_algorithm = format!("{}.{claims}", BASE64URL.encode(r#"{"alg":"none"}"#));
        assert_eq!(signer(1).claims(&format!("{no_algorithm}."), at(0)), None);
        assert_eq!(
            signer(1).claims(&signer(1).sign(&no_algorithm), at(0)),
            None
        );
    }

    #[test]
    fn an_endless_lifetime_does_not_overflow() {
        let claims = Claims::new("a", at(1), Duration::MAX, 0, 0);
        assert_eq!(claims.exp, i64::MAX);
    }

    #[test]
    fn a_sealed_text_opens_with_its_own_signer_only() {
        let sealed = signer(1).seal("tasks:10:5");
        assert_eq!(signer(1).open(&sealed).as_deref(), Some("tasks:10:5"));
        assert_eq!(signer(2).open(&sealed), None);
        assert_eq!(signer(1).open("tasks:10:5"), None);
    }
}
