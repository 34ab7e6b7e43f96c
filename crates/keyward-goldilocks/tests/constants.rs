//! The published constants of both fields, reached through public operations.

use keyward_goldilocks::{Fp, Fp5};
use serde_json::Value;

fn constants() -> Value {
    serde_json::from_str(include_str!("vectors/constants.json")).expect("JSON")
}

fn fp(value: &Value) -> Fp {
    let text = value.as_str().expect("a decimal string");
    Fp::new(text.parse().expect("a number")).expect("canonical")
}

fn array(value: &Value) -> Vec<Fp> {
    value.as_array().expect("an array").iter().map(fp).collect()
}

#[test]
fn two_adic_roots() {
    let field = &constants()["field"];
    assert_eq!(field["p"], Fp::MODULUS.to_string());
    assert_eq!(fp(&field["generator"]), Fp::GENERATOR);
    let root = Fp::GENERATOR.pow_vartime(0xFFFF_FFFF);
    assert_eq!(fp(&field["two_adic_root"]), root);
    let powers = array(&field["two_adic_root_powers"]);
    assert_eq!(powers.len(), 32);
    for (i, &power) in powers.iter().enumerate() {
        assert_eq!(root.pow_vartime(1 << i), power, "{i}");
    }
    assert_eq!(powers[31], -Fp::ONE);
}

#[test]
fn one_half() {
    let constants = constants();
    let half = Fp::ONE.double().invert();
    assert_eq!(fp(&constants["field"]["half"]), half);
    let half = Fp5::from(half).coefficients().to_vec();
    assert_eq!(array(&constants["fp5"]["half"]), half);
}

#[test]
fn fifth_roots_of_unity_drive_frobenius() {
    let fp5 = &constants()["fp5"];
    let theta = Fp::from_u64_mod_order(3).pow_vartime((Fp::MODULUS - 1) / 5);
    assert_eq!(fp(&fp5["theta"]), theta);
    let rows = fp5["frobenius"].as_array().expect("an array");
    assert_eq!(rows.len(), 5);
    for (k, row) in rows.iter().enumerate() {
        let image = Fp5::from_coefficients([Fp::ONE; 5]).frobenius(k);
        assert_eq!(image.coefficients().to_vec(), array(row), "{k}");
    }
}

#[test]
fn z_is_a_fifth_root_of_three_and_the_curve_coefficient_no_square() {
    let z = Fp5::from_coefficients([Fp::ZERO, Fp::ONE, Fp::ZERO, Fp::ZERO, Fp::ZERO]);
    let w = fp(&constants()["fp5"]["w"]);
    assert_eq!(z.square().square() * z, Fp5::from(w));
    // N(z) = 3 is a square, 263 is not: the curve needs b = 263z to be none.
    assert!(z.is_square_vartime());
    let b = z * Fp::from_u64_mod_order(263);
    assert!(!b.is_square_vartime());
    assert!(b.sqrt_vartime().is_none());
}
