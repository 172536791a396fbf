//! What is read of a list, and what must be true of it.

use std::collections::HashSet;

use cloudally::{Error, ErrorKind, ListRequest, Page};
use serde::Serialize;
use serde_json::Value;

/// What was read of a list.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) items: Vec<Value>,
    /// How many items were left out as repeated.
    pub(crate) duplicates: usize,
    pub(crate) pages: usize,
    pub(crate) error: Option<Error>,
}

impl Read {
    fn assert_no_item_twice(&self, case: &str) {
        let mut seen = HashSet::new();
        // Two items without an id may be the same, and then both are there.
        for item in self.items.iter().filter(|item| item["id"].is_string()) {
            assert!(seen.insert(item.to_string()), "{case}: twice: {item}");
        }
    }

    /// Fails unless all of these were read, and nothing but them and `more` of others.
    pub(crate) fn assert_complete(&self, expected: &[Value], more: usize, case: &str) {
        assert!(self.error.is_none(), "{case}: {:?}", self.error);
        self.assert_no_item_twice(case);
        let read: HashSet<_> = self.items.iter().map(known).collect();
        for item in expected {
            assert!(read.contains(&known(item)), "{case}: missing: {item}");
        }
        assert!(self.items.len() <= expected.len() + more, "{case}");
    }

    pub(crate) fn assert_incomplete(&self, told: &str, case: &str) {
        let error = self.error.as_ref();
        let error = error.unwrap_or_else(|| panic!("{case}: no error, {} items", self.items.len()));
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{case}: {error}");
        assert!(!error.is_retryable(), "{case}");
        assert!(error.to_string().contains(told), "{case}: {error}");
        assert!(error.to_string().contains("from the start"), "{error}");
        self.assert_no_item_twice(case);
    }
}

/// An item by what every one of its fields but nulls says, which is how it is written again.
fn known(item: &Value) -> String {
    fn without_nulls(value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let told = fields.iter().filter(|(_, value)| !value.is_null());
                told.map(|(name, value)| (name.clone(), without_nulls(value)))
                    .collect()
            }
            Value::Array(items) => items.iter().map(without_nulls).collect(),
            other => other.clone(),
        }
    }
    without_nulls(item).to_string()
}

pub(crate) async fn read<T: Serialize + Send + 'static>(list: ListRequest<T>) -> Read {
    let mut pages = list.pages();
    let (mut read, mut rounds) = (
        Read {
            items: Vec::new(),
            duplicates: 0,
            pages: 0,
            error: None,
        },
        0,
    );
    let mut is_complete = false;
    while let Some(page) = pages.next().await {
        rounds += 1;
        assert!(rounds < 50, "the list does not end");
        match page {
            Ok(Page {
                items,
                duplicates,
                is_complete: is_last,
                ..
            }) => {
                assert!(!is_complete, "a page follows the last one");
                is_complete = is_last;
                read.duplicates += duplicates;
                read.pages += 1;
                let items = items.iter().map(|item| serde_json::to_value(item).unwrap());
                read.items.extend(items);
            }
            Err(error) => read.error = Some(error),
        }
    }
    assert_eq!(is_complete, read.error.is_none(), "{:?}", read.error);
    assert_eq!(pages.is_complete(), is_complete);
    read
}
