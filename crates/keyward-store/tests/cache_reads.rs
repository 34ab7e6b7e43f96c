//! The front that verifies from memory, as to its reads of the store: which of them count, and how many there are.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use getrandom::SysRng;
use keyward_apikey::{
    Activation, ApiKey, KeyAction, KeyDigest, KeyId, KeyName, KeyOperation, KeyProfile, LinkDigest, NewKey, NewSecret,
    Pepper, PepperId, Peppers, PlainDigests, RawKey, Revision,
};
use keyward_ledger::{AccountId, OperationId};
use keyward_store::{
    BoxFuture, CacheSettings, CachedKeys, Capabilities, KeyChain, KeyFilter, KeyOperations, KeyPut, KeyStore,
    MemoryStore, Page, PageRequest, StoreError,
};
use keyward_time::UnixMillis;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

type Found = Result<Option<Arc<KeyChain>>, StoreError>;

/// A store whose look-ups by digest have read what they bring, and bring it when they are let go.
#[derive(Debug, Default)]
struct Held {
    store: MemoryStore,
    begun: AtomicUsize,
    /// By the order in which they begin, which is counted from 0: what lets it go.
    reads: Mutex<BTreeMap<usize, Arc<Notify>>>,
    /// Whether look-ups fail, once they are let go.
    is_down: AtomicBool,
}

impl Held {
    fn read(&self, number: usize) -> Arc<Notify> {
        self.reads.lock().expect("no panic under the lock").entry(number).or_default().clone()
    }

    /// Lets a look-up go that has begun or will.
    fn let_go(&self, number: usize) {
        self.read(number).notify_one();
    }

    /// How many look-ups have begun.
    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    fn begin(&self) -> Arc<Notify> {
        self.read(self.begun.fetch_add(1, Ordering::SeqCst))
    }

    /// Makes a key, past the front.
    async fn created(&self) -> (KeyId, KeyDigest) {
        let (create, id, digest) = new_key();
        assert!(self.store.apply_key(&create, NOW).await.expect("an answer").into_result().is_ok());
        (id, digest)
    }

    /// Revokes a key as another process does.
    async fn revoke(&self, key: KeyId) {
        let applied = self.store.apply_key(&operation(KeyAction::Revoke { key }), NOW).await.expect("an answer");
        assert!(applied.into_result().is_ok());
    }
}

impl KeyStore for Held {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn key(&self, id: KeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>> {
        self.store.key(id)
    }

    fn key_by_digest<'a>(&'a self, digest: &'a KeyDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        Box::pin(async move {
            let read = self.begin();
            let found = self.store.key_by_digest(digest).await?;
            read.notified().await;
            if self.is_down.load(Ordering::SeqCst) {
                Err(StoreError::Unavailable("it is down".into()))
            } else {
                Ok(found)
            }
        })
    }

    fn key_by_link<'a>(&'a self, digest: &'a LinkDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        self.store.key_by_link(digest)
    }

    fn keys<'a>(&'a self, filter: &'a KeyFilter, page: PageRequest) -> BoxFuture<'a, Result<Page<ApiKey>, StoreError>> {
        self.store.keys(filter, page)
    }

    fn put_key<'a>(
        &'a self,
        before: Option<&'a ApiKey>,
        after: &'a ApiKey,
    ) -> BoxFuture<'a, Result<KeyPut, StoreError>> {
        self.store.put_key(before, after)
    }
}

fn operation(action: KeyAction) -> KeyOperation {
    KeyOperation { id: OperationId::generate(&mut SysRng).expect("randomness"), action }
}

fn new_key() -> (KeyOperation, KeyId, KeyDigest) {
    let pepper = Pepper::new(PepperId::new("test").expect("an id"), &[1; 32]).expect("long enough");
    let raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("randomness");
    let digest = Peppers::new(pepper, PlainDigests::Refuse).digest(raw.as_presented());
    let account = AccountId::generate(&mut SysRng).expect("randomness");
    let id = KeyId::generate(&account, &mut SysRng).expect("randomness");
    let secret = NewSecret::new(raw.as_presented(), digest);
    let new = NewKey::new(id, account, KeyName::new("a key").expect("a name"), secret, Activation::AtOnce);
    (operation(KeyAction::Create(Box::new(new))), id, digest)
}

fn front() -> (Arc<Held>, Arc<CachedKeys<Held>>) {
    let store = Arc::new(Held::default());
    (store.clone(), Arc::new(CachedKeys::new(store, CacheSettings::default())))
}

