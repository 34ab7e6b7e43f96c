use keyward_ecgfp5::Scalar;
use sha2::{Digest, Sha512};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::MessageHash;

/// Keeps these hashes apart from all others of the same key. With the key it fills the first of the two blocks that
/// SHA-512 takes in for a signature, so that this one is hashed once for a key.
const TAG: &[u8; 128 - Scalar::BYTE_SIZE] =
    b"keyward/schnorr/ephemeral/v2: hash of this tag, the key, randomness, message and counter";

/// Length of the fresh randomness in bytes.
pub(crate) const ENTROPY_SIZE: usize = 32;

/// What the ephemeral scalars of one key are derived from: as secret as the key. Wiped on drop.
pub(crate) struct Derivation(Sha512);

impl Derivation {
    pub(crate) fn new(secret: &Scalar) -> Self {
        // The whole block at once: of parts the hash would keep copies.
        let mut block = Zeroizing::new([0; 128]);
        block[..TAG.len()].copy_from_slice(TAG);
        block[TAG.len()..].copy_from_slice(&*Zeroizing::new(secret.to_bytes()));
        let derivation = Self(Sha512::new_with_prefix(block.as_slice()));
        wipe_stack_below();
        derivation
    }

    /// Makes `k` the ephemeral scalar of a signature: SHA-512 of key, fresh randomness and message, mod the group's order.
    ///
    /// With good randomness k is different each time, which protects against faults; with bad randomness k is still
    /// secret, and different for each key and message. All 512 bits are reduced, so that k carries no bias: with a 256-bit
    /// k, six signatures give the key away.
    pub(crate) fn derive(&self, entropy: &[u8; ENTROPY_SIZE], message: &MessageHash, k: &mut Scalar) {
        self.derive_for(entropy, &message.to_bytes(), k)
    }

    /// Makes `k` the ephemeral scalar of a signature whose message is not there yet. In its place stand a process and the number of this k
    /// among those of the process, which are shorter than a message.
    #[cfg(feature = "std")]
    pub(crate) fn derive_ahead(&self, entropy: &[u8; ENTROPY_SIZE], process: u32, number: u64, k: &mut Scalar) {
        let mut context = [0; 12];
        context[..4].copy_from_slice(&process.to_le_bytes());
        context[4..].copy_from_slice(&number.to_le_bytes());
        self.derive_for(entropy, &context, k)
    }

    fn derive_for(&self, entropy: &[u8; ENTROPY_SIZE], context: &[u8], k: &mut Scalar) {
        let mut counter = 0u8;
        loop {
            let mut digest = Zeroizing::new([0; 64]);
            let mut hash = self.0.clone();
            hash.update(entropy);
            hash.update(context);
            hash.update([counter]);
            Digest::finalize_into_reset(&mut hash, (&mut *digest).into());
            wipe_stack_below();
            // An assignment would go through a copy that nobody wipes.
            let mut scalar = Scalar::from_bytes_mod_order_wide(&digest);
            *k = scalar;
            scalar.zeroize();
            // Once in 2^319.
            if !bool::from(k.is_zero()) {
                return;
            }
            counter = counter.wrapping_add(1);
        }
    }
}

/// Wipes the stack that a hash has worked on: it leaves its state there, and what it has read.
#[inline(never)]
fn wipe_stack_below() {
    // Twice as much as it takes.
    [0u64; 512].zeroize();
}

const _: () = {
    const fn wiped_on_drop<T: ZeroizeOnDrop>() {}
    wiped_on_drop::<Sha512>();
};
