//! The retry budget: a token bucket that calls fill and retries empty, so that a full outage is not
//! met with a multiple of the usual load.

use std::sync::atomic::{AtomicU32, Ordering};

/// What a retry costs. A call pays in as much as the percentage of the budget.
const COST: u32 = 100;

/// How many retries a client makes over all its calls.
///
/// A retry policy limits the attempts of one call; during an outage that alone would triple the
/// load. The budget limits retries to a percentage of the calls, and a burst after a time without
/// failures.
///
/// # Examples
///
/// ```
/// // One retry for every two calls, and 50 at once after a quiet time.
/// let budget = cloudally::RetryBudget::default().percent(50).burst(50);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryBudget {
    burst: u32,
    percent: u32,
}

impl Default for RetryBudget {
    /// One retry for every ten calls, and a burst of 20.
    fn default() -> Self {
        Self {
            burst: 20,
            percent: 10,
        }
    }
}

impl RetryBudget {
    /// Sets how many retries there can be at once after a time without failures. 0 leaves none.
    #[must_use]
    pub fn burst(mut self, attempts: u32) -> Self {
        self.burst = attempts;
        self
    }

    /// Sets how many retries there can be in the long run, in percent of the calls.
    #[must_use]
    pub fn percent(mut self, percent: u32) -> Self {
        self.percent = percent;
        self
    }
}

/// The bucket, which all clones of a client share.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicU32,
    full: u32,
    deposit: u32,
}

impl Budget {
    pub(crate) fn new(budget: RetryBudget) -> Self {
        let full = budget.burst.saturating_mul(COST);
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

    /// Pays for a retry, and returns whether there was enough left.
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
    fn it_can_be_empty_and_unlimited() {
        let closed = Budget::new(RetryBudget::default().burst(0).percent(0));
        closed.deposit();
        assert!(!closed.withdraw());
        let wide = Budget::new(RetryBudget::default().burst(u32::MAX).percent(u32::MAX));
        wide.deposit();
        assert!((0..1_000).all(|_| wide.withdraw()));
    }
}
