//! Decodes a text in all the ways in which it may be encoded.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;

/// The number of times that a text may be percent-encoded.
const MAX_ROUNDS: usize = 8;

/// The shortest text that is taken for base64; shorter ones are likely to be plain words.
const MIN_BASE64: usize = 8;

/// The characters that end a value within a longer text.
const ENDS: &[char] = &['&', ';', ',', '"', '\'', '<', '>', '#', ')', ']', '}', '\\'];

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A text that is in another one, decoded.
pub(super) struct Reading {
    pub(super) text: String,
    /// Whether it was base64-encoded by itself, and not as a part of a token with dots in it.
    is_base64: bool,
}

impl Reading {
    /// Returns the values that the text labels as a secret: by such a name, as the password of a
    /// URL, or as `user:password` in base64.
    pub(super) fn labelled(&self, is_secret: fn(&str) -> bool) -> impl Iterator<Item = &str> {
        let named = values_named(&self.text, is_secret).chain(passwords_of_urls(&self.text));
        named.chain(self.password())
    }

    fn password(&self) -> Option<&str> {
        let (user, password) = self.text.split_once(':')?;
        let is_name = |letter: char| letter.is_alphanumeric() || "@._+-".contains(letter);
        let is_text = |text: &str| !text.is_empty() && !text.contains(char::is_control);
        (self.is_base64 && user.chars().all(is_name) && is_text(password)).then_some(password)
    }
}

/// Returns the text, the results of percent-decoding it as long as that changes it, each of these
/// with plus signs decoded as spaces, and what is base64-encoded in any of them. Returns `None` if
/// the text is percent-encoded too often.
pub(super) fn readings(text: &str) -> Option<Vec<Reading>> {
    let mut all = vec![text.to_owned()];
    let mut last = text.to_owned();
    for _ in 0..MAX_ROUNDS {
        if last.contains('+') {
            all.push(percent_decoded(&last.replace('+', " ")));
        }
        let next = percent_decoded(&last);
        if next == last {
            let encoded: Vec<_> = all.iter().flat_map(|text| base64_words(text)).collect();
            let plain = |text| Reading {
                text,
                is_base64: false,
            };
            return Some(all.into_iter().map(plain).chain(encoded).collect());
        }
        all.push(next.clone());
        last = next;
    }
    None
}

fn percent_decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Returns the values with such names within a longer text: `name=value`, `name: value`,
/// `"name": "value"`.
fn values_named(text: &str, is_wanted: fn(&str) -> bool) -> impl Iterator<Item = &str> {
    text.match_indices(['=', ':'])
        .filter_map(move |(at, _)| {
            let (before, after) = (text.get(..at)?, text.get(at + 1..)?);
            let before = before.trim_end_matches([' ', '"', '\'', '\\']);
            let is_part = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
            let name = before.rsplit(|letter| !is_part(letter)).next()?;
            is_wanted(name).then_some(after)
        })
        .filter_map(|after| {
            let after = after.trim_start_matches([' ', '"', '\'', '\\']);
            let is_end = |letter: char| letter.is_whitespace() || ENDS.contains(&letter);
            after.split(is_end).next().filter(|value| !value.is_empty())
        })
}

/// Returns the passwords in the URLs within a text: `https://user:password@host`.
fn passwords_of_urls(text: &str) -> impl Iterator<Item = &str> {
    text.split("://").skip(1).filter_map(|rest| {
        let is_end = |letter: char| letter.is_whitespace() || "/?#".contains(letter);
        let (user_and_password, _) = rest.split(is_end).next()?.rsplit_once('@')?;
        let (_, password) = user_and_password.split_once(':')?;
        (!password.is_empty()).then_some(password)
    })
}

/// Decodes the base64-encoded parts of a text, in the standard or the URL-safe alphabet, with or
/// without padding.
fn base64_words(text: &str) -> impl Iterator<Item = Reading> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "+-_/.".contains(letter);
    let words = text.split(move |letter| !is_part(letter));
    // A slash may be a base64 digit or a separator, so both are tried.
    let pieces = words.flat_map(|word| {
        let within = word.contains('/').then(|| word.split('/'));
        std::iter::once(word).chain(within.into_iter().flatten())
    });
    let pieces = pieces.map(|piece| piece.trim_matches('.'));
    pieces
        .filter(|piece| piece.len() >= MIN_BASE64)
        .flat_map(|piece| {
            let is_base64 = !piece.contains('.');
            piece.split('.').filter_map(move |word| {
                let word = word.replace('-', "+").replace('_', "/");
                let bytes = BASE64.decode(word).ok()?;
                let text = String::from_utf8(bytes).ok()?;
                Some(Reading { text, is_base64 })
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_until_nothing_is_encoded() {
        for (text, expected) in [
            ("a", &["a"][..]),
            (
                "a+%252B",
                &["a+%252B", "a %2B", "a+%2B", "a +", "a++", "a  "],
            ),
            ("100%25", &["100%25", "100%"]),
            ("x eyJhIjoxfQ==", &["x eyJhIjoxfQ==", r#"{"a":1}"#]),
        ] {
            let all = readings(text).unwrap();
            let all: Vec<_> = all.iter().map(|reading| &*reading.text).collect();
            assert_eq!(all, expected);
        }
        assert!(readings(&format!("%{}41", "25".repeat(9))).is_none());
    }

    #[test]
    fn a_text_labels_its_secrets() {
        for (text, expected) in [
            ("https://x/b?a=1&c=2&a=&e-f=g#h", &["1", "g"][..]),
            (r#"{"a": "b", "c": 1}"#, &["b"]),
            (r#"{\"a\":\"b\"}"#, &["b"]),
            ("p\u{e4} = '\u{f6}'", &["\u{f6}"]),
            ("=a :b c= aa=1 a=a=2", &["b", "a=2", "2"]),
            ("see http://u:b@c/d, https://e:80/f@g", &["b"]),
            // These encode `user:pass` and `us:?>?`.
            ("Basic dXNlcjpwYXNz", &["pass"]),
            ("(dXM6Pz4/) dXM6Pz4_", &["?>?", "?>?"]),
            // These are `tasks:10:5` with a signature, `{"b":1}`, and no base64.
            ("dGFza3M6MTA6NQ.c2ln", &[]),
            ("eyJiIjoxfQ==", &[]),
            ("backup-tasks/status", &[]),
        ] {
            let all = readings(text).unwrap();
            let named = |name: &str| ["a", "p\u{e4}", "e-f"].contains(&name);
            let all: Vec<_> = all.iter().flat_map(|one| one.labelled(named)).collect();
            assert_eq!(all, expected, "{text}");
        }
    }
}
