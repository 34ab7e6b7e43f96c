use keyward_ecgfp5::Scalar;
use sha2::{Digest, Sha512};
use zeroize::{Zeroize, Zeroizing};

use crate::MessageHash;

/// Keeps these hashes apart from all others of the same key.
const TAG: &[u8] = b"keyward/schnorr/ephemeral/v1";

/// Length of the fresh randomness in bytes.
pub(crate) const ENTROPY_SIZE: usize = 32;

/// The ephemeral scalar k of a signature: SHA-512 of key, fresh randomness and message, mod the group's order.
///
/// With good randomness k is different each time, which protects against faults; with bad randomness k is still
/// secret, and different for each key and message. All 512 bits are reduced, so that k carries no bias: with a 256-bit
/// k, six signatures give the key away.
pub(crate) fn derive(secret: &Scalar, entropy: &[u8; ENTROPY_SIZE], message: &MessageHash) -> Zeroizing<Scalar> {
    let secret = Zeroizing::new(secret.to_bytes());
    let message = message.to_bytes();
    let mut counter = 0u8;
    loop {
        let mut digest: [u8; 64] = Sha512::new()
            .chain_update(TAG)
            .chain_update(*secret)
            .chain_update(entropy)
            .chain_update(message)
            .chain_update([counter])
            .finalize()
            .into();
        let k = Zeroizing::new(Scalar::from_bytes_mod_order_wide(&digest));
        digest.zeroize();
        // Once in 2^319.
        if !bool::from(k.is_zero()) {
            return k;
        }
        counter = counter.wrapping_add(1);
    }
}
