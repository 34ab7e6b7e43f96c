use core::fmt;
use core::str::FromStr;

use crate::{DecimalError, OutOfRange, UnixSeconds, parse_decimal};

/// An instant in time as the number of whole milliseconds since 1970-01-01T00:00:00Z, leap seconds
/// not counted.
///
/// The range is 0 to 2^63 - 1, as that of [`UnixSeconds`]; the text form is the canonical decimal.
/// Lighter's transactions expire at such an instant.
///
/// ```
/// use keyward_time::{UnixMillis, UnixSeconds};
///
/// let instant = UnixMillis::new(1_763_683_200_999)?;
/// assert_eq!(instant.to_seconds(), UnixSeconds::new(1_763_683_200)?);
/// assert_eq!(UnixMillis::from(instant.to_seconds()).as_millis(), 1_763_683_200_000);
/// # Ok::<(), keyward_time::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(u64);

impl UnixMillis {
    /// 1970-01-01T00:00:00Z, the earliest instant.
    pub const EPOCH: Self = Self(0);

    /// 2^63 - 1 milliseconds after the epoch, the latest instant.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// The instant `millis` milliseconds after the epoch.
    ///
    /// # Errors
    /// - `millis` is above 2^63 - 1
    pub const fn new(millis: u64) -> Result<Self, OutOfRange> {
        match OutOfRange::check(millis, Self::MAX.0) {
            Ok(millis) => Ok(Self(millis)),
            Err(error) => Err(error),
        }
    }

    /// Milliseconds since the epoch, 0 to 2^63 - 1.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The second that this instant lies in.
    pub const fn to_seconds(self) -> UnixSeconds {
        UnixSeconds::EPOCH.saturating_add_secs(self.0 / 1000)
    }

    /// `millis` milliseconds later, at most [`MAX`](Self::MAX).
    pub const fn saturating_add_millis(self, millis: u64) -> Self {
        match self.0.checked_add(millis) {
            Some(sum) if sum <= Self::MAX.0 => Self(sum),
            _ => Self::MAX,
        }
    }

    /// `millis` milliseconds earlier, at least [`EPOCH`](Self::EPOCH).
    pub const fn saturating_sub_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis))
    }

    /// Milliseconds from `earlier` to this instant; `None` if `earlier` is in truth the later one.
    pub const fn checked_millis_since(self, earlier: Self) -> Option<u64> {
        self.0.checked_sub(earlier.0)
    }
}

/// The second's first millisecond; a second that lies past [`UnixMillis::MAX`] becomes that.
impl From<UnixSeconds> for UnixMillis {
    fn from(seconds: UnixSeconds) -> Self {
        Self::EPOCH.saturating_add_millis(seconds.as_secs().saturating_mul(1000))
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for UnixMillis {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        parse_decimal(text.as_bytes(), Self::MAX.0).map(Self)
    }
}

impl TryFrom<u64> for UnixMillis {
    type Error = OutOfRange;

    fn try_from(millis: u64) -> Result<Self, OutOfRange> {
        Self::new(millis)
    }
}

impl From<UnixMillis> for u64 {
    fn from(instant: UnixMillis) -> Self {
        instant.0
    }
}
