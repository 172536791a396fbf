//! Removes secrets from errors.

use super::{Error, Inner};
use crate::secrets::Secrets;

impl Error {
    /// Replaces each of these secrets wherever the service repeated it, and drops a body that holds
    /// one.
    pub(crate) fn redacted(self, secrets: &Secrets<'_>) -> Self {
        let inner = &self.0;
        let is_in_texts = inner.texts().any(|text| secrets.are_in(text));
        let body = inner.body.as_deref();
        let is_in_body = is_in_texts || body.is_some_and(|body| secrets.are_in_bytes(body));
        let parts = inner.parts.as_ref();
        let is_in_parts = parts.is_some_and(|parts| parts.holds(secrets));
        let cause = inner.cause.as_ref();
        let is_in_cause = cause.is_some_and(|cause| secrets.are_in(&cause.chain()));
        if !is_in_body && !is_in_parts && !is_in_cause && !secrets.are_in(&inner.detail) {
            return self;
        }
        self.with(|inner| {
            inner.detail = secrets.redact(&inner.detail);
            for text in inner.texts_mut() {
                *text = text.as_deref().map(|text| secrets.redact(text));
            }
            inner.parts = inner.parts.take().map(|parts| parts.redacted(secrets));
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
