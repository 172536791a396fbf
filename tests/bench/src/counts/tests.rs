//! What the gate lets pass, and what it does not.

use super::*;

fn pair(sdk: f64, by_hand: f64) -> Pair {
    Pair { sdk, by_hand }
}

#[test]
fn one_in_a_hundred_is_let_pass_and_more_is_not() {
    let baseline = pair(1000.0, 900.0);
    assert!(!pair(1010.0, 900.0).is_above(baseline, LEEWAY));
    assert!(pair(1011.0, 900.0).is_above(baseline, LEEWAY));
    assert!(pair(1011.0, 800.0).is_above(baseline, LEEWAY));
}

#[test]
fn what_moves_both_is_no_fault() {
    let baseline = pair(1000.0, 900.0);
    assert!(!pair(1110.0, 990.0).is_above(baseline, LEEWAY));
    assert!(pair(1120.0, 990.0).is_above(baseline, LEEWAY));
}

#[test]
fn of_nothing_there_may_not_be_one() {
    let baseline = pair(0.0, 0.0);
    assert!(!pair(0.0, 0.0).is_above(baseline, LEEWAY));
    assert!(pair(1.0, 0.0).is_above(baseline, LEEWAY));
}

#[test]
fn a_count_without_a_baseline_fails() {
    let compared = Compared {
        name: "new",
        now: pair(1.0, 1.0),
        baseline: None,
        leeway: LEEWAY,
    };
    assert!(compared.fails());
}
