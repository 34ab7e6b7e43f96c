//! Writers that die between pointer and record.

use keyward_apikey::{KeyAction, KeyStatus, LinkToken, Rejection};
use keyward_ledger::{Applied, Operation};
use keyward_store::{KeyFilter, KeyOperations, KeyStore, LedgerStore, PageLimit, PageRequest, StoreError};
use keyward_store_redis::RedisStore;
use keyward_test_servers::{Access, Durability, Redis, RedisCluster, or_skip};

use crate::proxy::{Cut, Proxy};
use crate::support::{
    NOW, book, create, done, funded, later, link_token, msat, names, new_key, new_link, open, operation, raw,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_leaves_before_the_record_leads_nowhere_and_is_swept() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Open)) else { return };
    let proxy = Proxy::start(&server.url()).await;
    let (dying, store) = (open(proxy.url()).await, open(&server.url()).await);
    let mut connection = raw(&server.url()).await;
    done(&store, &create(&new_key("sound"))).await;
    let sound = names(&mut connection, "kw:*").await.len();

    let (mut key, token) = (new_key("dies half-way"), link_token());
    key.link = Some(new_link(&token));
    proxy.cut_at("dies half-way", Cut::Before);
    let lost = dying.apply_key(&create(&key), NOW).await;
    assert!(matches!(lost, Err(StoreError::Ambiguous(_))), "{lost:?}");
    drop(dying);

    assert_eq!(names(&mut connection, "kw:link:*").await.len(), 1, "the pointer was written first");
    assert_eq!(names(&mut connection, "kw:digest:*").await.len(), 2);
    assert_eq!(store.key(key.id).await.expect("an answer"), None);
    assert_eq!(store.key_by_digest(&key.secret.digest).await.expect("an answer"), None);
    assert_eq!(store.key_by_link(&new_link(&token).digest).await.expect("an answer"), None);
    for filter in [KeyFilter::All, KeyFilter::Account(key.account), KeyFilter::Status(KeyStatus::Pending)] {
        let page = store.keys(&filter, PageRequest::first(PageLimit::MAX)).await.expect("a page");
        assert!(page.items.iter().all(|found| found.id() != key.id), "{filter:?}");
    }
    let swept = store.sweep_pointers().await.expect("an answer");
    // The digest, the link, and two listings; the sound key has three.
    assert_eq!((swept.pointers, swept.removed), (7, 4));
    assert_eq!(names(&mut connection, "kw:link:*").await.len(), 0);
    // All that is left is the number that keeps the dead attempt out.
    let left = names(&mut connection, "kw:*").await;
    assert!(left.len() <= sound + 1, "{left:?}");
    let swept = store.sweep_pointers().await.expect("an answer");
    assert_eq!((swept.pointers, swept.removed), (3, 0));
    // The same key can be made after all.
    done(&store, &create(&key)).await;
    assert!(store.key_by_digest(&key.secret.digest).await.expect("an answer").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_to_look_for_what_is_due_is_put_back() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Open)) else { return };
    let (store, mut connection) = (open(&server.url()).await, raw(&server.url()).await);
    let account = funded(&store, 100).await;
    let reserve = |millis| Operation::Reserve { account, amount: msat(1), deadline: later(millis) };
    let mut ids = vec![book(&store, &reserve(10)).await];
    // As by a fail-over of the node that has it, to a replica that has not heard of it.
    for name in names(&mut connection, "kw:{s*}:due").await {
        let _: i64 = redis::cmd("DEL").arg(name).query_async(&mut connection).await.expect("an answer");
    }
    ids.push(book(&store, &reserve(20)).await);
    assert_eq!(store.due(later(15), PageLimit::MAX).await.expect("an answer"), []);
    let _ = store.sweep_pointers().await.expect("an answer");
    let due = store.due(later(20), PageLimit::MAX).await.expect("an answer");
    assert_eq!(Vec::from_iter(due.iter().map(keyward_ledger::Reservation::id)), ids);
}

