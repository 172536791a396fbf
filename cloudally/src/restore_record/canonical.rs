//! The form of a record over which its hash is made.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The SHA-256 of a value as JSON with sorted keys and without space, in hexadecimal digits.
pub(super) fn hash(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a value. The order of its keys depends on how `serde_json` is built, so they are sorted.
fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort();
            let fields = keys
                .into_iter()
                .filter_map(|key| Some((key, fields.get(key)?)));
            list(text, ['{', '}'], fields, |(key, value), text| {
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(value, text);
            });
        }
        Value::Array(items) => list(text, ['[', ']'], items.iter(), write),
        other => text.push_str(&other.to_string()),
    }
}

fn list<T>(
    text: &mut String,
    [open, close]: [char; 2],
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(T, &mut String),
) {
    text.push(open);
    for (at, item) in items.enumerate() {
        if at > 0 {
            text.push(',');
        }
        write(item, text);
    }
    text.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_form_is_the_one_that_other_tools_write() {
        let value = json!({"b": [1, null, "ä\n"], "a": {"d": true, "c": 1.5}});
        let mut text = String::new();
        write(&value, &mut text);
        assert_eq!(text, r#"{"a":{"c":1.5,"d":true},"b":[1,null,"ä\n"]}"#);
        // By `printf '%s' '{"a":1}' | sha256sum`.
        let expected = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
        assert_eq!(hash(&json!({"a": 1})), expected);
    }
}
