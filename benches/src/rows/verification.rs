//! An API key that a request presents, checked from memory.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use getrandom::SysRng;
use keyward_apikey::{
    AccessRequest, Activation, KeyAction, KeyId, KeyName, KeyOperation, KeyProfile, NewKey, NewSecret, Pepper,
    PepperId, Peppers, PlainDigests, PresentedKey, RawKey, Scope,
};
use keyward_ledger::{AccountId, OperationId};
use keyward_store::{CacheSettings, CachedKeys, MemoryStore};
use keyward_time::UnixMillis;

use super::chained;
use crate::operation::Target;
use crate::{Operation, Row};

/// So many keys are in memory: more than fit into the processor's nearest cache.
const KEYS: usize = 4096;

const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

/// Parse, digest under a pepper, look-up, check of status, expiry, address and scope; beside the digest and one look-up in a map.
pub(super) fn row() -> Row {
    let id = PepperId::new("bench").expect("a name");
    let peppers = Arc::new(Peppers::new(Pepper::new(id, &[7; 32]).expect("32 bytes"), PlainDigests::Refuse));
    let raw: Vec<RawKey> =
        (0..KEYS).map(|_| RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("randomness")).collect();
    let map: HashMap<_, _> =
        raw.iter().enumerate().map(|(number, key)| (peppers.digest(key.as_presented()), number)).collect();
    let cache = filled(&peppers, &raw);
    let raw = Arc::new(raw);

    let (our_peppers, our_raw) = (peppers.clone(), raw.clone());
    let scope = Scope::new("read:orders").expect("a scope");
    let at = Instant::now();
    let ours = chained("keyward-store/verify-cached", 0, move |number: usize| {
        let key = PresentedKey::parse(our_raw[number % KEYS].expose_secret()).expect("made here");
        let request = AccessRequest { now: NOW, address: None, scope: Some(&scope) };
        // The instant at which the records were read: they do not grow old here.
        let verified =
            cache.verify_cached(&our_peppers, key, &request, at).expect("it is in memory").expect("it is good");
        black_box(verified.chain.key().id());
        number + 1
    });
    let peer = Operation::repeated("hmac-sha256/digest-and-look-up", super::CHAIN, {
        let mut number = 0;
        move || {
            for _ in 0..super::CHAIN {
                number += 1;
                black_box(map.get(&peppers.digest(raw[number % KEYS].as_presented())).expect("it is in the map"));
            }
        }
    });
    Row::new("verify an API key from memory", ours, peer).with_target(Target::Nanoseconds(1_000.0))
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
