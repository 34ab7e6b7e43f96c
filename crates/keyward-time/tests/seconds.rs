//! Instants: range, arithmetic at its ends, and the one text form.

use keyward_time::{DecimalError, OutOfRange, UnixSeconds, parse_decimal};
use proptest::prelude::*;

const MAX: u64 = i64::MAX as u64;

fn at(secs: u64) -> UnixSeconds {
    UnixSeconds::new(secs).expect("in range")
}

#[test]
fn range_is_0_to_2_pow_63_minus_1() {
    assert_eq!(at(0), UnixSeconds::EPOCH);
    assert_eq!(at(MAX), UnixSeconds::MAX);
    for secs in [MAX + 1, u64::MAX] {
        let error = UnixSeconds::new(secs).unwrap_err();
        assert_eq!(error.max(), MAX);
        assert_eq!(UnixSeconds::try_from(secs), Err(error));
    }
    assert_eq!(u64::from(at(7)), 7);
}

#[test]
fn arithmetic_stops_at_the_ends() {
    assert_eq!(at(MAX - 1).checked_add_secs(1), Some(UnixSeconds::MAX));
    assert_eq!(UnixSeconds::MAX.checked_add_secs(0), Some(UnixSeconds::MAX));
    assert_eq!(UnixSeconds::MAX.checked_add_secs(1), None);
    assert_eq!(UnixSeconds::MAX.checked_add_secs(u64::MAX), None);
    assert_eq!(at(1).checked_sub_secs(1), Some(UnixSeconds::EPOCH));
    assert_eq!(at(1).checked_sub_secs(2), None);
    assert_eq!(UnixSeconds::MAX.saturating_add_secs(1), UnixSeconds::MAX);
    assert_eq!(at(1).saturating_add_secs(u64::MAX), UnixSeconds::MAX);
    assert_eq!(at(1).saturating_add_secs(1), at(2));
    assert_eq!(at(1).saturating_sub_secs(u64::MAX), UnixSeconds::EPOCH);
    assert_eq!(at(3).saturating_sub_secs(1), at(2));
    assert_eq!(UnixSeconds::MAX.checked_secs_since(UnixSeconds::EPOCH), Some(MAX));
    assert_eq!(at(5).checked_secs_since(at(5)), Some(0));
    assert_eq!(at(5).checked_secs_since(at(6)), None);
}

#[test]
fn non_canonical_text_is_refused() {
    let texts = [
        "",
        "00",
        "01",
        "+1",
        "-1",
        "-0",
        " 1",
        "1 ",
        "1\n",
        "1_0",
        "1.0",
        "1e3",
        "0x1",
        "१",
        "1a",
        "/",
        ":",
        // Too large, but not canonical either.
        "99999999999999999999999x",
        "099999999999999999999999",
    ];
    for text in texts {
        assert_eq!(text.parse::<UnixSeconds>(), Err(DecimalError::NotCanonical), "{text:?}");
    }
}

#[test]
fn text_above_the_range_is_refused() {
    let texts = ["9223372036854775808", "18446744073709551615", "18446744073709551616", "100000000000000000000"];
    for text in texts.iter().map(|text| (*text).to_owned()).chain(["9".repeat(10_000)]) {
        let Err(DecimalError::OutOfRange(error)) = text.parse::<UnixSeconds>() else {
            panic!("{text:?} is above the range");
        };
        assert_eq!(error.max(), MAX);
    }
}

#[test]
fn text_at_the_ends_of_the_range_is_read() {
    assert_eq!("0".parse(), Ok(UnixSeconds::EPOCH));
    assert_eq!("9223372036854775807".parse(), Ok(UnixSeconds::MAX));
    assert_eq!(parse_decimal(b"18446744073709551615", u64::MAX), Ok(u64::MAX));
    assert!(matches!(parse_decimal(b"18446744073709551616", u64::MAX), Err(DecimalError::OutOfRange(_))));
    assert_eq!(parse_decimal(b"0", 0), Ok(0));
    assert!(matches!(parse_decimal(b"1", 0), Err(DecimalError::OutOfRange(_))));
}

#[test]
fn errors_do_not_repeat_the_text() {
    assert_eq!("x17".parse::<UnixSeconds>().unwrap_err().to_string(), "not a canonical decimal number");
    let error = "9999999999999999999".parse::<UnixSeconds>().unwrap_err();
    assert_eq!(error.to_string(), "number above 9223372036854775807");
    assert_eq!(OutOfRange::check(256, 255).unwrap_err().to_string(), "number above 255");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn what_is_printed_is_read_back(secs in 0..=MAX) {
        prop_assert_eq!(at(secs).to_string().parse(), Ok(at(secs)));
        prop_assert_eq!(at(secs).to_string(), secs.to_string());
    }

    #[test]
    fn what_is_read_is_printed_back(text in "[0-9]{0,21}|[ +0-9-]{0,4}|\\PC{0,4}", max: u64) {
        let canonical = text.parse::<u128>().ok().filter(|value| value.to_string() == text);
        match parse_decimal(text.as_bytes(), max) {
            Ok(value) => {
                prop_assert_eq!(Some(u128::from(value)), canonical);
                prop_assert!(value <= max);
            }
            Err(DecimalError::OutOfRange(error)) => {
                prop_assert!(canonical.is_some_and(|value| value > u128::from(max)));
                prop_assert_eq!(error.max(), max);
            }
            Err(DecimalError::NotCanonical) => prop_assert_eq!(canonical, None),
        }
    }
}
