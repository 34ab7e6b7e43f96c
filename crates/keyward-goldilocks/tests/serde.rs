//! Serde: canonical values only, in both directions.

#![cfg(feature = "serde")]

use keyward_goldilocks::{Fp, Fp5};

#[test]
fn fp_is_a_canonical_number() {
    let largest = -Fp::ONE;
    let text = serde_json::to_string(&largest).expect("serializes");
    assert_eq!(text, "18446744069414584320");
    assert_eq!(serde_json::from_str::<Fp>(&text).expect("parses"), largest);
    for refused in ["18446744069414584321", "18446744073709551615", "-1", "1.5", "\"1\"", "null", "[1]"] {
        assert!(serde_json::from_str::<Fp>(refused).is_err(), "{refused}");
    }
}

#[test]
fn fp5_is_an_array_of_five_canonical_numbers() {
    let element = Fp5::from_coefficients([1, 2, 3, u64::MAX, Fp::MODULUS - 1].map(Fp::from_u64_mod_order));
    let text = serde_json::to_string(&element).expect("serializes");
    assert_eq!(text, "[1,2,3,4294967294,18446744069414584320]");
    assert_eq!(serde_json::from_str::<Fp5>(&text).expect("parses"), element);
    for refused in [
        "[1,2,3,4]",
        "[1,2,3,4,5,6]",
        "[18446744069414584321,0,0,0,0]",
        "[0,0,0,0,18446744069414584321]",
        "[0,0,0,0,-1]",
        "0",
        "null",
        "\"0\"",
    ] {
        assert!(serde_json::from_str::<Fp5>(refused).is_err(), "{refused}");
    }
}
