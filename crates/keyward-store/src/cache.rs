mod flights;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use keyward_apikey::{
    AccessRequest, ApiKey, KeyDigest, KeyId, KeyOperation, KeyOutcome, Peppers, PresentedKey, PresentedSecret, Refusal,
    Rejection, check_chain,
};
use keyward_ledger::Applied;
use keyward_time::UnixMillis;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use thiserror::Error;

use self::flights::Flights;
use crate::{KeyOperations, KeyStore, StoreError};

/// A key with the keys above it, as a store had them at one time: 1 to 4 records, the key's own first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChain(Vec<ApiKey>);

impl KeyChain {
    /// The key.
    pub fn key(&self) -> &ApiKey {
        &self.0[0]
    }

    /// The key, the key above it, and so on.
    pub fn keys(&self) -> &[ApiKey] {
        &self.0
    }

    /// Whether the key may be used as requested by who has presented a secret with this digest.
    ///
    /// # Errors
    /// - as [`check_chain`]
    pub fn check(&self, digest: &KeyDigest, request: &AccessRequest<'_>) -> Result<PresentedSecret, Refusal> {
        // At most four, on the stack.
        let mut chain = [self.key(); 1 + ApiKey::MAX_DEPTH as usize];
        for (place, key) in chain.iter_mut().zip(&self.0) {
            *place = key;
        }
        check_chain(&chain[..self.0.len().min(chain.len())], digest, request)
    }
}

/// A key that may be used as requested.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The key and those above it.
    pub chain: Arc<KeyChain>,
    /// The digest by which it was found. One that is not [current](Peppers::is_current) can be replaced now.
    pub digest: KeyDigest,
    /// Which of its secrets was presented.
    pub secret: PresentedSecret,
}

impl Verified {
    fn check(chain: Arc<KeyChain>, digest: &KeyDigest, request: &AccessRequest<'_>) -> Result<Self, Refusal> {
        let secret = chain.check(digest, request)?;
        Ok(Self { chain, digest: *digest, secret })
    }
}

/// How much [`CachedKeys`] keeps, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheSettings {
    /// How many bytes the keys in it take at most, as [`ApiKey::memory_bytes`] counts them. What callers hold of it, and what is
    /// being read for them, comes on top.
    ///
    /// A plain key takes some 1,000 bytes with the way to it, one never more than [`ApiKey::MAX_MEMORY_BYTES`] (40 KiB), and so does
    /// each of the up to three keys above it. One that finds no room in a front of less than 200 KiB is read each time.
    pub max_bytes: usize,
    /// How old a record may be that a verification goes by: the longest time for which a change that another process made is
    /// not seen. At most 2 seconds.
    pub max_age: Duration,
}

impl CacheSettings {
    /// The oldest that a record may be.
    pub const MAX_AGE: Duration = Duration::from_secs(2);
}

impl Default for CacheSettings {
    /// 32 MiB, some 30,000 plain keys, for 1 second.
    fn default() -> Self {
        Self { max_bytes: 32 << 20, max_age: Duration::from_secs(1) }
    }
}

/// A front of a [`KeyStore`] that makes verification a matter of one look-up in memory.
///
/// - **A change through this front is in force when it was answered**: it is committed first, and from then on no record from
///   before is handed out, also not by a read that was under way meanwhile.
/// - **A change by another process** is seen after [`CacheSettings::max_age`] at the latest, counted from when the read of the
///   record began; where the store takes longer than that to answer, with its answer. A record that comes from the store more
///   than [`CacheSettings::MAX_AGE`] after it was asked for is not gone by at all: that is [`StoreError::Unavailable`].
/// - **A key is read once at a time**, by each of its digests. Whoever asks for one that is being read waits for that, also if it
///   ends in an error, and reads if who does so goes away. So however many requests find a key's record too old, the store is
///   asked once; and by one digest, what was seen is never unseen. A future that reads is to be polled or dropped: who sets it
///   aside keeps the others waiting.
/// - **Memory is bounded**, in [bytes](CacheSettings::max_bytes). What is not in the store leaves nothing behind, so that
///   guessing keys fills nothing.
///
/// The functions that ask the store need tokio's timer, as they do not wait for it for ever.
#[derive(Debug)]
pub struct CachedKeys<S: ?Sized> {
    entries: Cache<KeyDigest, Arc<Entry>, Weight>,
    reads: Flights<KeyDigest, Result<Found, Arc<StoreError>>>,
    /// Counts the changes. An entry has the number from before it was read.
    changes: AtomicU64,
    /// For each share of all key ids the number of its last change.
    last_changes: Box<[AtomicU64]>,
    hasher: RandomState,
    max_age: Duration,
    store: Arc<S>,
}

#[derive(Debug)]
struct Entry {
    chain: Arc<KeyChain>,
    /// The number of changes before it was read.
    changes: u64,
    read_at: Instant,
}

/// What a read has brought.
#[derive(Debug, Clone)]
enum Found {
    Key(Arc<Entry>),
    /// No key, with the number of changes before that was read.
    Nothing(u64),
}

