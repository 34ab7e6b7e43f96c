use std::num::NonZeroU64;

use keyward_time::UnixMillis;

const MINUTE: NonZeroU64 = NonZeroU64::new(60_000).unwrap();
const HOUR: NonZeroU64 = NonZeroU64::new(3_600_000).unwrap();

/// How much of something an API key may use in each window of time.
///
/// Windows are aligned: one of a minute begins at each full minute since the epoch. In one window no more than `limit`
/// is let through; in a time as long as a window, but across two of them, at most twice that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowLimit {
    /// How much, in units of what is counted, such as requests.
    pub limit: u64,
    /// The window's length in milliseconds.
    pub length_millis: NonZeroU64,
}

impl WindowLimit {
    /// `limit` in a minute.
    pub const fn per_minute(limit: u64) -> Self {
        Self { limit, length_millis: MINUTE }
    }

    /// `limit` in an hour.
    pub const fn per_hour(limit: u64) -> Self {
        Self { limit, length_millis: HOUR }
    }
}

/// What a store keeps of a counter: the current window and what was used in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When the window began.
    pub start: UnixMillis,
    /// What was used since.
    pub used: u64,
}

/// Whether a use that is above the limit is refused, or counted all the same because it has happened already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HitMode {
    /// Above the limit it is refused, and nothing is counted.
    Refuse,
    /// It is counted; the next ones are refused for it.
    Record,
}

/// The answer to a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Whether it was within the limit. It was counted if so, and with [`HitMode::Record`] always.
    pub is_within_limit: bool,
    /// What is left of the limit in this window.
    pub remaining: u64,
    /// When the next window begins. After a refusal: the earliest instant at which trying again makes sense.
    pub reset: UnixMillis,
}

/// Counts a use of `cost` at `now`: the state to keep afterwards, and the answer. Every store decides by this function
/// or exactly like it.
///
/// A clock that was set back gives no new window: the old one goes on until its end. If it was set back by more than a
/// whole window, the window that lies in the future is given up for the present one, so that a wrong clock does not
/// lock a key for longer than a window.
pub fn count_hit(
    window: Option<Window>,
    limit: WindowLimit,
    cost: u64,
    mode: HitMode,
    now: UnixMillis,
) -> (Window, Hit) {
    let length = limit.length_millis.get();
    let aligned = now.saturating_sub_millis(now.as_millis() % length);
    let current = match window {
        Some(window) if is_current(window.start, length, now) => window,
        _ => Window { start: aligned, used: 0 },
    };
    let used = current.used.saturating_add(cost);
    let is_within_limit = used <= limit.limit;
    let counted = if is_within_limit || mode == HitMode::Record { used } else { current.used };
    let hit = Hit {
        is_within_limit,
        remaining: limit.limit.saturating_sub(counted),
        reset: current.start.saturating_add_millis(length),
    };
    (Window { used: counted, ..current }, hit)
}

/// Whether a window that began at `start` still counts at `now`.
fn is_current(start: UnixMillis, length: u64, now: UnixMillis) -> bool {
    match now.checked_millis_since(start) {
        Some(age) => age < length,
        None => start.checked_millis_since(now).is_some_and(|ahead| ahead < length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: WindowLimit = WindowLimit::per_minute(3);

    fn at(millis: u64) -> UnixMillis {
        UnixMillis::new(millis).expect("in range")
    }

    fn hits(times: &[u64]) -> Vec<bool> {
        let mut window = None;
        times
            .iter()
            .map(|&time| {
                let (next, hit) = count_hit(window, LIMIT, 1, HitMode::Refuse, at(time));
                window = Some(next);
                hit.is_within_limit
            })
            .collect()
    }

    #[test]
    fn the_fourth_of_a_minute_is_refused_and_the_next_minute_is_new() {
        assert_eq!(hits(&[60_000, 60_001, 119_999, 119_999, 120_000]), [true, true, true, false, true]);
    }

    #[test]
    fn a_clock_set_back_gives_no_new_window() {
        assert_eq!(hits(&[60_000, 60_000, 60_000, 59_999, 1, 60_000]), [true, true, true, false, false, false]);
    }

    #[test]
    fn a_window_far_in_the_future_is_given_up() {
        assert_eq!(hits(&[600_000, 600_000, 600_000, 60_000]), [true, true, true, true]);
    }

    #[test]
    fn what_has_happened_is_counted_above_the_limit() {
        let (window, hit) = count_hit(None, LIMIT, 5, HitMode::Record, at(60_500));
        assert_eq!((window.used, hit.is_within_limit, hit.remaining), (5, false, 0));
        let (window, hit) = count_hit(Some(window), LIMIT, u64::MAX, HitMode::Record, at(60_501));
        assert_eq!((window.used, hit.reset), (u64::MAX, at(120_000)));
    }

    #[test]
    fn the_last_instant_there_is_does_not_overflow() {
        let (window, hit) = count_hit(None, LIMIT, 1, HitMode::Refuse, UnixMillis::MAX);
        assert!(hit.is_within_limit);
        assert_eq!(count_hit(Some(window), LIMIT, 3, HitMode::Refuse, UnixMillis::MAX).1.remaining, 2);
    }
}
