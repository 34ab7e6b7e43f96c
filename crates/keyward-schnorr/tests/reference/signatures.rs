//! Signatures with a given ephemeral scalar, byte for byte, and verdicts under the strict rules.

use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::Fp;
use keyward_schnorr::{MessageHash, PreparedVerifyingKey, Signature, SigningKey, VerifyingKey};

use crate::text::{cases, from_hex, str, to_hex};

const SCHNORR: &str = include_str!("../vectors/schnorr.json");

fn scalar(text: &str) -> Scalar {
    let bytes = from_hex(text);
    Scalar::from_bytes(bytes[..].try_into().expect("40 bytes")).expect("canonical")
}

fn message(text: &str) -> MessageHash {
    MessageHash::try_from(&from_hex(text)[..]).expect("canonical")
}

/// `a + n` for 40 bytes below n, as an integer.
fn plus_order(a: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let sum = a.iter().zip(Scalar::ORDER_BYTES).map(|(&a, b)| {
        carry += u16::from(a) + u16::from(b);
        let byte = carry as u8;
        carry >>= 8;
        byte
    });
    sum.collect()
}

#[test]
fn signatures_with_a_given_ephemeral_scalar() {
    let mut refused = vec![];
    for case in cases(SCHNORR, "signatures", 140) {
        let (k, message) = (scalar(str(&case, "k")), message(str(&case, "message_hash")));
        assert_eq!(to_hex(&Point::mul_generator(&k).encode().to_bytes()), str(&case, "r"));
        assert_eq!(case["go_verifies"], true);
        let Ok(key) = SigningKey::from_slice(&from_hex(str(&case, "sk"))) else {
            refused.push(str(&case, "name").to_owned());
            continue;
        };
        let signature = key.sign_with_ephemeral(&message, &k).expect("not zero");
        assert_eq!(to_hex(&signature.to_bytes()), str(&case, "signature"));

        let public_key = VerifyingKey::from_slice(&from_hex(str(&case, "public_key"))).expect("a public key");
        assert_eq!(public_key, *key.verifying_key());
        for key in [&public_key, key.verifying_key()] {
            key.verify(&message, &signature).expect("verifies");
            PreparedVerifyingKey::new(key).verify(&message, &signature).expect("verifies");
        }

        // The same signature in its other forms.
        let bytes = signature.to_bytes();
        let (s, e) = bytes.split_at(40);
        for (s, e) in [(plus_order(s), e.to_vec()), (s.to_vec(), plus_order(e)), (plus_order(s), plus_order(e))] {
            assert!(Signature::from_slice(&[s, e].concat()).is_err());
        }
    }
    assert_eq!(refused, ["sk zero"]);
}

/// What refuses a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    PublicKey,
    Message,
    Signature,
    Equation,
}

fn verdict(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Stage> {
    let public_key = VerifyingKey::from_slice(public_key).map_err(|_| Stage::PublicKey)?;
    let message = MessageHash::try_from(message).map_err(|_| Stage::Message)?;
    let signature = Signature::from_slice(signature).map_err(|_| Stage::Signature)?;
    let plain = public_key.verify(&message, &signature);
    let prepared = PreparedVerifyingKey::new(&public_key).verify(&message, &signature);
    assert_eq!(plain.is_ok(), prepared.is_ok(), "both kinds of key agree");
    plain.map_err(|_| Stage::Equation)
}

/// Where the strict rules refuse a case, and whether the Go code refuses it too.
fn expected(name: &str) -> (Stage, bool) {
    match name {
        // The Go code reduces what it reads, and lets anybody sign for the neutral public key.
        "s+n" | "both+n" => (Stage::Signature, false),
        "pk w=4 non-canonical limb 4+p" => (Stage::PublicKey, false),
        "msg non-canonical limb (5+p), signed over 5" => (Stage::Message, false),
        "neutral public key forgery (no secret known)" => (Stage::PublicKey, false),
        "ff sig" | "sig long" => (Stage::Signature, true),
        "pk short" => (Stage::PublicKey, true),
        "pk not on curve w=1" | "pk not on curve w=2" | "pk not on curve w=3" | "pk not on curve w=5" => {
            (Stage::PublicKey, true)
        }
        "s+1" | "e+1" | "-s" | "zero sig" | "other msg" | "neg pk" => (Stage::Equation, true),
        _ if name.starts_with("bit flip ") => (Stage::Equation, true),
        _ => panic!("no verdict for {name}"),
    }
}

#[test]
fn verdicts_are_strict() {
    for case in cases(SCHNORR, "verify", 44) {
        let name = str(&case, "name");
        let [public_key, message, signature] =
            ["public_key", "message_hash", "signature"].map(|field| from_hex(str(&case, field)));
        let (stage, go_refuses) = expected(name);
        assert_eq!(verdict(&public_key, &message, &signature), Err(stage), "{name}");
        assert_eq!(case["go_accepts"], !go_refuses, "{name}");
    }
}

/// What the Go code takes only because it reduces is valid once it is reduced.
#[test]
fn reduced_forms_of_the_lenient_cases_verify() {
    let mut verified = 0;
    for case in cases(SCHNORR, "verify", 44) {
        let name = str(&case, "name");
        if case["go_accepts"] != true || name.starts_with("neutral") {
            continue;
        }
        let reduce_words = |text: &str| -> Vec<u8> {
            let bytes = from_hex(text);
            let (words, _) = bytes.as_chunks();
            words.iter().flat_map(|word| (u64::from_le_bytes(*word) % Fp::MODULUS).to_le_bytes()).collect()
        };
        let public_key = reduce_words(str(&case, "public_key"));
        let message = reduce_words(str(&case, "message_hash"));
        let signature: Vec<u8> = from_hex(str(&case, "signature"))
            .chunks(40)
            .flat_map(|half| Scalar::from_bytes_mod_order(half.try_into().expect("40 bytes")).to_bytes())
            .collect();
        assert_eq!(verdict(&public_key, &message, &signature), Ok(()), "{name}");
        verified += 1;
    }
    assert_eq!(verified, 4);
}
