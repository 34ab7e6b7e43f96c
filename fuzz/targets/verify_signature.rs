//! What verifies under a key was made by that key.
//!
//! The input is a secret key, a message, an ephemeral scalar and a mask, 40 + 40 + 40 + 80 bytes; what is missing is
//! zero. The signature under test is the one that the key makes, with the mask laid over it: any 80 bytes can be had.

#![cfg_attr(fuzzing, no_main)]

use keyward_ecgfp5::{Point, Scalar};
use keyward_fuzz::split;
use keyward_goldilocks::Fp5;
use keyward_schnorr::{MessageHash, PreparedVerifyingKey, Signature, SigningKey, VerifyingKey};

fn property(data: &[u8]) {
    let (secret, rest) = split::<40>(data);
    let (message, rest) = split::<40>(rest);
    let (ephemeral, rest) = split::<40>(rest);
    let (mask, _) = split::<80>(rest);

    let secret = Scalar::from_bytes_mod_order(&secret);
    let Ok(key) = SigningKey::from_bytes(&secret.to_bytes()) else { return };
    let Ok(message) = MessageHash::from_bytes(&message) else { return };
    let prepared = PreparedVerifyingKey::new(key.verifying_key());
    let Ok(made) = key.sign_with_ephemeral(&message, &Scalar::from_bytes_mod_order(&ephemeral)) else { return };
    assert!(is_valid(&prepared, &message, &made), "what the key made is refused");

    // With the ephemeral scalar 0, which must not be used, the commitment is the neutral.
    let e = challenge(&Point::NEUTRAL, &message);
    let unmasked = [(-(e * secret)).to_bytes(), e.to_bytes()].concat();
    let unmasked = Signature::from_slice(&unmasked).expect("canonical scalars");
    assert!(!is_valid(&prepared, &message, &unmasked), "a commitment to the neutral is taken");

    let mut bytes = made.to_bytes();
    for (byte, mask) in bytes.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    let (s, rest) = split::<40>(&bytes);
    let (e, _) = split::<40>(rest);
    let scalars = Scalar::from_bytes(&s).zip(Scalar::from_bytes(&e));
    let signature = Signature::from_bytes(&bytes);
    assert_eq!(signature.is_ok(), scalars.is_some(), "only canonical signatures are read");
    let (Ok(signature), Some((s, e))) = (signature, scalars) else { return };
    assert_eq!(signature.to_bytes(), bytes);

    // s + e·sk is the one ephemeral scalar with which the key could have made this signature.
    let remade = key.sign_with_ephemeral(&message, &(s + e * secret));
    let is_the_keys = remade.is_ok_and(|remade| remade == signature);
    let verdict = is_valid(&prepared, &message, &signature);
    assert_eq!(verdict, is_the_keys);
    assert_eq!(verdict, satisfies_the_equation(key.verifying_key(), &message, &s, &e));
}

/// The verdict, on which both kinds of key must agree.
fn is_valid(key: &PreparedVerifyingKey, message: &MessageHash, signature: &Signature) -> bool {
    let verdict = key.verify(message, signature).is_ok();
    assert_eq!(key.verifying_key().verify(message, signature).is_ok(), verdict);
    verdict
}

/// Whether e is the challenge of s·G + e·Q, worked out without a table.
fn satisfies_the_equation(key: &VerifyingKey, message: &MessageHash, s: &Scalar, e: &Scalar) -> bool {
    let q = Fp5::from_bytes(&key.to_bytes()).expect("a key is canonical");
    let q = Point::decode(&q).expect("a key is a point");
    let commitment = &Point::GENERATOR * s + &q * e;
    !bool::from(commitment.is_neutral()) && challenge(&commitment, message) == *e
}

/// The hash of a commitment and the message.
fn challenge(commitment: &Point, message: &MessageHash) -> Scalar {
    let mut input = commitment.encode().coefficients().to_vec();
    input.extend(message.as_fp5().coefficients());
    Scalar::from_challenge(&keyward_poseidon2::hash(&input))
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("verify_signature", property);
}
