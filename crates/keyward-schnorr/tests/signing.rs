//! The ephemeral scalar: fresh each time, secret and distinct even when the generator is broken, and without bias.

use core::convert::Infallible;
use core::fmt;

use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::{Fp, Fp5};
use keyward_poseidon2::hash;
use keyward_schnorr::{MessageHash, Signature, SigningKey};
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha512};

/// Gives the same byte for ever: a broken generator.
struct Constant(u8);

impl TryRng for Constant {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_ne_bytes([self.0; 4]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_ne_bytes([self.0; 8]))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(self.0);
        Ok(())
    }
}

impl TryCryptoRng for Constant {}

/// Gives SHA-512 of a counter: a good generator that can be repeated.
struct Counter(u64);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|word| word as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(64) {
            chunk.copy_from_slice(&Sha512::digest(self.0.to_le_bytes())[..chunk.len()]);
            self.0 += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

#[derive(Debug, PartialEq, Eq)]
struct NoEntropy;

impl fmt::Display for NoEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no entropy")
    }
}

impl core::error::Error for NoEntropy {}

/// Fails after having written what looks like a success.
struct Failing;

impl TryRng for Failing {
    type Error = NoEntropy;

    fn try_next_u32(&mut self) -> Result<u32, NoEntropy> {
        Err(NoEntropy)
    }

    fn try_next_u64(&mut self) -> Result<u64, NoEntropy> {
        Err(NoEntropy)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        bytes.fill(1);
        Err(NoEntropy)
    }
}

impl TryCryptoRng for Failing {}

fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32]).expect("32 bytes")
}

fn message(number: u64) -> MessageHash {
    MessageHash::of_text(number.to_string().as_bytes()).expect("ASCII")
}

fn secret(key: &SigningKey) -> Scalar {
    Scalar::from_bytes(&key.expose_secret()).expect("canonical")
}

/// The ephemeral scalar of a signature: k = s + e sk.
fn ephemeral(key: &SigningKey, signature: &Signature) -> Scalar {
    let bytes = signature.to_bytes();
    let (halves, _) = bytes.as_chunks();
    let [s, e] = [halves[0], halves[1]].map(|half| Scalar::from_bytes(&half).expect("canonical"));
    s + e * secret(key)
}

fn all_distinct<T: Ord>(mut items: Vec<T>) -> bool {
    let count = items.len();
    items.sort();
    items.dedup();
    items.len() == count && count > 1
}

#[test]
fn signatures_satisfy_their_definition() {
    let (key, message) = (key(1), message(1));
    let signature = key.sign(&message, &mut Counter(0)).expect("infallible");
    let k = ephemeral(&key, &signature);
    let r = Point::mul_generator(&k).encode();
    let input = [r.coefficients(), message.as_fp5().coefficients()].concat();
    let e = Scalar::from_challenge(&hash(&input));
    assert_eq!(signature.to_bytes()[40..], e.to_bytes());
}

#[test]
fn the_same_message_is_signed_differently_each_time() {
    let (key, message) = (key(1), message(1));
    let mut rng = Counter(0);
    let signatures: Vec<Signature> = (0..32).map(|_| key.sign(&message, &mut rng).expect("infallible")).collect();
    for signature in &signatures {
        key.verifying_key().verify(&message, signature).expect("verifies");
    }
    assert!(all_distinct(signatures.iter().map(|signature| signature.to_bytes()).collect()));
    assert!(all_distinct(signatures.iter().map(|signature| ephemeral(&key, signature).to_bytes()).collect()));
}

#[test]
fn a_broken_generator_repeats_no_ephemeral_scalar() {
    for byte in [0, 0xFF] {
        let mut ephemerals = vec![];
        for key in [key(1), key(2), key(3)] {
            for message in (0..16).map(message) {
                let signature = key.sign(&message, &mut Constant(byte)).expect("infallible");
                key.verifying_key().verify(&message, &signature).expect("verifies");
                ephemerals.push(ephemeral(&key, &signature).to_bytes());
            }
        }
        assert!(all_distinct(ephemerals));
    }
}

