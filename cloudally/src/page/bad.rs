//! Items that cannot be read, apart from those that can.

use std::fmt;
use std::sync::Arc;

use cloudally_gen::page::Page as RawPage;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::read::item_id;

/// An item of a list that could not be read; see [`List::skip_bad_items`](crate::List::skip_bad_items). `Debug` shows no
/// value, `Display` the one that was met.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct BadItem {
    /// Where on its page the trouble is, such as `data[3].size`.
    pub path: String,
    /// The id of the item, if it has one that can be read.
    pub id: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// The item as it came.
    pub value: Value,
    /// Which item of the page it is.
    pub(super) position: u64,
}

impl fmt::Display for BadItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.path)?;
        if let Some(id) = &self.id {
            write!(f, ", in the item {id}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl fmt::Debug for BadItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadItem")
            .field("path", &self.path)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What becomes of bad items: they are told, and the others are read.
pub(super) struct Skip<T> {
    read: fn(&[u8]) -> Option<Sorted<T>>,
    report: Arc<dyn Fn(&BadItem) + Send + Sync>,
}

/// A page without the items that could not be read, and those.
pub(super) type Sorted<T> = (RawPage<T>, Vec<BadItem>);

impl<T> Skip<T> {
    pub(super) fn new(report: Arc<dyn Fn(&BadItem) + Send + Sync>) -> Self
    where
        T: DeserializeOwned,
    {
        Self {
            read: sort::<T>,
            report,
        }
    }

    /// The body of a page, item by item; none if not even the page can be read.
    pub(super) fn read(&self, body: &[u8]) -> Option<Sorted<T>> {
        (self.read)(body)
    }

    pub(super) fn report(&self, bad: &[BadItem]) {
        bad.iter().for_each(|item| (self.report)(item));
    }
}

impl<T> Clone for Skip<T> {
    fn clone(&self) -> Self {
        Self {
            read: self.read,
            report: Arc::clone(&self.report),
        }
    }
}

fn sort<T: DeserializeOwned>(body: &[u8]) -> Option<Sorted<T>> {
    let mut raw: RawPage<Value> = serde_json::from_slice(body).ok()?;
    let is_bare = body.trim_ascii_start().starts_with(b"[");
    let name = if is_bare { "" } else { "data" };
    let (mut items, mut bad) = (Vec::new(), Vec::new());
    for (position, value) in (0..).zip(raw.data.take()?) {
        match serde_path_to_error::deserialize(&value) {
            Ok(item) => items.push(item),
            Err(error) => bad.push(BadItem {
                path: within(format!("{name}[{position}]"), error.path()),
                id: item_id(&value),
                reason: error.into_inner().to_string(),
                value,
                position,
            }),
        }
    }
    Some((raw.with_data(items), bad))
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
    fn good_items_are_read_and_bad_ones_told_apart() {
        let body = br#"{"total": 4, "data": [{"id": "T-1"}, null, {"id": "T-3", "progress": {"current": "x"}}, {"id": 4}]}"#;
        let (page, bad) = sort::<Task>(body).unwrap();
        let ids: Vec<_> = page
            .data
            .iter()
            .flatten()
            .map(|task| task.id.clone())
            .collect();
        assert_eq!(ids, [Some("T-1".into()), Some("4".into())]);
        assert_eq!(page.total, Some(4));
        let told: Vec<_> = bad
            .iter()
            .map(|bad| (bad.path.as_str(), bad.id.as_deref(), bad.position))
            .collect();
        assert_eq!(
            told,
            [
                ("data[1]", None, 1),
                ("data[2].progress.current", Some("T-3"), 2)
            ]
        );
        assert!(bad[1].to_string().contains("in the item T-3"));
        assert!(!format!("{bad:?}").contains("current\":"), "{bad:?}");

        let (page, bad) = sort::<Task>(b" [7, {}]").unwrap();
        assert_eq!(
            (page.data.map(|data| data.len()), bad[0].path.as_str()),
            (Some(1), "[0]")
        );
        assert!(sort::<Task>(b"{\"data\": 7}").is_none());
        assert!(sort::<Task>(b"{}").is_none());
    }
}
