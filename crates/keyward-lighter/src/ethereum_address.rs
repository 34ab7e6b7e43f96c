use core::fmt;
use core::str::FromStr;

use crate::ethereum::keccak256;

/// An Ethereum account, such as the one that owns a Lighter account.
///
/// It is printed with the checksum of EIP-55 in its letters' case. Digits all in one case are read too;
/// otherwise the checksum must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EthereumAddress([u8; Self::BYTE_SIZE]);

impl EthereumAddress {
    /// Length of the encoding in bytes.
    pub const BYTE_SIZE: usize = 20;

    /// The account of these bytes: any are one.
    pub const fn from_bytes(bytes: [u8; Self::BYTE_SIZE]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTE_SIZE] {
        &self.0
    }

    /// The digits, with the checksum in their case.
    fn digits(&self) -> [u8; 40] {
        let mut digits = [0; 40];
        base16ct::lower::encode(&self.0, &mut digits).expect("two digits a byte");
        let hash = keccak256(&digits);
        for (i, digit) in digits.iter_mut().enumerate() {
            // Half a byte of the hash decides on a digit.
            let half = hash[i / 2] >> if i % 2 == 0 { 4 } else { 0 } & 0xf;
            if half & 8 != 0 {
                digit.make_ascii_uppercase();
            }
        }
        digits
    }
}

impl fmt::Display for EthereumAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        f.write_str(str::from_utf8(&self.digits()).expect("digits are ASCII"))
    }
}

impl FromStr for EthereumAddress {
    type Err = EthereumAddressError;

    fn from_str(text: &str) -> Result<Self, EthereumAddressError> {
        let digits = text.strip_prefix("0x").ok_or(EthereumAddressError::Form)?;
        let mut bytes = [0; Self::BYTE_SIZE];
        match base16ct::mixed::decode(digits, &mut bytes) {
            Ok(decoded) if decoded.len() == Self::BYTE_SIZE => {}
            _ => return Err(EthereumAddressError::Form),
        }
        let address = Self(bytes);
        let has = |case: fn(&u8) -> bool| digits.as_bytes().iter().any(case);
        let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
        if mixed && digits.as_bytes() != address.digits() {
            return Err(EthereumAddressError::Checksum);
        }
        Ok(address)
    }
}

/// Why a text is not an Ethereum address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EthereumAddressError {
    /// It is not `0x` and 40 hex digits.
    #[error("not an Ethereum address: 0x and 40 hex digits are expected")]
    Form,
    /// Its letters are of both cases, but not as the checksum has them: there is a slip in it.
    #[error("an Ethereum address with a slip in it: its letters' case is not that of EIP-55")]
    Checksum,
}
