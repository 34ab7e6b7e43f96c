//! Off-chain messages: what both layouts share.

mod long;
mod short;

pub use long::LongOffchainMessage;
pub use short::ShortOffchainMessage;

use crate::AddressError;

/// The bytes with which every off-chain message begins. The first, 0xff, begins no transaction.
const SIGNING_DOMAIN: [u8; 16] = *b"\xffsolana offchain";

/// The one version of the header that both layouts have in common.
const VERSION: u8 = 0;

/// The most bytes that a hardware wallet signs, preamble and text together: a packet of the network.
const MAX_PACKET_LEN: usize = 1232;

/// The most bytes of any off-chain message, preamble and text together.
const MAX_LEN: usize = u16::MAX as usize;

/// The encoding of an off-chain message's text, and with it how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OffchainFormat {
    /// Printable ASCII (0x20 to 0x7e; no line break), at most 1232 bytes with the preamble: hardware wallets show it.
    RestrictedAscii = 0,
    /// UTF-8, at most 1232 bytes with the preamble: hardware wallets sign it unseen.
    LimitedUtf8 = 1,
    /// UTF-8, at most 65535 bytes with the preamble: hardware wallets refuse it.
    ExtendedUtf8 = 2,
}

impl OffchainFormat {
    const ALL: [Self; 3] = [Self::RestrictedAscii, Self::LimitedUtf8, Self::ExtendedUtf8];

    /// The byte in the header: 0, 1 or 2.
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    fn from_u8(byte: u8) -> Result<Self, OffchainError> {
        Self::ALL.into_iter().find(|format| format.as_u8() == byte).ok_or(OffchainError::Format)
    }

    /// The first that takes this text after a preamble of so many bytes.
    fn of(text: &str, preamble_len: usize) -> Result<Self, OffchainError> {
        let takes = |format: &Self| format.check(text, preamble_len).is_ok();
        Self::ALL.into_iter().find(takes).ok_or(OffchainError::Length)
    }

    fn check(self, text: &str, preamble_len: usize) -> Result<(), OffchainError> {
        let max = match self {
            Self::RestrictedAscii | Self::LimitedUtf8 => MAX_PACKET_LEN,
            Self::ExtendedUtf8 => MAX_LEN,
        };
        if text.is_empty() || preamble_len + text.len() > max {
            return Err(OffchainError::Length);
        }
        if self == Self::RestrictedAscii && !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(OffchainError::Text);
        }
        Ok(())
    }
}

/// Takes a message's first 17 bytes off: signing domain and version.
fn strip_header(bytes: &[u8]) -> Result<&[u8], OffchainError> {
    let rest = bytes.strip_prefix(&SIGNING_DOMAIN).ok_or(OffchainError::Domain)?;
    match rest.split_first().ok_or(OffchainError::Length)? {
        (&VERSION, rest) => Ok(rest),
        _ => Err(OffchainError::Version),
    }
}

/// Takes the length field off, with which a message ends but for its text, and reads that.
fn read_text(bytes: &[u8], format: OffchainFormat, preamble_len: usize) -> Result<&str, OffchainError> {
    let (len, text) = bytes.split_first_chunk().ok_or(OffchainError::Length)?;
    if usize::from(u16::from_le_bytes(*len)) != text.len() {
        return Err(OffchainError::Length);
    }
    let text = str::from_utf8(text).map_err(|_| OffchainError::Text)?;
    format.check(text, preamble_len).map(|()| text)
}

/// The length field of a text that was checked: it has at most 65515 bytes.
fn length_field(text: &str) -> [u8; 2] {
    (text.len() as u16).to_le_bytes()
}

/// Why something is not an off-chain message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum OffchainError {
    /// The bytes do not begin with `\xffsolana offchain`.
    #[error("not an off-chain message")]
    Domain,
    /// The version of the header is not 0.
    #[error("unknown version of the header")]
    Version,
    /// The format is not 0, 1 or 2.
    #[error("unknown format")]
    Format,
    /// The message is cut off, its text is empty or longer than its format allows, or the length field is not the
    /// text's length.
    #[error("wrong length")]
    Length,
    /// The text is not printable ASCII (format 0) or not UTF-8 (formats 1 and 2).
    #[error("text not as the format has it")]
    Text,
    /// There is no signer, there are more than 255, or one is named twice.
    #[error("no signers, too many, or one twice")]
    Signers,
    /// A signer is no address.
    #[error("signer: {0}")]
    Signer(#[from] AddressError),
}
