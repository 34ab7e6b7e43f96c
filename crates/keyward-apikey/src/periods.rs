use keyward_time::{OutOfRange, UnixMillis};

/// How long an old secret works beside the new one: 0 to 7 days, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GracePeriod(u32);

impl GracePeriod {
    /// Not at all.
    pub const NONE: Self = Self(0);

    /// The longest: 604,800 seconds, 7 days.
    pub const MAX: Self = Self(7 * 24 * 60 * 60);

    /// `secs` seconds.
    ///
    /// # Errors
    /// - `secs` is above 604,800
    pub const fn from_secs(secs: u32) -> Result<Self, OutOfRange> {
        match OutOfRange::check(secs as u64, Self::MAX.0 as u64) {
            Ok(_) => Ok(Self(secs)),
            Err(error) => Err(error),
        }
    }

    /// Seconds, 0 to 604,800.
    pub const fn as_secs(self) -> u32 {
        self.0
    }

    /// The first millisecond after the period that starts at `start`.
    pub(crate) const fn end(self, start: UnixMillis) -> UnixMillis {
        start.saturating_add_millis(self.0 as u64 * 1000)
    }
}

/// How long a link can be used: 1 minute to a day, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkLifetime(u16);

impl LinkLifetime {
    /// 15 minutes: what a link gets that was asked for without a word on its life.
    pub const DEFAULT: Self = Self(15);

    /// The longest: 1,440 minutes, a day.
    pub const MAX: Self = Self(24 * 60);

    /// `minutes` minutes.
    ///
    /// # Errors
    /// - `minutes` is 0 or above 1,440
    pub const fn from_minutes(minutes: u16) -> Result<Self, InvalidLinkLifetime> {
        if minutes != 0 && minutes <= Self::MAX.0 { Ok(Self(minutes)) } else { Err(InvalidLinkLifetime) }
    }

    /// Minutes, 1 to 1,440.
    pub const fn as_minutes(self) -> u16 {
        self.0
    }

    /// The first millisecond after the life that starts at `start`.
    pub(crate) const fn end(self, start: UnixMillis) -> UnixMillis {
        start.saturating_add_millis(self.0 as u64 * 60_000)
    }
}

/// A number of minutes that is no [`LinkLifetime`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("life of a link that is not 1 to {} minutes", LinkLifetime::MAX.0)]
pub struct InvalidLinkLifetime;
