//! Instants in milliseconds.

use keyward_time::{Clock, FixedClock, SystemClock, UnixMillis, UnixSeconds};

#[test]
fn above_the_range_is_refused() {
    assert_eq!(UnixMillis::new(u64::MAX >> 1), Ok(UnixMillis::MAX));
    assert!(UnixMillis::new(1 << 63).is_err());
    assert!(UnixMillis::try_from(u64::MAX).is_err());
    assert!("9223372036854775808".parse::<UnixMillis>().is_err());
}

#[test]
fn text_is_the_canonical_decimal() {
    let instant: UnixMillis = "1763683200999".parse().expect("a canonical decimal");
    assert_eq!(instant.as_millis(), 1_763_683_200_999);
    assert_eq!(instant.to_string(), "1763683200999");
    for text in ["", "-1", "+1", "01", " 1", "1.0", "1e3"] {
        assert!(text.parse::<UnixMillis>().is_err(), "{text:?}");
    }
}

#[test]
fn seconds_and_milliseconds_agree() {
    let second = UnixSeconds::new(1_763_683_200).expect("in range");
    let first = UnixMillis::from(second);
    assert_eq!(first.as_millis(), 1_763_683_200_000);
    assert_eq!(first.saturating_add_millis(999).to_seconds(), second);
    assert_eq!(first.saturating_sub_millis(1).to_seconds(), second.saturating_sub_secs(1));
    assert_eq!(UnixMillis::from(UnixSeconds::MAX), UnixMillis::MAX);
    assert_eq!(UnixMillis::from(UnixSeconds::new(u64::MAX / 1000).expect("in range")), UnixMillis::MAX);
}

#[test]
fn sums_and_differences_stay_in_range() {
    assert_eq!(UnixMillis::MAX.saturating_add_millis(1), UnixMillis::MAX);
    assert_eq!(UnixMillis::MAX.saturating_add_millis(u64::MAX), UnixMillis::MAX);
    assert_eq!(UnixMillis::EPOCH.saturating_sub_millis(1), UnixMillis::EPOCH);
    let later = UnixMillis::EPOCH.saturating_add_millis(7);
    assert_eq!(later.checked_millis_since(UnixMillis::EPOCH), Some(7));
    assert_eq!(UnixMillis::EPOCH.checked_millis_since(later), None);
}

#[test]
fn fixed_clock_shows_the_beginning_of_its_second() {
    let clock = FixedClock(UnixSeconds::new(5).expect("in range"));
    assert_eq!(clock.now_millis().as_millis(), 5000);
    assert_eq!(Clock::now_millis(&&clock), clock.now_millis());
}

#[test]
fn system_clock_shows_one_time_in_both_units() {
    let before = SystemClock.now();
    let between = SystemClock.now_millis().to_seconds();
    assert!(before <= between && between <= SystemClock.now().saturating_add_secs(1));
}