fn now() -> std::time::Instant {
    tokio::time::Instant::now().into_std()
}

/// Asks in a task of its own.
fn ask(cache: &Arc<CachedKeys<Held>>, digest: KeyDigest) -> JoinHandle<Found> {
    let cache = cache.clone();
    tokio::spawn(async move { cache.find(&digest).await })
}

async fn ended(asked: JoinHandle<Found>) -> Found {
    // Far longer than anything here takes, and shorter than for ever.
    tokio::time::timeout(Duration::from_secs(60), asked).await.expect("it ends").expect("no panic")
}

async fn answer(asked: JoinHandle<Found>) -> Arc<KeyChain> {
    ended(asked).await.expect("an answer").expect("the key")
}

fn revision(chain: &KeyChain) -> Revision {
    chain.key().revision()
}

/// Lets all tasks get as far as they can: they run on this thread, in turn.
async fn settled() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_read_that_ends_late_does_not_replace_a_newer_record() {
    let (store, cache) = front();
    let (id, digest) = store.created().await;
    let first = ask(&cache, digest);
    settled().await;
    assert_eq!(store.begun(), 1);
    store.revoke(id).await;
    // If this one reads too, it has what is newer, and ends first.
    let second = ask(&cache, digest);
    store.let_go(1);
    settled().await;
    store.let_go(0);
    let (first, second) = (answer(first).await, answer(second).await);
    let kept = cache.cached(&digest, now()).expect("it is in memory");
    let newest = revision(&first).max(revision(&second));
    assert!(revision(&kept) >= newest, "{} is kept after {newest} was handed out", revision(&kept));
}

#[tokio::test]
async fn who_asks_after_a_change_is_not_told_what_was_read_before_it() {
    let (store, cache) = front();
    let (id, digest) = store.created().await;
    let before = ask(&cache, digest);
    settled().await;
    let (_, applied) = cache.apply(&operation(KeyAction::Revoke { key: id }), NOW).await.expect("an answer");
    assert!(applied.into_result().is_ok());
    let after = ask(&cache, digest);
    (0..10).for_each(|number| store.let_go(number));
    for asked in [before, after] {
        assert!(answer(asked).await.key().revoked_at().is_some());
    }
    assert!(cache.cached(&digest, now()).expect("it is in memory").key().revoked_at().is_some());
}

#[tokio::test]
async fn who_asks_for_a_key_that_was_just_made_is_not_told_that_there_is_none() {
    let (store, cache) = front();
    let (create, id, digest) = new_key();
    let before = ask(&cache, digest);
    settled().await;
    assert_eq!(store.begun(), 1);
    assert!(cache.apply(&create, NOW).await.expect("an answer").1.into_result().is_ok());
    let after = ask(&cache, digest);
    (0..10).for_each(|number| store.let_go(number));
    assert_eq!(answer(after).await.key().id(), id);
    let _ = ended(before).await.expect("an answer");
}

#[tokio::test(start_paused = true)]
async fn many_that_ask_at_once_cause_one_read() {
    let (store, cache) = front();
    let (_, digest) = store.created().await;
    // Cold, and then too old.
    for reads in 1..=2 {
        let asked: Vec<_> = (0..500).map(|_| ask(&cache, digest)).collect();
        settled().await;
        (0..600).for_each(|number| store.let_go(number));
        for asked in asked {
            answer(asked).await;
        }
        assert_eq!(store.begun(), reads);
        // Whoever comes later needs none.
        answer(ask(&cache, digest)).await;
        assert_eq!(store.begun(), reads);
        tokio::time::advance(CacheSettings::default().max_age).await;
    }
}

/// On threads of their own: who has found nothing in memory may come when another one has just read it.
#[test]
fn many_threads_that_ask_at_once_cause_one_read() {
    const THREADS: usize = 4;
    const KEYS: usize = 1_000;
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let store = Arc::new(Held::default());
    let settings = CacheSettings { max_age: CacheSettings::MAX_AGE, ..CacheSettings::default() };
    let cache = CachedKeys::new(store.clone(), settings);
    (0..THREADS * KEYS).for_each(|number| store.let_go(number));
    let digests: Vec<_> = runtime().block_on(async {
        let mut digests = Vec::new();
        for _ in 0..KEYS {
            digests.push(store.created().await.1);
        }
        digests
    });
    let barrier = Barrier::new(THREADS);
    let ask_for_all = || {
        let runtime = runtime();
        for digest in &digests {
            barrier.wait();
            assert!(runtime.block_on(cache.find(digest)).expect("an answer").is_some());
        }
    };
    std::thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(ask_for_all))));
    assert_eq!(store.begun(), KEYS);
}

