//! Removes secrets from errors.

use serde_json::Value;

use super::Error;

impl Error {
    /// Replaces each of these secrets wherever the service repeated it, and drops a body that holds
    /// one.
    pub(crate) fn redacted(self, secrets: &[&str]) -> Self {
        let holds = |text: &str| secrets.iter().any(|secret| text.contains(secret));
        let body = self
            .0
            .body
            .as_deref()
            .map(String::from_utf8_lossy)
            .unwrap_or_default();
        let texts = [
            &self.0.server_message,
            &self.0.server_code,
            &self.0.json_path,
            &self.0.item_id,
        ];
        let is_in_headers = self
            .0
            .parts
            .as_ref()
            .is_some_and(|parts| parts.holds(secrets));
        let is_in_texts = texts.into_iter().flatten().any(|text| holds(text));
        // A JSON body may hold the secret in its escaped form.
        let is_escaped = |secret: &&str| {
            let quoted = Value::from(*secret).to_string();
            body.contains(quoted.trim_matches('"'))
        };
        let is_in_body = is_in_texts || holds(&body) || secrets.iter().any(is_escaped);
        let is_in_cause = self
            .0
            .cause
            .as_ref()
            .is_some_and(|cause| holds(&cause.text()));
        if !is_in_body && !is_in_headers && !is_in_cause && !holds(&self.0.detail) {
            return self;
        }
        let replace = |text: String| {
            secrets
                .iter()
                .fold(text, |text, secret| text.replace(secret, "[redacted]"))
        };
        self.with(|inner| {
            inner.detail = replace(std::mem::take(&mut inner.detail));
            let texts = [
                &mut inner.server_message,
                &mut inner.server_code,
                &mut inner.json_path,
                &mut inner.item_id,
            ];
            for text in texts {
                *text = text.take().map(replace);
            }
            inner.parts = inner.parts.take().map(|parts| parts.redacted(secrets));
            inner.body = inner.body.take().filter(|_| !is_in_body);
            inner.cause = inner.cause.take().filter(|_| !is_in_cause);
        })
    }
}
