//! The front that verifies from memory, where the conformance suite does not look: what it keeps, and for how long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use getrandom::SysRng;
use keyward_apikey::{
    Activation, ApiKey, KeyAction, KeyDigest, KeyId, KeyName, KeyOperation, KeyProfile, KeyUpdate, LinkDigest,
    Metadata, NewKey, NewSecret, Pepper, PepperId, Peppers, PlainDigests, RawKey,
};
use keyward_ledger::{AccountId, OperationId};
use keyward_store::{
    BoxFuture, CacheSettings, CachedKeys, Capabilities, KeyFilter, KeyOperations, KeyPut, KeyStore, MemoryStore, Page,
    PageRequest, StoreError,
};
use keyward_time::UnixMillis;

const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

fn digest_of_new_key() -> (RawKey, KeyDigest) {
    let pepper = Pepper::new(PepperId::new("test").expect("an id"), &[1; 32]).expect("long enough");
    let raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("randomness");
    let digest = Peppers::new(pepper, PlainDigests::Refuse).digest(raw.as_presented());
    (raw, digest)
}

async fn created(store: &MemoryStore) -> (KeyId, KeyDigest) {
    let account = AccountId::generate(&mut SysRng).expect("randomness");
    let id = KeyId::generate(&account, &mut SysRng).expect("randomness");
    let (raw, digest) = digest_of_new_key();
    let secret = NewSecret::new(raw.as_presented(), digest);
    let new = NewKey::new(id, account, KeyName::new("a key").expect("a name"), secret, Activation::AtOnce);
    let create = KeyOperation { id: operation_id(), action: KeyAction::Create(Box::new(new)) };
    let applied = store.apply_key(&create, NOW).await.expect("an answer");
    assert!(applied.into_result().is_ok());
    (id, digest)
}

fn operation_id() -> OperationId {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("randomness");
    OperationId::from_bytes(bytes)
}

fn front(settings: CacheSettings) -> (Arc<MemoryStore>, CachedKeys<MemoryStore>) {
    let store = Arc::new(MemoryStore::new());
    (store.clone(), CachedKeys::new(store, settings))
}

#[tokio::test]
async fn a_key_is_read_once_and_then_found_in_memory() {
    let (store, cache) = front(CacheSettings::default());
    let (id, digest) = created(&store).await;
    assert!(cache.cached(&digest, Instant::now()).is_none());
    let read = cache.find(&digest).await.expect("an answer").expect("the key");
    assert_eq!(read.key().id(), id);
    let cached = cache.cached(&digest, Instant::now()).expect("it is in memory");
    assert!(Arc::ptr_eq(&read, &cached));
}

#[tokio::test]
async fn a_record_that_is_too_old_is_not_gone_by() {
    let settings = CacheSettings { max_age: Duration::from_secs(60), ..CacheSettings::default() };
    let (store, cache) = front(settings);
    let (_, digest) = created(&store).await;
    cache.find(&digest).await.expect("an answer").expect("the key");
    // Sixty seconds were asked for; two are the most there is.
    assert!(cache.cached(&digest, Instant::now() + CacheSettings::MAX_AGE).is_none());
}

#[tokio::test]
async fn a_key_that_is_told_to_have_changed_is_read_again() {
    let (store, cache) = front(CacheSettings::default());
    let (id, digest) = created(&store).await;
    let (_, other) = created(&store).await;
    cache.find(&digest).await.expect("an answer").expect("the key");
    cache.find(&other).await.expect("an answer").expect("the key");
    cache.forget(id);
    assert!(cache.cached(&digest, Instant::now()).is_none());
    cache.find(&digest).await.expect("an answer").expect("it is still there");
    assert!(cache.cached(&digest, Instant::now()).is_some());
}

#[tokio::test]
async fn keys_that_are_not_there_leave_nothing_behind() {
    let (store, cache) = front(CacheSettings { max_bytes: 8192, ..CacheSettings::default() });
    let (mut known, at_first) = (Vec::new(), Instant::now());
    for _ in 0..3 {
        let (_, digest) = created(&store).await;
        cache.find(&digest).await.expect("an answer").expect("the key");
        known.push(digest);
    }
    for _ in 0..10_000 {
        assert!(cache.find(&digest_of_new_key().1).await.expect("an answer").is_none());
    }
    // Had anything been kept of them, nothing else would be left in so small a memory.
    assert!(known.iter().all(|digest| cache.cached(digest, at_first).is_some()));
}

