//! Numbers of days, as a program gets them from its environment.

use keyward_lighter::{Days, DaysError};

#[test]
fn pythons_integer_syntax_is_read() {
    for (text, days) in [
        ("28", 28),
        (" 7 ", 7),
        ("\t1\n", 1),
        ("+5", 5),
        ("1_0", 10),
        ("007", 7),
        ("3650", 3650),
        ("0", 0),
        ("-0", 0),
        ("-1", 0),
        ("-100000000000000000000", 0),
    ] {
        assert_eq!(text.parse().map(Days::as_u16), Ok(days), "{text:?}");
    }
}

#[test]
fn other_texts_are_refused() {
    for (text, error) in [
        ("", DaysError::NotWhole),
        (" ", DaysError::NotWhole),
        ("-", DaysError::NotWhole),
        ("+-1", DaysError::NotWhole),
        ("- 1", DaysError::NotWhole),
        ("1 0", DaysError::NotWhole),
        ("_1", DaysError::NotWhole),
        ("1_", DaysError::NotWhole),
        ("1__0", DaysError::NotWhole),
        ("2.5", DaysError::NotWhole),
        ("1e3", DaysError::NotWhole),
        ("0x10", DaysError::NotWhole),
        ("abc", DaysError::NotWhole),
        ("1\0", DaysError::NotWhole),
        ("٣", DaysError::NotWhole),
        ("3651", DaysError::TooMany),
        ("65536", DaysError::TooMany),
        ("100000000000000000000", DaysError::TooMany),
    ] {
        assert_eq!(text.parse::<Days>(), Err(error), "{text:?}");
    }
    assert_eq!("9".repeat(1_000_000).parse::<Days>(), Err(DaysError::TooMany));
}

#[test]
fn numbers_are_bounded_like_texts() {
    assert_eq!(Days::new(3650), Ok(Days::MAX));
    assert_eq!(Days::new(3651), Err(DaysError::TooMany));
    assert_eq!(Days::new(i64::MAX), Err(DaysError::TooMany));
    assert!(Days::new(i64::MIN).unwrap().is_zero());
    assert_eq!(Days::DEFAULT.to_string(), "28");
}
