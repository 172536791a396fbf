//! Counts requests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug)]
pub(crate) struct Traffic {
    total: AtomicU64,
    by_operation: BTreeMap<&'static str, AtomicU64>,
}

impl Traffic {
    pub(crate) fn new(operations: impl Iterator<Item = &'static str>) -> Self {
        Self {
            total: AtomicU64::new(0),
            by_operation: operations.map(|id| (id, AtomicU64::new(0))).collect(),
        }
    }

    /// Counts a request, and returns how many there are so far.
    pub(crate) fn arrived(&self) -> u64 {
        self.total.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn reached(&self, operation: &str) {
        if let Some(count) = self.by_operation.get(operation) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    pub(crate) fn count(&self, operation: &str) -> u64 {
        self.by_operation
            .get(operation)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }
}
