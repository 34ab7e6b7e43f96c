use core::fmt;

use keyward_time::OutOfRange;

/// How often something was changed: 0 to 2^53 - 1, which every language's numbers hold exactly.
///
/// A writer says which revision it has seen, and loses if there is another one by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(u64);

impl Revision {
    /// The revision of what was made and never changed.
    pub const FIRST: Self = Self(0);

    /// The last revision there is: 2^53 - 1.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// The revision numbered `number`.
    ///
    /// # Errors
    /// - `number` is above 2^53 - 1
    pub const fn new(number: u64) -> Result<Self, OutOfRange> {
        match OutOfRange::check(number, Self::MAX.0) {
            Ok(number) => Ok(Self(number)),
            Err(error) => Err(error),
        }
    }

    /// The number, 0 to 2^53 - 1.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The revision after this one; `None` after [`MAX`](Self::MAX).
    pub const fn next(self) -> Option<Self> {
        if self.0 < Self::MAX.0 { Some(Self(self.0 + 1)) } else { None }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<u64> for Revision {
    type Error = OutOfRange;

    fn try_from(number: u64) -> Result<Self, OutOfRange> {
        Self::new(number)
    }
}

impl From<Revision> for u64 {
    fn from(revision: Revision) -> Self {
        revision.0
    }
}
