//! A key's text is taken if and only if it has the documented form and a value in range, and prints back as itself.

#![cfg_attr(fuzzing, no_main)]

use keyward_ecgfp5::{Point, Scalar};
use keyward_fuzz::lower_hex;
use keyward_goldilocks::Fp5;
use keyward_lighter::{
    key_from_seed_text, parse_private_key, parse_public_key, private_key_text, public_key_hex, public_key_text,
};

fn property(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let bytes = bytes_of_text(text);

    let private = parse_private_key(text);
    let scalar = bytes.and_then(|bytes| Scalar::from_bytes(&bytes)).filter(|scalar| *scalar != Scalar::ZERO);
    assert_eq!(private.is_ok(), scalar.is_some());
    if let (Ok(key), Some(bytes)) = (private, bytes) {
        let printed = private_key_text(&key);
        assert_eq!(*printed, format!("0x{}", lower_hex(&bytes)));
        let again = parse_private_key(&printed).expect("what was printed parses");
        assert_eq!(again.verifying_key(), key.verifying_key());
        assert!(!format!("{key:?}").contains(&printed[2..]), "the secret is shown");
    }

    let public = parse_public_key(text);
    let point = bytes
        .and_then(|bytes| Fp5::from_bytes(&bytes).ok())
        .and_then(|w| Point::decode(&w))
        .filter(|point| !bool::from(point.is_neutral()));
    assert_eq!(public.is_ok(), point.is_some());
    if let (Ok(key), Some(bytes)) = (public, bytes) {
        assert_eq!(public_key_hex(&key), lower_hex(&bytes));
        assert_eq!(public_key_text(&key), format!("0x{}", lower_hex(&bytes)));
        assert_eq!(parse_public_key(&public_key_text(&key)), Ok(key));
    }

    let is_seed = text.len() >= 64 && text.len() % 2 == 0 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let from_seed = key_from_seed_text(text);
    // A seed whose digest is 0 modulo the group order is not going to be found.
    assert_eq!(from_seed.is_ok(), is_seed);
    if let Ok(key) = from_seed {
        let same = key_from_seed_text(&text.to_ascii_lowercase()).expect("digits have no case");
        assert_eq!(same.verifying_key(), key.verifying_key());
    }
}

/// The 40 bytes of a text that has the form of a key, told without the parser.
fn bytes_of_text(text: &str) -> Option<[u8; 40]> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let mut bytes = [0; 40];
    if digits.len() != 80 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = str::from_utf8(pair).expect("digits");
        *byte = u8::from_str_radix(pair, 16).expect("hexadecimal digits");
    }
    Some(bytes)
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("key_text", property);
}
