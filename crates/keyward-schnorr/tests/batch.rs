//! Batches: the same signatures as one by one, for any number of messages and any mix of keys.

use core::convert::Infallible;
use core::fmt;

use keyward_schnorr::{MessageHash, Signature, SigningKey, sign_batch};
use proptest::collection::vec;
use proptest::prelude::*;
use rand_core::{TryCryptoRng, TryRng};

/// A stream of bytes that does not depend on how many are asked for at a time; it ends with an error after `left`.
struct Stream {
    next: u64,
    left: usize,
}

impl Stream {
    fn endless(seed: u64) -> Self {
        Self { next: seed, left: usize::MAX }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Dry;

impl fmt::Display for Dry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream has run dry")
    }
}

impl core::error::Error for Dry {}

impl TryRng for Stream {
    type Error = Dry;

    fn try_next_u32(&mut self) -> Result<u32, Dry> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Dry> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Dry> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(Dry)?;
        for byte in bytes {
            *byte = (self.next.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8;
            self.next += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream {}

fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32]).expect("32 bytes")
}

fn message(number: u64) -> MessageHash {
    MessageHash::of_text(number.to_string().as_bytes()).expect("ASCII")
}

fn signatures(requests: &[(&SigningKey, MessageHash)], rng: &mut Stream) -> Result<Vec<Signature>, Dry> {
    let mut signatures = vec![];
    sign_batch(requests, rng, |signature| signatures.push(signature))?;
    Ok(signatures)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn signatures_are_those_made_one_by_one(
        choices in vec((0..4usize, 0..8u64), 0..=33),
        seed in any::<u32>(),
    ) {
        let keys: Vec<SigningKey> = (0..4).map(key).collect();
        let requests: Vec<(&SigningKey, MessageHash)> =
            choices.iter().map(|&(key, number)| (&keys[key], message(number))).collect();
        let (mut rng, mut same_rng) = (Stream::endless(seed.into()), Stream::endless(seed.into()));
        let batch = signatures(&requests, &mut rng).expect("endless");
        let single: Result<Vec<Signature>, Dry> =
            requests.iter().map(|(key, message)| key.sign(message, &mut same_rng)).collect();
        prop_assert_eq!(Ok(&batch), single.as_ref());
        prop_assert_eq!(rng.next, same_rng.next, "as many random bytes are used");
        for ((key, message), signature) in requests.iter().zip(&batch) {
            prop_assert!(key.verifying_key().verify(message, signature).is_ok());
        }
    }
}

#[test]
fn texts_are_hashed_together_as_they_are_alone() {
    let texts: Vec<String> = (0..21).map(|number| "17952480:".repeat(number)).collect();
    let mut texts: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    let mut hashes = vec![message(0); texts.len()];
    MessageHash::of_texts(&texts, &mut hashes).expect("ASCII");
    for (text, hash) in texts.iter().zip(&hashes) {
        assert_eq!(MessageHash::of_text(text).expect("ASCII"), *hash);
    }
    texts[20] = b"8 bytes, \xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    let refusal = MessageHash::of_texts(&texts, &mut hashes).expect_err("not ASCII");
    assert_eq!(MessageHash::of_text(texts[20]), Err(refusal));
}

#[test]
fn every_count_up_to_three_times_eight_is_signed_in_order() {
    let keys: Vec<SigningKey> = (0..24).map(key).collect();
    for count in 0..=24 {
        let requests: Vec<_> = keys[..count].iter().zip(0..).map(|(key, number)| (key, message(number))).collect();
        let signatures = signatures(&requests, &mut Stream::endless(count as u64)).expect("endless");
        assert_eq!(signatures.len(), count);
        for ((key, message), signature) in requests.iter().zip(&signatures) {
            key.verifying_key().verify(message, signature).expect("the message's own signature");
        }
    }
}

/// The switch is the whole process's, which the other tests do not mind: results do not depend on it.
#[cfg(feature = "vector")]
#[test]
fn vector_and_portable_code_make_the_same_signatures() {
    use std::io::{self, Write};

    use keyward_goldilocks::vector::{Avx2, Avx512, Level, limit};

    for (code, is_here) in [("AVX-512 IFMA", Avx512::detect().is_some()), ("AVX2", Avx2::detect().is_some())] {
        if !is_here {
            // Not `eprintln!`, which the test harness captures.
            writeln!(io::stderr(), "NOT RUN: the code for {code}").expect("standard error is open");
        }
    }
    let keys: Vec<SigningKey> = (0..5).map(key).collect();
    let requests: Vec<_> = (0..1_003).map(|number| (&keys[number as usize % 5], message(number))).collect();
    let [avx512, avx2, portable] = [Level::Avx512, Level::Avx2, Level::Portable].map(|level| {
        limit(level);
        signatures(&requests, &mut Stream::endless(7)).expect("endless")
    });
    limit(Level::Avx512);
    assert_eq!(avx512, portable);
    assert_eq!(avx2, portable);
}

#[test]
fn one_message_under_one_key_is_signed_differently_each_time() {
    let key = key(1);
    let requests = [(&key, message(1)); 16];
    let mut signatures: Vec<[u8; 80]> =
        signatures(&requests, &mut Stream::endless(1)).expect("endless").iter().map(Signature::to_bytes).collect();
    signatures.sort();
    signatures.dedup();
    assert_eq!(signatures.len(), 16);
}

/// A broken generator: even then no two messages and no two keys may share an ephemeral scalar.
#[test]
fn zeros_for_randomness_give_the_signatures_of_no_randomness() {
    use signature::hazmat::PrehashSigner;

    struct Zeros;

    impl TryRng for Zeros {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            Ok(0)
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            Ok(0)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            bytes.fill(0);
            Ok(())
        }
    }

    impl TryCryptoRng for Zeros {}

    let keys = [key(1), key(2)];
    let requests: Vec<_> = (0..16).map(|number| (&keys[number as usize % 2], message(number))).collect();
    let mut signatures = vec![];
    let Ok(()) = sign_batch(&requests, &mut Zeros, |signature| signatures.push(signature));
    for ((key, message), signature) in requests.iter().zip(signatures) {
        assert_eq!(key.sign_prehash(&message.to_bytes()).expect("40 bytes"), signature);
    }
}

#[test]
fn a_generator_that_fails_stops_the_batch_after_whole_eights() {
    let key = key(1);
    let requests: Vec<_> = (0..20).map(|number| (&key, message(number))).collect();
    for (left, signed) in [(0, 0), (8 * 32 - 1, 0), (8 * 32, 8), (19 * 32, 16), (20 * 32, 20)] {
        let mut count = 0;
        let outcome = sign_batch(&requests, &mut Stream { next: 0, left }, |_| count += 1);
        assert_eq!(count, signed, "{left} bytes");
        assert_eq!(outcome, if signed == requests.len() { Ok(()) } else { Err(Dry) }, "{left} bytes");
    }
}
