//! `goldilocks-crypto` 0.1.2 as an independent judge of this project's keys and tokens, and where this project is stricter.

use getrandom::SysRng;
use goldilocks_crypto::{Fp5Element, Point, ScalarField};
use keyward_benches::rust_peer;
use keyward_ecgfp5::Scalar;
use keyward_lighter::{
    AccountIndex, ApiKeyIndex, AuthToken, SigningKey, TokenSigner, TokenVerifier, UnixSeconds, VerifyingKey,
    sign_tokens,
};
use keyward_schnorr::{MessageHash, Signature};

const KEYS: usize = 20;
const TOKENS_PER_KEY: u64 = 50;

#[test]
fn a_thousand_tokens_made_here_verify_there() {
    let mut verified = 0;
    for _ in 0..KEYS {
        let signer = random_signer();
        let public_key = signer.verifying_key().to_bytes();
        for _ in 0..TOKENS_PER_KEY {
            let deadline = UnixSeconds::new(random() >> 20).expect("in range");
            let text = signer.sign(deadline, &mut SysRng).expect("the system has randomness");
            let token = text.as_token();
            let message = rust_peer::hash_text(token.message());
            assert!(rust_peer::verifies(&public_key, &message, &token.signature_bytes()), "{}", text.expose_secret());
            verified += 1;
        }
    }
    assert_eq!(verified, 1_000);
}

#[test]
fn a_thousand_tokens_made_here_together_verify_there() {
    let signers: Vec<TokenSigner> = (0..KEYS).map(|_| random_signer()).collect();
    let requests: Vec<_> = (0..TOKENS_PER_KEY)
        .flat_map(|_| &signers)
        .map(|signer| (signer, UnixSeconds::new(random() >> 20).expect("in range")))
        .collect();
    let mut texts = Vec::new();
    sign_tokens(&requests, &mut SysRng, |text| texts.push(text)).expect("the system has randomness");
    assert_eq!(texts.len(), 1_000);
    for ((signer, deadline), text) in requests.iter().zip(&texts) {
        let token = text.as_token();
        assert_eq!((token.account_index(), token.deadline()), (signer.account_index(), *deadline));
        let message = rust_peer::hash_text(token.message());
        let public_key = signer.verifying_key().to_bytes();
        assert!(rust_peer::verifies(&public_key, &message, &token.signature_bytes()), "{}", text.expose_secret());
    }
}

#[test]
fn a_tampered_token_is_refused_by_both() {
    let mut refused = 0;
    for _ in 0..20 {
        let signer = random_signer();
        let public_key = signer.verifying_key().to_bytes();
        let verifier = TokenVerifier::new(signer.verifying_key());
        let deadline = UnixSeconds::new(random() >> 20).expect("in range");
        let text = signer.sign(deadline, &mut SysRng).expect("the system has randomness");
        for (place, digit) in text.expose_secret().char_indices().filter(|&(_, digit)| digit != ':') {
            // One digit on, staying a digit of the same field; a number that loses its form is not this test's matter.
            let mut tampered = text.expose_secret().to_owned();
            let next = if place > tampered.rfind(':').expect("a token has colons") {
                char::from_digit((digit.to_digit(16).expect("hex") + 1) % 16, 16)
            } else {
                char::from_digit((digit.to_digit(10).expect("decimal") + 1) % 10, 10)
            };
            tampered.replace_range(place..=place, next.expect("a digit").encode_utf8(&mut [0; 4]));
            let Ok(token) = AuthToken::parse(&tampered) else { continue };
            assert!(verifier.verify_signature(&token).is_err(), "{tampered}");
            let message = rust_peer::hash_text(token.message());
            assert!(!rust_peer::verifies(&public_key, &message, &token.signature_bytes()), "{tampered}");
            refused += 1;
        }
        let other = TokenVerifier::new(random_signer().verifying_key());
        assert!(other.verify_signature(&text.as_token()).is_err());
    }
    assert!(refused >= 20 * 160, "every digit of the signatures was tried");
}

#[test]
fn keys_hashes_and_signatures_of_both_agree() {
    for _ in 0..200 {
        let key = SigningKey::generate(&mut SysRng).expect("the system has randomness");
        let public_key = key.verifying_key().to_bytes();
        assert_eq!(rust_peer::public_key(&key.expose_secret()).expect("40 bytes"), public_key);

        let text = format!("{}:{}:253", random() >> 20, random() >> 20);
        let message = MessageHash::of_text(text.as_bytes()).expect("ASCII is canonical");
        assert_eq!(rust_peer::hash_text(&text), message.to_bytes(), "{text}");

        let signature = rust_peer::sign(&key.expose_secret(), &message.to_bytes()).expect("a canonical message");
        let signature = Signature::from_bytes(&signature).expect("the peer's scalars are canonical");
        assert!(key.verifying_key().verify(&message, &signature).is_ok(), "{text}");
    }
}

/// Under the neutral element as public key, anyone can sign: the other crate's verifier lets it pass.
#[test]
fn the_neutral_public_key_is_refused_here_though_accepted_there() {
    let message = rust_peer::hash_text("1700021600:1:253");
    let response = ScalarField::from_u64(0x1234_5678);
    // R = s * G, whatever the challenge: no private key is needed.
    let mut elements = Point::generator().mul(&response).encode().0.to_vec();
    elements.extend(Fp5Element::from_bytes_le(&message).expect("40 bytes").0);
    let challenge = ScalarField::from_fp5_element(&poseidon_hash::hash_to_quintic_extension(&elements));
    let mut signature = [0; 80];
    signature[..40].copy_from_slice(&response.to_bytes_le());
    signature[40..].copy_from_slice(&challenge.to_bytes_le());

    assert!(rust_peer::verifies(&[0; 40], &message, &signature));
    assert!(VerifyingKey::from_bytes(&[0; 40]).is_err());
}

/// `s` and `s + n` are one scalar, and a signature must have one form only. The other crate does not ask whether `s < n`; its
/// windows drop a carry of most such scalars, but about one in thirty passes.
#[test]
fn a_response_above_the_group_order_is_refused_here_though_some_are_accepted_there() {
    let message = MessageHash::of_text(b"1700021600:1:253").expect("ASCII is canonical");
    let accepted_there = (0..10_000).any(|_| {
        let key = SigningKey::generate(&mut SysRng).expect("the system has randomness");
        let signature = key.sign(&message, &mut SysRng).expect("the system has randomness").to_bytes();
        let second_form = add_order_to_response(&signature);
        assert!(Signature::from_bytes(&second_form).is_err());
        rust_peer::verifies(&key.verifying_key().to_bytes(), &message.to_bytes(), &second_form)
    });
    assert!(accepted_there, "the other crate refuses them all: this test shows nothing");
}

fn add_order_to_response(signature: &[u8; 80]) -> [u8; 80] {
    let mut sum = *signature;
    let mut carry = false;
    for (byte, order) in sum.iter_mut().zip(Scalar::ORDER_BYTES) {
        (*byte, carry) = byte.carrying_add(order, carry);
    }
    assert!(!carry, "2n is below 2^320");
    sum
}

fn random_signer() -> TokenSigner {
    let key = SigningKey::generate(&mut SysRng).expect("the system has randomness");
    let account_index = AccountIndex::new(random() >> 17).expect("below 2^47");
    let api_key_index = ApiKeyIndex::new((random() % 255) as u8).expect("below 255");
    TokenSigner::new(key, account_index, api_key_index)
}

fn random() -> u64 {
    getrandom::u64().expect("the system has randomness")
}