/// Gives a key 16,000 bytes of metadata.
fn lengthen(key: KeyId) -> KeyOperation {
    let long = format!(r#"{{"a":"{}"}}"#, "a".repeat(15_992));
    let mut update = KeyUpdate::default();
    update.metadata = Some(Some(Metadata::new(&long).expect("an object")));
    KeyOperation { id: operation_id(), action: KeyAction::Update { key, update: Box::new(update) } }
}

#[derive(Clone, Copy, PartialEq)]
enum Keys {
    Plain,
    Long,
}

/// Makes so many keys, reads all, and tells how many are kept and what each takes.
async fn kept(max_bytes: usize, count: usize, keys: Keys) -> (usize, usize) {
    let (store, cache) = front(CacheSettings { max_bytes, ..CacheSettings::default() });
    let (mut digests, mut bytes, at_first) = (Vec::new(), 0, Instant::now());
    for _ in 0..count {
        let (id, digest) = created(&store).await;
        if keys == Keys::Long {
            assert!(store.apply_key(&lengthen(id), NOW).await.expect("an answer").into_result().is_ok());
        }
        bytes = cache.find(&digest).await.expect("an answer").expect("the key").key().memory_bytes();
        digests.push(digest);
    }
    (digests.iter().filter(|digest| cache.cached(digest, at_first).is_some()).count(), bytes)
}

#[tokio::test]
async fn memory_is_bounded_by_what_the_keys_take() {
    for keys in [Keys::Plain, Keys::Long] {
        let max_bytes = 1 << 19;
        let (kept, bytes) = kept(max_bytes, 1_000, keys).await;
        assert!(kept * bytes <= max_bytes, "{kept} of {bytes} bytes each");
        // And what there is, is made use of.
        assert!(kept * bytes >= max_bytes / 2, "{kept} of {bytes} bytes each");
    }
}

#[tokio::test]
async fn a_key_that_has_no_room_is_read_each_time() {
    assert_eq!(kept(8192, 3, Keys::Long).await.0, 0);
}

#[tokio::test]
async fn an_old_record_makes_way_for_a_longer_one() {
    let max_bytes = 64 << 10;
    let (store, cache) = front(CacheSettings { max_bytes, ..CacheSettings::default() });
    let at_first = Instant::now();
    let mut known = Vec::new();
    for _ in 0..20 {
        let (id, digest) = created(&store).await;
        cache.find(&digest).await.expect("an answer").expect("the key");
        known.push((id, digest));
    }
    for (id, digest) in &known {
        assert!(cache.apply(&lengthen(*id), NOW).await.expect("an answer").1.into_result().is_ok());
        cache.find(digest).await.expect("an answer").expect("the key");
    }
    let kept = known.iter().filter_map(|(_, digest)| cache.cached(digest, at_first));
    let bytes: usize = kept.map(|chain| chain.key().memory_bytes()).sum();
    assert!((16_000..=max_bytes).contains(&bytes), "{bytes}");
}

#[tokio::test]
async fn a_change_whose_caller_went_away_makes_all_be_read_again() {
    let (store, cache) = front(CacheSettings::default());
    let (id, digest) = created(&store).await;
    cache.find(&digest).await.expect("an answer").expect("the key");
    let revoke = KeyOperation { id: operation_id(), action: KeyAction::Revoke { key: id } };
    // Dropped before it was polled once more: nobody knows what became of it.
    drop(Box::pin(cache.apply(&revoke, NOW)));
    assert!(cache.cached(&digest, Instant::now()).is_some(), "it was not begun");
    let mut begun = Box::pin(cache.apply(&revoke, NOW));
    let is_ready =
        std::future::poll_fn(|context| std::task::Poll::Ready(begun.as_mut().poll(context).is_ready())).await;
    drop(begun);
    assert!(is_ready, "in memory nothing is waited for");
    assert!(cache.cached(&digest, Instant::now()).is_none());
    assert!(store.key(id).await.expect("an answer").expect("the key").revoked_at().is_some());
}

/// A store whose answers to a look-up by digest are old when they come: while one is under way, something happens.
#[derive(Debug)]
struct Slow {
    store: MemoryStore,
    /// How long an answer is under way.
    delay: Duration,
    /// What another process does meanwhile.
    meanwhile: std::sync::Mutex<Option<KeyOperation>>,
}

#[tokio::test(start_paused = true)]
async fn a_record_that_grew_too_old_while_it_was_read_is_not_gone_by() {
    let store = Arc::new(Slow { store: MemoryStore::new(), delay: CacheSettings::MAX_AGE, meanwhile: None.into() });
    let (id, digest) = created(&store.store).await;
    let cache = CachedKeys::new(store.clone(), CacheSettings::default());
    let revoke = KeyOperation { id: operation_id(), action: KeyAction::Revoke { key: id } };
    *store.meanwhile.lock().expect("no panic under the lock") = Some(revoke);
    // The record is one from before the revocation, and two seconds have passed since that.
    let found = cache.find(&digest).await;
    assert!(matches!(found, Err(StoreError::Unavailable(_))), "{found:?}");
    assert!(store.store.key(id).await.expect("an answer").expect("the key").revoked_at().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_record_that_was_read_in_time_is_gone_by() {
    let delay = CacheSettings::MAX_AGE - Duration::from_millis(1);
    let store = Arc::new(Slow { store: MemoryStore::new(), delay, meanwhile: None.into() });
    let (id, digest) = created(&store.store).await;
    let cache = CachedKeys::new(store, CacheSettings::default());
    assert_eq!(cache.find(&digest).await.expect("an answer").expect("the key").key().id(), id);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_changes_with_every_read_is_not_read_for_ever() {
    /// Tells the front of a change as often as it reads.
    #[derive(Debug)]
    struct Restless(Slow, std::sync::OnceLock<std::sync::Weak<CachedKeys<Restless>>>);

    impl KeyStore for Restless {
        fn capabilities(&self) -> Capabilities {
            self.0.capabilities()
        }

        fn key(&self, id: KeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>> {
            self.0.key(id)
        }

        fn key_by_digest<'a>(&'a self, digest: &'a KeyDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
            Box::pin(async move {
                let found = self.0.key_by_digest(digest).await?;
                let front = self.1.get().and_then(std::sync::Weak::upgrade);
                if let (Some(front), Some(key)) = (front, &found) {
                    front.forget(key.id());
                }
                Ok(found)
            })
        }

        fn key_by_link<'a>(&'a self, digest: &'a LinkDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
            self.0.key_by_link(digest)
        }

        fn keys<'a>(
            &'a self,
            filter: &'a KeyFilter,
            page: PageRequest,
        ) -> BoxFuture<'a, Result<Page<ApiKey>, StoreError>> {
            self.0.keys(filter, page)
        }

        fn put_key<'a>(
            &'a self,
            before: Option<&'a ApiKey>,
            after: &'a ApiKey,
        ) -> BoxFuture<'a, Result<KeyPut, StoreError>> {
            self.0.put_key(before, after)
        }
    }

    let slow = Slow { store: MemoryStore::new(), delay: Duration::from_millis(10), meanwhile: None.into() };
    let store = Arc::new(Restless(slow, std::sync::OnceLock::new()));
    let (_, digest) = created(&store.0.store).await;
    let cache = Arc::new(CachedKeys::new(store.clone(), CacheSettings::default()));
    store.1.set(Arc::downgrade(&cache)).expect("it is set once");
    let found = tokio::time::timeout(Duration::from_secs(3600), cache.find(&digest)).await.expect("it ends");
    assert!(matches!(found, Err(StoreError::Unavailable(_))), "{found:?}");
}

#[tokio::test]
async fn a_front_of_any_capacity_works() {
    for max_bytes in [0, 1, usize::MAX] {
        let (store, cache) = front(CacheSettings { max_bytes, ..CacheSettings::default() });
        let (id, digest) = created(&store).await;
        assert_eq!(cache.find(&digest).await.expect("an answer").expect("the key").key().id(), id);
    }
}

impl KeyStore for Slow {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn key(&self, id: KeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>> {
        self.store.key(id)
    }

    fn key_by_digest<'a>(&'a self, digest: &'a KeyDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        Box::pin(async move {
            let found = self.store.key_by_digest(digest).await?;
            let meanwhile = self.meanwhile.lock().expect("no panic under the lock").take();
            if let Some(operation) = meanwhile {
                let applied = self.store.apply_key(&operation, NOW).await?;
                assert!(applied.into_result().is_ok());
            }
            tokio::time::sleep(self.delay).await;
            Ok(found)
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
