//! What is refused: keys and signatures out of range, wrong lengths, every flipped bit, and the neutral element.

use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::{Fp, Fp5};
use keyward_poseidon2::hash;
use keyward_schnorr::{
    MessageHash, PreparedVerifyingKey, Signature, SigningKey, TableSize, VerifyingKey, VerifyingTable,
};
use proptest::prelude::*;

const P: u64 = Fp::MODULUS;

fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32]).expect("32 bytes")
}

fn message(number: u64) -> MessageHash {
    MessageHash::of_text(number.to_string().as_bytes()).expect("ASCII")
}

fn scalar(integer: u64) -> Scalar {
    let mut bytes = [0; 40];
    bytes[..8].copy_from_slice(&integer.to_le_bytes());
    Scalar::from_bytes(&bytes).expect("small")
}

fn signature(s: &Scalar, e: &Scalar) -> Signature {
    Signature::from_slice(&[s.to_bytes(), e.to_bytes()].concat()).expect("canonical")
}

/// A key with all its tables.
struct Tables {
    prepared: Box<PreparedVerifyingKey>,
    sized: [VerifyingTable; 3],
}

impl Tables {
    fn new(key: &VerifyingKey) -> Self {
        let sized = [TableSize::Small, TableSize::Medium, TableSize::Large].map(|size| VerifyingTable::new(key, size));
        Self { prepared: Box::new(PreparedVerifyingKey::new(key)), sized }
    }
}

/// By all kinds of key, which must agree.
fn verifies(key: &VerifyingKey, tables: &Tables, message: &MessageHash, signature: &Signature) -> bool {
    assert_eq!(tables.prepared.verifying_key(), key);
    let verdict = key.verify(message, signature).is_ok();
    assert_eq!(tables.prepared.verify(message, signature).is_ok(), verdict, "all kinds of key agree");
    for table in &tables.sized {
        assert_eq!(table.verifying_key(), key);
        assert_eq!(table.verify(message, signature).is_ok(), verdict, "{:?}", table.size());
    }
    verdict
}

/// n, as it is and with one added or taken away.
fn around_order() -> [[u8; 40]; 3] {
    let (mut below, mut above) = (Scalar::ORDER_BYTES, Scalar::ORDER_BYTES);
    below[0] -= 1;
    above[0] += 1;
    [below, Scalar::ORDER_BYTES, above]
}

#[test]
fn private_keys_are_in_one_to_the_order() {
    let [below, order, above] = around_order();
    assert!(SigningKey::from_bytes(&below).is_ok());
    assert!(SigningKey::from_bytes(&scalar(1).to_bytes()).is_ok());
    for refused in [[0; 40], order, above, [0xFF; 40]] {
        assert!(SigningKey::from_bytes(&refused).is_err());
        assert!(SigningKey::from_slice(&refused).is_err());
    }
}

#[test]
fn both_halves_of_a_signature_are_below_the_order() {
    let [below, order, above] = around_order();
    for half in [[0; 40], below] {
        for other in [[0; 40], below] {
            assert!(Signature::from_slice(&[half, other].concat()).is_ok());
        }
        for refused in [order, above, [0xFF; 40]] {
            assert!(Signature::from_slice(&[half, refused].concat()).is_err());
            assert!(Signature::from_slice(&[refused, half].concat()).is_err());
        }
    }
}

#[test]
fn other_lengths_are_refused() {
    let key = key(1);
    let private_key = key.expose_secret().repeat(3);
    let public_key = key.verifying_key().to_bytes().repeat(3);
    for length in (0..=120).filter(|&length| length != 40) {
        assert!(SigningKey::from_slice(&private_key[..length]).is_err(), "{length}");
        assert!(VerifyingKey::from_slice(&public_key[..length]).is_err(), "{length}");
        assert!(MessageHash::try_from(&[0; 120][..length]).is_err(), "{length}");
    }
    for length in (0..=120).filter(|&length| length != 80) {
        assert!(Signature::from_slice(&[0; 120][..length]).is_err(), "{length}");
    }
    assert!(SigningKey::from_slice(&private_key[..40]).is_ok());
    assert!(VerifyingKey::from_slice(&public_key[..40]).is_ok());
    assert!(MessageHash::try_from(&[0; 40][..]).is_ok());
    assert!(Signature::from_slice(&[0; 80]).is_ok());
}

