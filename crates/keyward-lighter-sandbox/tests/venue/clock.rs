//! The clock that a test sets.

use keyward_lighter::{Clock as _, SystemClock, UnixMillis};
use keyward_lighter_sandbox::{ClockSetting, ClockSettingError, SandboxClock};

fn millis(millis: u64) -> UnixMillis {
    UnixMillis::new(millis).unwrap()
}

#[test]
fn setting_reads_what_it_prints() {
    for (text, setting) in [
        ("system", ClockSetting::SYSTEM),
        ("fixed:0", ClockSetting::Fixed(UnixMillis::EPOCH)),
        ("fixed:1795219200", ClockSetting::Fixed(millis(1_795_219_200_000))),
        ("offset:3600", ClockSetting::Offset { millis: 3_600_000 }),
        ("offset:-1", ClockSetting::Offset { millis: -1_000 }),
    ] {
        assert_eq!((text.parse(), setting.to_string()), (Ok(setting), text.to_owned()));
    }
}

#[test]
fn other_texts_set_no_clock() {
    for text in ["", "System", "fixed", "fixed:", "fixed:-1", "fixed:01", "offset:", "offset:1.5", "1795219200"] {
        assert_eq!(text.parse::<ClockSetting>(), Err(ClockSettingError), "{text}");
    }
    assert_eq!(format!("offset:{}", i64::MAX).parse::<ClockSetting>(), Err(ClockSettingError));
}

#[test]
fn fixed_clock_stands_still_until_it_is_moved() {
    let clock = SandboxClock::new(ClockSetting::Fixed(millis(1_500)));
    assert_eq!((clock.now_millis(), clock.now().as_secs()), (millis(1_500), 1));
    clock.advance_millis(700);
    assert_eq!((clock.now_millis(), clock.now().as_secs()), (millis(2_200), 2));
    clock.set(ClockSetting::Fixed(millis(5)));
    assert_eq!(clock.setting(), ClockSetting::Fixed(millis(5)));
    assert_eq!(clock.now_millis(), millis(5));
}

#[test]
fn running_clock_is_ahead_or_behind_by_its_offset() {
    let clock = SandboxClock::default();
    for offset in [0, 3_600_000, -3_600_000] {
        clock.set(ClockSetting::Offset { millis: offset });
        let before = SystemClock.now_millis().as_millis().saturating_add_signed(offset);
        let shown = clock.now_millis().as_millis();
        let after = SystemClock.now_millis().as_millis().saturating_add_signed(offset);
        assert!((before..=after).contains(&shown));
    }
    clock.advance_millis(3_600_000);
    assert_eq!(clock.setting(), ClockSetting::SYSTEM);
}

#[test]
fn clock_keeps_to_its_range() {
    let clock = SandboxClock::new(ClockSetting::Offset { millis: i64::MIN });
    assert_eq!(clock.now_millis(), UnixMillis::EPOCH);
    clock.set(ClockSetting::Offset { millis: i64::MAX });
    assert_eq!(clock.now_millis(), UnixMillis::MAX);
    clock.set(ClockSetting::Fixed(UnixMillis::MAX));
    clock.advance_millis(u64::MAX);
    assert_eq!(clock.now_millis(), UnixMillis::MAX);
}
