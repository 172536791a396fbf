//! The deadline of a whole list.

use std::time::Duration;

use cloudally_gen::operation::Operation;

use super::cursor::Position;
use crate::error::{Error, ErrorKind};

/// How long a whole list can take, however many calls that is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    limit: Duration,
    /// When the time began, on the monotonic clock.
    began: Option<Duration>,
}

impl Deadline {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, began: None }
    }

    /// Lets the time begin, unless it has.
    pub(super) fn begin(&mut self, now: Duration) {
        self.began.get_or_insert(now);
    }

    /// What is left of the time. All of it is before it begins.
    pub(super) fn remaining(&self, now: Duration) -> Duration {
        let elapsed = now.saturating_sub(self.began.unwrap_or(now));
        self.limit.saturating_sub(elapsed)
    }

    /// The error of a list that was read up to a position, with the failure that used up the time.
    pub(super) fn error(
        &self,
        operation: &Operation<'_>,
        at: &Position,
        failure: Option<Error>,
    ) -> Error {
        let counts = at.counts();
        let detail = format!(
            "the deadline of the list, {:?}, passed after {} items were received; allow more time, or resume the list from the cursor of a stream",
            self.limit, counts.received
        );
        let error = Error::new(ErrorKind::Timeout, detail)
            .with_operation(operation.id)
            .with_counts(counts);
        match failure {
            // A call that had no more time than the list has nothing to add.
            Some(failure) if failure.kind() != ErrorKind::Timeout || failure.status().is_some() => {
                error.with_cause(failure)
            }
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_begins_once_and_never_overflows() {
        let second = Duration::from_secs(1);
        let mut deadline = Deadline::new(3 * second);
        assert_eq!(deadline.remaining(9 * second), 3 * second);
        deadline.begin(10 * second);
        deadline.begin(12 * second);
        for (now, left) in [(10, 3), (12, 1), (13, 0), (99, 0), (9, 3)] {
            assert_eq!(deadline.remaining(now * second), left * second, "{now}");
        }
        let mut endless = Deadline::new(Duration::MAX);
        endless.begin(10 * second);
        assert_eq!(endless.remaining(11 * second), Duration::MAX - second);
        assert_eq!(endless.remaining(Duration::MAX), 10 * second);
    }
}
