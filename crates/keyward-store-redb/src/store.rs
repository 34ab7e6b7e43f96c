use std::fmt;
use std::future::ready;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyward_apikey::{ApiKey, KeyDigest, KeyId, LinkDigest};
use keyward_ledger::{
    Account, AccountId, Applied, Entry, Operation, OperationId, Outcome, Refund, Rejection, Reservation, Snapshot,
};
use keyward_store::{
    Activity, ActivityStore, BadCursor, BoxFuture, Capabilities, CounterId, CounterStore, Cursor, Durability, Hit,
    HitMode, KeyFilter, KeyPut, KeyStore, LeaseAnswer, Ledger, LedgerStore, OpenError, Page, PageLimit, PageRequest,
    Sharing, StoreError, TimeSpan, WindowLimit,
};
use keyward_time::UnixMillis;
use redb::{Database, ReadTransaction};
use tokio::task::yield_now;

use crate::activities::NewActivity;
use crate::counters::Counters;
use crate::database::Shared;
use crate::failure::Failure;
use crate::keys::NewRecord;
use crate::writer::Writer;
use crate::{activities, books, file, keys, path};

/// A store in one file, for one process.
///
/// Dropping it waits until what was asked for is written, and closes the file: it can be opened again at once.
pub struct RedbStore {
    // Before the file, which the thread uses to its end.
    writer: Writer,
    shared: Arc<Shared>,
    counters: Arc<Mutex<Counters>>,
}

impl RedbStore {
    /// Opens the store that `url` names, `redb:PATH`, and makes it if there is no file. This blocks; it reads the whole file.
    ///
    /// The path is all that follows `redb:`, as it is: `%`, `?` and `#` are characters like any other. A relative path
    /// begins at the current folder. `redb:///var/lib/keyward.redb` is read as `/var/lib/keyward.redb`.
    ///
    /// # Errors
    /// - [`OpenError::BadUrl`]: it does not begin with `redb:`, has no path, a host (`redb://host/…`), the path of a folder,
    ///   or a NUL
    /// - as [`open_file`](Self::open_file)
    pub fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_file(&path::path_of(url)?)
    }

    /// Opens the store in a file, and makes it, with mode 0600, if there is none; not the folder that it is in. This blocks;
    /// it reads the whole file.
    ///
    /// # Errors
    /// - [`OpenError::Locked`]: another process, or this one, has it open
    /// - [`OpenError::Corrupt`]: the file is damaged, or is no store of this kind
    /// - [`OpenError::WrongVersion`]: it was written by a later version
    /// - [`OpenError::Backend`]: the operating system refuses, or there is no such folder
    pub fn open_file(path: &Path) -> Result<Self, OpenError> {
        let path = file::absolute(path)?;
        file::create_if_missing(&path)?;
        Self::with_opener(move || file::open(&path))
    }

    /// All records of the books at one instant, to be [audited](Snapshot::audit): for operators and tests. This blocks; it takes
    /// time and memory in proportion to the books.
    ///
    /// # Errors
    /// - [`StoreError::Corrupt`]: a record is damaged
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: the file cannot be read now
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.shared.read(books::snapshot)
    }

    pub(crate) fn with_opener(
        opener: impl Fn() -> Result<Database, OpenError> + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared::open(Box::new(opener))?);
        let counters = shared.attempt(Counters::take_from).map_err(|failing| match failing.failure.into() {
            StoreError::Corrupt { source, .. } => OpenError::Corrupt(source),
            error => OpenError::Backend(error.into()),
        })?;
        let counters = Arc::new(Mutex::new(counters));
        let finish = {
            let (shared, counters) = (Arc::clone(&shared), Arc::clone(&counters));
            // Whoever cannot write them has lost no more than in a crash.
            move || drop(shared.attempt(|database| lock(&counters).leave_in(database)))
        };
        let writer = Writer::start(Arc::clone(&shared), finish).map_err(|error| OpenError::Backend(error.into()))?;
        Ok(Self { writer, shared, counters })
    }

    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.writer.waiting()
    }

    fn read<T: Send + 'static>(
        &self,
        act: impl Fn(&ReadTransaction) -> Result<T, Failure>,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        Box::pin(ready(self.shared.read(act)))
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").finish_non_exhaustive()
    }
}

fn lock(counters: &Mutex<Counters>) -> MutexGuard<'_, Counters> {
    // Nothing that is done under the lock panics half-way.
    counters.lock().unwrap_or_else(PoisonError::into_inner)
}

