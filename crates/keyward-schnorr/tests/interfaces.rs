//! The traits of the `signature` crate, and what the types show of themselves.

use core::fmt;
use core::hash::{BuildHasher, BuildHasherDefault};
use std::collections::hash_map::DefaultHasher;

use getrandom::SysRng;
use keyward_schnorr::{MessageHash, PreparedVerifyingKey, Signature, SigningKey, VerifyingKey};
use signature::hazmat::{PrehashSigner, PrehashVerifier, RandomizedPrehashSigner};
use signature::{Keypair, SignatureEncoding};
use zeroize::ZeroizeOnDrop;

/// 1, whose public key is the generator.
const ONE: [u8; 40] = {
    let mut bytes = [0; 40];
    bytes[0] = 1;
    bytes
};

fn message() -> MessageHash {
    MessageHash::of_text(b"1706390869:44761709683838:0").expect("ASCII")
}

fn key() -> SigningKey {
    SigningKey::from_seed(b"a seed that is no secret at all, 32+").expect("32 bytes")
}

#[test]
fn prehash_traits_sign_and_verify() {
    let key = key();
    let public_key = key.verifying_key();
    let prepared = PreparedVerifyingKey::new(public_key);
    let prehash = message().to_bytes();

    let fixed: Signature = key.sign_prehash(&prehash).expect("40 canonical bytes");
    let again: Signature = key.sign_prehash(&prehash).expect("40 canonical bytes");
    assert_eq!(fixed, again, "deterministic");
    let random: Signature = key.sign_prehash_with_rng(&mut SysRng, &prehash).expect("40 canonical bytes");
    assert_ne!(random, fixed);
    for signature in [fixed, random] {
        public_key.verify(&message(), &signature).expect("verifies");
        public_key.verify_prehash(&prehash, &signature).expect("verifies");
        prepared.verify_prehash(&prehash, &signature).expect("verifies");
    }

    let other = MessageHash::of_text(b"other").expect("ASCII");
    let other: Signature = key.sign_prehash(&other.to_bytes()).expect("40 canonical bytes");
    assert!(public_key.verify_prehash(&prehash, &other).is_err());
    assert!(prepared.verify_prehash(&prehash, &other).is_err());
}

#[test]
fn prehashes_are_forty_canonical_bytes() {
    let key = key();
    let prepared = PreparedVerifyingKey::new(key.verifying_key());
    let signature: Signature = key.sign_prehash(&[0; 40]).expect("40 canonical bytes");
    key.verifying_key().verify_prehash(&[0; 40], &signature).expect("verifies");
    // Nothing, too few, too many, and p in place of 0.
    let non_canonical = [&[1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF][..], &[0; 32]].concat();
    for refused in [&[][..], &[0; 39], &[0; 41], &[0; 80], &non_canonical] {
        assert!(PrehashSigner::<Signature>::sign_prehash(&key, refused).is_err());
        assert!(RandomizedPrehashSigner::<Signature>::sign_prehash_with_rng(&key, &mut SysRng, refused).is_err());
        assert!(key.verifying_key().verify_prehash(refused, &signature).is_err());
        assert!(prepared.verify_prehash(refused, &signature).is_err());
    }
}

#[test]
fn a_key_pair_gives_its_public_key() {
    let key = key();
    assert_eq!(Keypair::verifying_key(&key), *key.verifying_key());
    assert_eq!(PreparedVerifyingKey::from(key.verifying_key()).verifying_key(), key.verifying_key());
}

#[test]
fn signatures_encode_as_eighty_bytes() {
    let signature: Signature = key().sign_prehash(&[0; 40]).expect("40 canonical bytes");
    let bytes = SignatureEncoding::to_bytes(&signature);
    assert_eq!(bytes, signature.to_bytes());
    assert_eq!(signature.encoded_len(), 80);
    assert_eq!(Signature::try_from(&bytes[..]).expect("canonical"), signature);
    assert_eq!(<[u8; 80]>::from(signature), bytes);
    assert!(Signature::try_from(&bytes[1..]).is_err());
}

