//! Clocks are handed in, by value, by reference or as an object.

use keyward_time::{Clock, FixedClock, UnixSeconds};

#[test]
fn fixed_clock_shows_its_time_however_it_is_handed_in() {
    let noon = UnixSeconds::new(1_763_726_400).expect("in range");
    fn read<C: Clock>(clock: C) -> UnixSeconds {
        clock.now()
    }
    let clock = FixedClock(noon);
    let object: &dyn Clock = &clock;
    assert_eq!(read(clock), noon);
    assert_eq!(read::<&FixedClock>(&clock), noon);
    assert_eq!(read::<&dyn Clock>(object), noon);
}

#[cfg(feature = "std")]
#[test]
fn system_clock_agrees_with_the_system() {
    use std::time::{SystemTime, UNIX_EPOCH};

    let system = || SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let before = system();
    let now = keyward_time::SystemClock.now().as_secs();
    assert!((before..=system()).contains(&now));
}
