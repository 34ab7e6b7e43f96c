//! Off-chain messages in both layouts.

use ed25519_dalek::SigningKey;
use ed25519_dalek::ed25519::signature::Signer;
use keyward_solana::{
    Address, AddressError, LongOffchainMessage, OffchainError, OffchainFormat, RawMessage, ShortOffchainMessage,
    SignatureRejected, SolanaSignature,
};
use proptest::prelude::*;

const DOMAIN: &[u8; 16] = b"\xffsolana offchain";

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn address(number: u8) -> Address {
    Address::from_bytes(key(number).verifying_key().as_bytes()).expect("an honest key")
}

fn sign(number: u8, bytes: &[u8]) -> SolanaSignature {
    SolanaSignature::from_bytes(&key(number).sign(bytes).to_bytes())
}

/// A message in the short layout, right or wrong.
fn short(version: u8, format: u8, len: usize, text: &[u8]) -> Vec<u8> {
    [&DOMAIN[..], &[version, format], &(len as u16).to_le_bytes(), text].concat()
}

/// A message in the long layout, right or wrong.
fn long(version: u8, format: u8, signers: &[[u8; 32]], len: usize, text: &[u8]) -> Vec<u8> {
    let head = [&DOMAIN[..], &[version], &[9; 32], &[format, signers.len() as u8]].concat();
    [head, signers.concat(), (len as u16).to_le_bytes().to_vec(), text.to_vec()].concat()
}

#[test]
fn the_short_layout_is_that_of_the_crate() {
    // From the tests of solana-offchain-message 4.0.
    let ascii = b"\xffsolana offchain\x00\x00\x0c\x00Test Message";
    let message = ShortOffchainMessage::parse(ascii).expect("a message");
    assert_eq!((message.format(), message.text()), (OffchainFormat::RestrictedAscii, "Test Message"));
    assert_eq!(ShortOffchainMessage::new("Test Message"), Ok(message));
    assert_eq!(message.to_bytes(), ascii);
    let text = "Тестовое сообщение";
    let message = ShortOffchainMessage::new(text).expect("a message");
    assert_eq!(message.format(), OffchainFormat::LimitedUtf8);
    assert_eq!(message.to_bytes(), short(0, 1, 35, text.as_bytes()));
}

#[test]
fn the_text_decides_the_format_and_the_format_bounds_the_text() {
    let cases = [
        ("a".repeat(1212), Ok(OffchainFormat::RestrictedAscii)),
        ("a".repeat(1213), Ok(OffchainFormat::ExtendedUtf8)),
        ("é".repeat(606), Ok(OffchainFormat::LimitedUtf8)),
        ("é".repeat(607), Ok(OffchainFormat::ExtendedUtf8)),
        ("a\nb".to_owned(), Ok(OffchainFormat::LimitedUtf8)),
        ("a".repeat(65515), Ok(OffchainFormat::ExtendedUtf8)),
        ("a".repeat(65516), Err(OffchainError::Length)),
        (String::new(), Err(OffchainError::Length)),
    ];
    for (text, expected) in &cases {
        let message = ShortOffchainMessage::new(text);
        assert_eq!(message.map(|message| message.format()), *expected, "{} bytes", text.len());
        if let Ok(message) = message {
            let bytes = message.to_bytes();
            assert_eq!(ShortOffchainMessage::parse(&bytes), Ok(message));
        }
    }
    for (signers, ascii, utf8) in [(1_u8, 1147, 65450), (5, 1019, 65322)] {
        // The preamble takes 53 bytes and 32 for each signer.
        let signers: Vec<Address> = (1..=signers).map(address).collect();
        let format =
            |len| LongOffchainMessage::new([0; 32], signers.clone(), &"a".repeat(len)).map(|message| message.format());
        assert_eq!(format(ascii), Ok(OffchainFormat::RestrictedAscii));
        assert_eq!(format(ascii + 1), Ok(OffchainFormat::ExtendedUtf8));
        assert_eq!(format(utf8), Ok(OffchainFormat::ExtendedUtf8));
        assert_eq!(format(utf8 + 1), Err(OffchainError::Length));
    }
}

