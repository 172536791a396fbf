//! Exponential backoff with full jitter, so that many clients do not return at once.

use std::time::Duration;

/// The delay after the given attempt, counted from 1: the fraction `jitter`, from 0 to 1, of
/// `base * 2^(attempt - 1)` or of `cap`, whichever is less.
pub(crate) fn full_jitter(base: Duration, cap: Duration, attempt: u32, jitter: f64) -> Duration {
    let exponent = attempt.saturating_sub(1).min(31);
    let ceiling = base.saturating_mul(1_u32 << exponent).min(cap);
    ceiling.mul_f64(jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let base = Duration::from_millis(200);
        let cap = Duration::from_secs(20);
        for (attempt, jitter, expected) in [
            (1, 1.0, 200),
            (2, 1.0, 400),
            (3, 0.5, 400),
            (7, 1.0, 12_800),
            (8, 1.0, 20_000),
            (u32::MAX, 1.0, 20_000),
            (1, 0.0, 0),
        ] {
            let delay = full_jitter(base, cap, attempt, jitter);
            assert_eq!(delay, Duration::from_millis(expected), "attempt {attempt}");
        }
    }
}
