use std::collections::{BTreeMap, HashMap};

use keyward_apikey::KeyId;
use keyward_ledger::OperationId;
use keyward_store::{CounterId, CounterName, Hit, HitMode, LeaseAnswer, Window, WindowLimit, count_hit};
use keyward_time::UnixMillis;
use redb::{Database, ReadableTable as _};

use crate::failure::Failure;
use crate::tables::{LEASES, WINDOWS, row};

/// Windows and leases, in memory: a use costs no commit. They are in the file while the store is closed.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    windows: HashMap<CounterId, Kept>,
    leases: HashMap<CounterId, BTreeMap<OperationId, UnixMillis>>,
    /// How many windows and counters with leases there may be before those that have ended are dropped.
    sweep_at: usize,
}

#[derive(Debug)]
struct Kept {
    window: Window,
    end: UnixMillis,
}

/// Fewer than this are not worth looking through.
const MIN_SWEEP: usize = 4096;

impl Counters {
    pub(crate) fn hit(
        &mut self,
        counter: &CounterId,
        limit: WindowLimit,
        cost: u64,
        mode: HitMode,
        now: UnixMillis,
    ) -> Hit {
        let kept = self.windows.get(counter).map(|kept| kept.window);
        let (window, hit) = count_hit(kept, limit, cost, mode, now);
        self.windows.insert(counter.clone(), Kept { window, end: hit.reset });
        self.sweep(now);
        hit
    }

    pub(crate) fn acquire(
        &mut self,
        counter: &CounterId,
        lease: OperationId,
        limit: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> LeaseAnswer {
        self.sweep(now);
        let leases = self.leases.entry(counter.clone()).or_default();
        leases.retain(|_, expires_at| now < *expires_at);
        if !leases.contains_key(&lease) && leases.len() as u64 >= limit {
            let next_expiry = leases.values().min().copied().unwrap_or(now);
            return LeaseAnswer::Full { next_expiry };
        }
        leases.insert(lease, expires_at);
        LeaseAnswer::Held { held: leases.len() as u64 }
    }

    pub(crate) fn release(&mut self, counter: &CounterId, lease: OperationId) {
        if let Some(leases) = self.leases.get_mut(counter) {
            leases.remove(&lease);
            if leases.is_empty() {
                self.leases.remove(counter);
            }
        }
    }

    fn sweep(&mut self, now: UnixMillis) {
        if self.windows.len() + self.leases.len() > self.sweep_at.max(MIN_SWEEP) {
            self.windows.retain(|_, kept| now < kept.end);
            self.leases.retain(|_, leases| leases.values().any(|expires_at| now < *expires_at));
            // So that looking through all of them costs each of them little.
            self.sweep_at = (self.windows.len() + self.leases.len()) * 2;
        }
    }

    /// Takes them out of the file: from now on it would be wrong about them.
    pub(crate) fn take_from(database: &Database) -> Result<Self, Failure> {
        let mut counters = Self::default();
        let transaction = database.begin_write()?;
        for found in transaction.open_table(WINDOWS)?.iter()? {
            let (name, value) = found?;
            let value = value.value();
            let part = |at: usize| u64::from_be_bytes(row(&[&value[at..at + 8]]));
            let window = Window { start: instant(part(0))?, used: part(16) };
            counters.windows.insert(counter(name.value())?, Kept { window, end: instant(part(8))? });
        }
        for found in transaction.open_table(LEASES)?.iter()? {
            let (name, expires_at) = found?;
            let (name, lease) = name.value().split_last_chunk::<16>().ok_or_else(damaged)?;
            let counter = counter(name.strip_suffix(&[0]).ok_or_else(damaged)?)?;
            let expires_at = instant(expires_at.value())?;
            counters.leases.entry(counter).or_default().insert(OperationId::from_bytes(*lease), expires_at);
        }
        if counters.windows.is_empty() && counters.leases.is_empty() {
            transaction.abort()?;
        } else {
            transaction.open_table(WINDOWS)?.retain(|_, _| false)?;
            transaction.open_table(LEASES)?.retain(|_, _| false)?;
            transaction.commit()?;
        }
        Ok(counters)
    }

    /// Writes them to the file.
    pub(crate) fn leave_in(&self, database: &Database) -> Result<(), Failure> {
        if self.windows.is_empty() && self.leases.is_empty() {
            return Ok(());
        }
        let transaction = database.begin_write()?;
        {
            let mut windows = transaction.open_table(WINDOWS)?;
            for (counter, Kept { window, end }) in &self.windows {
                let numbers = [window.start.as_millis(), end.as_millis(), window.used].map(u64::to_be_bytes);
                windows.insert(&*counter_row(counter), &row(&[&numbers[0], &numbers[1], &numbers[2]]))?;
            }
            let mut leases = transaction.open_table(LEASES)?;
            for (counter, held) in &self.leases {
                for (lease, expires_at) in held {
                    let name = [&*counter_row(counter), &[0], lease.as_bytes()].concat();
                    leases.insert(&*name, expires_at.as_millis())?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

fn counter_row(counter: &CounterId) -> Vec<u8> {
    [counter.key.as_bytes(), counter.name.as_str().as_bytes()].concat()
}

fn counter(row: &[u8]) -> Result<CounterId, Failure> {
    let (key, name) = row.split_first_chunk::<16>().ok_or_else(damaged)?;
    let name = std::str::from_utf8(name).ok().and_then(|name| CounterName::new(name).ok()).ok_or_else(damaged)?;
    Ok(CounterId { key: KeyId::from_bytes(*key), name })
}

fn instant(millis: u64) -> Result<UnixMillis, Failure> {
    UnixMillis::new(millis).map_err(|_| damaged())
}

fn damaged() -> Failure {
    Failure::corrupt("counter", "not as it was written")
}
