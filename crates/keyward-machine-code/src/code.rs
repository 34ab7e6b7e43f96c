use keyward_goldilocks::vector::{Avx2, Avx512, Level};

use crate::secret_operation::{Leak, SecretOperation, operations};

/// Code that the operations may run on.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// In words.
    pub name: &'static str,
    /// The [limit](keyward_goldilocks::vector::limit) that makes it run.
    pub level: Level,
}

/// All there is.
pub const CODES: [Code; 3] = [
    Code { name: "portable", level: Level::Portable },
    Code { name: "AVX2", level: Level::Avx2 },
    Code { name: "AVX-512 IFMA", level: Level::Avx512 },
];

impl Code {
    /// Whether the processor has what it takes, and no limit forbids it.
    #[must_use]
    pub fn is_here(self) -> bool {
        match self.level {
            Level::Portable => true,
            Level::Avx2 => Avx2::detect().is_some(),
            Level::Avx512 => Avx512::detect().is_some(),
        }
    }

    /// What it does otherwise than other code, and what leaks: AVX2 is for batches only.
    pub fn operations(self) -> impl Iterator<Item = SecretOperation> {
        let is_own = move |operation: &SecretOperation| self.level != Level::Avx2 || operation.is_batch;
        operations().into_iter().filter(move |operation| is_own(operation) || operation.leak != Leak::Nothing)
    }
}
