//! Addresses as bytes and as text.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use ed25519_dalek::VerifyingKey;
use keyward_solana::{Address, AddressError};
use proptest::prelude::*;

const TEXT: &str = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z";

/// The modulus 2^255 - 19, little-endian.
const MODULUS: [u8; 32] = {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed;
    bytes[31] = 0x7f;
    bytes
};

#[test]
fn text_and_bytes_are_one_to_one() {
    let address: Address = TEXT.parse().expect("an address");
    assert_eq!(address.to_string(), TEXT);
    assert_eq!(Address::from_bytes(address.as_bytes()), Ok(address));
    assert_eq!(format!("{address:?}"), format!("Address({TEXT})"));
    assert_eq!(format!("{address:>46}"), format!("  {TEXT}"));
}

#[test]
fn text_that_is_not_base58_of_32_bytes_is_refused() {
    let texts = [
        String::new(),
        " ".to_owned(),
        format!(" {TEXT}"),
        format!("{TEXT}\n"),
        format!("1{TEXT}"),
        format!("{TEXT}{TEXT}"),
        TEXT[..42].to_owned(),
        TEXT.replace('F', "0"),
        TEXT.replace('F', "l"),
        TEXT.replace('F', "é"),
        "z".repeat(44),
        "1".repeat(31),
        "1".repeat(33),
        "1".repeat(100_000),
    ];
    for text in texts {
        assert_eq!(text.parse::<Address>(), Err(AddressError::Text), "{text:.100}");
    }
}

#[test]
fn no_point_of_small_order_is_an_address() {
    for point in EIGHT_TORSION {
        let bytes = point.compress().to_bytes();
        assert_eq!(Address::from_bytes(&bytes), Err(AddressError::SmallOrder));
        // y + p where that still fits, and the sign of an x that is zero.
        let mut others = Vec::new();
        if bytes[1..31].iter().all(|byte| *byte == 0) && bytes[31] & 0x7f == 0 {
            let mut above = MODULUS;
            above[0] += bytes[0];
            above[31] |= bytes[31] & 0x80;
            others.push(above);
        }
        let mut flipped = bytes;
        flipped[31] ^= 0x80;
        others.push(flipped);
        for other in others {
            assert!(Address::from_bytes(&other).is_err(), "{other:?}");
        }
    }
    let system_program = "1".repeat(32);
    assert_eq!(system_program.parse::<Address>(), Err(AddressError::SmallOrder));
}

#[test]
fn the_nineteen_values_of_y_above_the_modulus_are_refused() {
    let mut on_curve = 0;
    for (offset, sign) in (0..19).flat_map(|offset| [(offset, 0), (offset, 0x80)]) {
        let mut canonical = [0; 32];
        (canonical[0], canonical[31]) = (offset, sign);
        let mut above = MODULUS;
        above[0] += offset;
        above[31] |= sign;
        // The curve's library takes both for the same key.
        let keys = [canonical, above].map(|bytes| VerifyingKey::from_bytes(&bytes).map(|key| key.to_edwards()));
        assert_eq!(keys[0].as_ref().ok(), keys[1].as_ref().ok());
        on_curve += usize::from(Address::from_bytes(&canonical).is_ok());
        assert_eq!(Address::from_bytes(&above), Err(AddressError::NotAPoint), "p + {offset}");
    }
    assert!(on_curve > 0, "no point was tried that only its encoding is wrong with");
    // The greatest y below the modulus that is one of a point of full order.
    let mut below = MODULUS;
    let address = (1..0xed).find_map(|less| {
        below[0] = MODULUS[0] - less;
        Address::from_bytes(&below).ok()
    });
    assert_eq!(address.expect("a point").as_bytes(), &below);
}

#[test]
fn a_point_with_a_part_of_small_order_is_an_address() {
    for torsion in EIGHT_TORSION {
        let bytes = (ED25519_BASEPOINT_POINT + torsion).compress().to_bytes();
        assert!(Address::from_bytes(&bytes).is_ok());
    }
}

#[test]
fn an_address_off_the_curve_has_no_wallet() {
    // The associated token account that the wallet 9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM has for USDC.
    let derived = "FGETo8T8wMcN2wCjav8VK6eh3dLk63evNDPxzLSJra8B";
    assert_eq!(derived.parse::<Address>(), Err(AddressError::NotAPoint));
}

proptest! {
    #[test]
    fn about_half_of_all_bytes_are_addresses_and_print_back(bytes: [u8; 32]) {
        match Address::from_bytes(&bytes) {
            Ok(address) => {
                prop_assert_eq!(address.as_bytes(), &bytes);
                prop_assert_eq!(address.to_string(), bs58::encode(bytes).into_string());
                prop_assert_eq!(address.to_string().parse(), Ok(address));
            }
            Err(error) => {
                prop_assert_eq!(error, AddressError::NotAPoint);
                let text = bs58::encode(bytes).into_string();
                prop_assert_eq!(text.parse::<Address>(), Err(error));
            }
        }
    }

    #[test]
    fn text_that_is_taken_prints_back(text in "[1-9A-HJ-NP-Za-km-z]{30,46}") {
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string(), text);
        }
    }
}