/// Leaves the pointers of a writer that has died: `secret` and link point to a key that is not there.
async fn leave_pointers(proxy: &Proxy, secret: keyward_apikey::NewSecret, token: &LinkToken, name: &str) {
    let dying = open(proxy.url()).await;
    let mut key = new_key(name);
    key.secret = secret;
    key.link = Some(new_link(token));
    proxy.cut_at(name, Cut::Before);
    assert!(dying.apply_key(&create(&key), NOW).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_orphaned_digest_is_taken_over_by_exactly_one() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Password)) else { return };
    let proxy = Proxy::start(&server.url()).await;
    let stores = [open(&server.url()).await, open(&server.url()).await];
    for round in 0..10 {
        let (secret, token) = (crate::support::fresh_secret(), link_token());
        leave_pointers(&proxy, secret, &token, &format!("dead writer {round}")).await;
        let tasks: Vec<_> = (0..12)
            .map(|number: usize| {
                let store = stores[number % 2].clone();
                let mut key = new_key("taker");
                key.secret = secret;
                tokio::spawn(async move { (key.id, store.apply_key(&create(&key), NOW).await.expect("an answer")) })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            match task.await.expect("no panic") {
                (id, Applied::Done(_)) => winners.push(id),
                (_, other) => assert_eq!(other, Applied::Rejected(Rejection::SecretTaken)),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}");
        let found = stores[0].key_by_digest(&secret.digest).await.expect("an answer").expect("the key");
        assert_eq!(found.id(), winners[0]);
        // The link's orphan is nobody's still.
        assert_eq!(stores[1].key_by_link(&new_link(&token).digest).await.expect("an answer"), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_writer_that_was_kept_out_and_lives_does_not_get_the_digest_too() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Open)) else { return };
    let (one, two) = (open(&server.url()).await, open(&server.url()).await);
    let mut connection = raw(&server.url()).await;
    let (slow, mut quick) = (new_key("slow"), new_key("quick"));
    quick.secret = slow.secret;
    // The slow one has written its pointer, and has not come to its record.
    let pointer = format!("{} 0 0", slow.id);
    let () = redis::cmd("SET")
        .arg(format!("kw:digest:{}", slow.secret.digest))
        .arg(&pointer)
        .query_async(&mut connection)
        .await
        .expect("an answer");
    done(&two, &create(&quick)).await;
    // Now it goes on, under the fence from before.
    let answer = one.apply_key(&create(&slow), NOW).await.expect("an answer");
    assert_eq!(answer, Applied::Rejected(Rejection::SecretTaken));
    let found = two.key_by_digest(&slow.secret.digest).await.expect("an answer").expect("the key");
    assert_eq!(found.id(), quick.id);
    assert_eq!(one.key(slow.id).await.expect("an answer"), None);
}

async fn dropped_writes_are_whole_or_not_at_all(store: &RedisStore, other: &RedisStore) {
    for millis in 0..60 {
        let (mut key, token) = (new_key("dropped"), link_token());
        key.link = Some(new_link(&token));
        let create = create(&key);
        // The future is dropped wherever it happens to be.
        let wait = std::time::Duration::from_micros(millis * 100);
        let _ = tokio::time::timeout(wait, store.apply_key(&create, NOW)).await;
        // What was sent is done by the time that this is answered: it goes the same way.
        let settled = store.apply_key(&create, NOW).await.expect("an answer");
        assert!(settled.into_result().is_ok());
        let found = other.key_by_link(&new_link(&token).digest).await.expect("an answer").expect("the key");
        let bind = crate::support::bind(new_link(&token).digest, "wallet");
        let _ = tokio::time::timeout(wait, store.apply_key(&bind, NOW)).await;
        assert!(store.apply_key(&bind, NOW).await.expect("an answer").into_result().is_ok());
        let bound = other.key(key.id).await.expect("an answer").expect("the key");
        assert_eq!((found.id(), bound.wallets().len(), bound.status()), (key.id, 1, KeyStatus::Active));
        done(other, &operation(KeyAction::Revoke { key: key.id })).await;
    }
    let swept = other.sweep_pointers().await.expect("an answer");
    assert!(swept.pointers >= 60 * 4, "{swept:?}");
    let swept = other.sweep_pointers().await.expect("an answer");
    assert_eq!(swept.removed, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_a_future_leaves_a_write_whole_or_undone() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Password)) else { return };
    dropped_writes_are_whole_or_not_at_all(&*open(&server.url()).await, &*open(&server.url()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_a_future_leaves_a_write_whole_or_undone_in_a_cluster() {
    let Some(cluster) = or_skip(RedisCluster::start(Durability::Fast, Access::Password)) else { return };
    let url = format!("{}?durability=volatile", cluster.url());
    dropped_writes_are_whole_or_not_at_all(&*open(&url).await, &*open(&url).await).await;
}
