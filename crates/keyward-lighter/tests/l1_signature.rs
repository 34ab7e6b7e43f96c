//! The one form of an Ethereum signature.

use keyward_lighter::{L1Signature, L1SignatureError};

const ONE: &str = "0000000000000000000000000000000000000000000000000000000000000001";
const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const ORDER_LESS_1: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
const HALF: &str = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
const HALF_AND_1: &str = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1";

#[test]
fn v_has_two_values_and_two_more_texts() {
    for (text, v) in [("1b", 27), ("1c", 28), ("00", 27), ("01", 28)] {
        let signature: L1Signature = format!("0x{ONE}{HALF}{text}").parse().unwrap();
        assert_eq!(signature.as_bytes()[64], v);
        assert_eq!(signature.to_string(), format!("0x{ONE}{HALF}{v:x}"));
        assert_eq!(signature.to_string().parse(), Ok(signature));
        assert_eq!(L1Signature::from_bytes(signature.as_bytes()), Ok(signature));
    }
}

#[test]
fn digits_are_read_in_either_case() {
    let text = format!("0x{ORDER_LESS_1}{ONE}1b");
    let signature: L1Signature = text.parse().unwrap();
    assert_eq!(text.to_uppercase().replacen('X', "x", 1).parse(), Ok(signature));
    assert_eq!(signature.to_string(), text);
}

#[test]
fn numbers_out_of_range_are_refused() {
    for numbers in [
        // The signature's twin, which many a verifier takes too.
        [ONE, HALF_AND_1, "1b"],
        [ONE, ORDER_LESS_1, "1b"],
        [ONE, ORDER, "1b"],
        [ONE, ZERO, "1b"],
        [ZERO, ONE, "1b"],
        [ORDER, ONE, "1b"],
        [ONE, ONE, "02"],
        [ONE, ONE, "1a"],
        [ONE, ONE, "1d"],
        // 35 and 36 are those of transactions with a chain (EIP-155), not of messages.
        [ONE, ONE, "23"],
        [ONE, ONE, "ff"],
    ] {
        assert_eq!(format!("0x{}", numbers.concat()).parse::<L1Signature>(), Err(L1SignatureError), "{numbers:?}");
    }
}

#[test]
fn texts_of_another_form_are_refused() {
    let digits = format!("{ONE}{ONE}1b");
    for text in [
        String::new(),
        "0x".to_owned(),
        digits.clone(),
        format!("0X{digits}"),
        format!("0x{}", &digits[2..]),
        format!("0x{}", &digits[1..]),
        format!("0x{digits}0"),
        format!("0x{digits}00"),
        format!("0x{digits} "),
        format!("0x{}g", &digits[1..]),
        // The short form of EIP-2098.
        format!("0x{}", &digits[..128]),
    ] {
        assert_eq!(text.parse::<L1Signature>(), Err(L1SignatureError), "{text:?}");
    }
}
