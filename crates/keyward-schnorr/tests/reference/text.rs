//! Reading the vectors.

use serde_json::Value;

/// The cases under `name` of a vectors file, as many as it must have.
pub(crate) fn cases(file: &str, name: &str, count: usize) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(file).expect("JSON");
    let cases = vectors[name].as_array().expect("an array").clone();
    assert_eq!(cases.len(), count, "{name}");
    cases
}

pub(crate) fn str<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_else(|| panic!("no text under {name}"))
}

pub(crate) fn int(case: &Value, name: &str) -> i64 {
    case[name].as_i64().unwrap_or_else(|| panic!("no number under {name}"))
}

/// The bytes of a hexadecimal text, with or without 0x.
pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
    assert_eq!(digits.len() % 2, 0, "{text}");
    digits
        .chunks(2)
        .map(|pair| {
            let pair = str::from_utf8(pair).expect("ASCII");
            u8::from_str_radix(pair, 16).expect("hexadecimal")
        })
        .collect()
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a standard Base64 text with padding.
pub(crate) fn from_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = vec![];
    let (mut bits, mut count) = (0u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|&letter| letter == digit).expect("Base64");
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