impl KeyStore for RedbStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(Durability::Durable, Sharing::OneProcess, Ledger::Kept)
    }

    fn key(&self, id: KeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>> {
        self.read(|transaction| keys::by_id(transaction, id))
    }

    fn key_by_digest<'a>(&'a self, digest: &'a KeyDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        self.read(|transaction| keys::by_digest(transaction, digest))
    }

    fn key_by_link<'a>(&'a self, digest: &'a LinkDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        self.read(|transaction| keys::by_link(transaction, digest))
    }

    fn keys<'a>(&'a self, filter: &'a KeyFilter, page: PageRequest) -> BoxFuture<'a, Result<Page<ApiKey>, StoreError>> {
        Box::pin(async move {
            let mut after = match &page.after {
                Some(cursor) => Some(cursor.as_str().parse::<KeyId>().map_err(|_| BadCursor)?),
                None => None,
            };
            let mut items = Vec::new();
            loop {
                let stride = self.shared.read(|transaction| keys::stride(transaction, filter, after))?;
                items.extend(stride.keys);
                // One more than asked for says that there is another page.
                if items.len() > page.limit.get() || stride.last.is_none() {
                    break;
                }
                after = stride.last;
                yield_now().await;
            }
            let has_more = items.len() > page.limit.get();
            items.truncate(page.limit.get());
            let last = items.last().filter(|_| has_more);
            let next = last.map(|last| Cursor::new(last.id().to_string())).transpose()?;
            Ok(Page { items, next })
        })
    }

    fn put_key<'a>(
        &'a self,
        before: Option<&'a ApiKey>,
        after: &'a ApiKey,
    ) -> BoxFuture<'a, Result<KeyPut, StoreError>> {
        Box::pin(async move {
            let new = NewRecord::new(before, after)?;
            let work = self.writer.submit(move |batch| {
                let put = batch.keys()?.put(&new)?;
                if put == KeyPut::Written {
                    batch.changed();
                }
                Ok(put)
            });
            work.await
        })
    }
}

impl LedgerStore for RedbStore {
    fn apply<'a>(
        &'a self,
        id: OperationId,
        operation: &'a Operation,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Applied<Outcome, Rejection>, StoreError>> {
        let operation = operation.clone();
        Box::pin(self.writer.submit(move |batch| {
            let applied = batch.books()?.apply(id, &operation, now)?;
            if matches!(applied, Applied::Done(_)) {
                batch.changed();
            }
            Ok(applied)
        }))
    }

    fn account(&self, id: AccountId) -> BoxFuture<'_, Result<Option<Account>, StoreError>> {
        self.read(|transaction| books::account(transaction, id))
    }

    fn reservation(
        &self,
        account: AccountId,
        id: OperationId,
    ) -> BoxFuture<'_, Result<Option<Reservation>, StoreError>> {
        self.read(|transaction| books::reservation(transaction, account, id))
    }

    fn refund(&self, account: AccountId, id: OperationId) -> BoxFuture<'_, Result<Option<Refund>, StoreError>> {
        self.read(|transaction| books::refund(transaction, account, id))
    }

    fn entries(&self, account: AccountId, page: PageRequest) -> BoxFuture<'_, Result<Page<Entry>, StoreError>> {
        self.read(|transaction| books::entries(transaction, account, &page))
    }

    fn due(&self, now: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<Vec<Reservation>, StoreError>> {
        self.read(|transaction| books::due(transaction, now, limit))
    }
}

impl CounterStore for RedbStore {
    fn hit<'a>(
        &'a self,
        counter: &'a CounterId,
        limit: WindowLimit,
        cost: u64,
        mode: HitMode,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Hit, StoreError>> {
        Box::pin(ready(Ok(lock(&self.counters).hit(counter, limit, cost, mode, now))))
    }

    fn acquire_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
        limit: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> BoxFuture<'a, Result<LeaseAnswer, StoreError>> {
        Box::pin(ready(Ok(lock(&self.counters).acquire(counter, lease, limit, now, expires_at))))
    }

    fn release_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        lock(&self.counters).release(counter, lease);
        Box::pin(ready(Ok(())))
    }
}

impl ActivityStore for RedbStore {
    fn record<'a>(&'a self, activities: &'a [Activity]) -> BoxFuture<'a, Result<(), StoreError>> {
        let new: Vec<NewActivity> = activities.iter().map(NewActivity::from).collect();
        Box::pin(self.writer.submit(move |batch| {
            if batch.activities()?.record(&new)? > 0 {
                batch.changed();
            }
            Ok(())
        }))
    }

    fn activities(
        &self,
        key: KeyId,
        span: TimeSpan,
        page: PageRequest,
    ) -> BoxFuture<'_, Result<Page<Activity>, StoreError>> {
        self.read(|transaction| activities::page(transaction, key, span, &page))
    }

    fn count_activities(&self, key: KeyId, span: TimeSpan) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let (mut count, mut after) = (0, None);
            loop {
                let (counted, last) =
                    self.shared.read(|transaction| activities::count(transaction, key, span, after.as_ref()))?;
                count += counted as u64;
                if last.is_none() {
                    return Ok(count);
                }
                after = last;
                yield_now().await;
            }
        })
    }

    fn prune_activities(&self, before: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<usize, StoreError>> {
        Box::pin(self.writer.submit(move |batch| {
            let pruned = batch.activities()?.prune(before, limit)?;
            if pruned > 0 {
                batch.changed();
            }
            Ok(pruned)
        }))
    }
}
