use alloc::vec::Vec;
use core::fmt;

use super::{OffchainError, OffchainFormat, SIGNING_DOMAIN, VERSION, length_field, read_text, strip_header};
use crate::{Address, SignatureRejected, SolanaSignature};

/// Of all but the signers.
const FIXED_PREAMBLE_LEN: usize = 53;

/// An off-chain message in the layout of the proposal "Off-chain message signing", which names the application and
/// all signers. Hardware wallets and newer libraries use it.
///
/// | bytes | what |
/// |---|---|
/// | 16 | `\xffsolana offchain` |
/// | 1 | version: 0 |
/// | 32 | application domain: any bytes, for people to be shown in base58 |
/// | 1 | format: 0, 1 or 2 |
/// | 1 | number of signers, at least 1 |
/// | 32 each | the signers, no two the same |
/// | 2 | length of the text, little-endian |
/// | 1 to 1147 (formats 0 and 1) or 65450 (format 2); 32 less for each signer after the first | the text |
///
/// Version 1, of which there are two accounts that contradict each other, is refused.
///
/// Source: `docs/src/proposals/off-chain-message-signing.md` of anza-xyz/agave.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LongOffchainMessage<'a> {
    application_domain: [u8; 32],
    format: OffchainFormat,
    // Invariant: 1 to 255, all different.
    signers: Vec<Address>,
    // Invariant: as the format has it.
    text: &'a str,
}

impl<'a> LongOffchainMessage<'a> {
    /// The message with this text, in the first format that takes it.
    ///
    /// # Errors
    /// - there are no signers, more than 255, or one twice
    /// - the text is empty or longer than format 2 allows
    pub fn new(application_domain: [u8; 32], signers: Vec<Address>, text: &'a str) -> Result<Self, OffchainError> {
        check_signers(&signers)?;
        let format = OffchainFormat::of(text, preamble_len(&signers))?;
        Ok(Self { application_domain, format, signers, text })
    }

    /// Reads a message. What is read prints back as the same bytes; its format need not be the first that takes the
    /// text.
    ///
    /// # Errors
    /// - the bytes begin otherwise, with another version, or have an unknown format
    /// - there are no signers, one is no address, or one is there twice
    /// - the length field is not the text's length, or the format does not allow that
    /// - the text is not printable ASCII (format 0) or not UTF-8 (formats 1 and 2)
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OffchainError> {
        let (application_domain, rest) = strip_header(bytes)?.split_first_chunk().ok_or(OffchainError::Length)?;
        let (&[format, count], rest) = rest.split_first_chunk().ok_or(OffchainError::Length)?;
        let format = OffchainFormat::from_u8(format)?;
        let (keys, rest) = rest.split_at_checked(usize::from(count) * 32).ok_or(OffchainError::Length)?;
        let (keys, _) = keys.as_chunks();
        let signers: Vec<Address> = keys.iter().map(Address::from_bytes).collect::<Result<_, _>>()?;
        check_signers(&signers)?;
        let text = read_text(rest, format, preamble_len(&signers))?;
        Ok(Self { application_domain: *application_domain, format, signers, text })
    }

    /// The application that asks for the signature, as any 32 bytes.
    pub const fn application_domain(&self) -> &[u8; 32] {
        &self.application_domain
    }

    /// The encoding of the text.
    pub const fn format(&self) -> OffchainFormat {
        self.format
    }

    /// Who has to sign, in order: 1 to 255, no two the same.
    pub fn signers(&self) -> &[Address] {
        &self.signers
    }

    /// The text, of 1 to 65450 bytes.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// The bytes that are signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(preamble_len(&self.signers) + self.text.len());
        bytes.extend_from_slice(&SIGNING_DOMAIN);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.application_domain);
        bytes.push(self.format.as_u8());
        bytes.push(self.signers.len() as u8);
        self.signers.iter().for_each(|signer| bytes.extend_from_slice(signer.as_bytes()));
        bytes.extend_from_slice(&length_field(self.text));
        bytes.extend_from_slice(self.text.as_bytes());
        bytes
    }

    /// Checks that all signers have signed this message: one signature each, in their order. Who they are is for the
    /// caller to look at.
    ///
    /// # Errors
    /// - there are more or fewer signatures than signers
    /// - one of them is another's, of another message, or not strictly valid
    pub fn verify(&self, signatures: &[SolanaSignature]) -> Result<(), SignatureRejected> {
        if signatures.len() != self.signers.len() {
            return Err(SignatureRejected);
        }
        let bytes = self.to_bytes();
        self.signers.iter().zip(signatures).try_for_each(|(signer, signature)| signer.verify(&bytes, signature))
    }
}

fn preamble_len(signers: &[Address]) -> usize {
    FIXED_PREAMBLE_LEN + 32 * signers.len()
}

fn check_signers(signers: &[Address]) -> Result<(), OffchainError> {
    let is_first = |(index, signer): (usize, &Address)| !signers[..index].contains(signer);
    let is_good = (1..=usize::from(u8::MAX)).contains(&signers.len()) && signers.iter().enumerate().all(is_first);
    if is_good { Ok(()) } else { Err(OffchainError::Signers) }
}

/// Without the text, which may hold what is secret until it is used.
impl fmt::Debug for LongOffchainMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LongOffchainMessage")
            .field("format", &self.format)
            .field("signers", &self.signers)
            .finish_non_exhaustive()
    }
}