/// What entries take in memory, in bytes.
#[derive(Debug, Clone)]
struct Weight;

impl Weight {
    /// Of an entry beside its keys: its own parts, and its place with the way to it, about.
    const BASE: usize = 3 * size_of::<KeyDigest>() + size_of::<Entry>() + size_of::<KeyChain>() + 64;

    /// Of a plain key, about.
    const TYPICAL: usize = 1000;

    /// Of what the memory is divided into, at least: so that one has room for several of the largest entries.
    const SHARD: usize = 1 << 20;
}

impl Weighter<KeyDigest, Arc<Entry>> for Weight {
    fn weight(&self, _: &KeyDigest, entry: &Arc<Entry>) -> u64 {
        let keys = &entry.chain.0;
        let unused = (keys.capacity() - keys.len()) * size_of::<ApiKey>();
        (Self::BASE + unused + keys.iter().map(ApiKey::memory_bytes).sum::<usize>()) as u64
    }
}

/// Into how many shares the ids are divided: two keys in one share make each other read again, no more.
const SHARES: usize = 4096;

impl<S: KeyStore + ?Sized> CachedKeys<S> {
    /// A front of `store`.
    pub fn new(store: Arc<S>, settings: CacheSettings) -> Self {
        Self {
            entries: entries(settings.max_bytes),
            reads: Flights::new(),
            changes: AtomicU64::new(0),
            last_changes: (0..SHARES).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
            max_age: settings.max_age.min(CacheSettings::MAX_AGE),
            store,
        }
    }

    /// The store behind it. A change that is made there, past this front, is seen as one by another process.
    pub const fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// Whether the key may be used as requested, if memory alone can tell at the instant `at`; `None` if the store has to be
    /// asked, by [`verify`](Self::verify). It never waits.
    ///
    /// # Errors
    /// - as [`check_chain`]
    pub fn verify_cached(
        &self,
        peppers: &Peppers,
        key: PresentedKey<'_>,
        request: &AccessRequest<'_>,
        at: Instant,
    ) -> Option<Result<Verified, Refusal>> {
        let found = peppers.candidates(key).find_map(|digest| Some((self.cached(&digest, at)?, digest)));
        found.map(|(chain, digest)| Verified::check(chain, &digest, request))
    }

    /// Whether the key may be used as requested: from memory if that can tell, else from the store. A key that there is not is
    /// refused as one with a wrong secret.
    ///
    /// # Errors
    /// - the store cannot be read, as [`KeyStore::key_by_digest`], or not in time
    pub async fn verify(
        &self,
        peppers: &Peppers,
        key: PresentedKey<'_>,
        request: &AccessRequest<'_>,
    ) -> Result<Result<Verified, Refusal>, StoreError> {
        if let Some(answer) = self.verify_cached(peppers, key, request, now()) {
            return Ok(answer);
        }
        let deadline = deadline();
        for digest in peppers.candidates(key) {
            if let Some(chain) = self.read(&digest, deadline).await? {
                return Ok(Verified::check(chain, &digest, request));
            }
        }
        Ok(Err(Refusal::WrongSecret))
    }

    /// The key that has a secret of this digest, if a record that is young enough at `now` is in memory.
    pub fn cached(&self, digest: &KeyDigest, now: Instant) -> Option<Arc<KeyChain>> {
        let entry = self.entries.get(digest)?;
        self.is_good(&entry, now, self.max_age).then(|| entry.chain.clone())
    }

    /// The key that has a secret of this digest: from memory if it is there, else from the store.
    ///
    /// # Errors
    /// - as [`KeyStore::key_by_digest`]
    /// - [`StoreError::Unavailable`]: it took the store [`CacheSettings::MAX_AGE`] or longer, or others changed the key with
    ///   every read for so long
    pub async fn find(&self, digest: &KeyDigest) -> Result<Option<Arc<KeyChain>>, StoreError> {
        match self.cached(digest, now()) {
            Some(chain) => Ok(Some(chain)),
            None => self.read(digest, deadline()).await,
        }
    }

    async fn read(&self, digest: &KeyDigest, deadline: Deadline) -> Result<Option<Arc<KeyChain>>, StoreError> {
        let read = tokio::time::timeout_at(deadline, self.read_until(digest, deadline));
        read.await.unwrap_or_else(|_| Err(TooLate.into()))
    }

    async fn read_until(&self, digest: &KeyDigest, deadline: Deadline) -> Result<Option<Arc<KeyChain>>, StoreError> {
        let changes_before = self.changes.load(Ordering::SeqCst);
        loop {
            match self.reads.join(*digest, self.read_once(digest)).await {
                // The key may have been changed since this read began.
                Ok(Found::Key(entry)) if self.is_good(&entry, now(), CacheSettings::MAX_AGE) => {
                    return Ok(Some(entry.chain.clone()));
                }
                // It may have been made since, if somebody else began.
                Ok(Found::Nothing(changes)) if changes >= changes_before => return Ok(None),
                Ok(_) => {}
                Err(error) => return Err(Arc::try_unwrap(error).unwrap_or_else(|error| StoreError::shared(&error))),
            }
            if Deadline::now() >= deadline {
                return Err(TooLate.into());
            }
        }
    }

