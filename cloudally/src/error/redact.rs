//! Removes secrets from errors.

use serde_json::Value;

use super::{Error, Inner};

impl Error {
    /// Replaces each of these secrets wherever the service repeated it, and drops a body that holds
    /// one.
    ///
    /// A secret is recognised as it is, and as JSON and error messages escape it.
    pub(crate) fn redacted(self, secrets: &[&str]) -> Self {
        let escaped = secrets.iter().map(|secret| escape(secret));
        let escaped: Vec<String> = escaped.filter(|text| text.contains('\\')).collect();
        let secrets: Vec<&str> = secrets
            .iter()
            .copied()
            .chain(escaped.iter().map(String::as_str))
            .collect();
        let holds = |text: &str| secrets.iter().any(|secret| text.contains(secret));
        let inner = &self.0;
        let is_in_texts = inner.texts().any(|text| holds(text));
        let body = inner.body.as_deref().map(String::from_utf8_lossy);
        let is_in_body = is_in_texts || body.is_some_and(|body| holds(&body));
        let is_in_parts = inner
            .parts
            .as_ref()
            .is_some_and(|parts| parts.holds(&secrets));
        let is_in_cause = inner
            .cause
            .as_ref()
            .is_some_and(|cause| holds(&cause.chain()));
        if !is_in_body && !is_in_parts && !is_in_cause && !holds(&inner.detail) {
            return self;
        }
        let replace = |text: String| {
            secrets
                .iter()
                .fold(text, |text, secret| text.replace(secret, "[redacted]"))
        };
        self.with(|inner| {
            inner.detail = replace(std::mem::take(&mut inner.detail));
            for text in inner.texts_mut() {
                *text = text.take().map(replace);
            }
            inner.parts = inner.parts.take().map(|parts| parts.redacted(&secrets));
            inner.body = inner.body.take().filter(|_| !is_in_body);
            inner.cause = inner.cause.take().filter(|_| !is_in_cause);
        })
    }
}

impl Inner {
    /// The texts that may repeat what the service sent.
    fn texts_mut(&mut self) -> [&mut Option<String>; 4] {
        [
            &mut self.server_message,
            &mut self.server_code,
            &mut self.json_path,
            &mut self.item_id,
        ]
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        [
            &self.server_message,
            &self.server_code,
            &self.json_path,
            &self.item_id,
        ]
        .into_iter()
        .flatten()
    }
}

/// The secret as it stands within a JSON string.
fn escape(secret: &str) -> String {
    let quoted = Value::from(secret).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