#[test]
fn short_messages_that_are_not_exact_are_refused() {
    let good = short(0, 0, 4, b"text");
    assert!(ShortOffchainMessage::parse(&good).is_ok());
    for len in 0..good.len() {
        assert!(ShortOffchainMessage::parse(&good[..len]).is_err(), "{len} bytes");
    }
    for at in 0..16 {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        assert_eq!(ShortOffchainMessage::parse(&bytes), Err(OffchainError::Domain));
    }
    let cases = [
        (short(1, 0, 4, b"text"), OffchainError::Version),
        (short(255, 0, 4, b"text"), OffchainError::Version),
        (short(0, 3, 4, b"text"), OffchainError::Format),
        (short(0, 255, 4, b"text"), OffchainError::Format),
        (short(0, 0, 3, b"text"), OffchainError::Length),
        (short(0, 0, 5, b"text"), OffchainError::Length),
        (short(0, 0, 1024, b"text"), OffchainError::Length),
        (short(0, 0, 0, b""), OffchainError::Length),
        (short(0, 0, 1213, &[b'a'; 1213]), OffchainError::Length),
        (short(0, 1, 1213, &[b'a'; 1213]), OffchainError::Length),
        (short(0, 2, 65516, &[b'a'; 65516]), OffchainError::Length),
        (short(0, 2, 4, &[b'a'; 65540]), OffchainError::Length),
        (short(0, 0, 4, b"te\nt"), OffchainError::Text),
        (short(0, 0, 4, b"te\x7ft"), OffchainError::Text),
        (short(0, 0, 2, "é".as_bytes()), OffchainError::Text),
        (short(0, 1, 2, b"\xc3\x28"), OffchainError::Text),
        (short(0, 2, 1, b"\xff"), OffchainError::Text),
    ];
    for (bytes, expected) in cases {
        assert_eq!(ShortOffchainMessage::parse(&bytes), Err(expected), "{:?}", &bytes[16..20]);
    }
    // A longer format than the text needs is the signer's choice.
    let bytes = short(0, 2, 4, b"text");
    assert_eq!(ShortOffchainMessage::parse(&bytes).expect("a message").to_bytes(), bytes);
}

#[test]
fn long_messages_that_are_not_exact_are_refused() {
    let [one, two] = [1, 2].map(|number| *address(number).as_bytes());
    let good = long(0, 0, &[one, two], 4, b"text");
    let message = LongOffchainMessage::parse(&good).expect("a message");
    assert_eq!(message.signers(), [address(1), address(2)]);
    assert_eq!((message.application_domain(), message.text()), (&[9; 32], "text"));
    assert_eq!(message.to_bytes(), good);
    assert_eq!(LongOffchainMessage::new([9; 32], vec![address(1), address(2)], "text"), Ok(message));
    for len in 0..good.len() {
        assert!(LongOffchainMessage::parse(&good[..len]).is_err(), "{len} bytes");
    }
    let mut small = [0; 32];
    small[0] = 1;
    let cases = [
        (long(1, 0, &[one], 4, b"text"), OffchainError::Version),
        (long(0, 3, &[one], 4, b"text"), OffchainError::Format),
        (long(0, 0, &[], 4, b"text"), OffchainError::Signers),
        (long(0, 0, &[one, two, one], 4, b"text"), OffchainError::Signers),
        (long(0, 0, &[one, small], 4, b"text"), OffchainError::Signer(AddressError::SmallOrder)),
        (long(0, 0, &[[2; 32]], 4, b"text"), OffchainError::Signer(AddressError::NotAPoint)),
        (long(0, 0, &[one], 3, b"text"), OffchainError::Length),
        (long(0, 0, &[one], 5, b"text"), OffchainError::Length),
        (long(0, 0, &[one], 0, b""), OffchainError::Length),
        (long(0, 1, &[one], 1148, &[b'a'; 1148]), OffchainError::Length),
        (long(0, 2, &[one], 65451, &[b'a'; 65451]), OffchainError::Length),
        (long(0, 0, &[one], 1, b"\n"), OffchainError::Text),
        (long(0, 1, &[one], 1, b"\xff"), OffchainError::Text),
    ];
    for (bytes, expected) in cases {
        assert_eq!(LongOffchainMessage::parse(&bytes), Err(expected), "{:?}", &bytes[49..51]);
    }
    assert_eq!(LongOffchainMessage::new([0; 32], vec![], "text"), Err(OffchainError::Signers));
    assert_eq!(LongOffchainMessage::new([0; 32], vec![address(1); 2], "text"), Err(OffchainError::Signers));
    let many: Vec<Address> = (0_u32..)
        .map(|n| {
            SigningKey::from_bytes(&{
                let mut seed = [0; 32];
                seed[..4].copy_from_slice(&n.to_le_bytes());
                seed
            })
        })
        .map(|key| Address::from_bytes(key.verifying_key().as_bytes()).expect("an honest key"))
        .take(256)
        .collect();
    assert_eq!(LongOffchainMessage::new([0; 32], many.clone(), "text"), Err(OffchainError::Signers));
    let most = LongOffchainMessage::new([0; 32], many[..255].to_vec(), "text").expect("255 signers");
    assert_eq!(LongOffchainMessage::parse(&most.to_bytes()), Ok(most.clone()));
}