    /// Reads what is not there by now. It is the one read of this digest, so that an older one cannot come after a newer.
    async fn read_once(&self, digest: &KeyDigest) -> Result<Found, Arc<StoreError>> {
        if let Some(entry) = self.entries.get(digest).filter(|entry| self.is_good(entry, now(), self.max_age)) {
            return Ok(Found::Key(entry));
        }
        // Both before the read: what is changed or grows old meanwhile counts against the entry.
        let (changes, read_at) = (self.changes.load(Ordering::SeqCst), now());
        let Some(chain) = self.read_chain(digest).await? else {
            self.entries.remove(digest);
            return Ok(Found::Nothing(changes));
        };
        let entry = Arc::new(Entry { chain: Arc::new(chain), changes, read_at });
        if self.is_good(&entry, now(), self.max_age) {
            self.entries.insert(*digest, entry.clone());
        }
        Ok(Found::Key(entry))
    }

    async fn read_chain(&self, digest: &KeyDigest) -> Result<Option<KeyChain>, StoreError> {
        let Some(key) = self.store.key_by_digest(digest).await? else { return Ok(None) };
        let mut above = key.parent();
        let mut chain = vec![key];
        while let Some(id) = above.filter(|_| chain.len() <= usize::from(ApiKey::MAX_DEPTH)) {
            // One that is missing is found out by the check of the chain.
            let Some(parent) = self.store.key(id).await? else { break };
            above = parent.parent();
            chain.push(parent);
        }
        Ok(Some(KeyChain(chain)))
    }

    /// Does `operation`, once, at `now`, and sees to it that nothing from before is handed out any more.
    ///
    /// # Errors
    /// - as [`KeyOperations::apply_key`]; after [`StoreError::Ambiguous`], and if the future is dropped before it has answered,
    ///   all records are read again, but a change that comes into force later than that is seen as one by another process,
    ///   until the same operation has settled it
    pub async fn apply(
        &self,
        operation: &KeyOperation,
        now: UnixMillis,
    ) -> Result<(Option<ApiKey>, Applied<KeyOutcome, Rejection>), StoreError> {
        // A caller that goes away in the middle must not leave an old record in force: the guard works when it is dropped.
        let mut guard = ForgetAll { cache: self, is_armed: true };
        let result = self.store.apply_key_to(operation, now).await;
        if let Ok((key, _)) = &result {
            if let Some(key) = key {
                self.forget(key.id());
            }
            guard.is_armed = false;
        }
        result
    }

    /// Hands out no record of a key any more that was read before now: for who has heard of a change by another way.
    pub fn forget(&self, key: KeyId) {
        let change = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        self.share(key).fetch_max(change, Ordering::SeqCst);
    }

    /// Whether an entry can be gone by: it is young enough, and none of its keys was changed since it was read.
    fn is_good(&self, entry: &Entry, now: Instant, max_age: Duration) -> bool {
        let is_unchanged = |key: &ApiKey| self.share(key.id()).load(Ordering::SeqCst) <= entry.changes;
        now.saturating_duration_since(entry.read_at) < max_age && entry.chain.keys().iter().all(is_unchanged)
    }

    fn share(&self, key: KeyId) -> &AtomicU64 {
        &self.last_changes[self.hasher.hash_one(key) as usize % SHARES]
    }
}

fn entries(max_bytes: usize) -> Cache<KeyDigest, Arc<Entry>, Weight> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut options = OptionsBuilder::new();
    options
        .shards((4 * threads).min(max_bytes / Weight::SHARD).max(1))
        .estimated_items_capacity(max_bytes / Weight::TYPICAL)
        .weight_capacity(max_bytes as u64);
    let options = options.build().expect("capacities are set");
    Cache::with_options(options, Weight, DefaultHashBuilder::default(), DefaultLifecycle::default())
}

/// By the clock that the runtime has.
type Deadline = tokio::time::Instant;

/// Until when a store is waited for: what it says later is too old.
fn deadline() -> Deadline {
    Deadline::now() + CacheSettings::MAX_AGE
}

/// The instant, by the clock that the runtime has.
fn now() -> Instant {
    Deadline::now().into_std()
}

#[derive(Debug, Error)]
#[error("the key's record came too late to go by")]
struct TooLate;

impl From<TooLate> for StoreError {
    fn from(error: TooLate) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Unless told otherwise, makes all records be read again.
struct ForgetAll<'a, S: KeyStore + ?Sized> {
    cache: &'a CachedKeys<S>,
    is_armed: bool,
}

impl<S: KeyStore + ?Sized> Drop for ForgetAll<'_, S> {
    fn drop(&mut self) {
        if self.is_armed {
            let change = self.cache.changes.fetch_add(1, Ordering::SeqCst) + 1;
            for share in &self.cache.last_changes {
                share.fetch_max(change, Ordering::SeqCst);
            }
        }
    }
}