#[test]
fn seeds_below_32_bytes_are_refused() {
    for length in 0..32 {
        assert!(SigningKey::from_seed(&[7; 32][..length]).is_err(), "{length}");
    }
    for length in [32, 33, 64, 1000] {
        assert!(SigningKey::from_seed(&[7; 1000][..length]).is_ok(), "{length}");
    }
}

#[test]
fn the_neutral_element_is_no_public_key() {
    assert!(VerifyingKey::from_bytes(&[0; 40]).is_err());
    // In none of its forms: here p stands for 0.
    for coefficient in 0..5 {
        let mut bytes = [0; 40];
        bytes[8 * coefficient..8 * coefficient + 8].copy_from_slice(&P.to_le_bytes());
        assert!(VerifyingKey::from_bytes(&bytes).is_err(), "{coefficient}");
    }
}

#[test]
fn non_canonical_words_are_refused() {
    // The generator's encoding is 4: each word plus p stands for the same element, as long as it fits.
    for coefficient in 0..5 {
        let mut words = [4, 0, 0, 0, 0];
        words[coefficient] += P;
        let bytes: [u8; 40] = words.map(u64::to_le_bytes).concat().try_into().expect("40 bytes");
        assert!(VerifyingKey::from_bytes(&bytes).is_err(), "{coefficient}");
        let refusal = MessageHash::from_bytes(&bytes).expect_err("non-canonical");
        assert_eq!(refusal.index(), coefficient);
        assert!(MessageHash::try_from(&bytes[..]).is_err(), "{coefficient}");
    }
    let refusal = MessageHash::of_text(&[0xFF; 8]).expect_err("non-canonical");
    assert_eq!(refusal.index(), 0);
}