#[test]
fn a_signature_is_for_one_kind_of_message() {
    let short = ShortOffchainMessage::new("text").expect("a message");
    let long = LongOffchainMessage::new([0; 32], vec![address(1)], "text").expect("a message");
    let raw = RawMessage::new(b"text");
    for (bytes, expected) in [
        (short.to_bytes(), [true, false, false]),
        (long.to_bytes(), [false, true, false]),
        (b"text".to_vec(), [false, false, true]),
    ] {
        let signature = sign(1, &bytes);
        let verdicts =
            [short.verify(&address(1), &signature), long.verify(&[signature]), raw.verify(&address(1), &signature)];
        assert_eq!(verdicts.map(|verdict| verdict.is_ok()), expected);
        assert_eq!(short.verify(&address(2), &signature), Err(SignatureRejected));
    }
}

#[test]
fn every_signer_has_to_sign_in_order() {
    let message = LongOffchainMessage::new([7; 32], vec![address(1), address(2)], "text").expect("a message");
    let [one, two] = [1, 2].map(|number| sign(number, &message.to_bytes()));
    assert_eq!(message.verify(&[one, two]), Ok(()));
    for signatures in [&[][..], &[one], &[two, one], &[one, one], &[one, two, two]] {
        assert_eq!(message.verify(signatures), Err(SignatureRejected));
    }
}

#[test]
fn debug_shows_no_text() {
    let short = ShortOffchainMessage::new("secret").expect("a message");
    assert_eq!(format!("{short:?}"), "ShortOffchainMessage { format: RestrictedAscii, .. }");
    let long = LongOffchainMessage::new([0; 32], vec![address(1)], "secret").expect("a message");
    let expected = format!("LongOffchainMessage {{ format: RestrictedAscii, signers: [Address({})], .. }}", address(1));
    assert_eq!(format!("{long:?}"), expected);
    assert_eq!(format!("{:?}", RawMessage::new(b"secret")), "RawMessage { len: 6, .. }");
}

proptest! {
    #[test]
    fn what_parses_prints_back(
        version in 0..2_u8,
        format in 0..4_u8,
        signers in prop::collection::vec(1..4_u8, 0..3),
        text in any::<String>(),
        slip in -1..2_i64,
        tail in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let signers: Vec<[u8; 32]> = signers.iter().map(|number| *address(*number).as_bytes()).collect();
        let len = (text.len() as i64 + slip).max(0) as usize;
        for bytes in [
            short(version, format, len, text.as_bytes()),
            long(version, format, &signers, len, text.as_bytes()),
            [&DOMAIN[..], &tail].concat(),
            tail,
        ] {
            if let Ok(message) = ShortOffchainMessage::parse(&bytes) {
                prop_assert_eq!(message.to_bytes(), &bytes[..]);
            }
            if let Ok(message) = LongOffchainMessage::parse(&bytes) {
                prop_assert_eq!(message.to_bytes(), &bytes[..]);
            }
        }
    }
}
