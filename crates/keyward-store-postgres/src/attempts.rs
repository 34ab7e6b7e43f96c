use std::time::Duration;

use keyward_store::StoreError;
use tokio::time::{Instant, sleep_until};

use crate::failure::{Failed, PgFailure};

/// How long an operation takes at most, all attempts and the wait for a connection included.
pub(crate) const OPERATION_LIMIT: Duration = Duration::from_secs(20);

/// The longest pause between two attempts.
const MAX_PAUSE_MILLIS: u64 = 128;

/// The attempts at one operation: bounded in number and in time.
pub(crate) struct Attempts {
    deadline: Instant,
    failed: u32,
}

impl Attempts {
    /// So many attempts at most. An account that everybody wants is waited for under a lock and not tried for, so few
    /// suffice where locks are; an engine that does without them needs more.
    const MAX: u32 = 100;

    pub(crate) fn new() -> Self {
        Self { deadline: Instant::now() + OPERATION_LIMIT, failed: 0 }
    }

    /// When the operation has to be over.
    pub(crate) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// After an attempt that failed: lets others go first, or says that it is over.
    pub(crate) async fn next(&mut self, failed: Failed) -> Result<(), StoreError> {
        match failed {
            Failed::Error(error) => return Err(error),
            Failed::Conflict => self.failed += 1,
        }
        let until = Instant::now() + self.pause();
        if self.failed >= Self::MAX || until >= self.deadline {
            return Err(StoreError::Unavailable(PgFailure::Contended { attempts: self.failed }.into()));
        }
        sleep_until(until).await;
        Ok(())
    }

    /// Longer from attempt to attempt, and of random length, so that two who got in each other's way do not meet again.
    fn pause(&self) -> Duration {
        let most = (1 << self.failed.min(7)).min(MAX_PAUSE_MILLIS) * 1000;
        // Without randomness they meet again; no more.
        let random = getrandom::u64().unwrap_or(0);
        Duration::from_micros(random % most)
    }
}
