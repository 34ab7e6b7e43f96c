use std::collections::{BTreeMap, HashMap};

use keyward_ledger::OperationId;
use keyward_time::UnixMillis;

use crate::{CounterId, Hit, HitMode, LeaseAnswer, Window, WindowLimit, count_hit};

#[derive(Debug, Default)]
pub(super) struct Counters {
    windows: HashMap<CounterId, Kept>,
    leases: HashMap<CounterId, BTreeMap<OperationId, UnixMillis>>,
    /// How many windows there may be before those that have ended are dropped.
    sweep_at: usize,
}

#[derive(Debug)]
struct Kept {
    window: Window,
    /// When the window ends.
    end: UnixMillis,
}

/// Fewer windows than this are not worth looking through.
const MIN_SWEEP: usize = 1024;

impl Counters {
    pub(super) fn hit(
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
        if self.windows.len() > self.sweep_at.max(MIN_SWEEP) {
            self.windows.retain(|_, kept| now < kept.end);
            // So that looking through all of them costs each of them little.
            self.sweep_at = self.windows.len() * 2;
        }
        hit
    }

    pub(super) fn acquire(
        &mut self,
        counter: &CounterId,
        lease: OperationId,
        limit: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> LeaseAnswer {
        let leases = self.leases.entry(counter.clone()).or_default();
        leases.retain(|_, expires_at| now < *expires_at);
        if !leases.contains_key(&lease) && leases.len() as u64 >= limit {
            let next_expiry = leases.values().min().copied().unwrap_or(now);
            if leases.is_empty() {
                self.leases.remove(counter);
            }
            return LeaseAnswer::Full { next_expiry };
        }
        leases.insert(lease, expires_at);
        LeaseAnswer::Held { held: leases.len() as u64 }
    }

    pub(super) fn release(&mut self, counter: &CounterId, lease: OperationId) {
        if let Some(leases) = self.leases.get_mut(counter) {
            leases.remove(&lease);
            if leases.is_empty() {
                self.leases.remove(counter);
            }
        }
    }
}
