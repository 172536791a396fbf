//! Takes secrets out of errors.

use serde_json::Value;

use super::Error;

impl Error {
    /// Blots out these secrets wherever the service repeated them, and drops a body that holds one.
    pub(crate) fn without(self, secrets: &[&str]) -> Self {
        let holds = |text: &str| secrets.iter().any(|secret| text.contains(secret));
        let body = self
            .0
            .body
            .as_deref()
            .map(String::from_utf8_lossy)
            .unwrap_or_default();
        let words = [
            &self.0.server_message,
            &self.0.server_code,
            &self.0.json_path,
            &self.0.item_id,
        ];
        let is_in_head = self.0.head.as_ref().is_some_and(|head| head.holds(secrets));
        let is_in_words = words.into_iter().flatten().any(|words| holds(words));
        // In a body of JSON a secret may be escaped.
        let is_escaped = |secret: &&str| {
            let quoted = Value::from(*secret).to_string();
            body.contains(quoted.trim_matches('"'))
        };
        let is_body = is_in_words || holds(&body) || secrets.iter().any(is_escaped);
        if !is_body && !is_in_head && !holds(&self.0.detail) {
            return self;
        }
        let blot = |text: String| {
            secrets
                .iter()
                .fold(text, |text, secret| text.replace(secret, "[redacted]"))
        };
        self.with(|inner| {
            inner.detail = blot(std::mem::take(&mut inner.detail));
            let words = [
                &mut inner.server_message,
                &mut inner.server_code,
                &mut inner.json_path,
                &mut inner.item_id,
            ];
            for words in words {
                *words = words.take().map(blot);
            }
            inner.head = inner.head.take().map(|head| head.without(secrets));
            inner.body = inner.body.take().filter(|_| !is_body);
        })
    }
}
