//! An API key that a request presents, checked from memory.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use getrandom::SysRng;
use keyward_apikey::{
    AccessRequest, Activation, KeyAction, KeyId, KeyName, KeyOperation, KeyProfile, NewKey, NewSecret, Pepper,
    PepperId, Peppers, PlainDigests, PresentedKey, RawKey, Scope,
};
use keyward_ledger::{AccountId, OperationId};
use keyward_store::{CacheSettings, CachedKeys, MemoryStore};
use keyward_time::UnixMillis;
use sha2::{Digest as _, Sha256};

use crate::operation::Target;
use crate::{Call, Calls, Operation, Row};

/// So many keys are in memory: more than fit into the processor's nearest cache.
const KEYS: usize = 4096;

const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

/// What a service does with a presented key, beside the least that it could do, and beside its own digest alone.
pub(super) fn rows() -> Vec<Row> {
    let keys = Arc::new(Keys::new());
    let row = |title, peer| Row::new(title, in_turn("keyward-store/verify-cached", verify(&keys)), peer);
    vec![
        row("verify an API key from memory", in_turn("sha2/one-block-and-look-up", hash_and_look_up(&keys)))
            .with_target(Target::Nanoseconds(1_000.0)),
        row(
            "verify an API key from memory, beside its digest",
            in_turn("hmac-sha256/digest-and-look-up", digest_and_look_up(&keys)),
        ),
    ]
}

/// The same, call by call.
pub(super) fn calls() -> Calls {
    let keys = Arc::new(Keys::new());
    Calls {
        title: "verify an API key from memory",
        ours: Call::new("keyward-store/verify-cached", verify(&keys)),
        peer: Call::new("sha2/one-block-and-look-up", hash_and_look_up(&keys)),
        p99_target: Duration::from_micros(2),
        rate_target: 1e6,
    }
}

/// So many of one operation, each on the next key.
fn in_turn(id: &'static str, run: impl Fn(usize) + 'static) -> Operation {
    let mut number = 0;
    Operation::repeated(id, super::CHAIN, move || {
        for _ in 0..super::CHAIN {
            run(number);
            number += 1;
        }
    })
}

/// Parse, digest under a pepper, look-up, check of status, expiry, address and scope.
fn verify(keys: &Arc<Keys>) -> impl Fn(usize) + Send + Sync + 'static {
    let keys = keys.clone();
    let scope = Scope::new("read:orders").expect("a scope");
    move |number| {
        let key = PresentedKey::parse(keys.raw[number % KEYS].expose_secret()).expect("made here");
        let request = AccessRequest { now: NOW, address: None, scope: Some(&scope) };
        let verified = keys
            .cache
            .verify_cached(&keys.peppers, key, &request, keys.read_at)
            .expect("it is in memory")
            .expect("it is good");
        black_box(verified.chain.key().id());
    }
}

/// SHA-256 of one block and one look-up in a map: no verification does with less.
fn hash_and_look_up(keys: &Arc<Keys>) -> impl Fn(usize) + Send + Sync + 'static {
    fn hash(key: &RawKey) -> [u8; 32] {
        // With its padding, a block.
        Sha256::digest(&key.expose_secret().as_bytes()[..55.min(key.expose_secret().len())]).into()
    }
    let keys = keys.clone();
    let map: HashMap<_, _> = keys.raw.iter().enumerate().map(|(number, key)| (hash(key), number)).collect();
    move |number| {
        black_box(map.get(&hash(&keys.raw[number % KEYS])).expect("it is in the map"));
    }
}

/// The digest under a pepper and one look-up in a map: nothing is parsed, nothing checked.
fn digest_and_look_up(keys: &Arc<Keys>) -> impl Fn(usize) + Send + Sync + 'static {
    let keys = keys.clone();
    let digest = |keys: &Keys, key: &RawKey| keys.peppers.digest(key.as_presented());
    let map: HashMap<_, _> = keys.raw.iter().enumerate().map(|(number, key)| (digest(&keys, key), number)).collect();
    move |number| {
        black_box(map.get(&digest(&keys, &keys.raw[number % KEYS])).expect("it is in the map"));
    }
}

/// Keys whose records are all in memory.
struct Keys {
    raw: Vec<RawKey>,
    peppers: Peppers,
    cache: CachedKeys<MemoryStore>,
    /// By the clock that calls are given, which stands still: the records do not grow old here.
    read_at: Instant,
}

impl Keys {
    fn new() -> Self {
        let id = PepperId::new("bench").expect("a name");
        let peppers = Peppers::new(Pepper::new(id, &[7; 32]).expect("32 bytes"), PlainDigests::Refuse);
        let key = |_| RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("the system has randomness");
        let raw: Vec<RawKey> = (0..KEYS).map(key).collect();
        let read_at = Instant::now();
        let cache = filled(&peppers, &raw);
        Self { raw, peppers, cache, read_at }
    }
}

fn filled(peppers: &Peppers, raw: &[RawKey]) -> CachedKeys<MemoryStore> {
    // There is room for all of them.
    let cache = CachedKeys::new(Arc::new(MemoryStore::new()), CacheSettings::default());
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime can be started");
    runtime.block_on(async {
        for key in raw {
            let account = AccountId::generate(&mut SysRng).expect("randomness");
            let id = KeyId::generate(&account, &mut SysRng).expect("randomness");
            let secret = NewSecret::new(key.as_presented(), peppers.digest(key.as_presented()));
            let new = NewKey::new(id, account, KeyName::new("bench").expect("a name"), secret, Activation::AtOnce);
            let id = OperationId::generate(&mut SysRng).expect("randomness");
            let create = KeyOperation { id, action: KeyAction::Create(Box::new(new)) };
            let (_, applied) = cache.apply(&create, NOW).await.expect("memory answers");
            assert!(applied.into_result().is_ok());
        }
        for key in raw {
            let digest = peppers.digest(key.as_presented());
            assert!(cache.find(&digest).await.expect("memory answers").is_some());
        }
    });
    cache
}
