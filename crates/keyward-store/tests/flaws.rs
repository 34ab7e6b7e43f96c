//! The conformance suite finds what is wrong with a store: each of these stores has one flaw, and fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use keyward_apikey::{ApiKey, KeyDigest, KeyId, LinkDigest};
use keyward_ledger::{
    Account, AccountId, Applied, Entry, Operation, OperationId, Outcome, Refund, Rejection, Reservation,
};
use keyward_store::{
    Activity, ActivityStore, BoxFuture, Capabilities, CounterId, CounterStore, Hit, HitMode, KeyFilter, KeyPut,
    KeyStore, LeaseAnswer, LedgerStore, MemoryStore, Page, PageLimit, PageRequest, StoreError, TimeSpan, WindowLimit,
    conformance,
};
use keyward_time::UnixMillis;

/// What is wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// A write looks at what is there first, and goes ahead later.
    WritesInTwoSteps,
    /// A write goes over any revision.
    WritesOverAnything,
    /// A read by digest brings a record from before.
    FindsRevokedKeysActive,
    /// An operation that comes again is done again.
    ForgetsOperations,
    /// A use is counted for the whole window whatever its cost.
    CountsOne,
    /// A lease never ends by itself.
    KeepsLeases,
    /// A page leaves its last item out.
    LosesItems,
    /// A record of the log that comes again is written again.
    RecordsTwice,
}

const FLAWS: [Flaw; 8] = [
    Flaw::WritesInTwoSteps,
    Flaw::WritesOverAnything,
    Flaw::FindsRevokedKeysActive,
    Flaw::ForgetsOperations,
    Flaw::CountsOne,
    Flaw::KeepsLeases,
    Flaw::LosesItems,
    Flaw::RecordsTwice,
];

#[derive(Debug)]
struct Flawed {
    flaw: Flaw,
    store: MemoryStore,
    /// The first record that was seen of each key.
    first: std::sync::Mutex<std::collections::HashMap<KeyId, ApiKey>>,
}

impl Flawed {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }
}

#[test]
fn a_flawed_store_does_not_conform() {
    for flaw in FLAWS {
        let store = Flawed { flaw, store: MemoryStore::new(), first: std::sync::Mutex::default() };
        let nodes = conformance::Nodes::one(Arc::new(store));
        let ran = catch_unwind(AssertUnwindSafe(|| conformance::run(nodes)));
        assert!(ran.is_err(), "{flaw:?} was not found");
    }
}

impl KeyStore for Flawed {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn key(&self, id: KeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>> {
        self.store.key(id)
    }

    fn key_by_digest<'a>(&'a self, digest: &'a KeyDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        Box::pin(async move {
            let found = self.store.key_by_digest(digest).await?;
            if self.has(Flaw::FindsRevokedKeysActive) {
                let first = self.first.lock().expect("no panic under the lock");
                return Ok(found.map(|key| first.get(&key.id()).cloned().unwrap_or(key)));
            }
            Ok(found)
        })
    }

    fn key_by_link<'a>(&'a self, digest: &'a LinkDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        self.store.key_by_link(digest)
    }

    fn keys<'a>(&'a self, filter: &'a KeyFilter, page: PageRequest) -> BoxFuture<'a, Result<Page<ApiKey>, StoreError>> {
        Box::pin(async move {
            let mut page = self.store.keys(filter, page).await?;
            if self.has(Flaw::LosesItems) && page.next.is_some() {
                page.items.pop();
            }
            Ok(page)
        })
    }

    fn put_key<'a>(
        &'a self,
        before: Option<&'a ApiKey>,
        after: &'a ApiKey,
    ) -> BoxFuture<'a, Result<KeyPut, StoreError>> {
        Box::pin(async move {
            self.first.lock().expect("no panic under the lock").entry(after.id()).or_insert_with(|| after.clone());
            let in_place = self.store.key(after.id()).await?;
            if self.has(Flaw::WritesInTwoSteps)
                && in_place.as_ref().map(ApiKey::revision) == before.map(ApiKey::revision)
            {
                tokio::task::yield_now().await;
                let in_place = self.store.key(after.id()).await?;
                return self.store.put_key(in_place.as_ref(), after).await;
            }
            if self.has(Flaw::WritesOverAnything) {
                return self.store.put_key(in_place.as_ref(), after).await;
            }
            self.store.put_key(before, after).await
        })
    }
}

impl LedgerStore for Flawed {
    fn apply<'a>(
        &'a self,
        id: OperationId,
        operation: &'a Operation,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Applied<Outcome, Rejection>, StoreError>> {
        Box::pin(async move {
            let answer = self.store.apply(id, operation, now).await?;
            if self.has(Flaw::ForgetsOperations) && matches!(answer, Applied::Replayed(_)) {
                let mut other = *id.as_bytes();
                other[0] ^= 1;
                return self.store.apply(OperationId::from_bytes(other), operation, now).await;
            }
            Ok(answer)
        })
    }

    fn account(&self, id: AccountId) -> BoxFuture<'_, Result<Option<Account>, StoreError>> {
        self.store.account(id)
    }

    fn reservation(
        &self,
        account: AccountId,
        id: OperationId,
    ) -> BoxFuture<'_, Result<Option<Reservation>, StoreError>> {
        self.store.reservation(account, id)
    }

    fn refund(&self, account: AccountId, id: OperationId) -> BoxFuture<'_, Result<Option<Refund>, StoreError>> {
        self.store.refund(account, id)
    }

    fn entries(&self, account: AccountId, page: PageRequest) -> BoxFuture<'_, Result<Page<Entry>, StoreError>> {
        self.store.entries(account, page)
    }

    fn due(&self, now: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<Vec<Reservation>, StoreError>> {
        self.store.due(now, limit)
    }
}

impl CounterStore for Flawed {
    fn hit<'a>(
        &'a self,
        counter: &'a CounterId,
        limit: WindowLimit,
        cost: u64,
        mode: HitMode,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Hit, StoreError>> {
        let cost = if self.has(Flaw::CountsOne) { cost.min(1) } else { cost };
        self.store.hit(counter, limit, cost, mode, now)
    }

    fn acquire_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
        limit: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> BoxFuture<'a, Result<LeaseAnswer, StoreError>> {
        let expires_at = if self.has(Flaw::KeepsLeases) { UnixMillis::MAX } else { expires_at };
        self.store.acquire_lease(counter, lease, limit, now, expires_at)
    }

    fn release_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.release_lease(counter, lease)
    }
}

impl ActivityStore for Flawed {
    fn record<'a>(&'a self, activities: &'a [Activity]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.store.record(activities).await?;
            if self.has(Flaw::RecordsTwice) {
                let again = activities.iter().map(|activity| {
                    let mut fields = activity.fields().clone();
                    let mut id = *fields.id.as_bytes();
                    id[0] ^= 1;
                    fields.id = OperationId::from_bytes(id);
                    Activity::new(fields).expect("it was one before")
                });
                self.store.record(&Vec::from_iter(again)).await?;
            }
            Ok(())
        })
    }

    fn activities(
        &self,
        key: KeyId,
        span: TimeSpan,
        page: PageRequest,
    ) -> BoxFuture<'_, Result<Page<Activity>, StoreError>> {
        self.store.activities(key, span, page)
    }

    fn count_activities(&self, key: KeyId, span: TimeSpan) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.store.count_activities(key, span)
    }

    fn prune_activities(&self, before: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<usize, StoreError>> {
        self.store.prune_activities(before, limit)
    }
}
