use core::fmt;
use core::str::FromStr;

use ed25519_dalek::VerifyingKey;

use crate::{SignatureRejected, SolanaSignature};

/// The most characters of base58 that 32 bytes take.
const MAX_TEXT_LEN: usize = 44;

/// The address of a Solana wallet: its Ed25519 public key, 32 bytes.
///
/// The bytes are the one canonical encoding of a point on the curve that is not of small order. So
/// what has no private key is refused here already: the addresses of programs' accounts (which are off the
/// curve by design), the system program (`1111…`, a point of order 4), and the fourteen encodings of
/// points under which anybody can sign. A point that is the sum of an honest one and one of small order is
/// taken, as the network takes it.
///
/// The text form is base58 in Bitcoin's alphabet, 32 to 44 characters, of which each address has one.
///
/// ```
/// use keyward_solana::Address;
///
/// let address: Address = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z".parse()?;
/// assert_eq!(address.to_string(), "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z");
/// # Ok::<(), keyward_solana::AddressError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    // Invariant: the canonical encoding of a point that is not of small order.
    bytes: [u8; 32],
}

impl Address {
    /// The length in bytes: 32.
    pub const BYTE_SIZE: usize = 32;

    /// The address with these bytes.
    ///
    /// # Errors
    /// - the bytes do not encode a point, or not canonically: y at or above 2^255 - 19, or the sign of x = 0 set
    /// - the point is one of the eight of small order
    pub fn from_bytes(bytes: &[u8; Self::BYTE_SIZE]) -> Result<Self, AddressError> {
        // `verify_strict` itself would take a key whose y is at or above the modulus.
        if !is_reduced(bytes) {
            return Err(AddressError::NotAPoint);
        }
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| AddressError::NotAPoint)?;
        // Among these are the two points with x = 0, whose sign might be set.
        if key.is_weak() { Err(AddressError::SmallOrder) } else { Ok(Self { bytes: *bytes }) }
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTE_SIZE] {
        &self.bytes
    }

    /// Checks a signature of `message` strictly. Not public: a caller names the kind of message.
    pub(crate) fn verify(&self, message: &[u8], signature: &SolanaSignature) -> Result<(), SignatureRejected> {
        let key = VerifyingKey::from_bytes(&self.bytes).map_err(|_| SignatureRejected)?;
        let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
        key.verify_strict(message, &signature).map_err(|_| SignatureRejected)
    }
}

/// Whether y, which the sign of x shares the last byte with, is below the modulus 2^255 - 19.
fn is_reduced(bytes: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = bytes;
    last & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff) || *first < 0xed
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; MAX_TEXT_LEN];
        let len = bs58::encode(&self.bytes).onto(&mut text[..]).map_err(|_| fmt::Error)?;
        f.pad(str::from_utf8(&text[..len]).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        // The time that decoding takes grows with the square of the length.
        if !(Self::BYTE_SIZE..=MAX_TEXT_LEN).contains(&text.len()) {
            return Err(AddressError::Text);
        }
        let mut bytes = [0; Self::BYTE_SIZE];
        match bs58::decode(text).onto(&mut bytes[..]) {
            Ok(Self::BYTE_SIZE) => Self::from_bytes(&bytes),
            _ => Err(AddressError::Text),
        }
    }
}

/// Why something is not the address of a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AddressError {
    /// The text is not base58 of exactly 32 bytes.
    #[error("not base58 of 32 bytes")]
    Text,
    /// The bytes are not the canonical encoding of a point on the curve: no wallet has this address.
    #[error("not a point on the curve")]
    NotAPoint,
    /// The point is of small order: anybody could sign for it.
    #[error("a point of small order")]
    SmallOrder,
}