#[test]
fn values_off_the_curve_are_no_public_keys() {
    let valid = (1..100).filter(|&w| VerifyingKey::from_bytes(&scalar(w).to_bytes()).is_ok()).count();
    assert!((20..80).contains(&valid), "{valid}");
    for w in [1, 2, 3, 5] {
        assert!(VerifyingKey::from_bytes(&scalar(w).to_bytes()).is_err(), "{w}");
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let (key, message) = (key(1), message(1));
    let public_key = key.verifying_key();
    let prepared = Tables::new(public_key);
    let valid = key.sign_with_ephemeral(&message, &scalar(12_345)).expect("not zero");
    assert!(verifies(public_key, &prepared, &message, &valid));

    for bit in 0..8 * Signature::BYTE_SIZE {
        let mut bytes = valid.to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(signature) = Signature::from_bytes(&bytes) {
            assert!(!verifies(public_key, &prepared, &message, &signature), "bit {bit} of the signature");
        }
    }
    for bit in 0..8 * MessageHash::BYTE_SIZE {
        let mut bytes = message.to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(message) = MessageHash::from_bytes(&bytes) {
            assert!(!verifies(public_key, &prepared, &message, &valid), "bit {bit} of the message");
        }
    }
    let mut decoded = vec![];
    for bit in 0..8 * VerifyingKey::BYTE_SIZE {
        let mut bytes = public_key.to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = VerifyingKey::from_bytes(&bytes) {
            let prepared = Tables::new(&other);
            assert!(!verifies(&other, &prepared, &message, &valid), "bit {bit} of the public key");
            assert_ne!(other, *public_key, "bit {bit}");
            decoded.push(bit);
        }
    }
    // Half of all values are encodings, so bits of each byte were tried.
    for byte in 0..VerifyingKey::BYTE_SIZE {
        assert!(decoded.iter().any(|bit| bit / 8 == byte), "byte {byte}");
    }
}

#[test]
fn a_commitment_to_the_neutral_element_is_refused() {
    // With k = 0 the challenge is right: the neutral encodes as 0.
    let (key, message) = (key(1), message(1));
    let secret = Scalar::from_bytes(&key.expose_secret()).expect("canonical");
    let input = [Fp5::ZERO.coefficients(), message.as_fp5().coefficients()].concat();
    let e = Scalar::from_challenge(&hash(&input));
    let signature = signature(&-(e * secret), &e);
    let prepared = Tables::new(key.verifying_key());
    assert!(!verifies(key.verifying_key(), &prepared, &message, &signature));
}

#[test]
fn degenerate_signatures_are_refused() {
    let (key, message) = (key(1), message(1));
    let prepared = Tables::new(key.verifying_key());
    let values = [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, scalar(2)];
    for s in &values {
        for e in &values {
            assert!(!verifies(key.verifying_key(), &prepared, &message, &signature(s, e)));
        }
    }
}

#[test]
fn keys_next_to_the_neutral_element_sign_and_verify() {
    // 1, 2, 3, n - 1, n - 2, n - 3 and 16, where a window's digit turns negative; all ephemeral scalars alike.
    let small = [1, 2, 3, 15, 16, 17, 31, 32, 33].map(scalar);
    let values: Vec<Scalar> = small.iter().copied().chain(small.iter().map(|&value| -value)).collect();
    for secret in &values {
        let key = SigningKey::from_bytes(&secret.to_bytes()).expect("a private key");
        let prepared = Tables::new(key.verifying_key());
        for (number, k) in (0..).zip(&values) {
            let message = message(number);
            let signature = key.sign_with_ephemeral(&message, k).expect("not zero");
            assert!(verifies(key.verifying_key(), &prepared, &message, &signature));
            let parsed = VerifyingKey::from_bytes(&key.verifying_key().to_bytes()).expect("a public key");
            assert!(verifies(&parsed, &prepared, &message, &signature));
        }
    }
}

fn any_scalar() -> impl Strategy<Value = Scalar> {
    any::<[[u8; 32]; 2]>()
        .prop_map(|bytes| Scalar::from_bytes_mod_order_wide(bytes.as_flattened().try_into().expect("64 bytes")))
}

fn any_message() -> impl Strategy<Value = MessageHash> {
    any::<[u64; 5]>().prop_map(|words| MessageHash::new(Fp5::from_coefficients(words.map(Fp::from_u64_mod_order))))
}

proptest! {
    #[test]
    fn signatures_verify_and_their_parts_do_not_mix(
        (secret, other_secret) in (any_scalar(), any_scalar()),
        (k, other_k) in (any_scalar(), any_scalar()),
        (message, other_message) in (any_message(), any_message()),
    ) {
        let [key, other_key] =
            [secret, other_secret].map(|secret| SigningKey::from_bytes(&secret.to_bytes()).expect("a private key"));
        let (public_key, prepared) = (key.verifying_key(), Tables::new(key.verifying_key()));
        let valid = key.sign_with_ephemeral(&message, &k).expect("not zero");
        let other = key.sign_with_ephemeral(&message, &other_k).expect("not zero");
        prop_assert!(verifies(public_key, &prepared, &message, &valid));
        prop_assert!(verifies(public_key, &prepared, &message, &other));
        prop_assert!(!verifies(public_key, &prepared, &other_message, &valid));
        prop_assert!(other_key.verifying_key().verify(&message, &valid).is_err());
        prop_assert_eq!(Signature::from_bytes(&valid.to_bytes()).expect("canonical"), valid);

        // s of one with e of the other.
        let mixed = [&valid.to_bytes()[..40], &other.to_bytes()[40..]].concat();
        prop_assert!(!verifies(public_key, &prepared, &message, &Signature::from_slice(&mixed).expect("canonical")));
    }

    #[test]
    fn arbitrary_signatures_are_refused(s in any_scalar(), e in any_scalar(), message in any_message()) {
        let key = key(1);
        prop_assert!(key.verifying_key().verify(&message, &signature(&s, &e)).is_err());
    }

    #[test]
    fn public_keys_round_trip(secret in any_scalar()) {
        let key = SigningKey::from_bytes(&secret.to_bytes()).expect("a private key");
        let bytes = key.verifying_key().to_bytes();
        prop_assert_eq!(Point::mul_generator(&secret).encode().to_bytes(), bytes);
        let parsed = VerifyingKey::from_bytes(&bytes).expect("a public key");
        prop_assert_eq!(parsed, *key.verifying_key());
        prop_assert_eq!(parsed.to_bytes(), bytes);
        prop_assert_eq!(*key.expose_secret(), secret.to_bytes());
    }
}
