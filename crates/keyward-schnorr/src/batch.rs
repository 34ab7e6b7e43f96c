use keyward_ecgfp5::{Point, Scalar};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::ephemeral::ENTROPY_SIZE;
use crate::{MessageHash, Signature, SigningKey};

/// How many messages are signed at the same time.
const LANES: usize = 8;

/// Signs each message with its key, in constant time, and hands the signatures to `each` in the order of `requests`.
///
/// It takes less time than [`SigningKey::sign`] for one after the other, for any mix of keys; least in multiples of eight. The
/// signatures are the same: 32 bytes of `rng` go into each, in order, though `rng` is asked for those of up to eight at once.
///
/// # Errors
///
/// The generator's own. `each` has then got the signatures before.
///
/// ```
/// use getrandom::SysRng;
/// use keyward_schnorr::{MessageHash, SigningKey, sign_batch};
///
/// let keys = [SigningKey::generate(&mut SysRng)?, SigningKey::generate(&mut SysRng)?];
/// let message = MessageHash::of_text(b"1795248000:5:253")?;
/// let requests = [(&keys[0], message), (&keys[1], message)];
/// let mut signatures = Vec::with_capacity(requests.len());
/// sign_batch(&requests, &mut SysRng, |signature| signatures.push(signature))?;
/// for (key, signature) in keys.iter().zip(&signatures) {
///     key.verifying_key().verify(&message, signature)?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign_batch<R: TryCryptoRng + ?Sized>(
    requests: &[(&SigningKey, MessageHash)],
    rng: &mut R,
    mut each: impl FnMut(Signature),
) -> Result<(), R::Error> {
    let mut entropy = Zeroizing::new([[0; ENTROPY_SIZE]; LANES]);
    for requests in requests.chunks(LANES) {
        let entropy = &mut entropy[..requests.len()];
        rng.try_fill_bytes(entropy.as_flattened_mut())?;
        // Fewer than three take less time one by one.
        let together = sign_together::<8>(requests, entropy, &mut each)
            || sign_together::<7>(requests, entropy, &mut each)
            || sign_together::<6>(requests, entropy, &mut each)
            || sign_together::<5>(requests, entropy, &mut each)
            || sign_together::<4>(requests, entropy, &mut each)
            || sign_together::<3>(requests, entropy, &mut each);
        if !together {
            for ((key, message), entropy) in requests.iter().zip(entropy) {
                let mut k = Zeroizing::new(Scalar::ZERO);
                key.ephemeral(entropy, message, &mut k);
                each(key.sign_with(message, &k));
            }
        }
    }
    Ok(())
}

/// Signs the messages step by step, each step for all of them. Whether there are `N`: if not, nothing is done.
fn sign_together<const N: usize>(
    requests: &[(&SigningKey, MessageHash)],
    entropy: &[[u8; ENTROPY_SIZE]],
    each: &mut impl FnMut(Signature),
) -> bool {
    let Ok(requests) = <&[_; N]>::try_from(requests) else { return false };
    let mut ephemerals = Zeroizing::new([Scalar::ZERO; N]);
    for ((k, (key, message)), entropy) in ephemerals.iter_mut().zip(requests).zip(entropy) {
        key.ephemeral(entropy, message, k);
    }
    let commitments = Zeroizing::new(Point::mul_generator_batch(&ephemerals));
    let messages = requests.map(|(_, message)| message);
    let challenges = MessageHash::challenges(&messages, &Point::encode_batch(&commitments));
    for (((key, _), k), e) in requests.iter().zip(ephemerals.iter()).zip(challenges) {
        each(key.respond(k, &e));
    }
    true
}
