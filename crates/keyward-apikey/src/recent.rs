use alloc::vec::Vec;

use keyward_ledger::{Fingerprint, OperationId};

use crate::{KeyOutcome, memory};

/// The last operations on a key, oldest first: what makes one that comes again bring the same answer and no second change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
// At most MAX_COUNT, no id twice.
pub(crate) struct RecentOperations(Vec<RecentOperation>);

/// An operation that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub(crate) struct RecentOperation {
    pub(crate) id: OperationId,
    /// Of its content.
    pub(crate) fingerprint: Fingerprint,
    pub(crate) outcome: KeyOutcome,
}

impl RecentOperations {
    pub(crate) const MAX_COUNT: usize = 8;

    pub(crate) fn find(&self, id: OperationId) -> Option<&RecentOperation> {
        self.0.iter().find(|operation| operation.id == id)
    }

    /// Remembers an operation whose id is new, and forgets the oldest if there is no room.
    pub(crate) fn push(&mut self, operation: RecentOperation) {
        if self.0.len() == Self::MAX_COUNT {
            self.0.remove(0);
        }
        self.0.push(operation);
    }

    /// What is behind its pointer.
    pub(crate) fn heap_bytes(&self) -> usize {
        memory::list(&self.0)
    }

    #[cfg(feature = "serde")]
    pub(crate) fn from_stored(operations: Vec<RecentOperation>) -> Option<Self> {
        let is_new = |(at, operation): (usize, &RecentOperation)| {
            operations[..at].iter().all(|earlier| earlier.id != operation.id)
        };
        let is_valid = operations.len() <= Self::MAX_COUNT && operations.iter().enumerate().all(is_new);
        is_valid.then_some(Self(operations))
    }

    #[cfg(feature = "serde")]
    pub(crate) fn into_stored(self) -> Vec<RecentOperation> {
        self.0
    }
}
