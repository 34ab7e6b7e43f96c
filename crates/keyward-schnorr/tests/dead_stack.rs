//! Signing leaves no copy of a secret on the stack that it has used.
//!
//! Each operation runs on a stack of its own, which is looked through afterwards. No compiler promises this, and single words of
//! secrets do spill: what is held here is that no secret is left whole, nor 16 bytes in a row of it.
//!
//! Making a key is not among the operations: it moves to who asked for it, and each move may leave a copy.

#![cfg(all(unix, target_arch = "x86_64", not(miri)))]

use std::array;
use std::collections::HashMap;
use std::hint::black_box;

use getrandom::SysRng;
use keyward_ecgfp5::{Point, Scalar};
use keyward_schnorr::{AheadSigner, MessageHash, Signature, SigningKey, sign_batch};
use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha512};
use signature::hazmat::PrehashSigner;

const PART: usize = 16;

/// Runs `operation` on a stack that held zeros, and gives what it leaves there.
fn stack_after(mut operation: impl FnMut()) -> Vec<u8> {
    extern "C" fn call(operation: *mut &mut dyn FnMut()) {
        #[expect(unsafe_code, reason = "a reference that has come through assembly")]
        // SAFETY: the pointer comes from below, where what it points to waits for the call to end. A panic does not leave this
        // function, it ends the program.
        unsafe {
            (*operation)()
        }
    }

    let mut stack = vec![0u128; 64 * 1024];
    let mut operation: &mut dyn FnMut() = &mut operation;
    #[expect(unsafe_code, reason = "only assembly changes the stack")]
    // SAFETY: the new stack is aligned, large, and nobody else's. `r12`, which the call preserves, keeps the old one, and all
    // that a call may change is said to change.
    unsafe {
        std::arch::asm!(
            "xchg rsp, r12",
            "call {call}",
            "mov rsp, r12",
            call = sym call,
            in("rdi") &raw mut operation,
            inout("r12") stack.as_mut_ptr_range().end => _,
            clobber_abi("C"),
        );
    }
    stack.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// What must not be left, with names.
struct Secrets(Vec<(String, Vec<u8>)>);

impl Secrets {
    fn of(key: &SigningKey, signatures: &[Signature]) -> Self {
        let secret = Scalar::from_bytes(&key.expose_secret()).expect("below the order");
        let mut ephemerals = Vec::new();
        let mut secrets = Self(vec![
            ("the private scalar".into(), secret.to_bytes().into()),
            ("the state of the hash".into(), derivation(key).serialize()[..64].into()),
        ]);
        for (i, signature) in signatures.iter().enumerate() {
            let [s, e] = [0, 40].map(|start| {
                Scalar::from_bytes(signature.to_bytes()[start..][..40].try_into().expect("40 bytes"))
                    .expect("canonical")
            });
            secrets.0.push((format!("e·sk of {i}"), (e * secret).to_bytes().into()));
            ephemerals.push(s + e * secret);
            secrets.add_ephemeral(i, &ephemerals[i]);
        }
        for (i, four) in ephemerals.as_chunks::<4>().0.iter().enumerate() {
            let digits = four.each_ref().map(odd_digits);
            let side_by_side = (0..64).flat_map(|window| digits.each_ref().map(|digits| digits[window])).collect();
            secrets.0.push((format!("odd digits of four, {i}"), side_by_side));
        }
        secrets
    }

    fn add_ephemeral(&mut self, i: usize, k: &Scalar) {
        self.0.push((format!("k of {i}"), k.to_bytes().into()));
        self.0.push((format!("odd digits of {i}"), odd_digits(k)));
        self.0.push((format!("signed digits of {i}"), signed_digits(k).into()));
    }

    /// The names of those that `stack` has parts of.
    fn found_on(&self, stack: &[u8]) -> Vec<&str> {
        let parts: HashMap<&[u8], &str> = self
            .0
            .iter()
            .flat_map(|(name, bytes)| bytes.windows(PART).map(move |part| (part, name.as_str())))
            .collect();
        let mut names: Vec<&str> = stack.windows(PART).filter_map(|part| parts.get(part).copied()).collect();
        names.dedup();
        names
    }
}

/// The digits by which the portable code picks the generator's multiples: five bits of k, or of k + n if k is even, from bit 1 on.
fn odd_digits(k: &Scalar) -> Vec<u8> {
    let mut odd = k.to_bytes();
    if odd[0] & 1 == 0 {
        odd = add(odd, Scalar::ORDER_BYTES);
    }
    let bit = |i: usize| if i < 320 { odd[i / 8] >> (i % 8) & 1 } else { 1 };
    (0..64).map(|digit| (0..5).map(|i| bit(5 * digit + 1 + i) << i).sum()).collect()
}

/// The digits by which the vector code picks them, side by side: k with half a window's range added to all windows but the last.
fn signed_digits(k: &Scalar) -> [u8; 40] {
    let mut halves = [0; 40];
    for bit in (4..319).step_by(5) {
        halves[bit / 8] |= 1 << (bit % 8);
    }
    add(k.to_bytes(), halves)
}

fn add(a: [u8; 40], b: [u8; 40]) -> [u8; 40] {
    let mut carry = 0;
    array::from_fn(|i| {
        let sum = u16::from(a[i]) + u16::from(b[i]) + carry;
        carry = sum >> 8;
        sum as u8
    })
}

/// What a key's ephemeral scalars are derived from.
fn derivation(key: &SigningKey) -> Sha512 {
    const TAG: &str = "keyward/schnorr/ephemeral/v2: hash of this tag, the key, randomness, message and counter";
    Sha512::new_with_prefix(TAG).chain_update(key.expose_secret().as_slice())
}

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).expect("32 bytes")
}

