use core::fmt;

use keyward_ecgfp5::Scalar;
use signature::{Error, SignatureEncoding};

/// A Schnorr signature: the response s and the challenge e.
///
/// Both are canonical, in 0..n, so that a signature has one form only. The official implementation also takes
/// s + n and e + n.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    pub(crate) s: Scalar,
    pub(crate) e: Scalar,
}

impl Signature {
    /// Length of the encoding in bytes.
    pub const BYTE_SIZE: usize = 80;

    /// Reads s, then e, 40 bytes each, little-endian.
    ///
    /// # Errors
    ///
    /// [`Error`] if either is not below the group's order.
    pub fn from_bytes(bytes: &[u8; Self::BYTE_SIZE]) -> Result<Self, Error> {
        let (halves, _) = bytes.as_chunks();
        match (Scalar::from_bytes(&halves[0]), Scalar::from_bytes(&halves[1])) {
            (Some(s), Some(e)) => Ok(Self { s, e }),
            _ => Err(Error::new()),
        }
    }

    /// [`from_bytes`](Self::from_bytes) for a slice.
    ///
    /// # Errors
    ///
    /// [`Error`] if it has not 80 bytes, or s or e is not below the group's order.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_bytes(bytes.try_into().map_err(|_| Error::new())?)
    }

    /// s, then e, 40 bytes each, little-endian.
    pub fn to_bytes(&self) -> [u8; Self::BYTE_SIZE] {
        let mut bytes = [0; Self::BYTE_SIZE];
        let (s, e) = bytes.split_at_mut(Scalar::BYTE_SIZE);
        s.copy_from_slice(&self.s.to_bytes());
        e.copy_from_slice(&self.e.to_bytes());
        bytes
    }
}

impl SignatureEncoding for Signature {
    type Repr = [u8; Self::BYTE_SIZE];
}

impl From<Signature> for [u8; Signature::BYTE_SIZE] {
    fn from(signature: Signature) -> Self {
        signature.to_bytes()
    }
}

impl TryFrom<&[u8]> for Signature {
    type Error = Error;

    fn try_from(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_slice(bytes)
    }
}

/// Without the value: the signature of an auth token is what makes it a credential.
impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature").finish_non_exhaustive()
    }
}
