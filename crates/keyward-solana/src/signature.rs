use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

const HEX_LEN: usize = 128;
const PADDED_LEN: usize = 88;
const UNPADDED_LEN: usize = 86;

/// What the last character of unpadded base64 can be, when two of the 512 bits are left for it.
const LAST_OF_UNPADDED: [u8; 4] = *b"AQgw";

/// An Ed25519 signature: 64 bytes, R and then S, not checked in any way until a message is verified with it.
///
/// # Text
///
/// Wallets and tools write signatures in base64 (standard alphabet, padded or not), base58 and lower-case
/// hexadecimal. Which of them a text is, its length and its end alone decide; the first that fits:
///
/// | length | end | the text is |
/// |---|---|---|
/// | 128 | | hexadecimal |
/// | 88 | `==` | base64, padded |
/// | 86 | `A`, `Q`, `g` or `w` | base64, not padded |
/// | 64 to 88 | | base58 |
///
/// What is then not exactly that is refused, and never tried as another. Each alphabet is taken strictly: no
/// white space, no line break, no other padding, and no bits in the last character of base64 that are not of
/// the 64 bytes.
///
/// No text of the first two kinds is base58 too. In the third row, base64 wins over base58: unpadded base64 of
/// a signature always looks like that, while base58 has 86 characters only for one in 23,000
/// signatures (those whose first byte is zero and the second small), and ends like that for one in fourteen of
/// them. Such a one in 330,000, sent in base58, is read as another signature, which verifies nothing:
/// sent as base64 or hexadecimal it is good.
///
/// The text form that is printed is padded base64, which reads back as itself.
///
/// ```
/// use keyward_solana::SolanaSignature;
///
/// let signature = SolanaSignature::from_bytes(&[7; 64]);
/// assert_eq!(signature.to_string().parse(), Ok(signature));
/// assert_eq!("07".repeat(64).parse(), Ok(signature));
/// assert!(format!(" {signature}").parse::<SolanaSignature>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SolanaSignature {
    bytes: [u8; 64],
}

impl SolanaSignature {
    /// The length in bytes: 64.
    pub const BYTE_SIZE: usize = 64;

    /// The signature with these bytes, whatever they are.
    pub const fn from_bytes(bytes: &[u8; Self::BYTE_SIZE]) -> Self {
        Self { bytes: *bytes }
    }

    /// The 64 bytes: R, then S in little-endian order.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTE_SIZE] {
        &self.bytes
    }
}

impl fmt::Display for SolanaSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; PADDED_LEN];
        let len = STANDARD.encode_slice(self.bytes, &mut text).map_err(|_| fmt::Error)?;
        f.pad(str::from_utf8(&text[..len]).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for SolanaSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SolanaSignature({self})")
    }
}

impl FromStr for SolanaSignature {
    type Err = SignatureTextError;

    fn from_str(text: &str) -> Result<Self, SignatureTextError> {
        let text = text.as_bytes();
        // Base64 is decoded in groups of three bytes.
        let mut buffer = [0; 66];
        let decoded = match (text.len(), text.last()) {
            (HEX_LEN, _) => base16ct::lower::decode(text, &mut buffer).ok().map(<[u8]>::len),
            (PADDED_LEN, _) if text.ends_with(b"==") => STANDARD.decode_slice(text, &mut buffer).ok(),
            (UNPADDED_LEN, Some(last)) if LAST_OF_UNPADDED.contains(last) => {
                STANDARD_NO_PAD.decode_slice(text, &mut buffer).ok()
            }
            (Self::BYTE_SIZE..=PADDED_LEN, _) => bs58::decode(text).onto(&mut buffer[..Self::BYTE_SIZE]).ok(),
            _ => None,
        };
        match (decoded, buffer.first_chunk()) {
            (Some(Self::BYTE_SIZE), Some(bytes)) => Ok(Self::from_bytes(bytes)),
            _ => Err(SignatureTextError),
        }
    }
}

/// A text that is no signature of 64 bytes in base64, base58 or hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not a signature of 64 bytes in base64, base58 or hexadecimal")]
pub struct SignatureTextError;

/// A signature that is not its supposed signer's over this message, or not a strictly valid one. It does not say
/// which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("signature rejected")]
pub struct SignatureRejected;
