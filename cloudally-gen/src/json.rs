//! Decodes JSON as it comes from services that are not strict about it.

use std::borrow::Cow;

use serde::de::{DeserializeOwned, IgnoredAny};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Decodes a JSON body, which may begin with a byte order mark.
///
/// A number that no `f64` holds is read as the text of its digits, because it may be in a field
/// that nobody reads.
///
/// # Errors
/// Fails if the body is not the JSON of this type. A text with half of a surrogate pair, or with
/// bytes that are not UTF-8, is none.
///
/// # Examples
///
/// ```
/// use cloudally_gen::json;
/// use serde_json::Value;
/// let value: Value = json::decode("\u{feff}{\"a\": 1e400}".as_bytes())?;
/// assert_eq!(value["a"], "1e400");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    let body = without_mark(body);
    // UTF-8 is checked once for the whole body, and not again for each text in it.
    let decoded = match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        // The error of this one says where the body is not UTF-8.
        Err(_) => serde_json::from_slice(body),
    };
    match decoded {
        Err(error) if error.is_syntax() => match quote_huge_numbers(body) {
            Some(quoted) => serde_json::from_slice(&quoted),
            None => Err(error),
        },
        decoded => decoded,
    }
}

/// Returns the body as [`decode`] reads it, for a parser of its own.
#[must_use]
pub fn normalized(body: &[u8]) -> Cow<'_, [u8]> {
    let body = without_mark(body);
    quote_huge_numbers(body).map_or(Cow::Borrowed(body), Cow::Owned)
}

/// Returns the body without the byte order mark that it may begin with.
#[must_use]
pub fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// Puts numbers that no `f64` holds into quotes, or returns `None` if there are none.
fn quote_huge_numbers(body: &[u8]) -> Option<Vec<u8>> {
    let mut quoted = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        at = match byte {
            b'"' => after_text(body, at),
            b'-' | b'0'..=b'9' => {
                let end = after_number(body, at);
                if is_huge(&body[at..end]) {
                    quoted.extend_from_slice(&body[copied..at]);
                    quoted.push(b'"');
                    quoted.extend_from_slice(&body[at..end]);
                    quoted.push(b'"');
                    copied = end;
                }
                end
            }
            _ => at + 1,
        };
    }
    if copied == 0 {
        return None;
    }
    quoted.extend_from_slice(&body[copied..]);
    Some(quoted)
}

/// Where the text that begins here is over.
pub(crate) fn after_text(body: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = body
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
    {
        at += found;
        if body[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    body.len()
}

fn after_number(body: &[u8], start: usize) -> usize {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let length = body[start..].iter().position(|byte| !is_part(byte));
    length.map_or(body.len(), |length| start + length)
}

fn is_huge(number: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(number) else {
        return false;
    };
    let is_infinite = text.parse().is_ok_and(f64::is_infinite);
    is_infinite && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_number_that_no_float_holds_becomes_text() {
        let digits = "9".repeat(400);
        let body = format!(r#"{{"a":{digits},"b":[-1e999,1E+400,1e-400],"c":"1e999 \" 1e999"}}"#);
        let value: Value = decode(body.as_bytes()).unwrap();
        assert_eq!(
            value,
            json!({"a": digits, "b": ["-1e999", "1E+400", 0.0], "c": "1e999 \" 1e999"})
        );
    }

    #[test]
    fn what_is_no_json_stays_an_error() {
        for body in [
            "{\"a\":01e999}",
            "1e999 1",
            "{\"a\":1e999",
            "\"1e999",
            "-",
            "\"\\",
        ] {
            assert!(decode::<Value>(body.as_bytes()).is_err(), "{body}");
        }
        assert!(decode::<Value>(b"\"\xff\"").is_err());
        assert!(decode::<Value>(br#""\ud800""#).is_err());
    }
}
