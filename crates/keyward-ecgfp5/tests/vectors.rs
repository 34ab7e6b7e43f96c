//! The published constants: the generator's multiples, and reductions modulo the group's order.

use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::{Fp, Fp5};
use serde_json::Value;

fn constants() -> Value {
    serde_json::from_str(include_str!("vectors/constants.json")).expect("JSON")
}

fn fp5(value: &Value) -> Fp5 {
    let word = |value: &Value| {
        let text = value.as_str().expect("a decimal string");
        Fp::new(text.parse().expect("a number")).expect("canonical")
    };
    let words: Vec<Fp> = value.as_array().expect("an array").iter().map(word).collect();
    Fp5::from_coefficients(words.try_into().expect("five coefficients"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn small(integer: u64) -> Scalar {
    let mut bytes = [0; 40];
    bytes[..8].copy_from_slice(&integer.to_le_bytes());
    Scalar::from_bytes(&bytes).expect("small")
}

#[test]
fn multiples_of_the_generator() {
    let constants = constants();
    let multiples = constants["curve"]["multiples"].as_array().expect("an array");
    assert_eq!(multiples.len(), 16);
    let mut sum = Point::NEUTRAL;
    for (k, multiple) in (1..).zip(multiples) {
        assert_eq!(multiple["k"], k);
        sum = sum + Point::GENERATOR;
        let w = fp5(&multiple["w"]);
        assert_eq!(fp5(&multiple["u"]) * w, Fp5::ONE, "{k}");
        for point in [sum, Point::mul_generator(&small(k)), &Point::GENERATOR * &small(k)] {
            assert_eq!(point.encode(), w, "{k}");
            assert_eq!(multiple["bytes"], hex(&point.encode().to_bytes()), "{k}");
            assert!(Point::decode(&w).is_some_and(|decoded| decoded == point), "{k}");
        }
    }
}

#[test]
fn minus_one_and_one_half() {
    let curve = &constants()["curve"];
    let minus_g = Point::mul_generator(&-Scalar::ONE);
    assert_eq!(curve["minus_g"], hex(&minus_g.encode().to_bytes()));
    assert!(minus_g == -Point::GENERATOR);

    // (n + 1)/2 = n - (n - 1)/2, and n is odd.
    let mut half = Scalar::ORDER_BYTES;
    let mut carry = 0;
    for byte in half.iter_mut().rev() {
        (carry, *byte) = (*byte << 7, *byte >> 1 | carry);
    }
    let half = Scalar::from_bytes(&half).expect("below n") + Scalar::ONE;
    assert!(half + half == Scalar::ONE);
    let half_g = Point::mul_generator(&half);
    assert_eq!(curve["half_g"], hex(&half_g.encode().to_bytes()));
    assert!(half_g.double() == Point::GENERATOR);
}

#[test]
fn order() {
    let scalar = &constants()["scalar"];
    let limbs: Vec<String> =
        Scalar::ORDER_BYTES.as_chunks().0.iter().map(|chunk| format!("{:#018x}", u64::from_le_bytes(*chunk))).collect();
    assert_eq!(scalar["limbs"], serde_json::json!(limbs));
}

#[test]
fn challenge_reductions() {
    let constants = constants();
    let checks = constants["scalar"]["challenge_reduction_checks"].as_array().expect("an array");
    assert_eq!(checks.len(), 4);
    for check in checks {
        let scalar = Scalar::from_challenge(&fp5(&check["fp5"]));
        assert_eq!(check["scalar_bytes"], hex(&scalar.to_bytes()), "{}", check["fp5"]);
    }
}
