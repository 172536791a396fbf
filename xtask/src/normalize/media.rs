//! Media types: which of a body's the client sends, and as what.

use serde_json::{Map, Value};

use super::scalar::merged;

/// How the client writes a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sending {
    Json,
    Form,
    Octets,
    Text,
    Markdown,
}

impl Sending {
    /// What the generator calls it.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Octets => "application/octet-stream",
            Self::Text => "text/plain",
            Self::Markdown => "text/x-markdown",
        }
    }

    /// Whether the header must say something else than the generator would.
    pub(super) fn needs_header(self, name: &str) -> bool {
        let base = base(name);
        base != self.kind() && !base.contains('*') && is_header(name)
    }
}

/// Whether a media type is one that is sent so, by its name and what is said of it.
type Fits<'f> = &'f dyn Fn(&str, &Value) -> bool;

/// The media type that the client sends, JSON first; nothing, if it can write none of them.
pub(super) fn choose<'c>(
    document: &Value,
    content: &'c Map<String, Value>,
) -> Option<(&'c String, &'c Value, Sending)> {
    let is_bytes = |name: &str, media: &Value| is_sendable(name) && is_text(document, media);
    let rules: [(Sending, Fits<'_>); 10] = [
        (Sending::Json, &|name, _| base(name) == "application/json"),
        (Sending::Json, &|name, _| {
            base(name) == "text/json" && is_header(name)
        }),
        (Sending::Form, &|name, _| base(name) == Sending::Form.kind()),
        (Sending::Octets, &|name, _| {
            base(name) == Sending::Octets.kind()
        }),
        (Sending::Text, &|name, _| base(name) == Sending::Text.kind()),
        (Sending::Markdown, &|name, _| {
            base(name) == Sending::Markdown.kind()
        }),
        (Sending::Json, &|name, _| {
            matches!(base(name).as_str(), "*/*" | "application/*")
        }),
        (Sending::Json, &|name, _| {
            base(name).ends_with("+json") && is_header(name)
        }),
        (Sending::Text, &|name, media| {
            base(name).starts_with("text/") && is_bytes(name, media)
        }),
        (Sending::Octets, &|name, media| is_bytes(name, media)),
    ];
    rules.iter().find_map(|(sending, fits)| {
        let (name, media) = content.iter().find(|(name, media)| fits(name, media))?;
        Some((name, media, *sending))
    })
}

/// Whether a caller could write such a body as bytes. The parts of a multipart body are told apart
/// by a line that its header must name.
pub(super) fn is_sendable(name: &str) -> bool {
    is_header(name) && !base(name).starts_with("multipart/")
}

/// Whether nothing is said of the inside of a body.
pub(super) fn is_text(document: &Value, media: &Value) -> bool {
    let Some(schema) = media.get("schema") else {
        return true;
    };
    let schema = merged(document, schema);
    let Some(schema) = schema.as_object() else {
        return true;
    };
    match schema.get("type") {
        Some(kind) => kind.as_str() == Some("string"),
        None => !["properties", "items", "allOf", "oneOf", "anyOf", "$ref"]
            .iter()
            .any(|key| schema.contains_key(*key)),
    }
}

/// The name of a media type without its parameters.
pub(super) fn base(name: &str) -> String {
    name.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase()
}

/// Whether the name can stand in a header.
pub(super) fn is_header(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_best_of_what_is_offered_is_sent() {
        let text = json!({"schema": {"type": "string"}});
        let object = json!({"schema": {"type": "object"}});
        for (content, chosen) in [
            (
                json!({"application/xml": object, "application/json": object}),
                Some(("application/json", Sending::Json)),
            ),
            (
                json!({"application/merge-patch+json": object, "text/csv": text}),
                Some(("application/merge-patch+json", Sending::Json)),
            ),
            (
                json!({"text/csv": text, "text/plain": text}),
                Some(("text/plain", Sending::Text)),
            ),
            (
                json!({"text/csv; header=present": text}),
                Some(("text/csv; header=present", Sending::Text)),
            ),
            (
                json!({"image/png": {}}),
                Some(("image/png", Sending::Octets)),
            ),
            (
                json!({"application/xml": {"schema": {"type": "string", "format": "binary"}}}),
                Some(("application/xml", Sending::Octets)),
            ),
            (json!({"application/xml": object}), None),
            (json!({"multipart/form-data": {}}), None),
            (
                json!({"multipart/form-data": object, "image/*": {}}),
                Some(("image/*", Sending::Octets)),
            ),
        ] {
            let content = content.as_object().unwrap();
            let found = choose(&json!({}), content);
            let found = found.map(|(name, _, sending)| (name.as_str(), sending));
            assert_eq!(found, chosen, "{content:?}");
        }
        assert!(Sending::Octets.needs_header("image/png"));
        assert!(!Sending::Octets.needs_header("image/*"));
        assert!(!Sending::Text.needs_header("text/plain; charset=utf-8"));
    }
}
