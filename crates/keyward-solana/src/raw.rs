use core::fmt;

use crate::{Address, SignatureRejected, SolanaSignature};

/// Bytes as wallets' `signMessage` signs them: with nothing before and nothing after.
///
/// A signature over raw bytes proves what the bytes say and no more. Whoever asks for one must fix each byte, as
/// [`BindChallenge`](crate::BindChallenge) and [`SignInMessage`](crate::SignInMessage) do: among what a
/// wallet has signed are also its transactions, and those are public.
#[derive(Clone, Copy)]
pub struct RawMessage<'a> {
    bytes: &'a [u8],
}

impl<'a> RawMessage<'a> {
    /// The message of these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The bytes, which are those that are signed.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Checks that `signature` is the wallet's over these bytes.
    ///
    /// # Errors
    /// - the signature is another's, of other bytes, or not strictly valid
    pub fn verify(&self, signer: &Address, signature: &SolanaSignature) -> Result<(), SignatureRejected> {
        signer.verify(self.bytes, signature)
    }
}

/// The length only: the bytes may hold what is secret until it is used.
impl fmt::Debug for RawMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawMessage").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}
