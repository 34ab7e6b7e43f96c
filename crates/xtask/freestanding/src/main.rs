//! Uses the crates of the ground floor where there is no std, no allocator and no libc.
//!
//! It is there to be linked: a crate that needed any of them would leave a symbol open, bring a second panic handler,
//! or ask for an allocator.

#![no_std]
#![no_main]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

use core::convert::Infallible;
use core::hint::black_box;
use core::panic::PanicInfo;

use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::Fp5;
use keyward_nonce::{Nonce, NonceMode, NonceState};
use keyward_schnorr::{MessageHash, PreparedVerifyingKey, Signature, SigningKey};
use keyward_time::{TimeSlot, UnixSeconds};
use keyward_token::{AccountIndex, ApiKeyIndex, AuthTokenMessage, Token, Usability};
use rand_core::{TryCryptoRng, TryRng};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

// SAFETY: nothing else is linked in that could have this symbol.
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    // What stands in a black box may be anything, so nothing is worked out beforehand and dropped.
    loop {
        black_box(sign_and_verify(black_box([1; 40]), black_box(1_700_000_000)));
        black_box(group(black_box([1; 40])));
        black_box(skip(black_box(NonceState::NEW), black_box(7)));
    }
}

/// A token for a slot, made and read back.
fn sign_and_verify(secret: [u8; 40], now: u64) -> Option<Usability> {
    let key = SigningKey::from_bytes(&secret).ok()?;
    let now = UnixSeconds::new(now).ok()?;
    let deadline = TimeSlot::containing(now).start().checked_add_secs(28_800)?;
    let message = AuthTokenMessage::new(deadline, AccountIndex::new(7).ok()?, ApiKeyIndex::READ_ONLY_AUTH);
    let Ok(signature) = key.sign(&MessageHash::of_text(message.as_bytes()).ok()?, &mut Counter(0));
    let text = message.with_signature(&signature.to_bytes());

    let token = Token::parse(text.expose_secret()).ok()?;
    let Token::Auth(auth) = token else { return None };
    let hash = MessageHash::of_text(auth.message().as_bytes()).ok()?;
    let signature = Signature::from_bytes(&auth.signature_bytes()).ok()?;
    PreparedVerifyingKey::new(key.verifying_key()).verify(&hash, &signature).ok()?;
    Some(token.usability(now))
}

/// What signing and verifying do not reach.
fn group(bytes: [u8; 40]) -> Option<Fp5> {
    let scalar = Scalar::from_bytes_mod_order(&bytes);
    let point = Point::decode(&Fp5::from_bytes(&bytes).ok()?)? + Point::mul_generator(&scalar);
    Some(keyward_poseidon2::hash(&point.encode().coefficients()))
}

/// A transaction that skips nonces, and the one after it.
fn skip(state: NonceState, nonce: u64) -> Option<NonceState> {
    let state = state.accept(Nonce::new(nonce).ok()?, NonceMode::Skip).ok()?;
    state.accept(state.next()?, NonceMode::Sequential).ok()
}

/// Stands for a source of randomness.
struct Counter(u64);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0 += 1;
        Ok(self.0 as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 += 1;
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            self.0 += 1;
            *byte = self.0 as u8;
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}
