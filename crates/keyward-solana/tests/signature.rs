//! Signatures as text: one rule tells base64, base58 and hexadecimal apart.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use keyward_solana::{SignatureTextError, SolanaSignature};
use proptest::prelude::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base58(bytes: &[u8]) -> String {
    bs58::encode(bytes).into_string()
}

fn read(text: &str) -> Result<[u8; 64], SignatureTextError> {
    text.parse::<SolanaSignature>().map(|signature| *signature.as_bytes())
}

/// Bytes whose base58 has 86 characters, and ends in the one wanted.
fn short_in_base58(last: char) -> [u8; 64] {
    let mut bytes = [0x5a; 64];
    (bytes[0], bytes[1]) = (0, 2);
    (0..=255)
        .flat_map(|x| (0..=255).map(move |y| (x, y)))
        .find_map(|(x, y)| {
            (bytes[62], bytes[63]) = (x, y);
            base58(&bytes).ends_with(last).then_some(bytes)
        })
        .expect("every character is the last of some")
}

#[test]
fn every_form_of_a_signature_is_read() {
    let mut bytes = [0; 64];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = 251_u8.wrapping_mul(index as u8).wrapping_add(17);
    }
    for text in [hex(&bytes), base58(&bytes), STANDARD.encode(bytes), STANDARD_NO_PAD.encode(bytes)] {
        assert_eq!(read(&text), Ok(bytes), "{text}");
    }
    let signature = SolanaSignature::from_bytes(&bytes);
    assert_eq!(signature.to_string(), STANDARD.encode(bytes));
    assert_eq!(format!("{signature:?}"), format!("SolanaSignature({})", STANDARD.encode(bytes)));
}

#[test]
fn the_longest_and_shortest_base58_is_read() {
    for bytes in [[0; 64], [0xff; 64], [1; 64]] {
        assert_eq!(read(&base58(&bytes)), Ok(bytes));
    }
    assert_eq!((base58(&[0; 64]).len(), base58(&[0xff; 64]).len()), (64, 88));
}

#[test]
fn anything_but_exactly_one_form_is_refused() {
    let bytes = [0xab; 64];
    let (digits, padded, unpadded) = (hex(&bytes), STANDARD.encode(bytes), STANDARD_NO_PAD.encode(bytes));
    let mut texts = vec![
        String::new(),
        "=".repeat(88),
        digits.to_uppercase(),
        digits.replacen('a', "A", 1),
        format!("0x{digits}"),
        digits[..126].to_owned(),
        digits.replacen('a', "g", 1),
        format!("{unpadded}="),
        format!("{unpadded}A="),
        format!("{padded}="),
        format!("{unpadded}==="),
        URL_SAFE.encode([0xfb; 64]),
        padded.replacen('q', "-", 1),
        base58(&[0xab; 63]),
        base58(&[0xab; 65]),
        base58(&bytes).replacen('2', "0", 1),
        format!("1{}", base58(&bytes)),
        "1".repeat(63),
        "1".repeat(65),
        "z".repeat(88),
        "é".repeat(43),
        "1".repeat(100_000),
    ];
    for good in [digits, padded, unpadded, base58(&bytes)] {
        for blank in [" ", "\n", "\t", "\0"] {
            texts.extend([format!("{blank}{good}"), format!("{good}{blank}")]);
            texts.push(format!("{}{blank}{}", &good[..40], &good[40..]));
            texts.push(format!("{}{blank}{}", &good[..40], &good[41..]));
        }
    }
    for text in texts {
        assert_eq!(read(&text), Err(SignatureTextError), "{text:.140}");
    }
}

#[test]
fn stray_bits_in_the_last_character_are_refused() {
    let text = STANDARD_NO_PAD.encode([0; 64]);
    let alphabet = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']);
    let taken: String = alphabet.filter(|last| read(&format!("{}{last}==", &text[..85])).is_ok()).collect();
    assert_eq!(taken, "AQgw");
}

#[test]
fn a_text_of_86_characters_is_base64_if_it_ends_as_such() {
    for last in ['2', 'B', 'Z', 'z'] {
        let bytes = short_in_base58(last);
        let text = base58(&bytes);
        assert_eq!((text.len(), read(&text)), (86, Ok(bytes)), "{text}");
    }
    for last in ['A', 'Q', 'g', 'w'] {
        let bytes = short_in_base58(last);
        let text = base58(&bytes);
        let read_as = STANDARD_NO_PAD.decode(&text).expect("base64 too");
        assert_eq!(read(&text).as_ref().map(|bytes| &bytes[..]), Ok(&read_as[..]));
        assert_ne!(read_as, bytes);
        for text in [hex(&bytes), STANDARD.encode(bytes), STANDARD_NO_PAD.encode(bytes)] {
            assert_eq!(read(&text), Ok(bytes));
        }
    }
}

proptest! {
    #[test]
    fn forms_read_back(mut bytes: [u8; 64], zeros in 0..4_usize) {
        bytes[..zeros].fill(0);
        for text in [hex(&bytes), STANDARD.encode(bytes), STANDARD_NO_PAD.encode(bytes)] {
            prop_assert_eq!(read(&text), Ok(bytes));
        }
        let text = base58(&bytes);
        if text.len() != 86 || !text.ends_with(['A', 'Q', 'g', 'w']) {
            prop_assert_eq!(read(&text), Ok(bytes));
        }
    }

    #[test]
    fn what_is_read_is_the_text_of_its_bytes(text in prop_oneof![
        "[1-9A-HJ-NP-Za-km-z]{84,88}", "[0-9a-f]{128}", "[A-Za-z0-9+/]{86}", "[A-Za-z0-9+/]{86}==", "[ -~]{80,130}",
    ]) {
        if let Ok(bytes) = read(&text) {
            let forms = [hex(&bytes), base58(&bytes), STANDARD.encode(bytes), STANDARD_NO_PAD.encode(bytes)];
            prop_assert!(forms.contains(&text));
        }
    }
}
