//! Signatures of Solana wallets.

use std::hint::black_box;

use ed25519_dalek::ed25519::signature::Signer;
use ed25519_dalek::{Signature, SigningKey, Verifier, VerifyingKey};
use keyward_solana::{Address, RawMessage, SignInExpectation, SignInMessage, SolanaSignature};
use keyward_time::UnixMillis;

use crate::{Operation, Row};

/// As a service asks for it.
const FIELDS: &str = "

Sign in to bind your wallet to the API key.

URI: https://app.example/auth/bind
Version: 1
Chain ID: solana:mainnet
Nonce: 5f0a6d4c8b1e2f3a5f0a6d4c8b1e2f3a5f0a6d4c8b1e2f3a5f0a6d4c8b1e2f3a
Issued At: 2025-11-21T06:00:00.000Z
Expiration Time: 2025-11-21T06:15:00.000Z";

const NONCE: &str = "5f0a6d4c8b1e2f3a5f0a6d4c8b1e2f3a5f0a6d4c8b1e2f3a5f0a6d4c8b1e2f3a";

pub(super) fn rows() -> Vec<Row> {
    let key = SigningKey::from_bytes(b"keyward benches: for no other us");
    let address = Address::from_bytes(key.verifying_key().as_bytes()).expect("an honest key");
    let text = format!("app.example wants you to sign in with your Solana account:\n{address}{FIELDS}");
    let signature = key.sign(text.as_bytes()).to_bytes();
    let input = Input { address, text, signature };
    vec![input.verify(), input.verify_known(), input.sign_in(), input.read_address()]
}

struct Input {
    address: Address,
    text: String,
    signature: [u8; 64],
}

impl Input {
    /// Of the peer, from bytes to verdict.
    fn peer(&self, id: &'static str, verify: fn(&VerifyingKey, &[u8], &Signature) -> bool) -> Operation {
        let (key, text, signature) = (*self.address.as_bytes(), self.text.clone(), self.signature);
        Operation::new(id, move || {
            let key = VerifyingKey::from_bytes(black_box(&key)).expect("an honest key");
            let signature = Signature::from_bytes(black_box(&signature));
            assert!(verify(&key, black_box(text.as_bytes()), &signature));
        })
    }

    fn verify(&self) -> Row {
        let (key, text, signature) = (*self.address.as_bytes(), self.text.clone(), self.signature);
        Row::new(
            "verify a wallet's signature strictly, from bytes",
            Operation::new("keyward-solana/verify", move || {
                let address = Address::from_bytes(black_box(&key)).expect("an honest key");
                let signature = SolanaSignature::from_bytes(black_box(&signature));
                assert!(RawMessage::new(black_box(text.as_bytes())).verify(&address, &signature).is_ok());
            }),
            self.peer("ed25519-dalek/verify-strict", |key, text, signature| key.verify_strict(text, signature).is_ok()),
        )
    }

    fn verify_known(&self) -> Row {
        let (address, text) = (self.address, self.text.clone());
        let signature = SolanaSignature::from_bytes(&self.signature);
        Row::new(
            "verify a wallet's signature strictly, address read before",
            Operation::new("keyward-solana/verify-read", move || {
                assert!(RawMessage::new(black_box(text.as_bytes())).verify(black_box(&address), &signature).is_ok());
            }),
            self.peer("ed25519-dalek/verify", |key, text, signature| key.verify(text, signature).is_ok()),
        )
    }

    fn sign_in(&self) -> Row {
        let (address, text) = (self.address, self.text.clone());
        let now = UnixMillis::new(1_763_704_860_000).expect("an instant");
        Row::new(
            "read a sign-in text and check its fields",
            Operation::new("keyward-solana/sign-in", move || {
                let expected = SignInExpectation::new("app.example", address, NONCE)
                    .with_uri("https://app.example/auth/bind")
                    .with_chain_id("solana:mainnet");
                let message = SignInMessage::parse(black_box(&text)).expect("made here");
                assert_eq!(message.check(&expected, now), Ok(()));
            }),
            None,
        )
    }

    fn read_address(&self) -> Row {
        let text = self.address.to_string();
        Row::new(
            "read an address",
            Operation::new("keyward-solana/address", move || {
                black_box(black_box(&text).parse::<Address>().expect("made here"));
            }),
            None,
        )
    }
}
