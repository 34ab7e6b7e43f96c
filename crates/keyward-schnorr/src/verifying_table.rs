use core::fmt;

use keyward_ecgfp5::{SizedPointTable, TableSize};
use signature::Error;
use signature::hazmat::PrehashVerifier;

use crate::verifying::check;
use crate::{MessageHash, Signature, VerifyingKey};

/// A public key with a table of its multiples on the heap, for callers that check many signatures of it and choose what memory that
/// may take.
///
/// What a check takes beside one without a table, and how many of those the table's making takes (at the default x86-64
/// target, all in instructions):
///
/// | size | memory | a check | making it |
/// |---|---|---|---|
/// | [`TableSize::Small`] | 10 KiB | 36 % | 1 |
/// | [`TableSize::Medium`] | 80 KiB | 31 % | 3 |
/// | [`TableSize::Large`] | 400 KiB | 28 % | 10 |
///
/// The larger ones lose what they gain when so many are in use that they do not fit the processor's caches.
pub struct VerifyingTable {
    key: VerifyingKey,
    table: SizedPointTable,
}

impl VerifyingTable {
    /// Computes the table of `key`.
    pub fn new(key: &VerifyingKey, size: TableSize) -> Self {
        Self { key: *key, table: SizedPointTable::new(&key.point, size) }
    }

    /// The public key itself.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The table's size.
    pub const fn size(&self) -> TableSize {
        self.table.size()
    }

    /// Checks a signature, in variable time: all that goes in is public.
    ///
    /// # Errors
    ///
    /// [`Error`] if it was not made with this key for this message.
    pub fn verify(&self, message: &MessageHash, signature: &Signature) -> Result<(), Error> {
        check(&self.table.mul_generator_add_vartime(&signature.s, &signature.e), message, signature)
    }
}

/// Over the 40 bytes of a [`MessageHash`].
impl PrehashVerifier<Signature> for VerifyingTable {
    fn verify_prehash(&self, prehash: &[u8], signature: &Signature) -> Result<(), Error> {
        self.verify(&MessageHash::try_from(prehash)?, signature)
    }
}

/// The public key in hexadecimal, and the size.
impl fmt::Debug for VerifyingTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingTable").field("key", &self.key).field("size", &self.size()).finish()
    }
}
