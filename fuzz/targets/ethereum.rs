//! An Ethereum signature, address or key is taken if and only if it has the documented form and its numbers are in
//! range, and a signature is its maker's.

#![cfg_attr(fuzzing, no_main)]

use keyward_fuzz::{assert_one_line, lower_hex};
use keyward_lighter::{EthereumAddress, EthereumKey, L1Signature};

const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const HALF_ORDER: &str = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn property(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    signature(text);
    address(text);
    key(text);
}

fn signature(text: &str) {
    let canonical = digits(text.strip_prefix("0x"), 130).filter(|digits| in_range(digits)).map(|digits| {
        let v = if matches!(&digits[128..], "00" | "1b") { "1b" } else { "1c" };
        format!("0x{}{v}", &digits[..128])
    });
    match text.parse::<L1Signature>() {
        Ok(signature) => {
            assert_eq!(Some(signature.to_string()), canonical);
            assert_eq!(signature.to_string().parse(), Ok(signature));
            assert_eq!(format!("0x{}", lower_hex(signature.as_bytes())), signature.to_string());
            if let Ok(address) = signature.recover(text) {
                assert_ne!(signature.recover(&format!("{text} ")), Ok(address));
            }
        }
        Err(error) => {
            assert_eq!(canonical, None);
            assert_one_line(error);
        }
    }
}

/// Digits of one length and case compare as their numbers do.
fn in_range(digits: &str) -> bool {
    let (r, s, v) = (&digits[..64], &digits[64..128], &digits[128..]);
    r > ZERO && r < ORDER && s > ZERO && s <= HALF_ORDER && matches!(v, "00" | "01" | "1b" | "1c")
}

fn address(text: &str) {
    let has_the_form = digits(text.strip_prefix("0x"), 40);
    match text.parse::<EthereumAddress>() {
        Ok(address) => {
            let printed = address.to_string();
            assert_eq!(Some(printed[2..].to_lowercase()), has_the_form);
            assert_eq!(printed.parse(), Ok(address));
            assert_eq!(printed.to_lowercase().parse(), Ok(address));
            let one_case = [text[2..].to_lowercase(), text[2..].to_uppercase()].iter().any(|case| *case == text[2..]);
            assert!(one_case || printed == text, "a checksum that does not hold");
        }
        Err(error) => {
            let lower = has_the_form.map(|digits| format!("0x{digits}"));
            assert!(lower.is_none_or(|lower| lower != text && lower.parse::<EthereumAddress>().is_ok()));
            assert_one_line(error);
        }
    }
}

fn key(text: &str) {
    let number = digits(Some(text.strip_prefix("0x").unwrap_or(text)), 64);
    let good = number.as_deref().is_some_and(|number| number > ZERO && number < ORDER);
    match EthereumKey::parse(text) {
        Ok(key) => {
            assert!(good);
            let signature = key.sign_message(text);
            assert_eq!(signature.recover(text), Ok(key.address()));
            assert_eq!(signature.to_string().parse(), Ok(signature));
            let number = number.expect("it was read");
            assert!(!format!("{key:?}").to_lowercase().contains(&number), "the secret is shown");
        }
        Err(error) => {
            assert!(!good);
            assert_one_line(error);
        }
    }
}

/// So many hexadecimal digits, in lower case.
fn digits(text: Option<&str>, count: usize) -> Option<String> {
    text.filter(|text| text.len() == count && text.bytes().all(|byte| byte.is_ascii_hexdigit())).map(str::to_lowercase)
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("ethereum", property);
}
