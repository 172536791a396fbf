//! Measures against the clock: pairs of runs that take turns, so that both meet the same noise.

use crate::programs::{Programs, Task};
use crate::work::{Contender, Outcome};

/// How two programs compare: the ratio of their times over pairs of runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The one in the middle.
    pub median: f64,
    /// The lowest and the highest of the middle half.
    pub quartiles: (f64, f64),
}

/// Runs two kinds of work in turn, and compares the seconds that they tell: the first to the
/// second.
///
/// # Errors
/// If a run fails.
pub fn compare(
    programs: &Programs,
    (one, other): (Task<'_>, Task<'_>),
    count: u32,
    pairs: usize,
) -> Outcome<Ratio> {
    let mut ratios = Vec::with_capacity(pairs);
    for pair in 0..pairs {
        let seconds = |task| -> Outcome<f64> { Ok(programs.run(task, count)?.parse()?) };
        // Which goes first takes turns, too.
        let (first, second) = if pair % 2 == 0 {
            let first = seconds(one)?;
            (first, seconds(other)?)
        } else {
            let second = seconds(other)?;
            (seconds(one)?, second)
        };
        ratios.push(first / second);
    }
    Ok(Ratio::of(ratios))
}

/// The SDK against the same by hand.
///
/// # Errors
/// If a run fails.
pub fn to_by_hand(programs: &Programs, work: &str, count: u32, pairs: usize) -> Outcome<Ratio> {
    let task = |contender| Task {
        work,
        contender,
        way: "plain",
    };
    let both = (task(Contender::Sdk), task(Contender::ByHand));
    compare(programs, both, count, pairs)
}

impl Ratio {
    fn of(mut ratios: Vec<f64>) -> Self {
        ratios.sort_by(f64::total_cmp);
        let at = |part: usize| {
            ratios
                .get(ratios.len() * part / 4)
                .copied()
                .unwrap_or(f64::NAN)
        };
        Self {
            median: at(2),
            quartiles: (at(1), at(3)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_that_was_held_up_changes_nothing() {
        let ratio = Ratio::of(vec![1.0, 1.1, 0.9, 50.0, 1.0]);
        assert_eq!(ratio.median, 1.0);
        assert_eq!(ratio.quartiles, (1.0, 1.1));
    }
}
