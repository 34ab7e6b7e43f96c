use std::fmt;
use std::str::FromStr;
use std::sync::{PoisonError, RwLock};

use keyward_time::{Clock, SystemClock, UnixMillis, UnixSeconds};

/// A clock that a test sets: it stands still, or runs before or behind the system's.
///
/// The venue asks it for every decision that depends on time. Setting it back is allowed, as tests need it; what a
/// cooldown or an expiry has ended then comes back.
#[derive(Debug)]
pub struct SandboxClock {
    setting: RwLock<ClockSetting>,
}

/// What a [`SandboxClock`] shows.
///
/// The text forms are `system`, `fixed:UNIX` with Unix seconds, and `offset:SECONDS` with a sign if negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockSetting {
    /// Always the same instant.
    Fixed(UnixMillis),
    /// The system's time, so many milliseconds later; 0 for the system's time itself.
    Offset {
        /// Milliseconds to add, negative for a clock that is behind.
        millis: i64,
    },
}

impl ClockSetting {
    /// The system's time.
    pub const SYSTEM: Self = Self::Offset { millis: 0 };
}

impl SandboxClock {
    /// A clock with this setting.
    pub const fn new(setting: ClockSetting) -> Self {
        Self { setting: RwLock::new(setting) }
    }

    /// What the clock is set to.
    pub fn setting(&self) -> ClockSetting {
        *self.setting.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the clock.
    pub fn set(&self, setting: ClockSetting) {
        *self.setting.write().unwrap_or_else(PoisonError::into_inner) = setting;
    }

    /// Moves the clock, standing or running, forward by so many milliseconds.
    pub fn advance_millis(&self, millis: u64) {
        let mut setting = self.setting.write().unwrap_or_else(PoisonError::into_inner);
        *setting = match *setting {
            ClockSetting::Fixed(instant) => ClockSetting::Fixed(instant.saturating_add_millis(millis)),
            ClockSetting::Offset { millis: offset } => {
                ClockSetting::Offset { millis: offset.saturating_add_unsigned(millis) }
            }
        };
    }
}

/// The system's time.
impl Default for SandboxClock {
    fn default() -> Self {
        Self::new(ClockSetting::SYSTEM)
    }
}

impl Clock for SandboxClock {
    fn now(&self) -> UnixSeconds {
        self.now_millis().to_seconds()
    }

    fn now_millis(&self) -> UnixMillis {
        match self.setting() {
            ClockSetting::Fixed(instant) => instant,
            ClockSetting::Offset { millis } if millis < 0 => {
                SystemClock.now_millis().saturating_sub_millis(millis.unsigned_abs())
            }
            ClockSetting::Offset { millis } => SystemClock.now_millis().saturating_add_millis(millis.unsigned_abs()),
        }
    }
}

impl fmt::Display for ClockSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SYSTEM => f.write_str("system"),
            Self::Fixed(instant) => write!(f, "fixed:{}", instant.to_seconds()),
            Self::Offset { millis } => write!(f, "offset:{}", millis / 1000),
        }
    }
}

impl FromStr for ClockSetting {
    type Err = ClockSettingError;

    fn from_str(text: &str) -> Result<Self, ClockSettingError> {
        if text == "system" {
            return Ok(Self::SYSTEM);
        }
        let setting = if let Some(seconds) = text.strip_prefix("fixed:") {
            seconds.parse().ok().map(|seconds: UnixSeconds| Self::Fixed(seconds.into()))
        } else if let Some(seconds) = text.strip_prefix("offset:") {
            let seconds = seconds.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1000));
            seconds.map(|millis| Self::Offset { millis })
        } else {
            None
        };
        setting.ok_or(ClockSettingError)
    }
}

/// A text that sets no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a clock is `system`, `fixed:UNIX` or `offset:SECONDS`")]
pub struct ClockSettingError;
