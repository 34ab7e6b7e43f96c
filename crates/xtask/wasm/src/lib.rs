//! Auth tokens from a module of WebAssembly: no import, no allocator; randomness comes from the caller.
//!
//! Arguments and results are bytes in one buffer in the module's memory, at the places that each function says. A function
//! gives the length of its result, or 0 where it refuses.

#![no_std]

use core::convert::Infallible;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

use keyward_schnorr::{MessageHash, SigningKey};
use keyward_time::UnixSeconds;
use keyward_token::{AccountIndex, ApiKeyIndex, AuthTokenMessage};
use rand_core::{TryCryptoRng, TryRng};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

const BUFFER_SIZE: usize = 512;

static BUFFER: [AtomicU8; BUFFER_SIZE] = [const { AtomicU8::new(0) }; BUFFER_SIZE];

/// Where the buffer is.
// SAFETY: nothing else in the module has one of these names.
#[unsafe(no_mangle)]
extern "C" fn buffer() -> *const AtomicU8 {
    BUFFER.as_ptr()
}

/// The public key (40 bytes) of the private key at 0 (40 bytes).
#[unsafe(no_mangle)]
extern "C" fn public_key() -> usize {
    SigningKey::from_bytes(&read(0)).map_or(0, |key| write(&key.verifying_key().to_bytes()))
}

/// The token that the private key at 0 (40 bytes) makes with the randomness at 40 (32 bytes).
#[unsafe(no_mangle)]
extern "C" fn token(deadline: u64, account_index: u64, api_key_index: u8) -> usize {
    let message = || {
        let account_index = AccountIndex::new(account_index).ok()?;
        let api_key_index = ApiKeyIndex::new(api_key_index).ok()?;
        Some(AuthTokenMessage::new(UnixSeconds::new(deadline).ok()?, account_index, api_key_index))
    };
    let (Ok(key), Some(message)) = (SigningKey::from_bytes(&read(0)), message()) else { return 0 };
    let Ok(hash) = MessageHash::of_text(message.as_bytes()) else { return 0 };
    let Ok(signature) = key.sign(&hash, &mut Given(read(40)));
    write(message.with_signature(&signature.to_bytes()).expose_secret().as_bytes())
}

#[cfg(feature = "vectors")]
mod vectors {
    use keyward_schnorr::{MessageHash, Scalar, Signature, SigningKey, VerifyingKey};

    use super::{BUFFER_SIZE, read, write};

    /// The hash (40 bytes) of a text at 0.
    #[unsafe(no_mangle)]
    extern "C" fn hash_text(length: usize) -> usize {
        let text: [u8; BUFFER_SIZE] = read(0);
        let hash = text.get(..length).and_then(|text| MessageHash::of_text(text).ok());
        hash.map_or(0, |hash| write(&hash.to_bytes()))
    }

    /// The signature (80 bytes) of the message hash at 40 (40 bytes) by the private key at 0 (40 bytes) with the ephemeral
    /// scalar at 80 (40 bytes).
    #[unsafe(no_mangle)]
    extern "C" fn sign_with_ephemeral() -> usize {
        let (key, message, k) =
            (SigningKey::from_bytes(&read(0)), MessageHash::from_bytes(&read(40)), Scalar::from_bytes(&read(80)));
        let (Ok(key), Ok(message), Some(k)) = (key, message, k) else { return 0 };
        key.sign_with_ephemeral(&message, &k).map_or(0, |signature| write(&signature.to_bytes()))
    }

    /// 1 if the public key at 0 (40 bytes) has made, for the message hash at 40 (40 bytes), the signature at 80 (80 bytes).
    #[unsafe(no_mangle)]
    extern "C" fn verify() -> usize {
        let (key, message, signature) =
            (VerifyingKey::from_bytes(&read(0)), MessageHash::from_bytes(&read(40)), Signature::from_bytes(&read(80)));
        let (Ok(key), Ok(message), Ok(signature)) = (key, message, signature) else { return 0 };
        key.verify(&message, &signature).is_ok().into()
    }
}

/// The bytes of the buffer from `start` on.
fn read<const N: usize>(start: usize) -> [u8; N] {
    core::array::from_fn(|i| BUFFER[start + i].load(Relaxed))
}

/// Puts a result at the start of the buffer.
fn write(result: &[u8]) -> usize {
    for (place, byte) in BUFFER.iter().zip(result) {
        place.store(*byte, Relaxed);
    }
    result.len()
}

/// The randomness that the caller gave. Signing asks for it once.
struct Given([u8; 32]);

impl TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("signing asks for bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("signing asks for bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Given {}
