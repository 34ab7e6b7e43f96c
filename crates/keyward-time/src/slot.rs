use core::fmt;
use core::str::FromStr;

use crate::{DecimalError, UnixSeconds};

/// A stretch of six hours that starts at a multiple of six hours since the epoch, so at 00:00, 06:00,
/// 12:00 or 18:00 UTC.
///
/// Pre-generated tokens are filed under the start of the slot in which they are to be used. The text
/// form is that start, in canonical decimal Unix seconds.
///
/// ```
/// use keyward_time::{TimeSlot, UnixSeconds};
///
/// let slot = TimeSlot::containing(UnixSeconds::new(1_763_700_000)?);
/// assert_eq!(slot.start(), UnixSeconds::new(1_763_683_200)?);
/// assert_eq!(slot.end(), UnixSeconds::new(1_763_704_800)?);
/// # Ok::<(), keyward_time::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSlot {
    // Invariant: a multiple of LENGTH_SECS.
    start: UnixSeconds,
}

impl TimeSlot {
    /// The length of a slot: 21,600 seconds, six hours.
    pub const LENGTH_SECS: u64 = 6 * 60 * 60;

    /// Slots in a day: 4.
    pub const PER_DAY: u32 = 4;

    /// The earliest slot, which starts at the epoch.
    pub const FIRST: Self = Self::containing(UnixSeconds::EPOCH);

    /// The latest slot. The end of the range of [`UnixSeconds`] cuts it short.
    pub const LAST: Self = Self::containing(UnixSeconds::MAX);

    /// The slot in which `instant` lies; a slot owns its start, but not its end.
    pub const fn containing(instant: UnixSeconds) -> Self {
        let offset = instant.as_secs() % Self::LENGTH_SECS;
        Self { start: instant.saturating_sub_secs(offset) }
    }

    /// The slot that starts at `start`.
    ///
    /// # Errors
    /// - `start` is not a multiple of 21,600 seconds
    pub const fn from_start(start: UnixSeconds) -> Result<Self, NotAligned> {
        if start.as_secs().is_multiple_of(Self::LENGTH_SECS) { Ok(Self { start }) } else { Err(NotAligned) }
    }

    /// The first second of the slot.
    pub const fn start(self) -> UnixSeconds {
        self.start
    }

    /// The first second after the slot; for [`LAST`](Self::LAST) the last second there is.
    pub const fn end(self) -> UnixSeconds {
        self.start.saturating_add_secs(Self::LENGTH_SECS)
    }

    /// The slot after this one; `None` after [`LAST`](Self::LAST).
    pub const fn next(self) -> Option<Self> {
        self.checked_add(1)
    }

    /// The slot before this one; `None` before [`FIRST`](Self::FIRST).
    pub const fn previous(self) -> Option<Self> {
        match self.start.checked_sub_secs(Self::LENGTH_SECS) {
            Some(start) => Some(Self { start }),
            None => None,
        }
    }

    /// The slot `count` slots later; `None` after [`LAST`](Self::LAST).
    pub const fn checked_add(self, count: u32) -> Option<Self> {
        // A u32 times 21,600 is below 2^47.
        match self.start.checked_add_secs(count as u64 * Self::LENGTH_SECS) {
            Some(start) => Some(Self { start }),
            None => None,
        }
    }
}

impl fmt::Display for TimeSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.start.fmt(f)
    }
}

impl FromStr for TimeSlot {
    type Err = TimeSlotError;

    fn from_str(text: &str) -> Result<Self, TimeSlotError> {
        Ok(Self::from_start(text.parse::<UnixSeconds>()?)?)
    }
}

/// An instant at which no slot starts: it is not a multiple of 21,600 seconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not a multiple of 21600 seconds")]
pub struct NotAligned;

/// Why a text does not name a [`TimeSlot`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TimeSlotError {
    /// The text is no instant.
    #[error(transparent)]
    Instant(#[from] DecimalError),
    /// The text is an instant, but no slot starts then.
    #[error(transparent)]
    NotAligned(#[from] NotAligned),
}
