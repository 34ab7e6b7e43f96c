//! An address, signature, instant or challenge is taken if and only if it has the documented form, and prints back as
//! itself.

#![cfg_attr(fuzzing, no_main)]

use keyward_fuzz::{assert_one_line, is_canonical_decimal, is_lower_hex, lower_hex};
use keyward_solana::{Address, BindChallenge, Rfc3339, SolanaSignature, ViewChallenge};

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn property(data: &[u8]) {
    if let Ok(bytes) = data.try_into() {
        // What text could be written for.
        let signature = SolanaSignature::from_bytes(bytes);
        assert_eq!(signature.to_string().parse(), Ok(signature));
        assert_eq!(lower_hex(bytes).parse(), Ok(signature));
    }
    if let Some(Ok(address)) = data.first_chunk().map(Address::from_bytes) {
        assert_eq!(address.to_string().parse(), Ok(address));
    }
    let Ok(text) = str::from_utf8(data) else { return };
    address(text);
    signature(text);
    instant(text);
    challenges(text);
}

fn address(text: &str) {
    match text.parse::<Address>() {
        Ok(address) => {
            assert_eq!(address.to_string(), text);
            assert_eq!(from_base58(text).as_deref(), Some(&address.as_bytes()[..]));
            assert_eq!(Address::from_bytes(address.as_bytes()), Ok(address));
        }
        Err(error) => {
            let bytes = from_base58(text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            assert!(bytes.is_none_or(|bytes| Address::from_bytes(&bytes) == Err(error)));
            assert_one_line(error);
        }
    }
}

fn signature(text: &str) {
    let is_made_of = |alphabet: &[u8]| text.bytes().all(|byte| alphabet.contains(&byte));
    let expected = match text.len() {
        128 => is_lower_hex(text).then(|| (0..64).map(|at| digits(&text[2 * at..2 * at + 2])).collect()),
        88 if text.ends_with("==") => from_base64(&text[..86]),
        86 if text.ends_with(['A', 'Q', 'g', 'w']) => is_made_of(BASE64).then(|| from_base64(text)).flatten(),
        64..=88 => from_base58(text),
        _ => None,
    };
    let expected = expected.filter(|bytes| bytes.len() == 64);
    match text.parse::<SolanaSignature>() {
        Ok(signature) => {
            assert_eq!(expected.as_deref(), Some(&signature.as_bytes()[..]));
            assert_eq!(signature.to_string().parse(), Ok(signature));
        }
        Err(error) => {
            assert_eq!(expected, None);
            assert_one_line(error);
        }
    }
}

fn digits(text: &str) -> u8 {
    u8::from_str_radix(text, 16).expect("two digits")
}

/// Slowly, by long multiplication.
fn from_base58(text: &str) -> Option<Vec<u8>> {
    if text.len() > 100 {
        return None;
    }
    let mut number = [0_u8; 80];
    for byte in text.bytes() {
        let mut carry = BASE58.iter().position(|letter| *letter == byte)?;
        for digit in number.iter_mut().rev() {
            let sum = usize::from(*digit) * 58 + carry;
            (*digit, carry) = (sum as u8, sum >> 8);
        }
    }
    let zeros = text.bytes().take_while(|byte| *byte == b'1').count();
    let significant = number.iter().position(|digit| *digit != 0).unwrap_or(number.len());
    Some([&vec![0; zeros][..], &number[significant..]].concat())
}

/// Slowly, bit by bit; none may be left that is not zero.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for byte in text.bytes() {
        let value = BASE64.iter().position(|letter| *letter == byte)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let (bytes, rest) = bits.split_at(bits.len() / 8 * 8);
    let byte = |bits: &[usize]| bits.iter().fold(0, |byte, bit| byte << 1 | *bit as u8);
    rest.iter().all(|bit| *bit == 0).then(|| bytes.chunks(8).map(byte).collect())
}

fn instant(text: &str) {
    match text.parse::<Rfc3339>() {
        Ok(time) => {
            assert_eq!(time.to_string(), text);
            let same = Rfc3339::try_from(time.instant()).expect("before 10000");
            assert_eq!(same.instant(), time.instant());
            assert_eq!(same.to_string().parse(), Ok(same));
        }
        Err(error) => assert_one_line(error),
    }
}

fn challenges(text: &str) {
    // Any first line of the text may be the configured one.
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let is_first_line = (1..=128).contains(&first.len()) && first.bytes().all(|byte| (32..127).contains(&byte));
    let fields: Vec<&str> = rest.split('\n').collect();
    let timestamp = |line: &str| {
        line.strip_prefix("Timestamp: ").is_some_and(|number| is_canonical_decimal(number, i64::MAX as u64))
    };
    let bind = match fields[..] {
        [token, time] => {
            token.strip_prefix("Token: ").is_some_and(|it| it.len() == 64 && is_lower_hex(it)) && timestamp(time)
        }
        _ => false,
    };
    match BindChallenge::parse(text, first) {
        Ok(challenge) => {
            assert!(is_first_line && bind);
            assert_eq!(*challenge.to_text(), text);
            assert!(!format!("{challenge:?}").contains(challenge.token()) || first.contains(challenge.token()));
        }
        Err(error) => {
            assert!(!is_first_line || !bind);
            assert_one_line(error);
        }
    }
    match ViewChallenge::parse(text, first) {
        Ok(challenge) => assert_eq!(challenge.to_string(), text),
        Err(error) => {
            let is_wallet = |line: &str| line.strip_prefix("Wallet: ").is_some_and(|it| it.parse::<Address>().is_ok());
            assert!(!is_first_line || !matches!(fields[..], [wallet, time] if is_wallet(wallet) && timestamp(time)));
            assert_one_line(error);
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("solana_text", property);
}
