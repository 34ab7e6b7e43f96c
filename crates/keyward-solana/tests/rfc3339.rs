//! Instants as RFC 3339 writes them.

use keyward_solana::{Rfc3339, Rfc3339Error};
use keyward_time::UnixMillis;
use proptest::prelude::*;

fn millis(text: &str) -> Result<u64, Rfc3339Error> {
    text.parse::<Rfc3339>().map(|time| time.instant().as_millis())
}

#[test]
fn instants_are_read_and_print_back() {
    let cases = [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000Z", 0),
        ("1970-01-01T00:00:00.0019Z", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:30:00-00:30", 0),
        ("2000-02-29T23:59:59.999999999Z", 951_868_799_999),
        ("2025-11-21T06:00:00.123Z", 1_763_704_800_123),
        ("2025-11-21T06:00:00-00:00", 1_763_704_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ];
    for (text, expected) in cases {
        let time: Rfc3339 = text.parse().expect(text);
        assert_eq!(time.instant().as_millis(), expected, "{text}");
        assert_eq!(time.to_string(), text);
        assert_eq!(format!("{time:?}"), format!("Rfc3339({text})"));
    }
}

#[test]
fn other_texts_are_refused() {
    let texts = [
        "",
        "2025",
        "2025-11-21",
        "2025-11-21T06:00Z",
        "2025-11-21T06:00:00",
        "2025-11-21 06:00:00Z",
        "2025-11-21t06:00:00Z",
        "2025-11-21T06:00:00z",
        "2025-11-21T06:00:00.Z",
        "2025-11-21T06:00:00.1234567890Z",
        "2025-11-21T06:00:00,5Z",
        "2025-11-21T06:00:00+0100",
        "2025-11-21T06:00:00+01",
        "2025-11-21T06:00:00+24:00",
        "2025-11-21T06:00:00+01:60",
        "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z",
        "2025-00-01T00:00:00Z",
        "2025-01-00T00:00:00Z",
        "2025-11-21T24:00:00Z",
        "2025-11-21T06:60:00Z",
        "2016-12-31T23:59:60Z",
        "1969-12-31T23:59:59Z",
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00+00:01",
        "0000-01-01T00:00:00Z",
        " 2025-11-21T06:00:00Z",
        "2025-11-21T06:00:00Z ",
        "2025-11-21T06:00:00ZZ",
        "+2025-11-21T06:00:00Z",
        "٢٠٢٥-11-21T06:00:00Z",
        "2025-11-21T06:00:00\u{2212}01:00",
    ];
    for text in texts {
        assert_eq!(millis(text), Err(Rfc3339Error), "{text:?}");
    }
}

#[test]
fn after_9999_there_is_no_text() {
    let last = UnixMillis::new(253_402_300_799_999).expect("an instant");
    assert_eq!(Rfc3339::try_from(last).expect("in 9999").to_string(), "9999-12-31T23:59:59.999Z");
    assert_eq!(Rfc3339::try_from(last.saturating_add_millis(1)), Err(Rfc3339Error));
    assert_eq!(Rfc3339::try_from(UnixMillis::MAX), Err(Rfc3339Error));
}

proptest! {
    #[test]
    fn milliseconds_read_back(millis in 0..=253_402_300_799_999_u64) {
        let time = Rfc3339::try_from(UnixMillis::new(millis).expect("an instant")).expect("before 10000");
        prop_assert_eq!(time.instant().as_millis(), millis);
        prop_assert_eq!(time.to_string().parse(), Ok(time));
    }

    #[test]
    fn no_text_is_too_strange(text in prop_oneof![
        any::<String>(),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,12})?(Z|[+-][0-9]{2}:[0-9]{2})?",
    ]) {
        if let Ok(time) = text.parse::<Rfc3339>() {
            prop_assert_eq!(time.to_string(), text);
        }
    }
}
