//! Of 40 bytes, only canonical ones stand for an element, a scalar, a point or a key, and they come back unchanged.

#![cfg_attr(fuzzing, no_main)]

use keyward_ecgfp5::{Point, Scalar};
use keyward_fuzz::split;
use keyward_goldilocks::{Fp, Fp5};
use keyward_schnorr::{SigningKey, VerifyingKey};

fn property(data: &[u8]) {
    let (bytes, _) = split::<40>(data);
    element_and_point(&bytes);
    scalar(&bytes);
}

fn element_and_point(bytes: &[u8; 40]) {
    let words = bytes.chunks(8).map(|word| u64::from_le_bytes(word.try_into().expect("8 bytes")));
    let first_too_large = words.clone().position(|word| word >= Fp::MODULUS);
    let w = match Fp5::from_bytes(bytes) {
        Ok(w) => w,
        Err(error) => {
            assert_eq!(Some(error.index()), first_too_large);
            assert!(VerifyingKey::from_bytes(bytes).is_err());
            return;
        }
    };
    assert_eq!(first_too_large, None);
    assert_eq!(w.to_bytes(), *bytes);

    let point = Point::decode(&w);
    let is_neutral = w == Fp5::ZERO;
    assert_eq!(VerifyingKey::from_bytes(bytes).is_ok(), point.is_some() && !is_neutral);
    let Some(point) = point else { return };
    assert_eq!(point.encode(), w);
    assert_eq!(bool::from(point.is_neutral()), is_neutral);
    assert_eq!((point + -point).encode(), Fp5::ZERO);
    assert_eq!(point.double(), point + point);
    // The group has order n.
    let minus_one = -Scalar::ONE;
    assert_eq!(&point * &minus_one, -point);
}

fn scalar(bytes: &[u8; 40]) {
    // Little-endian integers compare as their bytes do from the last.
    let is_below_order = bytes.iter().rev().lt(Scalar::ORDER_BYTES.iter().rev());
    let reduced = Scalar::from_bytes_mod_order(bytes);
    match Scalar::from_bytes(bytes) {
        Some(scalar) => {
            assert!(is_below_order);
            assert_eq!(scalar, reduced);
            assert_eq!(scalar.to_bytes(), *bytes);
        }
        None => {
            assert!(!is_below_order);
            let bytes = reduced.to_bytes();
            assert_eq!(Scalar::from_bytes(&bytes), Some(reduced));
        }
    }
    assert_eq!(reduced + -reduced, Scalar::ZERO);
    assert_eq!(reduced * Scalar::ONE, reduced);

    let key = SigningKey::from_bytes(bytes);
    assert_eq!(key.is_ok(), is_below_order && *bytes != [0; 40]);
    if let Ok(key) = key {
        assert_eq!(*key.expose_secret(), *bytes);
        assert_eq!(key.verifying_key().to_bytes(), (&Point::GENERATOR * &reduced).encode().to_bytes());
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("decoding", property);
}
