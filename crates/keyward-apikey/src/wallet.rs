use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

use keyward_time::UnixMillis;

/// The address of a wallet: 1 to 128 printable ASCII characters, none a space.
///
/// What it means is left to whoever verifies the wallet's signature before it is bound: a Solana address is base58 of 32
/// bytes, and has no more than one spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WalletAddress(Box<str>);

impl WalletAddress {
    /// The longest address: 128 bytes.
    pub const MAX_LEN: usize = 128;

    /// The address of this text.
    ///
    /// # Errors
    /// - the text is empty or longer than 128 bytes
    /// - a character is not printable ASCII, or a space
    pub fn new(text: &str) -> Result<Self, InvalidWalletAddress> {
        if (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidWalletAddress)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WalletAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for WalletAddress {
    type Err = InvalidWalletAddress;

    fn from_str(text: &str) -> Result<Self, InvalidWalletAddress> {
        Self::new(text)
    }
}

/// A text that is no [`WalletAddress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("wallet address that is not 1 to {} printable ASCII characters", WalletAddress::MAX_LEN)]
pub struct InvalidWalletAddress;

/// A wallet that a key is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct Wallet {
    /// Its address.
    pub address: WalletAddress,
    /// When it was bound.
    pub bound_at: UnixMillis,
}
