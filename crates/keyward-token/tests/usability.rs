//! When a token can be used, second by second around each change, and at the ends of time.

use keyward_time::UnixSeconds;
use keyward_token::{AuthToken, ReadOnlyToken, Token, Usability};
use proptest::prelude::*;

const MAX: u64 = i64::MAX as u64;
const EIGHT_HOURS: u64 = 28_800;

fn at(secs: u64) -> UnixSeconds {
    UnixSeconds::new(secs).expect("in range")
}

/// `now < deadline <= now + 8 h`, in numbers that cannot overflow.
fn venue_takes(deadline: u64, now: u64) -> bool {
    let (deadline, now) = (i128::from(deadline), i128::from(now));
    now < deadline && deadline <= now + i128::from(EIGHT_HOURS)
}

/// The outcome is the venue's, and changes exactly when it says.
fn assert_outcome(deadline: u64, now: u64) {
    let usable_at = |now| Usability::of_deadline(at(deadline), now).is_usable();
    let outcome = Usability::of_deadline(at(deadline), at(now));
    assert_eq!(outcome.is_usable(), venue_takes(deadline, now), "deadline {deadline} at {now}");
    match outcome {
        Usability::Usable { until } => {
            assert!(at(now) < until && until == at(deadline));
            assert!(usable_at(until.saturating_sub_secs(1)) && !usable_at(until));
        }
        Usability::NotYet { from } => {
            assert!(at(now) < from && from < at(deadline));
            assert!(usable_at(from) && !usable_at(from.saturating_sub_secs(1)));
        }
        Usability::Expired { since } => {
            assert!(since <= at(now) && since == at(deadline));
            assert!(!usable_at(since));
        }
    }
}

#[test]
fn outcome_changes_at_8_hours_before_the_deadline_and_at_the_deadline() {
    let deadline = 1_763_712_000;
    let from = at(deadline - EIGHT_HOURS);
    let end = at(deadline);
    let outcome = |now| Usability::of_deadline(end, at(now));
    for now in [deadline - EIGHT_HOURS - 2, deadline - EIGHT_HOURS - 1] {
        assert_eq!(outcome(now), Usability::NotYet { from }, "{now}");
    }
    let first_seconds = deadline - EIGHT_HOURS..deadline - EIGHT_HOURS + 3;
    for now in first_seconds.chain([deadline - 2, deadline - 1]) {
        assert_eq!(outcome(now), Usability::Usable { until: end }, "{now}");
    }
    for now in [deadline, deadline + 1, deadline + 2, MAX] {
        assert_eq!(outcome(now), Usability::Expired { since: end }, "{now}");
    }
}

#[test]
fn outcome_is_right_around_every_change_and_at_the_ends_of_time() {
    let around = |secs: u64| secs.saturating_sub(2)..=secs.saturating_add(2).min(MAX);
    for deadline in [0, EIGHT_HOURS, 1_763_712_000, MAX - EIGHT_HOURS, MAX].into_iter().flat_map(around) {
        let changes = [0, deadline.saturating_sub(EIGHT_HOURS), deadline, deadline.saturating_add(EIGHT_HOURS), MAX];
        for now in changes.into_iter().filter(|now| *now <= MAX).flat_map(around) {
            assert_outcome(deadline, now);
        }
    }
}

#[test]
fn token_has_the_outcome_of_its_deadline() {
    let text = format!("1763712000:5:253:{}", "0".repeat(160));
    let token = AuthToken::parse(&text).expect("canonical");
    for now in [1_763_683_199, 1_763_683_200, 1_763_711_999, 1_763_712_000].map(at) {
        assert_eq!(token.usability(now), Usability::of_deadline(token.deadline(), now));
        assert_eq!(Token::Auth(token).usability(now), token.usability(now));
    }
}

#[test]
fn read_only_token_is_usable_until_its_expiry() {
    let expiry = at(1_795_248_000);
    let text = format!("ro:5:all:{expiry}:{}", "0".repeat(64));
    let token = ReadOnlyToken::parse(&text).expect("canonical");
    for now in [0, 1, 1_795_247_998, 1_795_247_999].map(at) {
        assert_eq!(token.usability(now), Usability::Usable { until: expiry });
        assert_eq!(Token::ReadOnly(token).usability(now), token.usability(now));
    }
    for now in [1_795_248_000, 1_795_248_001, MAX].map(at) {
        assert_eq!(token.usability(now), Usability::Expired { since: expiry });
    }
    assert_eq!(Usability::of_expiry(at(0), at(0)), Usability::Expired { since: at(0) });
    assert_eq!(Usability::of_expiry(at(MAX), at(MAX)), Usability::Expired { since: at(MAX) });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn outcome_is_the_venues(deadline in 0..=MAX, ahead in -40_000..=40_000_i64, now in 0..=MAX) {
        assert_outcome(deadline, now);
        if let Some(near) = deadline.checked_add_signed(ahead).filter(|near| *near <= MAX) {
            assert_outcome(deadline, near);
        }
    }
}
