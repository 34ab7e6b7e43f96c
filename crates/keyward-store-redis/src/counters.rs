//! Counters and leases.

use keyward_ledger::OperationId;
use keyward_store::{
    BoxFuture, CounterId, CounterStore, Hit, HitMode, LeaseAnswer, StoreError, Window, WindowLimit, count_hit,
};
use keyward_time::UnixMillis;

use crate::fault::{Access, Fault, Unreadable, corrupt};
use crate::{RedisStore, scripts};

/// How long what has ended is kept, in milliseconds by the server's clock: seven days. It only clears away; what is counted is
/// decided by the caller's clock, which may be wrong by less than that.
const KEPT: u64 = 7 * 24 * 60 * 60 * 1000;
/// A window that is longer than this, some 30 years, is kept for ever.
const LONG: u64 = 1_000_000_000_000;
/// Numbers up to this are exact in the script, and so are their sums.
const EXACT: u64 = 1 << 51;
/// How often a counter with larger numbers is tried for.
const ROUNDS: u32 = 1_000;

impl CounterStore for RedisStore {
    fn hit<'a>(
        &'a self,
        counter: &'a CounterId,
        limit: WindowLimit,
        cost: u64,
        mode: HitMode,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Hit, StoreError>> {
        Box::pin(async move {
            let numbers = [limit.limit, limit.length_millis.get(), cost, now.as_millis()];
            if numbers.iter().all(|number| *number <= EXACT)
                && let Some(hit) = self.count(counter, limit, cost, mode, now).await?
            {
                return Ok(hit);
            }
            self.count_large(counter, limit, cost, mode, now).await
        })
    }

    fn acquire_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
        limit: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> BoxFuture<'a, Result<LeaseAnswer, StoreError>> {
        Box::pin(async move {
            let mut acquire = scripts::LEASE.key(self.names.leases(counter));
            acquire.arg(lease.to_string()).arg(limit).arg(now.as_millis()).arg(expires_at.as_millis()).arg(KEPT);
            let answer: Vec<String> = self.connection.run(Access::Write, &acquire).await?;
            let bad = || corrupt("lease", Unreadable);
            match answer.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["held", held] => Ok(LeaseAnswer::Held { held: held.parse().map_err(|_| bad())? }),
                ["full", next] => Ok(LeaseAnswer::Full { next_expiry: next.parse().map_err(|_| bad())? }),
                _ => Err(bad()),
            }
        })
    }

    fn release_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut release = redis::cmd("HDEL");
            release.arg(self.names.leases(counter)).arg(lease.to_string());
            let _: i64 = self.connection.send(Access::Write, &release).await?;
            Ok(())
        })
    }
}

impl RedisStore {
    /// Counts in one script; `None` if the counter holds numbers that are too large for it.
    async fn count(
        &self,
        counter: &CounterId,
        limit: WindowLimit,
        cost: u64,
        mode: HitMode,
        now: UnixMillis,
    ) -> Result<Option<Hit>, StoreError> {
        let length = limit.length_millis.get();
        let mut hit = scripts::HIT.key(self.names.counter(counter));
        hit.arg(now.as_millis()).arg(now.as_millis() - now.as_millis() % length).arg(length).arg(limit.limit);
        hit.arg(cost).arg(u8::from(mode == HitMode::Record)).arg(kept_for(length));
        let answer: Vec<String> = self.connection.run(Access::Write, &hit).await?;
        let bad = || corrupt("counter", Unreadable);
        match answer.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => Ok(None),
            [is_within, remaining, reset] => Ok(Some(Hit {
                is_within_limit: *is_within == "1",
                remaining: remaining.parse().map_err(|_| bad())?,
                reset: reset.parse().map_err(|_| bad())?,
            })),
            _ => Err(bad()),
        }
    }

    /// Counts here, and writes if nobody has counted since.
    async fn count_large(
        &self,
        counter: &CounterId,
        limit: WindowLimit,
        cost: u64,
        mode: HitMode,
        now: UnixMillis,
    ) -> Result<Hit, StoreError> {
        let name = self.names.counter(counter);
        let mut read = redis::cmd("HMGET");
        read.arg(&name).arg("start").arg("used");
        for _ in 0..ROUNDS {
            let (start, used): (Option<String>, Option<String>) = self.connection.send(Access::Read, &read).await?;
            let window = match (&start, &used) {
                (Some(start), Some(used)) => Some(Window {
                    start: start.parse().map_err(|error| corrupt("counter", error))?,
                    used: used.parse().map_err(|error| corrupt("counter", error))?,
                }),
                _ => None,
            };
            let (window, hit) = count_hit(window, limit, cost, mode, now);
            let mut set = scripts::SET_WINDOW.key(&name);
            set.arg(start.unwrap_or_default()).arg(used.unwrap_or_default());
            set.arg(window.start.as_millis()).arg(window.used).arg(kept_for(limit.length_millis.get()));
            let is_set: i64 = self.connection.run(Access::Write, &set).await?;
            if is_set == 1 {
                return Ok(hit);
            }
            tokio::task::yield_now().await;
        }
        Err(StoreError::Unavailable(Fault::Busy("others count all the time".to_owned()).into()))
    }
}

/// For how long a counter is kept; empty for ever.
fn kept_for(length: u64) -> String {
    if length <= LONG { (2 * length + KEPT).to_string() } else { String::new() }
}
