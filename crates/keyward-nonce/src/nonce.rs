use core::fmt;
use core::str::FromStr;

use keyward_time::{DecimalError, OutOfRange, parse_decimal};

/// The number that a transaction of an API key carries, so that it counts once.
///
/// The range is 0 to 2^48 - 1. The text form is the canonical decimal. Source: Lighter's "API keys"
/// page, and `MinNonce` of `types/txtypes/constants.go` in elliottech/lighter-go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(u64);

impl Nonce {
    /// The nonce of a key slot's first transaction: 0.
    pub const ZERO: Self = Self(0);

    /// The highest nonce: 2^48 - 1. A slot that has used it is exhausted.
    pub const MAX: Self = Self((1 << 48) - 1);

    /// The highest nonce that a slot can skip to: 2^47 - 2. Lighter's "API keys" page wants it below 2^47 - 1.
    pub const MAX_SKIP: Self = Self((1 << 47) - 2);

    /// The nonce numbered `nonce`.
    ///
    /// # Errors
    /// - `nonce` is above 2^48 - 1
    pub const fn new(nonce: u64) -> Result<Self, OutOfRange> {
        match OutOfRange::check(nonce, Self::MAX.0) {
            Ok(nonce) => Ok(Self(nonce)),
            Err(error) => Err(error),
        }
    }

    /// The number, 0 to 2^48 - 1.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The nonce after this one; `None` after [`MAX`](Self::MAX).
    pub const fn next(self) -> Option<Self> {
        if self.0 < Self::MAX.0 { Some(Self(self.0 + 1)) } else { None }
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Nonce {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        parse_decimal(text.as_bytes(), Self::MAX.0).map(Self)
    }
}

impl TryFrom<u64> for Nonce {
    type Error = OutOfRange;

    fn try_from(nonce: u64) -> Result<Self, OutOfRange> {
        Self::new(nonce)
    }
}

impl From<Nonce> for u64 {
    fn from(nonce: Nonce) -> Self {
        nonce.0
    }
}
