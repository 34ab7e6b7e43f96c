mod activities;
mod counters;
mod keys;

use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use keyward_apikey::{ApiKey, KeyDigest, KeyId, LinkDigest};
use keyward_ledger::{
    Account, AccountId, Applied, Entry, Ledger as Books, Operation, OperationId, Outcome, Refund, Rejection,
    Reservation,
};
use keyward_time::UnixMillis;

use self::activities::Activities;
use self::counters::Counters;
use self::keys::Keys;
use crate::{
    Activity, ActivityStore, BadCursor, BoxFuture, Capabilities, CounterId, CounterStore, Cursor, Durability, Hit,
    HitMode, KeyFilter, KeyPut, KeyStore, LeaseAnswer, Ledger, LedgerStore, Page, PageLimit, PageRequest, Sharing,
    StoreError, TimeSpan, WindowLimit,
};

/// A store in the memory of the process, gone with it: for tests, for trying out, and for what need not last.
///
/// Clones of an `Arc` of it are the same store.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    keys: Keys,
    books: Books,
    counters: Counters,
    activities: Activities,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        Box::pin(ready(act(&mut self.lock())))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that is done under the lock panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyStore for MemoryStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(Durability::Volatile, Sharing::OneProcess, Ledger::Kept)
    }

    fn key(&self, id: KeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>> {
        self.with(|state| Ok(state.keys.get(id).cloned()))
    }

    fn key_by_digest<'a>(&'a self, digest: &'a KeyDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        self.with(|state| Ok(state.keys.by_digest(digest).cloned()))
    }

    fn key_by_link<'a>(&'a self, digest: &'a LinkDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        self.with(|state| Ok(state.keys.by_link(digest).cloned()))
    }

    fn keys<'a>(&'a self, filter: &'a KeyFilter, page: PageRequest) -> BoxFuture<'a, Result<Page<ApiKey>, StoreError>> {
        self.with(|state| Ok(state.keys.page(filter, &page)?))
    }

    fn put_key<'a>(
        &'a self,
        before: Option<&'a ApiKey>,
        after: &'a ApiKey,
    ) -> BoxFuture<'a, Result<KeyPut, StoreError>> {
        self.with(|state| Ok(state.keys.put(before, after)))
    }
}

impl LedgerStore for MemoryStore {
    fn apply<'a>(
        &'a self,
        id: OperationId,
        operation: &'a Operation,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Applied<Outcome, Rejection>, StoreError>> {
        self.with(|state| Ok(state.books.apply(id, operation, now)))
    }

    fn account(&self, id: AccountId) -> BoxFuture<'_, Result<Option<Account>, StoreError>> {
        self.with(|state| Ok(state.books.account(id).cloned()))
    }

    fn reservation(
        &self,
        account: AccountId,
        id: OperationId,
    ) -> BoxFuture<'_, Result<Option<Reservation>, StoreError>> {
        self.with(|state| Ok(state.books.reservation(account, id).cloned()))
    }

    fn refund(&self, account: AccountId, id: OperationId) -> BoxFuture<'_, Result<Option<Refund>, StoreError>> {
        self.with(|state| Ok(state.books.refund(account, id).cloned()))
    }

    fn entries(&self, account: AccountId, page: PageRequest) -> BoxFuture<'_, Result<Page<Entry>, StoreError>> {
        self.with(|state| {
            let before = page.after.as_ref().map(number_of).transpose()?;
            let found = state.books.entries(account, before, page.limit.get());
            let next = found.next.map(|number| Cursor::new(number.to_string())).transpose()?;
            Ok(Page { items: found.entries.into_iter().cloned().collect(), next })
        })
    }

    fn due(&self, now: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<Vec<Reservation>, StoreError>> {
        self.with(|state| Ok(state.books.due(now, limit.get()).cloned().collect()))
    }
}

/// The number that a cursor of a journal holds: its canonical decimal.
fn number_of(cursor: &Cursor) -> Result<u64, BadCursor> {
    keyward_time::parse_decimal(cursor.as_str().as_bytes(), u64::MAX).map_err(|_| BadCursor)
}

impl CounterStore for MemoryStore {
    fn hit<'a>(
        &'a self,
        counter: &'a CounterId,
        limit: WindowLimit,
        cost: u64,
        mode: HitMode,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Hit, StoreError>> {
        self.with(|state| Ok(state.counters.hit(counter, limit, cost, mode, now)))
    }

    fn acquire_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
        limit: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> BoxFuture<'a, Result<LeaseAnswer, StoreError>> {
        self.with(|state| Ok(state.counters.acquire(counter, lease, limit, now, expires_at)))
    }

    fn release_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.with(|state| {
            state.counters.release(counter, lease);
            Ok(())
        })
    }
}

impl ActivityStore for MemoryStore {
    fn record<'a>(&'a self, activities: &'a [Activity]) -> BoxFuture<'a, Result<(), StoreError>> {
        self.with(|state| {
            state.activities.record(activities);
            Ok(())
        })
    }

    fn activities(
        &self,
        key: KeyId,
        span: TimeSpan,
        page: PageRequest,
    ) -> BoxFuture<'_, Result<Page<Activity>, StoreError>> {
        self.with(|state| Ok(state.activities.page(key, span, &page)?))
    }

    fn count_activities(&self, key: KeyId, span: TimeSpan) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.with(|state| Ok(state.activities.count(key, span)))
    }

    fn prune_activities(&self, before: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<usize, StoreError>> {
        self.with(|state| Ok(state.activities.prune(before, limit)))
    }
}
