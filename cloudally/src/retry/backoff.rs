//! How long to wait between attempts: full jitter, so that many clients do not come back at once.

use std::time::Duration;

/// The wait after the given attempt (from 1): a share of `base * 2^(attempt - 1)`, at most `cap`. `share` is random, from
/// 0 to 1.
pub(crate) fn full_jitter(base: Duration, cap: Duration, attempt: u32, share: f64) -> Duration {
    let exponent = attempt.saturating_sub(1).min(31);
    let ceiling = base.saturating_mul(1_u32 << exponent).min(cap);
    ceiling.mul_f64(share.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let base = Duration::from_millis(200);
        let cap = Duration::from_secs(20);
        for (attempt, share, expected) in [
            (1, 1.0, 200),
            (2, 1.0, 400),
            (3, 0.5, 400),
            (7, 1.0, 12_800),
            (8, 1.0, 20_000),
            (u32::MAX, 1.0, 20_000),
            (1, 0.0, 0),
        ] {
            let wait = full_jitter(base, cap, attempt, share);
            assert_eq!(wait, Duration::from_millis(expected), "attempt {attempt}");
        }
    }
}
