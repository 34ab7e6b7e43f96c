//! Keys and signatures over a given message hash.

use std::hint::black_box;
use std::num::NonZero;
use std::thread;

use getrandom::SysRng;
use keyward_lighter::{KeyCache, KeyCacheSettings};
use keyward_schnorr::{
    AheadSigner, MessageHash, PreparedVerifyingKey, Signature, SigningKey, TableSize, VerifyingKey, VerifyingTable,
};

use super::portably;
use crate::{Operation, Row, Target, rust_peer};

pub(super) fn rows() -> Vec<Row> {
    let input = Input::new();
    let mut rows = vec![
        sign(&input),
        sign_ahead(&input),
        derive(&input),
        verify_unknown(&input),
        verify_unknown_portably(&input),
        verify_known(&input),
        verify_prepared(&input),
        verify_prepared_portably(&input),
        verify_table(&input, "verify, table of 10 KiB", "keyward-schnorr/verify-small", TableSize::Small),
        verify_table(&input, "verify, table of 400 KiB", "keyward-schnorr/verify-large", TableSize::Large),
        verify_cached(&input),
        prepare(&input),
        make_table(&input, "build a table of 10 KiB", "keyward-schnorr/table-small", TableSize::Small),
        make_table(&input, "build a table of 400 KiB", "keyward-schnorr/table-large", TableSize::Large),
    ];
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    if cores > 1 {
        rows.push(verify_cached_on_all_cores(&input, cores));
    }
    rows
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

    /// From bytes to verdict.
    fn verify(&self) -> impl Fn() + 'static {
        let Self { public_key, message, signature, .. } = *self;
        move || {
            let key = VerifyingKey::from_bytes(black_box(&public_key)).expect("made here");
            let message = MessageHash::from_bytes(black_box(&message)).expect("made here");
            let signature = Signature::from_bytes(black_box(&signature)).expect("made here");
            assert!(key.verify(&message, &signature).is_ok());
        }
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

/// Only what is left to do when the message is there.
fn sign_ahead(input: &Input) -> Row {
    /// So many that few samples pay for making them, and neither the least nor the median one does.
    const PAIRS: usize = 8_192;

    let Input { private_key, message, .. } = *input;
    let signer = AheadSigner::new(SigningKey::from_bytes(&private_key).expect("made here"), PAIRS);
    let hash = MessageHash::from_bytes(&message).expect("made here");
    Row::new(
        "sign, prepared ahead",
        Operation::new("keyward-schnorr/sign-ahead", move || {
            if black_box(signer.sign(black_box(&hash))).is_err() {
                signer.prepare(PAIRS, &mut SysRng).expect("the system has randomness");
            }
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
    let verify = input.verify();
    Row::new("verify, unknown key (from bytes)", Operation::new("keyward-schnorr/verify", verify), input.peer_verify())
        .with_target(Target::TimesFaster { least: 4.0, aim: 6.0 })
}

fn verify_unknown_portably(input: &Input) -> Row {
    let verify = input.verify();
    Row::new(
        "verify, unknown key (from bytes), portable code",
        Operation::new("keyward-schnorr/verify-portable", move || portably(&verify)),
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

fn verify_prepared_portably(input: &Input) -> Row {
    let (key, message, signature) = input.decoded();
    let key = Box::new(PreparedVerifyingKey::from(&key));
    Row::new(
        "verify, key with cached table, portable code",
        Operation::new("keyward-schnorr/verify-prepared-portable", move || {
            assert!(portably(|| black_box(&key).verify(black_box(&message), black_box(&signature)).is_ok()));
        }),
        input.peer_verify(),
    )
    .with_target(Target::TimesFaster { least: 10.0, aim: 20.0 })
}

fn verify_table(input: &Input, title: &'static str, id: &'static str, size: TableSize) -> Row {
    let (key, message, signature) = input.decoded();
    let table = VerifyingTable::new(&key, size);
    let verify = move || assert!(black_box(&table).verify(black_box(&message), black_box(&signature)).is_ok());
    Row::new(title, Operation::new(id, verify), input.peer_verify())
}

fn make_table(input: &Input, title: &'static str, id: &'static str, size: TableSize) -> Row {
    let (key, ..) = input.decoded();
    let make = move || {
        black_box(VerifyingTable::new(black_box(&key), size));
    };
    Row::new(title, Operation::new(id, make), None)
}

fn verify_cached(input: &Input) -> Row {
    let (key, message, signature) = input.decoded();
    let (cache, bytes) = (KeyCache::new(KeyCacheSettings::default()), key.to_bytes());
    let verify =
        move || assert!(cache.verify_bytes(black_box(&bytes), black_box(&message), black_box(&signature)).is_ok());
    Row::new(
        "verify, cache of keys (from bytes)",
        Operation::new("keyward-lighter/verify-cached", verify),
        input.peer_verify(),
    )
}

/// Every thread asks for the same key; beside it, every thread has a table of its own.
fn verify_cached_on_all_cores(input: &Input, cores: usize) -> Row {
    const CHECKS: usize = 200;

    let (key, message, signature) = input.decoded();
    let on_all_cores = move |check: &(dyn Fn(usize) + Sync)| {
        thread::scope(|scope| {
            for number in 0..cores {
                scope.spawn(move || (0..CHECKS).for_each(|_| check(number)));
            }
        });
    };
    let cache = KeyCache::new(KeyCacheSettings::default());
    let tables: Vec<VerifyingTable> = (0..cores).map(|_| VerifyingTable::new(&key, TableSize::Medium)).collect();
    Row::new(
        "verify 200 times on each core, one cache and key",
        Operation::new("keyward-lighter/verify-cached-all-cores", move || {
            on_all_cores(&|_| assert!(cache.verify(black_box(&key), &message, &signature).is_ok()));
        }),
        Operation::new("own-tables/verify-all-cores", move || {
            on_all_cores(&|number| assert!(tables[number].verify(black_box(&message), &signature).is_ok()));
        }),
    )
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
