use core::fmt;
use core::hash::{Hash, Hasher};

use keyward_ecgfp5::{Point, PointTable};
use keyward_goldilocks::Fp5;
use signature::Error;
use signature::hazmat::PrehashVerifier;

use crate::{MessageHash, Signature};

/// A public key: the encoding of a point that is not the neutral, decoded once.
#[derive(Clone, Copy)]
pub struct VerifyingKey {
    bytes: [u8; Self::BYTE_SIZE],
    pub(crate) point: Point,
}

impl VerifyingKey {
    /// Length of the encoding in bytes.
    pub const BYTE_SIZE: usize = Fp5::BYTE_SIZE;

    /// Reads five words of 8 bytes, little-endian.
    ///
    /// # Errors
    ///
    /// [`Error`] if a word is not below the field's modulus, or the value is 0 (with the neutral as public key anybody
    /// could sign), or no point has this encoding. The official implementation takes the first two.
    pub fn from_bytes(bytes: &[u8; Self::BYTE_SIZE]) -> Result<Self, Error> {
        let w = Fp5::from_bytes(bytes).map_err(|_| Error::new())?;
        match Point::decode(&w) {
            Some(point) if !bool::from(point.is_neutral()) => Ok(Self { bytes: *bytes, point }),
            _ => Err(Error::new()),
        }
    }

    /// [`from_bytes`](Self::from_bytes) for a slice.
    ///
    /// # Errors
    ///
    /// [`Error`] if it has not 40 bytes, or as [`from_bytes`](Self::from_bytes) says.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_bytes(bytes.try_into().map_err(|_| Error::new())?)
    }

    /// Five words of 8 bytes, little-endian.
    pub const fn to_bytes(&self) -> [u8; Self::BYTE_SIZE] {
        self.bytes
    }

    /// Checks a signature, in variable time: all that goes in is public.
    ///
    /// A caller that checks many signatures of one key gets them checked some three times faster by a
    /// [`PreparedVerifyingKey`], or by a `VerifyingTable` of a size to choose (feature `alloc`).
    ///
    /// # Errors
    ///
    /// [`Error`] if it was not made with this key for this message.
    pub fn verify(&self, message: &MessageHash, signature: &Signature) -> Result<(), Error> {
        let commitment = Point::mul_generator_add_vartime(&signature.s, &signature.e, &self.point);
        check(&commitment, message, signature)
    }

    /// `point` must not be the neutral.
    pub(crate) fn from_point(point: &Point) -> Self {
        // The coordinates of a point that was just computed from a secret would tell of it.
        Self { bytes: point.encode().to_bytes(), point: point.normalize() }
    }
}

/// A public key with a table of its multiples, 80 KiB, for callers that check many signatures of it.
///
/// Making one takes the time of about three verifications. It is held by value, since this crate does not allocate unless
/// asked to: box it, or take a `VerifyingTable` (feature `alloc`).
pub struct PreparedVerifyingKey {
    key: VerifyingKey,
    table: PointTable,
}

impl PreparedVerifyingKey {
    /// Computes the table.
    pub fn new(key: &VerifyingKey) -> Self {
        Self { key: *key, table: PointTable::new(&key.point) }
    }

    /// The public key itself.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Checks a signature, in variable time: all that goes in is public.
    ///
    /// # Errors
    ///
    /// [`Error`] if it was not made with this key for this message.
    pub fn verify(&self, message: &MessageHash, signature: &Signature) -> Result<(), Error> {
        check(&self.table.mul_generator_add_vartime(&signature.s, &signature.e), message, signature)
    }
}

/// Whether the commitment R = s·G + e·Q leads to the signature's challenge.
pub(crate) fn check(commitment: &Point, message: &MessageHash, signature: &Signature) -> Result<(), Error> {
    // A signer that commits to the neutral has used the ephemeral scalar 0.
    if bool::from(commitment.is_neutral()) || message.challenge(commitment) != signature.e {
        return Err(Error::new());
    }
    Ok(())
}

impl From<&VerifyingKey> for PreparedVerifyingKey {
    fn from(key: &VerifyingKey) -> Self {
        Self::new(key)
    }
}

/// Over the 40 bytes of a [`MessageHash`].
impl PrehashVerifier<Signature> for VerifyingKey {
    fn verify_prehash(&self, prehash: &[u8], signature: &Signature) -> Result<(), Error> {
        self.verify(&MessageHash::try_from(prehash)?, signature)
    }
}

/// Over the 40 bytes of a [`MessageHash`].
impl PrehashVerifier<Signature> for PreparedVerifyingKey {
    fn verify_prehash(&self, prehash: &[u8], signature: &Signature) -> Result<(), Error> {
        self.verify(&MessageHash::try_from(prehash)?, signature)
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for VerifyingKey {}

impl Hash for VerifyingKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

/// The encoding in hexadecimal.
impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey(0x")?;
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// The public key in hexadecimal.
impl fmt::Debug for PreparedVerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PreparedVerifyingKey").field(&self.key).finish()
    }
}
