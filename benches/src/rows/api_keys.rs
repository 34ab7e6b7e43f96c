//! API keys: from random bytes to text, and from text to what a store is asked for.

use std::hint::black_box;

use getrandom::SysRng;
use keyward_apikey::{KeyDigest, KeyProfile, Pepper, PepperId, Peppers, PlainDigests, PresentedKey, RawKey};
use sha2::{Digest, Sha256};

use super::chained;
use crate::{Operation, Row};

pub(super) fn rows() -> Vec<Row> {
    vec![generate(), parse(), parse_open_svm(), digest(), plain_digest()]
}

fn generate() -> Row {
    Row::new(
        "generate an API key",
        repeated("keyward-apikey/generate", || {
            black_box(RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("the system has randomness"));
        }),
        // What no generation is faster than.
        repeated("getrandom/32-bytes", || {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).expect("the system has randomness");
            black_box(bytes);
        }),
    )
}

fn parse() -> Row {
    let key = key(KeyProfile::Keyward);
    Row::new(
        "parse an API key, with its checksum",
        repeated("keyward-apikey/parse", move || {
            black_box(PresentedKey::parse(black_box(key.expose_secret())).expect("made here"));
        }),
        None,
    )
}

fn parse_open_svm() -> Row {
    let key = key(KeyProfile::OpenSvm);
    Row::new(
        "parse an API key without a checksum",
        repeated("keyward-apikey/parse-hex", move || {
            black_box(PresentedKey::parse(black_box(key.expose_secret())).expect("made here"));
        }),
        None,
    )
}

/// HMAC under a pepper whose state is kept: two blocks of text and label, one of the outer hash.
fn digest() -> Row {
    let (peppers, key) = (peppers(), key(KeyProfile::Keyward));
    Row::new(
        "digest of an API key under a pepper",
        repeated("keyward-apikey/digest", move || {
            black_box(peppers.digest(black_box(key.as_presented())));
        }),
        sha256_of_one_block(),
    )
}

fn plain_digest() -> Row {
    let key = key(KeyProfile::OpenSvm);
    Row::new(
        "plain digest of an API key",
        repeated("keyward-apikey/plain-digest", move || {
            black_box(KeyDigest::plain(black_box(key.as_presented())));
        }),
        sha256_of_one_block(),
    )
}

fn sha256_of_one_block() -> Operation {
    // With its padding, a block.
    let text = [b'a'; 55];
    repeated("sha2/one-block", move || {
        black_box(Sha256::digest(black_box(&text)));
    })
}

fn repeated(id: &'static str, operation: impl Fn() + 'static) -> Operation {
    chained(id, (), move |()| operation())
}

fn key(profile: KeyProfile) -> RawKey {
    RawKey::generate(profile, &mut SysRng).expect("the system has randomness")
}

fn peppers() -> Peppers {
    let id = PepperId::new("bench").expect("a name");
    Peppers::new(Pepper::new(id, &[7; 32]).expect("32 bytes"), PlainDigests::Refuse)
}
