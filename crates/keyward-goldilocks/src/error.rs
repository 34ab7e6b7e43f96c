use core::fmt;

/// A 64-bit word that is not the canonical form of a field element: it is at least
/// [`Fp::MODULUS`](crate::Fp::MODULUS).
///
/// The offending value is not kept, since it may be part of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonCanonical {
    index: usize,
}

impl NonCanonical {
    /// An error for the word at `index`, counted from 0 in words of 8 bytes.
    pub const fn at(index: usize) -> Self {
        Self { index }
    }

    /// Which word was at fault, counted from 0 in words of 8 bytes.
    pub const fn index(&self) -> usize {
        self.index
    }
}

impl fmt::Display for NonCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "word {} is not below the field's modulus", self.index)
    }
}

impl core::error::Error for NonCanonical {}