#[tokio::test]
async fn many_that_guess_the_same_cause_one_read_at_a_time() {
    let (store, cache) = front();
    let (_, _, digest) = new_key();
    let asked: Vec<_> = (0..100).map(|_| ask(&cache, digest)).collect();
    settled().await;
    store.let_go(0);
    for asked in asked {
        assert!(ended(asked).await.expect("an answer").is_none());
    }
    assert_eq!(store.begun(), 1);
    // Nothing was kept of it.
    let again = ask(&cache, digest);
    settled().await;
    assert_eq!(store.begun(), 2);
    store.let_go(1);
    assert!(ended(again).await.expect("an answer").is_none());
}

#[tokio::test]
async fn changes_of_other_keys_do_not_make_a_guess_be_read_again() {
    let (store, cache) = front();
    let (id, _) = store.created().await;
    let (_, _, digest) = new_key();
    let asked = ask(&cache, digest);
    settled().await;
    cache.forget(id);
    store.let_go(0);
    assert!(ended(asked).await.expect("an answer").is_none());
    assert_eq!(store.begun(), 1);
}

#[tokio::test]
async fn different_keys_are_read_at_the_same_time() {
    let (store, cache) = front();
    let ((_, one), (_, other)) = (store.created().await, store.created().await);
    let asked = [ask(&cache, one), ask(&cache, other)];
    settled().await;
    assert_eq!(store.begun(), 2);
    (0..2).for_each(|number| store.let_go(number));
    for asked in asked {
        answer(asked).await;
    }
}

#[tokio::test]
async fn when_who_reads_goes_away_another_one_reads() {
    let (store, cache) = front();
    let (id, digest) = store.created().await;
    let reader = ask(&cache, digest);
    settled().await;
    let waiting: Vec<_> = (0..10).map(|_| ask(&cache, digest)).collect();
    settled().await;
    assert_eq!(store.begun(), 1);
    reader.abort();
    assert!(reader.await.expect_err("it was stopped").is_cancelled());
    settled().await;
    assert_eq!(store.begun(), 2);
    store.let_go(1);
    for asked in waiting {
        assert_eq!(answer(asked).await.key().id(), id);
    }
    assert_eq!(store.begun(), 2);
}

#[tokio::test]
async fn when_all_go_away_the_next_one_reads() {
    let (store, cache) = front();
    let (id, digest) = store.created().await;
    for round in 1..=3 {
        let asked: Vec<_> = (0..3).map(|_| ask(&cache, digest)).collect();
        settled().await;
        assert_eq!(store.begun(), round);
        // Those that wait first, so that none of them takes over.
        for asked in asked.into_iter().rev() {
            asked.abort();
            assert!(asked.await.expect_err("it was stopped").is_cancelled());
        }
    }
    store.let_go(3);
    assert_eq!(answer(ask(&cache, digest)).await.key().id(), id);
}

#[tokio::test]
async fn an_error_is_told_to_all_that_wait_and_to_nobody_later() {
    let (store, cache) = front();
    let (id, digest) = store.created().await;
    let asked: Vec<_> = (0..10).map(|_| ask(&cache, digest)).collect();
    settled().await;
    store.is_down.store(true, Ordering::SeqCst);
    store.let_go(0);
    for asked in asked {
        let error = ended(asked).await.expect_err("the store is down");
        assert!(matches!(&error, StoreError::Unavailable(source) if source.to_string() == "it is down"), "{error:?}");
    }
    assert_eq!(store.begun(), 1);
    store.is_down.store(false, Ordering::SeqCst);
    store.let_go(1);
    assert_eq!(answer(ask(&cache, digest)).await.key().id(), id);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_is_not_waited_for_for_ever() {
    let (store, cache) = front();
    let (id, digest) = store.created().await;
    let begun = now();
    let asked: Vec<_> = (0..10).map(|_| ask(&cache, digest)).collect();
    for asked in asked {
        let error = ended(asked).await.expect_err("no answer");
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    assert!(now() - begun < CacheSettings::MAX_AGE + Duration::from_millis(100), "{:?}", now() - begun);
    // One that never ended is in nobody's way.
    let next = store.begun();
    let asked = ask(&cache, digest);
    settled().await;
    store.let_go(next);
    assert_eq!(answer(asked).await.key().id(), id);
}
