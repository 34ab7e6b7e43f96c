use core::fmt;
use core::str::FromStr;

/// How many days of tokens to make: 0 to 3,650.
///
/// A number below zero asks for nothing, as zero does, and counts as zero.
///
/// ```
/// use keyward_lighter::Days;
///
/// assert_eq!("28".parse(), Ok(Days::DEFAULT));
/// assert!("2.5".parse::<Days>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days(u16);

impl Days {
    /// 28 days, when nobody says otherwise.
    pub const DEFAULT: Self = Self(28);

    /// 3,650 days.
    pub const MAX: Self = Self(3_650);

    /// `days` days; below zero counts as zero.
    ///
    /// # Errors
    /// - [`TooMany`](DaysError::TooMany): above 3,650
    pub fn new(days: i64) -> Result<Self, DaysError> {
        let days = u16::try_from(days.max(0)).map_err(|_| DaysError::TooMany)?;
        if days > Self::MAX.0 { Err(DaysError::TooMany) } else { Ok(Self(days)) }
    }

    /// The number of days.
    pub const fn as_u16(self) -> u16 {
        self.0
    }

    /// Whether nothing is asked for.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads what Python's `int()` reads in ASCII, since that is how `NUM_DAYS` has always been read: a
/// decimal with space around it, a sign and single underscores between digits.
///
/// # Errors
/// - [`NotWhole`](DaysError::NotWhole): anything else, such as `2.5`, `1e3` or nothing
/// - [`TooMany`](DaysError::TooMany): above 3,650
impl FromStr for Days {
    type Err = DaysError;

    fn from_str(text: &str) -> Result<Self, DaysError> {
        let text = text.trim();
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let whole = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits.split('_').all(whole) {
            return Err(DaysError::NotWhole);
        }
        if text.starts_with('-') {
            return Ok(Self(0));
        }
        let value = digits.split('_').flat_map(str::bytes).fold(0_i64, |value, digit| {
            // Capped: the text may have any number of digits.
            (10 * value + i64::from(digit - b'0')).min(i64::from(u16::MAX))
        });
        Self::new(value)
    }
}

/// Why something is not a number of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DaysError {
    /// Not a whole number.
    #[error("must be a whole number of days")]
    NotWhole,
    /// More than 3,650 days.
    #[error("must be at most 3650 days")]
    TooMany,
}
