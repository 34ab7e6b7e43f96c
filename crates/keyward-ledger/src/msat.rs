use core::fmt;
use core::str::FromStr;

use keyward_time::{DecimalError, OutOfRange, parse_decimal};

/// An amount of money in whole millisatoshi: a thousandth of a satoshi, of which a bitcoin has 10^8.
///
/// The range is 0 to 2^53 - 1 (some 90,071 bitcoin), so that every amount is exact also where numbers are doubles: JSON
/// in JavaScript, Lua in Redis. The text form is the canonical decimal. Sums and differences are checked; there are no
/// operators.
///
/// ```
/// use keyward_ledger::Msat;
///
/// let price = Msat::new(1_500)?;
/// assert_eq!(price.checked_add(Msat::from_sat(2)?), Some(Msat::new(3_500)?));
/// assert_eq!(Msat::ZERO.checked_sub(price), None);
/// assert_eq!((price.to_sat_floor(), price.to_sat_ceil()), (1, 2));
/// # Ok::<(), keyward_time::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Msat(u64);

impl Msat {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The largest amount: 2^53 - 1 millisatoshi.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// `msat` millisatoshi.
    ///
    /// # Errors
    /// - `msat` is above 2^53 - 1
    pub const fn new(msat: u64) -> Result<Self, OutOfRange> {
        match OutOfRange::check(msat, Self::MAX.0) {
            Ok(msat) => Ok(Self(msat)),
            Err(error) => Err(error),
        }
    }

    /// `sat` satoshi.
    ///
    /// # Errors
    /// - `sat` is above 9,007,199,254,740
    pub const fn from_sat(sat: u64) -> Result<Self, OutOfRange> {
        match OutOfRange::check(sat, Self::MAX.0 / 1000) {
            Ok(sat) => Ok(Self(sat * 1000)),
            Err(error) => Err(error),
        }
    }

    /// The number of millisatoshi, 0 to 2^53 - 1.
    pub const fn as_msat(self) -> u64 {
        self.0
    }

    /// Whole satoshi, rounded down: how balances are shown in satoshi.
    pub const fn to_sat_floor(self) -> u64 {
        self.0 / 1000
    }

    /// Whole satoshi, rounded up: how costs are shown in satoshi.
    pub const fn to_sat_ceil(self) -> u64 {
        self.0.div_ceil(1000)
    }

    /// The sum; `None` above [`MAX`](Self::MAX).
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        let sum = self.0 + other.0; // below 2^54
        if sum <= Self::MAX.0 { Some(Self(sum)) } else { None }
    }

    /// What is left after taking `other` away; `None` if that is more than there is.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// What is left after taking `other` away, nothing if that is more than there is.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Msat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Msat {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        parse_decimal(text.as_bytes(), Self::MAX.0).map(Self)
    }
}

impl TryFrom<u64> for Msat {
    type Error = OutOfRange;

    fn try_from(msat: u64) -> Result<Self, OutOfRange> {
        Self::new(msat)
    }
}

impl From<Msat> for u64 {
    fn from(amount: Msat) -> Self {
        amount.0
    }
}
