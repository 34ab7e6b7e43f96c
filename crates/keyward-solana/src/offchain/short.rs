use alloc::vec::Vec;
use core::fmt;

use super::{OffchainError, OffchainFormat, SIGNING_DOMAIN, VERSION, length_field, read_text, strip_header};
use crate::{Address, SignatureRejected, SolanaSignature};

const PREAMBLE_LEN: usize = 20;

/// An off-chain message in the layout of the crate `solana-offchain-message` 4.0, which is also what
/// `solana sign-offchain-message` signs.
///
/// | bytes | what |
/// |---|---|
/// | 16 | `\xffsolana offchain` |
/// | 1 | version: 0 |
/// | 1 | format: 0, 1 or 2 |
/// | 2 | length of the text, little-endian |
/// | 1 to 1212 (formats 0 and 1) or 65515 (format 2) | the text |
///
/// Nothing in the bytes tells this layout from [`LongOffchainMessage`](crate::LongOffchainMessage): the caller
/// says which one it is. A text of format 1 or 2 can even be made so that the bytes are a message in both.
///
/// ```
/// use keyward_solana::{OffchainFormat, ShortOffchainMessage};
///
/// let message = ShortOffchainMessage::new("Test Message")?;
/// assert_eq!(message.format(), OffchainFormat::RestrictedAscii);
/// assert_eq!(message.to_bytes(), b"\xffsolana offchain\0\0\x0c\0Test Message");
/// # Ok::<(), keyward_solana::OffchainError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShortOffchainMessage<'a> {
    format: OffchainFormat,
    // Invariant: as the format has it.
    text: &'a str,
}

impl<'a> ShortOffchainMessage<'a> {
    /// The message with this text, in the first format that takes it.
    ///
    /// # Errors
    /// - the text is empty or longer than 65515 bytes
    pub fn new(text: &'a str) -> Result<Self, OffchainError> {
        let format = OffchainFormat::of(text, PREAMBLE_LEN)?;
        Ok(Self { format, text })
    }

    /// Reads a message. What is read prints back as the same bytes; its format need not be the first that takes the
    /// text.
    ///
    /// # Errors
    /// - the bytes begin otherwise, with another version or an unknown format
    /// - the length field is not the text's length, or the format does not allow that
    /// - the text is not printable ASCII (format 0) or not UTF-8 (formats 1 and 2)
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OffchainError> {
        let (&format, rest) = strip_header(bytes)?.split_first().ok_or(OffchainError::Length)?;
        let format = OffchainFormat::from_u8(format)?;
        Ok(Self { format, text: read_text(rest, format, PREAMBLE_LEN)? })
    }

    /// The encoding of the text.
    pub const fn format(&self) -> OffchainFormat {
        self.format
    }

    /// The text, of 1 to 65515 bytes.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// The bytes that are signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(PREAMBLE_LEN + self.text.len());
        bytes.extend_from_slice(&SIGNING_DOMAIN);
        bytes.extend_from_slice(&[VERSION, self.format.as_u8()]);
        bytes.extend_from_slice(&length_field(self.text));
        bytes.extend_from_slice(self.text.as_bytes());
        bytes
    }

    /// Checks that `signature` is the wallet's over this message.
    ///
    /// # Errors
    /// - the signature is another's, of another message, or not strictly valid
    pub fn verify(&self, signer: &Address, signature: &SolanaSignature) -> Result<(), SignatureRejected> {
        signer.verify(&self.to_bytes(), signature)
    }
}

/// Without the text, which may hold what is secret until it is used.
impl fmt::Debug for ShortOffchainMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShortOffchainMessage").field("format", &self.format).finish_non_exhaustive()
    }
}
