use core::fmt;

use keyward_ecgfp5::{Point, Scalar};
use rand_core::TryCryptoRng;
use sha2::{Digest, Sha256};
use signature::hazmat::{PrehashSigner, RandomizedPrehashSigner};
use signature::{Error, KeypairRef};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::ephemeral::{Derivation, ENTROPY_SIZE};
use crate::{MessageHash, Signature, VerifyingKey};

/// A private key: a scalar in 1..n. Wiped on drop.
pub struct SigningKey {
    secret: Scalar,
    pub(crate) derivation: Derivation,
    verifying_key: VerifyingKey,
}

impl SigningKey {
    /// Length of the encoding in bytes.
    pub const BYTE_SIZE: usize = Scalar::BYTE_SIZE;

    /// Reads 40 bytes, little-endian.
    ///
    /// # Errors
    ///
    /// [`Error`] if the value is 0, or not below the group's order. The official signer takes both.
    pub fn from_bytes(bytes: &[u8; Self::BYTE_SIZE]) -> Result<Self, Error> {
        let secret = Zeroizing::new(Scalar::from_bytes(bytes).ok_or_else(Error::new)?);
        Self::new(&secret).ok_or_else(Error::new)
    }

    /// [`from_bytes`](Self::from_bytes) for a slice.
    ///
    /// # Errors
    ///
    /// [`Error`] if it has not 40 bytes, or the value is 0 or not below the group's order.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_bytes(bytes.try_into().map_err(|_| Error::new())?)
    }

    /// A new key from 64 bytes of `rng`.
    ///
    /// # Errors
    ///
    /// The generator's own.
    ///
    /// # Panics
    ///
    /// If the bytes give 0: a generator that works does so once in 2^319.
    pub fn generate<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, R::Error> {
        let mut bytes = Zeroizing::new([0; 64]);
        rng.try_fill_bytes(&mut *bytes)?;
        let secret = Zeroizing::new(Scalar::from_bytes_mod_order_wide(&bytes));
        Ok(Self::new(&secret).expect("the random generator is broken: it gave zeros"))
    }

    /// The key that the official signer derives from a seed: the big-endian value of SHA-256(1 ‖ seed) and the first
    /// 8 bytes of SHA-256(2 ‖ seed), mod the group's order.
    ///
    /// The seed must be random: nothing slows down a guess.
    ///
    /// # Errors
    ///
    /// [`Error`] if the seed has fewer than 32 bytes, or gives 0, which has never been seen.
    pub fn from_seed(seed: &[u8]) -> Result<Self, Error> {
        if seed.len() < 32 {
            return Err(Error::new());
        }
        let mut bytes = Zeroizing::new([0; Self::BYTE_SIZE]);
        for (prefix, part) in (1u8..).zip(bytes.chunks_mut(32)) {
            let mut digest = Zeroizing::new([0; 32]);
            Sha256::new().chain_update([prefix]).chain_update(seed).finalize_into((&mut *digest).into());
            part.copy_from_slice(&digest[..part.len()]);
        }
        bytes.reverse();
        let secret = Zeroizing::new(Scalar::from_bytes_mod_order(&bytes));
        Self::new(&secret).ok_or_else(Error::new)
    }

    /// The private key, 40 bytes, little-endian.
    pub fn expose_secret(&self) -> Zeroizing<[u8; Self::BYTE_SIZE]> {
        Zeroizing::new(self.secret.to_bytes())
    }

    /// The public key.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying_key
    }

    /// Signs `message`, in constant time.
    ///
    /// The signature is randomised by 32 bytes of `rng`, but does not depend on their quality: the ephemeral scalar is
    /// derived from key and message too.
    ///
    /// Who has many messages at hand signs them with [`sign_batch`](crate::sign_batch) in less time.
    ///
    /// # Errors
    ///
    /// The generator's own.
    pub fn sign<R: TryCryptoRng + ?Sized>(&self, message: &MessageHash, rng: &mut R) -> Result<Signature, R::Error> {
        let mut entropy = Zeroizing::new([0; ENTROPY_SIZE]);
        rng.try_fill_bytes(&mut *entropy)?;
        let mut k = Zeroizing::new(Scalar::ZERO);
        self.ephemeral(&entropy, message, &mut k);
        Ok(self.sign_with(message, &k))
    }

    /// Signs `message` with the ephemeral scalar `k`.
    ///
    /// Whoever learns `k`, some bits of several, or sees two signatures with the same one, has the private key. This is
    /// for test vectors.
    ///
    /// # Errors
    ///
    /// [`Error`] if `k` is 0.
    #[cfg(feature = "hazmat")]
    pub fn sign_with_ephemeral(&self, message: &MessageHash, k: &Scalar) -> Result<Signature, Error> {
        if k.is_zero().into() { Err(Error::new()) } else { Ok(self.sign_with(message, k)) }
    }

    /// `None` for 0.
    fn new(secret: &Scalar) -> Option<Self> {
        // Whether a key is valid is no secret: one that is not is refused.
        (!bool::from(secret.is_zero())).then(|| {
            let public = Zeroizing::new(Point::mul_generator(secret));
            Self {
                secret: *secret,
                derivation: Derivation::new(secret),
                verifying_key: VerifyingKey::from_point(&public),
            }
        })
    }

    /// The ephemeral scalar for `message`.
    pub(crate) fn ephemeral(&self, entropy: &[u8; ENTROPY_SIZE], message: &MessageHash, k: &mut Scalar) {
        self.derivation.derive(entropy, message, k)
    }

    pub(crate) fn sign_with(&self, message: &MessageHash, k: &Scalar) -> Signature {
        let commitment = Zeroizing::new(Point::mul_generator(k));
        self.respond(k, &message.challenge(&commitment))
    }

    /// The signature with ephemeral scalar `k` and challenge `e`.
    pub(crate) fn respond(&self, k: &Scalar, e: &Scalar) -> Signature {
        let mut product = e * &self.secret;
        let s = k - &product;
        product.zeroize();
        Signature { s, e: *e }
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl ZeroizeOnDrop for SigningKey {}

impl AsRef<VerifyingKey> for SigningKey {
    fn as_ref(&self) -> &VerifyingKey {
        &self.verifying_key
    }
}

impl KeypairRef for SigningKey {
    type VerifyingKey = VerifyingKey;
}

/// Over the 40 bytes of a [`MessageHash`]; without randomness, so that the same message always gets the same signature.
impl PrehashSigner<Signature> for SigningKey {
    fn sign_prehash(&self, prehash: &[u8]) -> Result<Signature, Error> {
        let message = MessageHash::try_from(prehash)?;
        let mut k = Zeroizing::new(Scalar::ZERO);
        self.ephemeral(&[0; ENTROPY_SIZE], &message, &mut k);
        Ok(self.sign_with(&message, &k))
    }
}

/// Over the 40 bytes of a [`MessageHash`].
impl RandomizedPrehashSigner<Signature> for SigningKey {
    fn sign_prehash_with_rng<R: TryCryptoRng + ?Sized>(&self, rng: &mut R, prehash: &[u8]) -> Result<Signature, Error> {
        self.sign(&MessageHash::try_from(prehash)?, rng).map_err(|_| Error::new())
    }
}

/// The public key only.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("verifying_key", &self.verifying_key).finish_non_exhaustive()
    }
}
