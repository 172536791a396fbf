//! Keeps a full outage from being answered with a flood: attempts beyond the first are paid from a bucket that calls fill.

use std::sync::atomic::{AtomicU32, Ordering};

/// What an attempt beyond the first costs, where a call pays in its percents.
const COST: u32 = 100;

/// How many attempts there may be beyond the first of each call.
///
/// ```
/// // Half as many again as there are calls, and 50 at first.
/// let budget = cloudally::RetryBudget::default().percent(50).spare(50);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryBudget {
    spare: u32,
    percent: u32,
}

impl Default for RetryBudget {
    /// A tenth of the calls, and 20 more.
    fn default() -> Self {
        Self {
            spare: 20,
            percent: 10,
        }
    }
}

impl RetryBudget {
    /// How many there may be at once, after a time without failures.
    #[must_use]
    pub fn spare(mut self, attempts: u32) -> Self {
        self.spare = attempts;
        self
    }

    /// How many there may be in the long run, in percent of the calls.
    #[must_use]
    pub fn percent(mut self, percent: u32) -> Self {
        self.percent = percent;
        self
    }
}

/// The bucket. All clones of a client share one.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicU32,
    full: u32,
    deposit: u32,
}

impl Budget {
    pub(crate) fn new(budget: RetryBudget) -> Self {
        let full = budget.spare.saturating_mul(COST);
        Self {
            left: AtomicU32::new(full),
            full,
            deposit: budget.percent,
        }
    }

    /// Pays in for a call.
    pub(crate) fn deposit(&self) {
        self.update(|left| Some(left.saturating_add(self.deposit).min(self.full)));
    }

    /// Pays for another attempt, if there is enough left.
    pub(crate) fn withdraw(&self) -> bool {
        self.update(|left| left.checked_sub(COST))
    }

    fn update(&self, change: impl FnMut(u32) -> Option<u32>) -> bool {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, change)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_of_ten_thousand_calls_costs_a_tenth_more_and_twenty() {
        let budget = Budget::new(RetryBudget::default());
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
        let budget = Budget::new(RetryBudget::default());
        (0..1_000).for_each(|_| budget.deposit());
        assert_eq!((0..100).filter(|_| budget.withdraw()).count(), 20);
    }

    #[test]
    fn it_can_be_closed_and_opened_wide() {
        let closed = Budget::new(RetryBudget::default().spare(0).percent(0));
        closed.deposit();
        assert!(!closed.withdraw());
        let wide = Budget::new(RetryBudget::default().spare(u32::MAX).percent(u32::MAX));
        wide.deposit();
        assert!((0..1_000).all(|_| wide.withdraw()));
    }
}