fn message() -> MessageHash {
    MessageHash::of_text(b"1795248000:5:253").expect("ASCII")
}

fn assert_clean(secrets: &Secrets, stack: &[u8]) {
    assert!(stack.iter().any(|&byte| byte != 0), "the stack was used");
    assert_eq!(secrets.found_on(stack), [""; 0]);
}

#[test]
fn a_planted_copy_is_found() {
    let k = Scalar::from_bytes(&key().expose_secret()).expect("below the order");
    let mut secrets = Secrets(Vec::new());
    secrets.add_ephemeral(0, &k);
    let digits: [u8; 64] = odd_digits(&k).try_into().expect("64 digits");
    let small = |number: u8| (0..number).fold(Scalar::ZERO, |sum, _| sum + Scalar::ONE);
    let sum = digits.iter().rev().fold(Scalar::ZERO, |sum, digit| sum * small(32) + small(2 * digit) - small(31));
    assert_eq!(sum, k, "the digits stand for k");
    assert_eq!(secrets.found_on(&stack_after(|| _ = black_box(k))), ["k of 0"]);
    assert_eq!(secrets.found_on(&stack_after(|| _ = black_box(digits))), ["odd digits of 0"]);
    assert!(secrets.found_on(&stack_after(|| ())).is_empty());
}

#[test]
fn signing() {
    let (key, message) = (key(), message());
    let mut signature = None;
    let stack = stack_after(|| signature = key.sign(&message, &mut SysRng).ok());
    assert_clean(&Secrets::of(&key, &[signature.expect("the system has randomness")]), &stack);
}

#[test]
fn signing_without_randomness() {
    let (key, prehash) = (key(), message().to_bytes());
    let mut signature = None;
    let stack = stack_after(|| signature = key.sign_prehash(&prehash).ok());
    let digest = derivation(&key).chain_update([0; 32]).chain_update(prehash).chain_update([0]).finalize();
    let mut secrets = Secrets::of(&key, &[signature.expect("a prehash")]);
    let k = Scalar::from_bytes_mod_order_wide(&digest.into()).to_bytes();
    assert!(secrets.0.iter().any(|(_, secret)| **secret == k), "the derivation is that of the crate");
    secrets.0.push(("the hash".into(), digest.to_vec()));
    assert_clean(&secrets, &stack);
}

#[test]
fn signing_ahead() {
    let signer = AheadSigner::new(key(), 9);
    let message = message();
    let preparing = stack_after(|| signer.prepare(9, &mut SysRng).expect("the system has randomness"));
    let mut signatures = Vec::with_capacity(9);
    let signing = stack_after(|| signatures.push(signer.sign(&message).expect("prepared")));
    signatures.extend((1..9).map(|_| signer.sign(&message).expect("prepared")));
    let secrets = Secrets::of(signer.signing_key(), &signatures);
    assert_clean(&secrets, &preparing);
    assert_clean(&secrets, &signing);
}

#[test]
fn signing_a_batch() {
    let key = key();
    let requests = [(&key, message()); 8];
    let batch = || {
        let mut signatures = Vec::with_capacity(requests.len());
        let stack = stack_after(|| {
            sign_batch(&requests, &mut SysRng, |signature| signatures.push(signature)).expect("randomness")
        });
        assert_clean(&Secrets::of(&key, &signatures), &stack);
    };
    batch();
    #[cfg(feature = "vector")]
    {
        use keyward_goldilocks::vector::{Level, limit};

        // The switch is the whole process's, which the other tests do not mind.
        limit(Level::Avx2);
        batch();
        limit(Level::Portable);
        batch();
        limit(Level::Avx512);
    }
}

#[test]
fn multiplying_the_generator() {
    let k = Box::new(Scalar::from_bytes(&key().expose_secret()).expect("below the order"));
    let mut secrets = Secrets(Vec::new());
    secrets.add_ephemeral(0, &k);
    let mut product = Point::NEUTRAL;
    let stack = stack_after(|| product = Point::mul_generator(&k));
    assert_clean(&secrets, &stack);
}
