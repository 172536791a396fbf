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

/// Returns the text, the results of percent-decoding it as long as that changes it, and each of
/// these with plus signs decoded as spaces. Returns `None` if the text is encoded too often.
pub(super) fn readings(text: &str) -> Option<Vec<String>> {
    let mut all = vec![text.to_owned()];
    let mut last = text.to_owned();
    for _ in 0..MAX_ROUNDS {
        if last.contains('+') {
            all.push(decoded(&last));
        }
        let next = percent_decode_str(&last).decode_utf8_lossy().into_owned();
        if next == last {
            return Some(all);
        }
        all.push(next.clone());
        last = next;
    }
    None
}

/// Decodes a text as `application/x-www-form-urlencoded`.
pub(super) fn decoded(text: &str) -> String {
    let with_spaces = text.replace('+', " ");
    let decoded = percent_decode_str(&with_spaces).decode_utf8_lossy();
    decoded.into_owned()
}

/// Returns the parameters of a query.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter_map(|pair| pair.split_once('='))
}

/// Returns the values with such names within a longer text: `name=value`, `name: value`,
/// `"name": "value"`.
pub(super) fn values_named(text: &str, is_wanted: fn(&str) -> bool) -> impl Iterator<Item = &str> {
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
pub(super) fn passwords_of_urls(text: &str) -> impl Iterator<Item = &str> {
    text.split("://").skip(1).filter_map(|rest| {
        let is_end = |letter: char| letter.is_whitespace() || "/?#".contains(letter);
        let (user_and_password, _) = rest.split(is_end).next()?.rsplit_once('@')?;
        let (_, password) = user_and_password.split_once(':')?;
        (!password.is_empty()).then_some(password)
    })
}

/// A base64-encoded part of a text.
pub(super) struct Base64Word {
    /// The decoded text.
    pub(super) text: String,
    /// Whether it is not a part of something longer, such as a token with dots in it.
    pub(super) is_whole: bool,
}

impl Base64Word {
    /// Returns the password, if the decoded text has the form `user:password`.
    pub(super) fn password(&self) -> Option<&str> {
        let (user, password) = self.text.split_once(':')?;
        let is_name = |letter: char| letter.is_alphanumeric() || "@._+-".contains(letter);
        let is_text = |text: &str| !text.is_empty() && !text.contains(char::is_control);
        (self.is_whole && user.chars().all(is_name) && is_text(password)).then_some(password)
    }
}

/// Decodes the base64-encoded parts of a text, in the standard or the URL-safe alphabet, with or
/// without padding.
pub(super) fn base64_words(text: &str) -> impl Iterator<Item = Base64Word> {
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
            let is_whole = !piece.contains('.');
            piece.split('.').filter_map(move |word| {
                let word = word.replace('-', "+").replace('_', "/");
                let bytes = BASE64.decode(word).ok()?;
                let text = String::from_utf8(bytes).ok()?;
                Some(Base64Word { text, is_whole })
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_until_nothing_is_encoded() {
        let read = |text| readings(text).unwrap();
        assert_eq!(read("a"), ["a"]);
        assert_eq!(
            read("a+%252B"),
            ["a+%252B", "a %2B", "a+%2B", "a +", "a++", "a  "]
        );
        assert_eq!(read("100%25"), ["100%25", "100%"]);
        assert_eq!(readings(&format!("%{}41", "25".repeat(9))), None);
    }

    #[test]
    fn values_are_found_within_a_text_by_their_names() {
        let all = |text| {
            values_named(text, |name| ["a", "p\u{e4}", "e-f"].contains(&name)).collect::<Vec<_>>()
        };
        assert_eq!(all("https://x/b?a=1&c=2&a=&e-f=g#h"), ["1", "g"]);
        assert_eq!(all(r#"{"a": "b", "c": 1}"#), ["b"]);
        assert_eq!(all(r#"{\"a\":\"b\"}"#), ["b"]);
        assert_eq!(all("p\u{e4} = '\u{f6}'"), ["\u{f6}"]);
        assert_eq!(all("=a :b c= aa=1 a=a=2"), ["b", "a=2", "2"]);
        let passwords = |text| passwords_of_urls(text).collect::<Vec<_>>();
        assert_eq!(passwords("see http://a:b@c/d, https://e:80/f@g"), ["b"]);
    }

    #[test]
    fn a_user_and_a_password_are_told_from_other_words() {
        let passwords = |text: &str| {
            let words = base64_words(text);
            let passwords = words.filter_map(|word| word.password().map(str::to_owned));
            passwords.collect::<Vec<_>>()
        };
        // These encode `user:pass` and `us:?>?`.
        assert_eq!(passwords("Basic dXNlcjpwYXNz"), ["pass"]);
        assert_eq!(passwords("(dXM6Pz4/) dXM6Pz4_"), ["?>?", "?>?"]);
        // These are `tasks:10:5` with a signature, `{"a":1}`, and no base64.
        for text in ["dGFza3M6MTA6NQ.c2ln", "eyJhIjoxfQ==", "backup-tasks/status"] {
            assert_eq!(passwords(text), <[&str; 0]>::default(), "{text}");
        }
    }
}
