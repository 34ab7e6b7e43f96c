//! Keys and signatures over a given message hash.

use std::hint::black_box;

use getrandom::SysRng;
use keyward_schnorr::{MessageHash, PreparedVerifyingKey, Signature, SigningKey, VerifyingKey};

use crate::{Operation, Row, Target, rust_peer};

pub(super) fn rows() -> Vec<Row> {
    let input = Input::new();
    vec![
        sign(&input),
        derive(&input),
        verify_unknown(&input),
        verify_known(&input),
        verify_prepared(&input),
        prepare(&input),
    ]
}

/// A key, a message and its signature, as the bytes that both sides read. The key is for nothing else.
struct Input {
    private_key: [u8; 40],
    public_key: [u8; 40],
    message: [u8; 40],
    signature: [u8; 80],
}

impl Input {
    fn new() -> Self {
        let key = signing_key();
        let message = MessageHash::of_text(b"1700021600:1:253").expect("ASCII is canonical");
        let signature = key.sign(&message, &mut SysRng).expect("the system has randomness");
        Self {
            private_key: *key.expose_secret(),
            public_key: key.verifying_key().to_bytes(),
            message: message.to_bytes(),
            signature: signature.to_bytes(),
        }
    }

    fn decoded(&self) -> (VerifyingKey, MessageHash, Signature) {
        (
            VerifyingKey::from_bytes(&self.public_key).expect("made here"),
            MessageHash::from_bytes(&self.message).expect("made here"),
            Signature::from_bytes(&self.signature).expect("made here"),
        )
    }

    /// The peer's verification, from bytes to verdict; it has no other.
    fn peer_verify(&self) -> Operation {
        let Self { public_key, message, signature, .. } = *self;
        Operation::new("goldilocks-crypto/verify", move || {
            assert!(rust_peer::verifies(black_box(&public_key), black_box(&message), black_box(&signature)));
        })
    }
}

pub(super) fn signing_key() -> SigningKey {
    SigningKey::from_seed(b"keyward benches: for no other use").expect("32 bytes and more")
}

fn sign(input: &Input) -> Row {
    let Input { private_key, message, .. } = *input;
    let key = SigningKey::from_bytes(&private_key).expect("made here");
    let hash = MessageHash::from_bytes(&message).expect("made here");
    Row::new(
        "sign",
        Operation::new("keyward-schnorr/sign", move || {
            black_box(key.sign(black_box(&hash), &mut SysRng).expect("the system has randomness"));
        }),
        Operation::new("goldilocks-crypto/sign", move || {
            black_box(rust_peer::sign(black_box(&private_key), black_box(&message)).expect("well formed"));
        }),
    )
}

fn derive(input: &Input) -> Row {
    let Input { private_key, .. } = *input;
    Row::new(
        "public key of a private key",
        Operation::new("keyward-schnorr/derive", move || {
            let key = SigningKey::from_bytes(black_box(&private_key)).expect("made here");
            black_box(key.verifying_key().to_bytes());
        }),
        Operation::new("goldilocks-crypto/derive", move || {
            black_box(rust_peer::public_key(black_box(&private_key)).expect("40 bytes"));
        }),
    )
}

fn verify_unknown(input: &Input) -> Row {
    let Input { public_key, message, signature, .. } = *input;
    Row::new(
        "verify, unknown key (from bytes)",
        Operation::new("keyward-schnorr/verify", move || {
            let key = VerifyingKey::from_bytes(black_box(&public_key)).expect("made here");
            let message = MessageHash::from_bytes(black_box(&message)).expect("made here");
            let signature = Signature::from_bytes(black_box(&signature)).expect("made here");
            assert!(key.verify(&message, &signature).is_ok());
        }),
        input.peer_verify(),
    )
    .with_target(Target::TimesFaster { least: 4.0, aim: 6.0 })
}

fn verify_known(input: &Input) -> Row {
    let (key, message, signature) = input.decoded();
    Row::new(
        "verify, decoded key",
        Operation::new("keyward-schnorr/verify-decoded", move || {
            assert!(black_box(&key).verify(black_box(&message), black_box(&signature)).is_ok());
        }),
        input.peer_verify(),
    )
}

fn verify_prepared(input: &Input) -> Row {
    let (key, message, signature) = input.decoded();
    let key = Box::new(PreparedVerifyingKey::from(&key));
    Row::new(
        "verify, key with cached table",
        Operation::new("keyward-schnorr/verify-prepared", move || {
            assert!(black_box(&key).verify(black_box(&message), black_box(&signature)).is_ok());
        }),
        input.peer_verify(),
    )
    .with_target(Target::TimesFaster { least: 10.0, aim: 20.0 })
}

fn prepare(input: &Input) -> Row {
    let (key, ..) = input.decoded();
    Row::new(
        "build a key's table",
        Operation::new("keyward-schnorr/prepare", move || {
            black_box(Box::new(PreparedVerifyingKey::from(black_box(&key))));
        }),
        None,
    )
}
