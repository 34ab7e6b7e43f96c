//! The front that verifies from memory, where the conformance suite does not look: what it keeps, and for how long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use getrandom::SysRng;
use keyward_apikey::{
    Activation, KeyAction, KeyDigest, KeyId, KeyName, KeyOperation, KeyProfile, NewKey, NewSecret, Pepper, PepperId,
    Peppers, PlainDigests, RawKey,
};
use keyward_ledger::{AccountId, OperationId};
use keyward_store::{CacheSettings, CachedKeys, KeyOperations, KeyStore, MemoryStore};
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
    let (store, cache) = front(CacheSettings { capacity: 4, ..CacheSettings::default() });
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

#[tokio::test]
async fn no_more_keys_are_kept_than_there_is_room_for() {
    let (store, cache) = front(CacheSettings { capacity: 10, ..CacheSettings::default() });
    let mut digests = Vec::new();
    for _ in 0..200 {
        let (_, digest) = created(&store).await;
        cache.find(&digest).await.expect("an answer").expect("the key");
        digests.push(digest);
    }
    let kept = digests.iter().filter(|digest| cache.cached(digest, Instant::now()).is_some()).count();
    assert!((1..=10).contains(&kept), "{kept} are kept");
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
