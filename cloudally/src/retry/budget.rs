//! Keeps a full outage from being answered with a flood: attempts beyond the first are paid from a bucket that calls fill.

use std::sync::atomic::{AtomicU32, Ordering};

/// What a call pays in, and an attempt beyond the first costs: in all, calls are tried at most 1.1 times each, and 20 times
/// more.
const DEPOSIT: u32 = 1;
const COST: u32 = 10;
const FULL: u32 = 20 * COST;

/// The bucket. All clones of a client share one.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(AtomicU32::new(FULL))
    }

    /// Pays in for a call.
    pub(crate) fn deposit(&self) {
        self.update(|left| Some((left + DEPOSIT).min(FULL)));
    }

    /// Pays for another attempt, if there is enough left.
    pub(crate) fn withdraw(&self) -> bool {
        self.update(|left| left.checked_sub(COST))
    }

    fn update(&self, change: impl FnMut(u32) -> Option<u32>) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, change)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_of_ten_thousand_calls_costs_a_tenth_more_and_twenty() {
        let budget = Budget::new();
        let mut attempts = 0;
        for _ in 0..10_000 {
            budget.deposit();
            attempts += 1;
            for _ in 0..2 {
                attempts += u32::from(budget.withdraw());
            }
        }
        assert!(attempts <= 11_020, "{attempts}");
        assert!(attempts >= 11_000, "{attempts}");
    }

    #[test]
    fn it_does_not_fill_beyond_its_size() {
        let budget = Budget::new();
        (0..1_000).for_each(|_| budget.deposit());
        assert_eq!((0..100).filter(|_| budget.withdraw()).count(), 20);
    }
}
