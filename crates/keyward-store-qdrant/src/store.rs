use std::fmt;

use keyward_apikey::{ApiKey, KeyDigest, KeyId, LinkDigest};
use keyward_ledger::{
    Account, AccountId, Applied, Entry, Operation, OperationId, Outcome, Refund, Rejection, Reservation,
};
use keyward_store::{
    Activity, ActivityStore, BoxFuture, Capabilities, CounterId, CounterStore, Durability, Hit, HitMode, KeyFilter,
    KeyPut, KeyStore, LeaseAnswer, Ledger, LedgerStore, OpenError, Page, PageLimit, PageRequest, Sharing, StoreError,
    TimeSpan, WindowLimit, count_hit,
};
use keyward_time::UnixMillis;
use tokio::sync::{Mutex, MutexGuard};

use crate::address::Address;
use crate::api::Api;
use crate::collections::Collections;
use crate::fault::Fault;
use crate::point::PointId;

/// How many counters of this process can be changed at the same time.
const TURNS: usize = 64;

/// API keys, links, counters and the audit log in Qdrant. It has no ledger.
pub struct QdrantStore {
    pub(crate) api: Api,
    pub(crate) collections: Collections,
    turns: [Mutex<()>; TURNS],
}

impl QdrantStore {
    /// The store at `url`, as the crate's documentation describes it. Collections and indexes that are not there are made.
    ///
    /// # Errors
    /// - [`OpenError::BadUrl`]: the URL is not of that form, or it names an API key that is not there
    /// - [`OpenError::Unreachable`]: no answer within the time-out, or the API key was refused
    /// - [`OpenError::WrongVersion`]: the data is of a newer program
    /// - [`OpenError::Corrupt`]: a collection of that name is another program's
    /// - [`OpenError::Backend`]: the server is too old or refuses, or a file with the API key cannot be read
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let address = Address::parse(url)?;
        let api = Api::new(&address)?;
        let collections = Collections::new(&address.prefix);
        collections.prepare(&api, &address).await?;
        Ok(Self { api, collections, turns: [const { Mutex::const_new(()) }; TURNS] })
    }

    /// Deletes the collections, and all data with them: for tests, and for taking an installation down.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: some may have been deleted
    pub async fn drop_collections(self) -> Result<(), StoreError> {
        self.collections.drop(&self.api).await.map_err(Fault::harmless)
    }

    /// Waits until no other task of this process changes this counter.
    pub(crate) async fn turn(&self, id: PointId) -> MutexGuard<'_, ()> {
        self.turns[id.low_bits(TURNS)].lock().await
    }
}

/// Not where the server is.
impl fmt::Debug for QdrantStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QdrantStore").finish_non_exhaustive()
    }
}

impl KeyStore for QdrantStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(Durability::AsConfigured, Sharing::Shared, Ledger::Unsupported)
    }

    fn key(&self, id: KeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>> {
        Box::pin(self.read_key(id))
    }

    fn key_by_digest<'a>(&'a self, digest: &'a KeyDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        Box::pin(self.find_by_digest(digest))
    }

    fn key_by_link<'a>(&'a self, digest: &'a LinkDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        Box::pin(self.find_by_link(digest))
    }

    fn keys<'a>(&'a self, filter: &'a KeyFilter, page: PageRequest) -> BoxFuture<'a, Result<Page<ApiKey>, StoreError>> {
        Box::pin(self.page_of_keys(filter, page))
    }

    fn put_key<'a>(
        &'a self,
        before: Option<&'a ApiKey>,
        after: &'a ApiKey,
    ) -> BoxFuture<'a, Result<KeyPut, StoreError>> {
        Box::pin(self.put(before, after))
    }
}

impl CounterStore for QdrantStore {
    fn hit<'a>(
        &'a self,
        counter: &'a CounterId,
        limit: WindowLimit,
        cost: u64,
        mode: HitMode,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Hit, StoreError>> {
        Box::pin(self.change_counter(counter, move |kept| {
            let (window, hit) = count_hit(kept.window()?, limit, cost, mode, now);
            kept.set_window(window);
            Ok(hit)
        }))
    }

    fn acquire_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
        limit: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> BoxFuture<'a, Result<LeaseAnswer, StoreError>> {
        Box::pin(self.change_counter(counter, move |kept| kept.acquire(lease, limit, now, expires_at)))
    }

    fn release_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.change_counter(counter, move |kept| {
            kept.release(lease);
            Ok(())
        }))
    }
}

impl ActivityStore for QdrantStore {
    fn record<'a>(&'a self, activities: &'a [Activity]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.write_activities(activities))
    }

    fn activities(
        &self,
        key: KeyId,
        span: TimeSpan,
        page: PageRequest,
    ) -> BoxFuture<'_, Result<Page<Activity>, StoreError>> {
        Box::pin(self.page_of_activities(key, span, page))
    }

    fn count_activities(&self, key: KeyId, span: TimeSpan) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.number_of_activities(key, span))
    }

    fn prune_activities(&self, before: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<usize, StoreError>> {
        Box::pin(self.prune(before, limit))
    }
}

/// What every method of the ledger is answered with.
fn no_ledger<T: Send + 'static>() -> BoxFuture<'static, Result<T, StoreError>> {
    Box::pin(std::future::ready(Err(StoreError::Unsupported("ledger"))))
}

impl LedgerStore for QdrantStore {
    fn apply<'a>(
        &'a self,
        _: OperationId,
        _: &'a Operation,
        _: UnixMillis,
    ) -> BoxFuture<'a, Result<Applied<Outcome, Rejection>, StoreError>> {
        no_ledger()
    }

    fn account(&self, _: AccountId) -> BoxFuture<'_, Result<Option<Account>, StoreError>> {
        no_ledger()
    }

    fn reservation(&self, _: AccountId, _: OperationId) -> BoxFuture<'_, Result<Option<Reservation>, StoreError>> {
        no_ledger()
    }

    fn refund(&self, _: AccountId, _: OperationId) -> BoxFuture<'_, Result<Option<Refund>, StoreError>> {
        no_ledger()
    }

    fn entries(&self, _: AccountId, _: PageRequest) -> BoxFuture<'_, Result<Page<Entry>, StoreError>> {
        no_ledger()
    }

    fn due(&self, _: UnixMillis, _: PageLimit) -> BoxFuture<'_, Result<Vec<Reservation>, StoreError>> {
        no_ledger()
    }
}
