//! Bytes: canonical little-endian words only, and a refusal that says where but not what.

use keyward_goldilocks::{Fp, Fp5};

const P: u64 = 0xFFFF_FFFF_0000_0001;

#[test]
fn canonical_words_are_accepted_up_to_the_last() {
    for word in [0, 1, 0xFFFF_FFFF, P - 1] {
        let element = Fp::from_bytes(&word.to_le_bytes()).expect("canonical");
        assert_eq!(element.to_u64(), word);
        assert_eq!(element.to_bytes(), word.to_le_bytes());
    }
}

#[test]
fn non_canonical_words_are_refused() {
    for word in [P, P + 1, u64::MAX - 1, u64::MAX] {
        let refusal = Fp::new(word).expect_err("non-canonical");
        assert_eq!(refusal.index(), 0);
        assert!(Fp::from_bytes(&word.to_le_bytes()).is_err());
    }
}

#[test]
fn the_first_non_canonical_coefficient_is_named() {
    for index in 0..5 {
        for word in [P, u64::MAX] {
            let mut words = [P - 1; 5];
            words[index..].fill(word);
            let bytes = words.map(u64::to_le_bytes).concat();
            let bytes: [u8; 40] = bytes.try_into().expect("40 bytes");
            let refusal = Fp5::from_bytes(&bytes).expect_err("non-canonical");
            assert_eq!(refusal.index(), index);
        }
    }
}

#[test]
fn a_refusal_does_not_echo_its_input() {
    let refusal = Fp::new(0xFFFF_FFFF_DEAD_BEEF).expect_err("non-canonical");
    for text in [refusal.to_string(), format!("{refusal:?}")] {
        let text = text.to_lowercase();
        assert!(!text.contains("dead") && !text.contains(&0xFFFF_FFFF_DEAD_BEEF_u64.to_string()));
    }
}

#[test]
fn coefficients_stand_lowest_first() {
    let coefficients = [1, 2, 3, 4, P - 1].map(Fp::from_u64_mod_order);
    let bytes = Fp5::from_coefficients(coefficients).to_bytes();
    assert_eq!(bytes[..9], [1, 0, 0, 0, 0, 0, 0, 0, 2]);
    assert_eq!(bytes[32..], [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
}
