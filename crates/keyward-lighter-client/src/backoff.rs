use std::time::Duration;

/// How long to wait before each further attempt: twice as long each time, and never two clients in step.
pub(crate) struct Backoff {
    attempts: u32,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(200);
    const LONGEST: Duration = Duration::from_secs(5);
    /// Attempts in all.
    const MAX_ATTEMPTS: u32 = 6;

    /// Before the first attempt.
    pub(crate) fn new() -> Self {
        Self { attempts: 0 }
    }

    /// Counts an attempt from 1.
    pub(crate) fn attempt(&mut self) -> u32 {
        self.attempts += 1;
        self.attempts
    }

    /// The wait before the next attempt, at least as long as the venue asks for; `None` when there have been
    /// enough, or the venue asks for more time than is left.
    pub(crate) fn wait(&self, asked: Option<Duration>, left: Duration) -> Option<Duration> {
        let full = Self::FIRST.saturating_mul(1 << self.attempts.saturating_sub(1)).min(Self::LONGEST);
        let pause = full.mul_f64(0.5 + 0.5 * random_fraction());
        // A venue may ask for any number of seconds.
        let wait = asked.unwrap_or_default().saturating_add(pause);
        (self.attempts < Self::MAX_ATTEMPTS && wait < left).then_some(wait)
    }
}

/// Evenly from 0 to 1; in the middle where the operating system has no random bytes.
fn random_fraction() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Backoff, Duration};

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn waits_double_up_to_the_longest_and_end() {
        let mut backoff = Backoff::new();
        for full in [200, 400, 800, 1600, 3200].map(Duration::from_millis) {
            backoff.attempt();
            let wait = backoff.wait(None, LONG).unwrap();
            assert!(full / 2 <= wait && wait <= full, "{wait:?} for {full:?}");
        }
        backoff.attempt();
        assert_eq!(backoff.wait(None, LONG), None);
    }

    #[test]
    fn the_venues_wish_is_a_minimum() {
        let mut backoff = Backoff::new();
        backoff.attempt();
        let asked = Duration::from_secs(7);
        assert!(backoff.wait(Some(asked), LONG).unwrap() >= asked);
    }

    #[test]
    fn a_wish_beyond_all_measure_is_one_that_is_not_waited_for() {
        let mut backoff = Backoff::new();
        for _ in 0..5 {
            backoff.attempt();
            assert_eq!(backoff.wait(Some(Duration::MAX), LONG), None);
        }
    }

    #[test]
    fn nothing_waits_beyond_the_time_that_is_left() {
        let mut backoff = Backoff::new();
        backoff.attempt();
        assert_eq!(backoff.wait(None, Duration::from_millis(100)), None);
        assert_eq!(backoff.wait(Some(Duration::from_secs(60)), Duration::from_secs(30)), None);
    }
}
