use core::fmt;
use core::str::FromStr;

use crate::{DecimalError, OutOfRange, parse_decimal};

/// An instant in time as the number of whole seconds since 1970-01-01T00:00:00Z, leap seconds not
/// counted.
///
/// The range is 0 to 2^63 - 1, so that every value also fits the signed 64-bit integer in which
/// servers, databases and other languages keep such a number. Instants before 1970 do not exist
/// here. The text form is the canonical decimal: no sign, no leading zero, no space.
///
/// ```
/// use keyward_time::UnixSeconds;
///
/// let now: UnixSeconds = "1763683200".parse()?;
/// assert_eq!(now.checked_add_secs(60).map(UnixSeconds::as_secs), Some(1_763_683_260));
/// assert!("01763683200".parse::<UnixSeconds>().is_err());
/// # Ok::<(), keyward_time::DecimalError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(u64);

impl UnixSeconds {
    /// 1970-01-01T00:00:00Z, the earliest instant.
    pub const EPOCH: Self = Self(0);

    /// 2^63 - 1 seconds after the epoch, the latest instant.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// The instant `secs` seconds after the epoch.
    ///
    /// # Errors
    /// - `secs` is above 2^63 - 1
    pub const fn new(secs: u64) -> Result<Self, OutOfRange> {
        match OutOfRange::check(secs, Self::MAX.0) {
            Ok(secs) => Ok(Self(secs)),
            Err(error) => Err(error),
        }
    }

    /// Reads the canonical decimal text, as [`FromStr`] does, from bytes.
    ///
    /// # Errors
    /// - the text is not a canonical decimal
    /// - the number is above 2^63 - 1
    pub fn parse_bytes(text: &[u8]) -> Result<Self, DecimalError> {
        parse_decimal(text, Self::MAX.0).map(Self)
    }

    /// Seconds since the epoch, 0 to 2^63 - 1.
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// `secs` seconds later; `None` past [`MAX`](Self::MAX).
    pub const fn checked_add_secs(self, secs: u64) -> Option<Self> {
        match self.0.checked_add(secs) {
            Some(sum) if sum <= Self::MAX.0 => Some(Self(sum)),
            _ => None,
        }
    }

    /// `secs` seconds earlier; `None` before [`EPOCH`](Self::EPOCH).
    pub const fn checked_sub_secs(self, secs: u64) -> Option<Self> {
        match self.0.checked_sub(secs) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// `secs` seconds later, at most [`MAX`](Self::MAX).
    pub const fn saturating_add_secs(self, secs: u64) -> Self {
        match self.checked_add_secs(secs) {
            Some(later) => later,
            None => Self::MAX,
        }
    }

    /// `secs` seconds earlier, at least [`EPOCH`](Self::EPOCH).
    pub const fn saturating_sub_secs(self, secs: u64) -> Self {
        Self(self.0.saturating_sub(secs))
    }

    /// Seconds from `earlier` to this instant; `None` if `earlier` is in truth the later one.
    pub const fn checked_secs_since(self, earlier: Self) -> Option<u64> {
        self.0.checked_sub(earlier.0)
    }
}

impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for UnixSeconds {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::parse_bytes(text.as_bytes())
    }
}

impl TryFrom<u64> for UnixSeconds {
    type Error = OutOfRange;

    fn try_from(secs: u64) -> Result<Self, OutOfRange> {
        Self::new(secs)
    }
}

impl From<UnixSeconds> for u64 {
    fn from(instant: UnixSeconds) -> Self {
        instant.0
    }
}
