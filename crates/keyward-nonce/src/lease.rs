use keyward_token::ApiKeyIndex;

use crate::slot::Outcome;
use crate::{Nonce, NonceAllocator, NonceMode};

/// A nonce that one task holds, to be settled with what the venue answered to the transaction.
///
/// Dropped without that, for instance with a cancelled task, it counts as [`unknown`](Self::unknown).
#[derive(Debug)]
#[must_use = "a lease that is dropped counts as a transaction with an unknown outcome"]
pub struct Lease {
    allocator: NonceAllocator,
    position: usize,
    nonce: Nonce,
    outcome: Outcome,
}

impl Lease {
    pub(crate) fn new(allocator: NonceAllocator, position: usize, nonce: Nonce) -> Self {
        Self { allocator, position, nonce, outcome: Outcome::Unknown }
    }

    /// The key slot to sign for.
    pub fn api_key(&self) -> ApiKeyIndex {
        self.allocator.api_key(self.position)
    }

    /// The nonce to sign with.
    pub fn nonce(&self) -> Nonce {
        self.nonce
    }

    /// The mode to send in: [`NonceMode::Skip`] wants the transaction's attribute 4 to be 1.
    pub fn mode(&self) -> NonceMode {
        self.allocator.mode()
    }

    /// The venue took the transaction.
    pub fn accepted(self) {
        self.settle(Outcome::Accepted);
    }

    /// The venue certainly did not take the transaction and never will, for another reason than its nonce; or it
    /// was never sent.
    pub fn refused(self) {
        self.settle(Outcome::Refused);
    }

    /// The venue refused the transaction for its nonce: code 21104, `invalid nonce`.
    pub fn refused_invalid_nonce(self) {
        self.settle(Outcome::InvalidNonce);
    }

    /// It is not known whether the venue took the transaction: the answer was lost, or timed out, or tells nothing.
    pub fn unknown(self) {
        self.settle(Outcome::Unknown);
    }

    fn settle(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.allocator.settle(self.position, self.nonce, self.outcome);
    }
}
