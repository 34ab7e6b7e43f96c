use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use keyward_apikey::{AccessRequest, GracePeriod, KeyAction, KeyDigest, Refusal, Revision};
use keyward_ledger::Applied;

use super::sample::{NOW, SampleKey, fresh_secret, operation};
use super::{Case, Nodes, cases};
use crate::{CacheSettings, CachedKeys, Store};

pub(super) fn cases() -> Vec<Case> {
    cases![Nothing:
        after_revoke_returns_no_verification_succeeds,
        after_rotation_returns_the_old_secret_is_dead,
        another_node_follows_within_the_age,
        revoking_a_parent_ends_its_children,
    ]
    .into()
}

const REQUEST: AccessRequest<'_> = AccessRequest { now: NOW, address: None, scope: None };

async fn verifies(cache: &CachedKeys<dyn Store>, digest: &KeyDigest) -> bool {
    match cache.find(digest).await.expect("an answer") {
        Some(chain) => chain.check(digest, &REQUEST).is_ok(),
        None => false,
    }
}

async fn after_revoke_returns_no_verification_succeeds(nodes: Nodes) {
    for _ in 0..4 {
        let sample = SampleKey::active().created_in(&*nodes.first).await;
        let cache = Arc::new(CachedKeys::new(nodes.first.clone(), CacheSettings::default()));
        let (digest, revoked) = (sample.digest(), Arc::new(AtomicBool::new(false)));
        assert!(verifies(&cache, &digest).await);
        let verifiers: Vec<_> = (0..200)
            .map(|number| {
                let (cache, revoked) = (cache.clone(), revoked.clone());
                tokio::spawn(async move {
                    let (mut successes, mut after) = (0_u32, 0_u32);
                    while after < 3 {
                        let was_revoked = revoked.load(Ordering::SeqCst);
                        // Some fill the cache, some go by it.
                        let works = match (number % 2, cache.cached(&digest, Instant::now())) {
                            (0, Some(chain)) => chain.check(&digest, &REQUEST).is_ok(),
                            _ => verifies(&cache, &digest).await,
                        };
                        assert!(!(was_revoked && works), "it was verified after revoke had returned");
                        successes += u32::from(works);
                        after += u32::from(was_revoked);
                        tokio::task::yield_now().await;
                    }
                    successes
                })
            })
            .collect();
        let revoke = operation(KeyAction::Revoke { key: sample.id() });
        let (_, applied) = cache.apply(&revoke, NOW).await.expect("an answer");
        assert!(matches!(applied, Applied::Done(_)));
        assert!(cache.cached(&digest, Instant::now()).is_none());
        revoked.store(true, Ordering::SeqCst);
        for verifier in verifiers {
            verifier.await.expect("no panic");
        }
    }
}

async fn after_rotation_returns_the_old_secret_is_dead(nodes: Nodes) {
    let sample = SampleKey::active().created_in(&*nodes.first).await;
    let cache = CachedKeys::new(nodes.first.clone(), CacheSettings::default());
    assert!(verifies(&cache, &sample.digest()).await);
    let (_, secret) = fresh_secret();
    let rotate = KeyAction::Rotate { key: sample.id(), secret, expected: Revision::FIRST, grace: GracePeriod::NONE };
    let (_, applied) = cache.apply(&operation(rotate), NOW).await.expect("an answer");
    assert!(matches!(applied, Applied::Done(_)));
    assert!(!verifies(&cache, &sample.digest()).await);
    assert!(verifies(&cache, &secret.digest).await);
}

async fn another_node_follows_within_the_age(nodes: Nodes) {
    let sample = SampleKey::active().created_in(&*nodes.first).await;
    let settings = CacheSettings::default();
    let [here, there] = [&nodes.first, &nodes.second].map(|store| CachedKeys::new(store.clone(), settings));
    assert!(verifies(&there, &sample.digest()).await);
    let (_, applied) = here.apply(&operation(KeyAction::Revoke { key: sample.id() }), NOW).await.expect("an answer");
    assert!(matches!(applied, Applied::Done(_)));
    // What was read before the revocation is too old to go by once it has that age.
    assert!(there.cached(&sample.digest(), Instant::now() + settings.max_age).is_none());
    assert!(settings.max_age <= CacheSettings::MAX_AGE);
    let read_again = CachedKeys::new(nodes.second.clone(), settings);
    assert!(!verifies(&read_again, &sample.digest()).await);
}

async fn revoking_a_parent_ends_its_children(nodes: Nodes) {
    let parent = SampleKey::active().created_in(&*nodes.first).await;
    let mut child = SampleKey::of_account(parent.new.account);
    child.new.activation = keyward_apikey::Activation::AtOnce;
    child.new.parent = Some(parent.id());
    let child = child.created_in(&*nodes.second).await;
    let cache = CachedKeys::new(nodes.first.clone(), CacheSettings::default());
    assert!(verifies(&cache, &child.digest()).await);
    let chain = cache.cached(&child.digest(), Instant::now()).expect("it is in memory");
    assert_eq!(chain.keys().len(), 2);
    let _ = cache.apply(&operation(KeyAction::Revoke { key: parent.id() }), NOW).await.expect("an answer");
    let chain = cache.find(&child.digest()).await.expect("an answer").expect("the child");
    assert_eq!(chain.check(&child.digest(), &REQUEST), Err(Refusal::Revoked { at: NOW }));
}
