//! Looks for what must not be in a cassette, whoever made it. Pure.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::cassette::Cassette;
use crate::error::Error;

/// What private things look like.
static SIGNS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    let signs = [
        ("an e-mail address", r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*"),
        ("a token", r"eyJ[A-Za-z0-9_-]{8,}"),
        ("a token", r"(?i)bearer\s+\S+"),
        (
            "an id",
            r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        ),
        ("a key", r"[A-Za-z0-9+/_=-]{32,}"),
        ("an address of a host", r"(?i)https?://"),
    ];
    signs
        .into_iter()
        .filter_map(|(what, pattern)| Some((what, Regex::new(pattern).ok()?)))
        .collect()
});

/// The addresses that stand for others.
const MADE_UP: &str = r"@example.com";

/// Refuses a cassette in which something looks private.
pub(crate) fn scan(cassette: &Cassette) -> Result<(), Error> {
    look(cassette, |text| {
        SIGNS.iter().find_map(|(what, sign)| {
            let found = sign
                .find_iter(text)
                .any(|found| !found.as_str().ends_with(MADE_UP));
            found.then_some(*what)
        })
    })
}

/// Refuses a cassette in which one of these is left.
pub(crate) fn scan_for<'a>(
    cassette: &Cassette,
    originals: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    // A shorter one occurs in any text, and then it is one only if it is all of it.
    let (long, short): (Vec<_>, Vec<_>) = originals.partition(|original| original.len() >= 6);
    look(cassette, |text| {
        let is_left = short.contains(&text) || long.iter().any(|original| text.contains(original));
        is_left.then_some("something that was to be replaced")
    })
}

/// Looks at every text of a cassette, and at the names of fields.
fn look(
    cassette: &Cassette,
    is_private: impl Fn(&str) -> Option<&'static str>,
) -> Result<(), Error> {
    let value = serde_json::to_value(cassette).unwrap_or_default();
    let mut pending = vec![(String::new(), &value)];
    while let Some((place, value)) = pending.pop() {
        let leak = |what| Error::Leak {
            what,
            place: place.clone(),
        };
        match value {
            Value::String(text) => {
                if let Some(what) = is_private(text) {
                    return Err(leak(what));
                }
            }
            Value::Array(items) => pending.extend(
                items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| (format!("{place}/{at}"), item)),
            ),
            Value::Object(fields) => {
                if let Some(what) = fields.keys().find_map(|name| is_private(name)) {
                    return Err(leak(what));
                }
                pending.extend(
                    fields
                        .iter()
                        .map(|(name, value)| (format!("{place}/{name}"), value)),
                );
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with(body: Value) -> Cassette {
        serde_json::from_value(json!({"interactions": [{
            "request": {"method": "GET", "path": "/v1/partners"},
            "response": {"status": 200, "body": body},
        }]}))
        .unwrap()
    }

    #[test]
    fn whatever_looks_private_is_refused_and_not_shown() {
        for private in [
            json!({"a": ["ann@bakery.test"]}),
            json!({"note": "ask ann@bakery.test or person-1@example.com"}),
            json!({"ann@bakery.test": 1}),
            json!("eyJhbGciOiJIUzI1NiJ9"),
            json!("Bearer abc"),
            json!("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10"),
            json!("0123456789abcdef0123456789abcdef"),
            json!("https://host.test/"),
        ] {
            let error = scan(&with(private.clone())).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("/interactions/0/response/body"), "{text}");
            assert!(!text.contains("bakery") && !text.contains("abc"), "{text}");
        }
        let clean = json!({"email": "person-1@example.com", "id": "id-1", "status": "ACTIVE", "total": "75.10"});
        assert!(scan(&with(clean)).is_ok());
    }

    #[test]
    fn what_was_replaced_must_be_gone() {
        let cassette = with(json!({"a": "the Bakery of Ann", "b": "Ann"}));
        assert!(scan_for(&cassette, ["Bakery"].into_iter()).is_err());
        assert!(scan_for(&cassette, ["Ann"].into_iter()).is_err());
        assert!(scan_for(&cassette, ["the", "Butcher"].into_iter()).is_ok());
    }
}