#[test]
fn neighbours_of_a_message_and_a_key_get_other_ephemeral_scalars() {
    let sign = |secret: Scalar, message: Fp5| {
        let key = SigningKey::from_bytes(&secret.to_bytes()).expect("a private key");
        let signature = key.sign(&MessageHash::new(message), &mut Constant(7)).expect("infallible");
        ephemeral(&key, &signature).to_bytes()
    };
    let sk = secret(&key(1));
    let mut ephemerals = vec![sign(sk, Fp5::ONE), sign(-sk, Fp5::ONE), sign(sk + Scalar::ONE, Fp5::ONE)];
    for coefficient in 0..5 {
        let mut coefficients = Fp5::ONE.coefficients();
        coefficients[coefficient] += Fp::ONE;
        ephemerals.push(sign(sk, Fp5::from_coefficients(coefficients)));
    }
    assert!(all_distinct(ephemerals));
}

/// The tag, the key, 32 random bytes, the message and a counter of 0, hashed to 512 bits and reduced.
#[test]
fn ephemeral_scalars_are_derived_as_documented() {
    for number in 0..8 {
        let (key, message) = (key(number as u8), message(number));
        let signature = key.sign(&message, &mut Counter(number)).expect("infallible");
        let mut entropy = [0; 32];
        Counter(number).try_fill_bytes(&mut entropy).expect("infallible");
        let digest = Sha512::new()
            .chain_update(b"keyward/schnorr/ephemeral/v2: hash of this tag, the key, randomness, message and counter")
            .chain_update(key.expose_secret())
            .chain_update(entropy)
            .chain_update(message.to_bytes())
            .chain_update([0])
            .finalize();
        let k = Scalar::from_bytes_mod_order_wide(&digest.into());
        assert!(ephemeral(&key, &signature) == k);
        assert_eq!(key.sign_with_ephemeral(&message, &k).expect("not zero"), signature);
    }
}

#[test]
fn the_generator_is_asked_for_32_bytes_a_signature() {
    let key = key(1);
    let mut rng = Counter(0);
    for count in 1..=4 {
        key.sign(&message(count), &mut rng).expect("infallible");
        assert_eq!(rng.0, count);
    }
}

/// A scalar of 256 bits gives the private key away after six signatures.
#[test]
fn ephemeral_scalars_fill_their_range() {
    const COUNT: u32 = 1024;
    let key = key(9);
    let mut ones = [0; 319];
    let mut rng = Counter(1);
    for number in 0..COUNT {
        let signature = key.sign(&message(number.into()), &mut rng).expect("infallible");
        let k = ephemeral(&key, &signature).to_bytes();
        for (bit, ones) in ones.iter_mut().enumerate() {
            *ones += u32::from(k[bit / 8] >> (bit % 8) & 1);
        }
    }
    for (bit, ones) in ones.into_iter().enumerate() {
        // Ten standard deviations.
        assert!(ones.abs_diff(COUNT / 2) < 160, "bit {bit} is set {ones} times in {COUNT}");
    }
}

#[test]
fn a_failing_generator_stops_signing_and_generation() {
    assert_eq!(key(1).sign(&message(1), &mut Failing).err(), Some(NoEntropy));
    assert_eq!(SigningKey::generate(&mut Failing).err(), Some(NoEntropy));
}

#[test]
fn the_ephemeral_scalar_zero_is_refused() {
    assert!(key(1).sign_with_ephemeral(&message(1), &Scalar::ZERO).is_err());
    assert!(key(1).sign_with_ephemeral(&message(1), &Scalar::ONE).is_ok());
}

#[test]
fn generated_keys_are_reduced_from_64_bytes() {
    let mut rng = Counter(5);
    let mut keys = vec![];
    for _ in 0..16 {
        let mut bytes = [0; 64];
        Counter(rng.0).try_fill_bytes(&mut bytes).expect("infallible");
        let key = SigningKey::generate(&mut rng).expect("infallible");
        assert!(secret(&key) == Scalar::from_bytes_mod_order_wide(&bytes));
        keys.push(key.expose_secret().to_vec());
    }
    assert!(all_distinct(keys));
}

/// A key of 0 would be worthless, and to draw again would go on for ever.
#[test]
#[should_panic(expected = "the random generator is broken")]
fn a_generator_of_zeros_makes_no_key() {
    let _ = SigningKey::generate(&mut Constant(0));
}
