use crate::{UnixMillis, UnixSeconds};

/// Where the time of day comes from.
///
/// Nothing in this family of crates reads a clock by itself: pure code takes an instant, a service
/// takes a clock, and only a program's outermost layer picks `SystemClock`.
pub trait Clock {
    /// The current time.
    fn now(&self) -> UnixSeconds;

    /// The current time to the millisecond; a clock that only counts seconds shows their beginning.
    fn now_millis(&self) -> UnixMillis {
        self.now().into()
    }
}

impl<C: Clock + ?Sized> Clock for &C {
    fn now(&self) -> UnixSeconds {
        (**self).now()
    }

    fn now_millis(&self) -> UnixMillis {
        (**self).now_millis()
    }
}

/// A clock that always shows the same time: for tests, and for answers about another time than now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FixedClock(pub UnixSeconds);

impl Clock for FixedClock {
    fn now(&self) -> UnixSeconds {
        self.0
    }
}

/// The operating system's clock.
///
/// A system clock set before 1970 reads as [`UnixSeconds::EPOCH`], one past the range as
/// [`UnixSeconds::MAX`]: such a clock is wrong by decades, and the nearest instant there is makes
/// what depends on it (not valid yet, expired) come out as it would on the wrong day.
#[cfg(feature = "std")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SystemClock;

#[cfg(feature = "std")]
impl Clock for SystemClock {
    fn now(&self) -> UnixSeconds {
        saturating_from(std::time::SystemTime::now())
    }

    fn now_millis(&self) -> UnixMillis {
        saturating_millis_from(std::time::SystemTime::now())
    }
}

#[cfg(feature = "std")]
fn saturating_from(time: std::time::SystemTime) -> UnixSeconds {
    UnixSeconds::EPOCH.saturating_add_secs(since_epoch(time).as_secs())
}

#[cfg(feature = "std")]
fn saturating_millis_from(time: std::time::SystemTime) -> UnixMillis {
    let millis = u64::try_from(since_epoch(time).as_millis()).unwrap_or(u64::MAX);
    UnixMillis::EPOCH.saturating_add_millis(millis)
}

#[cfg(feature = "std")]
fn since_epoch(time: std::time::SystemTime) -> std::time::Duration {
    time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{UnixMillis, UnixSeconds, saturating_from, saturating_millis_from};

    #[test]
    fn system_time_before_1970_reads_as_the_epoch() {
        let before = UNIX_EPOCH - Duration::from_nanos(1);
        assert_eq!(saturating_from(before), UnixSeconds::EPOCH);
        assert_eq!(saturating_millis_from(before), UnixMillis::EPOCH);
        let long_before = UNIX_EPOCH - Duration::from_secs(1_000_000_000);
        assert_eq!(saturating_from(long_before), UnixSeconds::EPOCH);
    }

    #[test]
    fn system_time_is_rounded_down_to_the_second() {
        let time = UNIX_EPOCH + Duration::from_millis(1_763_683_200_999);
        assert_eq!(saturating_from(time).as_secs(), 1_763_683_200);
        assert_eq!(saturating_millis_from(time).as_millis(), 1_763_683_200_999);
        assert_eq!(saturating_from(UNIX_EPOCH), UnixSeconds::EPOCH);
    }
}
