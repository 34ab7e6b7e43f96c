//! Amounts, read and printed.

use keyward_lighter_sandbox::{Collateral, CollateralError};

#[test]
fn amount_is_read_with_up_to_six_places_and_printed_with_six() {
    for (text, millionths, printed) in [
        ("0", 0, "0.000000"),
        ("1945.003244", 1_945_003_244, "1945.003244"),
        ("0.5", 500_000, "0.500000"),
        ("007", 7_000_000, "7.000000"),
        ("18446744073709.551615", u64::MAX, "18446744073709.551615"),
    ] {
        let amount: Collateral = text.parse().unwrap();
        assert_eq!((amount.as_millionths(), &*amount.to_string()), (millionths, printed));
        assert_eq!(amount, Collateral::from_millionths(millionths));
    }
}

#[test]
fn other_texts_are_refused() {
    for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "1.0000000", "1.5.5", " 1", "18446744073709.551616"] {
        assert_eq!(text.parse::<Collateral>(), Err(CollateralError), "{text}");
    }
}
