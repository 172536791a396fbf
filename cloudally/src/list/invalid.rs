//! Items that cannot be decoded, beside those that can.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use cloudally_gen::json;
use cloudally_gen::page::Page as RawPage;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::attempt::{MAX_ERROR_BODY, item_id};

/// Half of a surrogate pair, which no text can have.
const ESCAPE: &[u8] = br"\ud800";
/// How many bytes a page may grow by its escapes.
const MAX_ESCAPES: usize = 1 << 20;

/// A list item that could not be decoded; see
/// [`ListRequest::skip_invalid_items`](crate::ListRequest::skip_invalid_items).
///
/// `Debug` shows no value of the item; `Display` shows the one that could not be decoded.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct InvalidItem {
    /// The JSON path of the field on its page, such as `data[3].size`.
    pub path: String,
    /// The id of the item, if it has one that can be read.
    pub id: Option<String>,
    /// What is wrong with the field.
    pub reason: String,
    /// The item as the service sent it, or up to 64 KiB of its JSON as a text if it cannot be read at
    /// all: a text in it has half of a surrogate pair, say.
    pub value: Value,
    /// The index of the item on its page.
    pub(super) position: u64,
}

impl fmt::Display for InvalidItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.path)?;
        if let Some(id) = &self.id {
            write!(f, " of the item {id}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl fmt::Debug for InvalidItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvalidItem")
            .field("path", &self.path)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Reports invalid items, and decodes the others.
pub(super) struct SkipInvalid<T> {
    decode: fn(&[u8]) -> Option<Separated<T>>,
    report: Arc<dyn Fn(&InvalidItem) + Send + Sync>,
}

/// A page with its valid items, and the invalid ones.
pub(super) type Separated<T> = (RawPage<T>, Vec<InvalidItem>);

impl<T> SkipInvalid<T> {
    pub(super) fn new(report: Arc<dyn Fn(&InvalidItem) + Send + Sync>) -> Self
    where
        T: DeserializeOwned,
    {
        Self {
            decode: separate::<T>,
            report,
        }
    }

    /// Decodes a page item by item. Returns `None` if not even its envelope can be decoded.
    pub(super) fn decode(&self, body: &[u8]) -> Option<Separated<T>> {
        (self.decode)(body)
    }

    pub(super) fn report(&self, invalid: &[InvalidItem]) {
        invalid.iter().for_each(|item| (self.report)(item));
    }
}

impl<T> Clone for SkipInvalid<T> {
    fn clone(&self) -> Self {
        Self {
            decode: self.decode,
            report: Arc::clone(&self.report),
        }
    }
}

fn separate<T: DeserializeOwned>(body: &[u8]) -> Option<Separated<T>> {
    let body = escape_invalid_utf8(json::normalized(body))?;
    // Items are split as they are, because one of them may have a text that is none.
    let mut raw: RawPage<&RawValue> = serde_json::from_slice(&body).ok()?;
    let is_bare = body.trim_ascii_start().starts_with(b"[");
    let name = if is_bare { "" } else { "data" };
    let (mut items, mut invalid) = (Vec::new(), Vec::new());
    for (position, item) in (0..).zip(raw.data.take()?) {
        let mut deserializer = serde_json::Deserializer::from_str(item.get());
        match serde_path_to_error::deserialize(&mut deserializer) {
            Ok(item) => items.push(item),
            Err(error) => {
                invalid.push(InvalidItem {
                    path: within(format!("{name}[{position}]"), error.path()),
                    id: item_id(item.get()),
                    reason: error.into_inner().to_string(),
                    value: value_of(item.get()),
                    position,
                });
            }
        }
    }
    Some((raw.with_data(items), invalid))
}

/// Writes bytes that are not UTF-8 as an escape that no text can have. Their item is then invalid,
/// and the others are not. Returns `None` for a body that is hardly text.
fn escape_invalid_utf8(body: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    if std::str::from_utf8(&body).is_ok() {
        return Some(body);
    }
    let longest = body.len().saturating_add(MAX_ESCAPES);
    let mut escaped = Vec::with_capacity(longest);
    for chunk in body.utf8_chunks() {
        escaped.extend_from_slice(chunk.valid().as_bytes());
        // One escape is enough for all bytes in a row.
        if !chunk.invalid().is_empty() && !escaped.ends_with(ESCAPE) {
            escaped.extend_from_slice(ESCAPE);
        }
        if escaped.len() > longest {
            return None;
        }
    }
    Some(escaped.into())
}

/// The item as a value, or its JSON as a text, of which the start is kept.
fn value_of(item: &str) -> Value {
    serde_json::from_str(item).unwrap_or_else(|_| {
        let ends = (0..=MAX_ERROR_BODY.min(item.len())).rev();
        let end = ends.into_iter().find(|end| item.is_char_boundary(*end));
        item[..end.unwrap_or_default()].into()
    })
}

fn within(item: String, path: &serde_path_to_error::Path) -> String {
    match path.to_string() {
        path if path == "." => item,
        path if path.starts_with('[') => item + &path,
        path => format!("{item}.{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudally_gen::types::Task;

    #[test]
    fn valid_items_are_decoded_and_invalid_ones_reported() {
        let body = br#"{"total": 4, "data": [{"id": "T-1"}, null, {"id": "T-3", "progress": {"current": "x"}}, {"id": 4}]}"#;
        let (page, invalid) = separate::<Task>(body).unwrap();
        let ids: Vec<_> = page
            .data
            .iter()
            .flatten()
            .map(|task| task.id.clone())
            .collect();
        assert_eq!(ids, [Some("T-1".into()), Some("4".into())]);
        assert_eq!(page.total, Some(4));
        let reported: Vec<_> = invalid
            .iter()
            .map(|item| (item.path.as_str(), item.id.as_deref(), item.position))
            .collect();
        assert_eq!(
            reported,
            [
                ("data[1]", None, 1),
                ("data[2].progress.current", Some("T-3"), 2)
            ]
        );
        assert!(invalid[1].to_string().contains("of the item T-3"));
        assert!(
            !format!("{invalid:?}").contains("current\":"),
            "{invalid:?}"
        );

        let (page, invalid) = separate::<Task>(b" [7, {}]").unwrap();
        assert_eq!(
            (page.data.map(|data| data.len()), invalid[0].path.as_str()),
            (Some(1), "[0]")
        );
        assert!(separate::<Task>(b"{\"data\": 7}").is_none());
        assert!(separate::<Task>(b"{}").is_none());
    }
}
