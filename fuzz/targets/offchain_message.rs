//! An off-chain message is taken if and only if its bytes are exactly a preamble and its text, in the layout named; it prints
//! back as the same bytes.

#![cfg_attr(fuzzing, no_main)]

use keyward_fuzz::assert_one_line;
use keyward_solana::{Address, LongOffchainMessage, ShortOffchainMessage};

fn property(data: &[u8]) {
    match ShortOffchainMessage::parse(data) {
        Ok(message) => {
            assert!(is_short(data));
            assert_eq!(message.to_bytes(), data);
            let same = ShortOffchainMessage::new(message.text()).expect("a text");
            assert_eq!(same.text(), message.text());
            assert!(same.format().as_u8() <= message.format().as_u8());
        }
        Err(error) => {
            assert!(!is_short(data));
            assert_one_line(error);
        }
    }
    match LongOffchainMessage::parse(data) {
        Ok(message) => {
            assert!(is_long(data));
            assert_eq!(message.to_bytes(), data);
            let signers = message.signers().to_vec();
            let same = LongOffchainMessage::new(*message.application_domain(), signers, message.text());
            assert!(same.expect("a message").format().as_u8() <= message.format().as_u8());
        }
        Err(error) => {
            assert!(!is_long(data));
            assert_one_line(error);
        }
    }
    // Any text makes a message, if it is neither empty nor too long.
    if let Ok(text) = str::from_utf8(data) {
        let message = ShortOffchainMessage::new(text);
        assert_eq!(message.is_ok(), (1..=65515).contains(&text.len()));
        if let Ok(message) = message {
            assert_eq!(ShortOffchainMessage::parse(&message.to_bytes()), Ok(message));
        }
    }
}

fn is_short(data: &[u8]) -> bool {
    data.len() >= 20 && data.starts_with(b"\xffsolana offchain\0") && has_text(data[17], data, 18)
}

fn is_long(data: &[u8]) -> bool {
    if data.len() < 53 || !data.starts_with(b"\xffsolana offchain\0") {
        return false;
    }
    let at = 51 + 32 * usize::from(data[50]);
    if data[50] == 0 || data.len() < at + 2 {
        return false;
    }
    let signers: Vec<&[u8]> = data[51..at].chunks(32).collect();
    let is_address = |key: &&[u8]| Address::from_bytes((*key).try_into().expect("32 bytes")).is_ok();
    let mut distinct = signers.clone();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() == signers.len() && signers.iter().all(is_address) && has_text(data[49], data, at)
}

/// Whether from here on there is the length of a text that this format takes, and that text.
fn has_text(format: u8, data: &[u8], at: usize) -> bool {
    let text = &data[at + 2..];
    let is_printable = text.iter().all(|byte| (32..127).contains(byte));
    let is_length = usize::from(data[at]) + 256 * usize::from(data[at + 1]) == text.len();
    let max = if format == 2 { 65535 } else { 1232 };
    is_length
        && !text.is_empty()
        && data.len() <= max
        && (format == 0 && is_printable || (format == 1 || format == 2) && str::from_utf8(text).is_ok())
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("offchain_message", property);
}
