//! Signatures that are valid, and those that only look so.

use curve25519_dalek::constants::{ED25519_BASEPOINT_TABLE, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::ed25519::signature::Signer;
use ed25519_dalek::{SigningKey, Verifier, VerifyingKey};
use keyward_solana::{Address, RawMessage, SolanaSignature};
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha512};

/// The group's order, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("a string");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("digits")).collect()
}

/// The verdict on anything that calls itself key and signature.
fn verifies(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Ok(address) = key.try_into().map_err(|_| ()).and_then(|key| Address::from_bytes(key).map_err(|_| ())) else {
        return false;
    };
    let Ok(signature) = signature.try_into() else { return false };
    RawMessage::new(message).verify(&address, &SolanaSignature::from_bytes(signature)).is_ok()
}

/// What `ed25519-dalek` says without strictness.
fn verifies_laxly(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify(message, &ed25519_dalek::Signature::from_bytes(signature)).is_ok())
}

#[test]
fn wycheproof_cases_answer_as_marked() {
    let file: Value = serde_json::from_str(include_str!("vectors/wycheproof_ed25519.json")).expect("JSON");
    let (mut valid, mut invalid) = (0, 0);
    for group in file["testGroups"].as_array().expect("groups") {
        let key = unhex(&group["publicKey"]["pk"]);
        for case in group["tests"].as_array().expect("cases") {
            let expected = match case["result"].as_str() {
                Some("valid") => true,
                Some("invalid") => false,
                other => panic!("marked {other:?}"),
            };
            *if expected { &mut valid } else { &mut invalid } += 1;
            let verdict = verifies(&key, &unhex(&case["msg"]), &unhex(&case["sig"]));
            assert_eq!(verdict, expected, "case {}: {}", case["tcId"], case["comment"]);
        }
    }
    assert_eq!((valid, invalid), (88, 63));
}

#[test]
fn of_the_speccheck_cases_only_number_3_is_taken() {
    let cases: Value = serde_json::from_str(include_str!("vectors/speccheck.json")).expect("JSON");
    let taken = cases
        .as_array()
        .expect("cases")
        .iter()
        .map(|case| verifies(&unhex(&case["public_key"]), &unhex(&case["message"]), &unhex(&case["signature"])));
    let taken: Vec<bool> = taken.collect();
    assert_eq!(taken.len(), 12);
    assert!(taken.iter().enumerate().all(|(number, taken)| *taken == (number == 3)), "{taken:?}");
}

/// h = SHA-512(R, A, message) modulo the order.
fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let digest = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

fn join(r: [u8; 32], s: [u8; 32]) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(&s);
    signature
}

/// A secret scalar and nonce, with points of small order added to what is published of them, and a message for which
/// the equation holds without the cofactor.
fn forge(key_part: EdwardsPoint, r_part: EdwardsPoint, holds: bool) -> ([u8; 32], Vec<u8>, [u8; 64]) {
    let (secret, nonce) = (Scalar::from(0x0123_4567_89ab_cdef_u64), Scalar::from(0xfedc_ba98_7654_3210_u64));
    let key = (&secret * ED25519_BASEPOINT_TABLE + key_part).compress().to_bytes();
    let r = (&nonce * ED25519_BASEPOINT_TABLE + r_part).compress().to_bytes();
    (0_u32..)
        .find_map(|counter| {
            let message = counter.to_le_bytes().to_vec();
            let h = challenge(&r, &key, &message);
            let rest = r_part + key_part * h;
            let signature = join(r, (nonce + h * secret).to_bytes());
            (holds == (rest == EdwardsPoint::default())).then_some((key, message, signature))
        })
        .expect("one of eight messages does")
}

#[test]
fn what_only_holds_with_the_cofactor_is_refused() {
    for part in &EIGHT_TORSION[1..] {
        let (key, message, signature) = forge(*part, EdwardsPoint::default(), false);
        assert!(!verifies(&key, &message, &signature));
        let (key, message, signature) = forge(EdwardsPoint::default(), *part, false);
        assert!(!verifies(&key, &message, &signature));
        let (key, message, signature) = forge(*part, *part, true);
        assert!(verifies(&key, &message, &signature), "a mixed key that signs as the rules have it");
    }
}

#[test]
fn a_small_order_key_verifies_laxly_and_not_here() {
    let mut lax = 0;
    for key in EIGHT_TORSION.map(|point| point.compress().to_bytes()) {
        for r in EIGHT_TORSION.map(|point| point.compress().to_bytes()) {
            for message in 0..32_u8 {
                let signature = join(r, [0; 32]);
                lax += usize::from(verifies_laxly(&key, &[message], &signature));
                assert!(!verifies(&key, &[message], &signature));
            }
        }
    }
    assert!(lax > 100, "the forgeries are none: {lax}");
}

#[test]
fn a_small_order_r_verifies_laxly_and_not_here() {
    let secret = Scalar::from(77_u64);
    let key = (&secret * ED25519_BASEPOINT_TABLE).compress().to_bytes();
    let r = EdwardsPoint::default().compress().to_bytes();
    let signature = join(r, (challenge(&r, &key, b"message") * secret).to_bytes());
    assert!(verifies_laxly(&key, b"message", &signature));
    assert!(!verifies(&key, b"message", &signature));
}

#[test]
fn s_and_the_order_are_refused() {
    let key = SigningKey::from_bytes(&[42; 32]);
    let signature = key.sign(b"message").to_bytes();
    assert!(verifies(key.verifying_key().as_bytes(), b"message", &signature));
    let mut shifted = signature;
    let mut carry = 0;
    for (byte, order) in shifted[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert!(!verifies(key.verifying_key().as_bytes(), b"message", &shifted));
}

proptest! {
    #[test]
    fn a_signature_is_good_for_its_message_and_key_alone(
        seed: [u8; 32],
        other: [u8; 32],
        message in prop::collection::vec(any::<u8>(), 0..200),
        bit in 0..512_usize,
        at: prop::sample::Index,
    ) {
        let key = SigningKey::from_bytes(&seed);
        let public = key.verifying_key().to_bytes();
        let signature = key.sign(&message).to_bytes();
        prop_assert!(verifies(&public, &message, &signature));
        let mut flipped = signature;
        flipped[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!verifies(&public, &message, &flipped));
        if seed != other {
            prop_assert!(!verifies(SigningKey::from_bytes(&other).verifying_key().as_bytes(), &message, &signature));
        }
        if !message.is_empty() {
            let mut changed = message.clone();
            changed[at.index(message.len())] ^= 1;
            prop_assert!(!verifies(&public, &changed, &signature));
        }
        let longer = [&message[..], b"\0"].concat();
        prop_assert!(!verifies(&public, &longer, &signature));
    }
}