#[test]
fn messages_convert() {
    let message = message();
    assert_eq!(MessageHash::new(*message.as_fp5()), message);
    assert_eq!(MessageHash::from_bytes(&message.to_bytes()), Ok(message));
    assert_eq!(MessageHash::try_from(&message.to_bytes()[..]).expect("canonical"), message);
}

#[test]
fn equal_public_keys_hash_alike() {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let key = key();
    // Another representation of the same point.
    let parsed = VerifyingKey::from_bytes(&key.verifying_key().to_bytes()).expect("a public key");
    assert_eq!(parsed, *key.verifying_key());
    assert_eq!(hasher.hash_one(parsed), hasher.hash_one(key.verifying_key()));
    let other = SigningKey::from_bytes(&ONE).expect("a private key");
    assert_ne!(parsed, *other.verifying_key());
}

#[test]
fn debug_texts_are_pinned() {
    let key = SigningKey::from_bytes(&ONE).expect("a private key");
    let public_key = format!("VerifyingKey(0x04{})", "0".repeat(78));
    assert_eq!(format!("{:?}", key.verifying_key()), public_key);
    assert_eq!(format!("{key:?}"), format!("SigningKey {{ verifying_key: {public_key}, .. }}"));
    let prepared = PreparedVerifyingKey::new(key.verifying_key());
    assert_eq!(format!("{prepared:?}"), format!("PreparedVerifyingKey({public_key})"));
    let signature: Signature = key.sign_prehash(&[0; 40]).expect("40 canonical bytes");
    assert_eq!(format!("{signature:?}"), "Signature { .. }");
}

#[test]
fn no_debug_text_or_error_has_the_private_key() {
    let key = key();
    let secret: String = key.expose_secret().iter().map(|byte| format!("{byte:02x}")).collect();
    let words = |text: &str| (0..text.len() / 16).map(|i| text[16 * i..16 * i + 16].to_owned()).collect::<Vec<_>>();
    for text in [format!("{key:?}"), format!("{key:#?}")] {
        for word in words(&secret) {
            assert!(!text.contains(&word));
        }
    }
    let refused = SigningKey::from_bytes(&[0xAB; 40]).expect_err("not below the order");
    for text in [refused.to_string(), format!("{refused:?}")] {
        assert!(!text.to_lowercase().contains("abab") && !text.contains("171"), "{text}");
    }
}

/// Whether a type has a trait: the constant of the inherent implementation goes before that of [`Lacks`].
struct Has<T>(core::marker::PhantomData<T>);

trait Lacks {
    const CLONE: bool = false;
    const PARTIAL_EQ: bool = false;
    const DISPLAY: bool = false;
    const DEFAULT: bool = false;
}

impl<T> Lacks for Has<T> {}

impl<T: Clone> Has<T> {
    const CLONE: bool = true;
}

impl<T: PartialEq> Has<T> {
    const PARTIAL_EQ: bool = true;
}

impl<T: fmt::Display> Has<T> {
    const DISPLAY: bool = true;
}

impl<T: Default> Has<T> {
    const DEFAULT: bool = true;
}

#[test]
fn a_private_key_is_not_copied_compared_or_printed() {
    fn is_wiped_on_drop<T: ZeroizeOnDrop>() -> bool {
        core::mem::needs_drop::<T>()
    }
    assert!(is_wiped_on_drop::<SigningKey>());
    // The probe tells the two apart.
    assert!(
        [Has::<String>::CLONE, Has::<String>::PARTIAL_EQ, Has::<String>::DISPLAY, Has::<String>::DEFAULT] == [true; 4]
    );
    assert!(
        [
            Has::<SigningKey>::CLONE,
            Has::<SigningKey>::PARTIAL_EQ,
            Has::<SigningKey>::DISPLAY,
            Has::<SigningKey>::DEFAULT
        ] == [false; 4]
    );
}
