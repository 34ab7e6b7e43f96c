use core::fmt;
use core::str::FromStr;

/// The order of secp256k1's group, big-endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc,
    0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// Half the order, rounded down.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e,
    0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// The signature of an Ethereum account under a message (EIP-191, "personal_sign"): r, s and v.
///
/// The text form is `0x` and 130 hex digits, printed in lower case and read in either. Of the two
/// signatures that belong to one another only that with the lower s is taken, as EIP-2 has it, and v,
/// which may be 0, 1, 27 or 28, is kept as 27 or 28: so a signature has one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct L1Signature([u8; Self::BYTE_SIZE]);

impl L1Signature {
    /// Length of the encoding in bytes.
    pub const BYTE_SIZE: usize = 65;

    /// Reads r and s, 32 bytes each, big-endian, and v, one byte.
    ///
    /// # Errors
    /// - r or s is 0, r is not below the group's order, s is above half of it, or v is none of 0, 1, 27, 28
    pub fn from_bytes(bytes: &[u8; Self::BYTE_SIZE]) -> Result<Self, L1SignatureError> {
        let mut bytes = *bytes;
        let [r, s] = [&bytes[..32], &bytes[32..64]];
        let good = r != [0; 32] && *r < ORDER[..] && s != [0; 32] && *s <= HALF_ORDER[..];
        let v = match bytes[64] {
            v @ (0 | 1) => v + 27,
            v @ (27 | 28) => v,
            _ => return Err(L1SignatureError),
        };
        if !good {
            return Err(L1SignatureError);
        }
        bytes[64] = v;
        Ok(Self(bytes))
    }

    /// r, s and v, which is 27 or 28.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTE_SIZE] {
        &self.0
    }
}

impl fmt::Display for L1Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:x}", base16ct::HexDisplay(&self.0))
    }
}

impl FromStr for L1Signature {
    type Err = L1SignatureError;

    fn from_str(text: &str) -> Result<Self, L1SignatureError> {
        let digits = text.strip_prefix("0x").ok_or(L1SignatureError)?;
        let mut bytes = [0; Self::BYTE_SIZE];
        match base16ct::mixed::decode(digits, &mut bytes) {
            Ok(decoded) if decoded.len() == Self::BYTE_SIZE => Self::from_bytes(&bytes),
            _ => Err(L1SignatureError),
        }
    }
}

/// The text or the bytes are not an Ethereum signature, or not the one form of it that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not an Ethereum signature: 0x and 130 hex digits, s in the lower half, v 27 or 28 (or 0 or 1)")]
pub struct L1SignatureError;
