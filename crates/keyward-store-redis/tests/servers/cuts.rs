//! Connections that break before or after a write is done.

use std::time::{Duration, Instant};

use keyward_ledger::{Applied, Operation, Outcome};
use keyward_store::{KeyOperations, KeyStore, LedgerStore, StoreError};
use keyward_test_servers::{Access, Durability, Redis, or_skip};

use crate::proxy::{Cut, Proxy};
use crate::support::{NOW, about, book, create, funded, msat, new_key, open, operation_id};

async fn behind_a_proxy() -> Option<(Redis, Proxy)> {
    let server = or_skip(Redis::start(Durability::Synced, Access::Password))?;
    let proxy = Proxy::start(&server.url()).await;
    Some((server, proxy))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_whose_answer_is_lost_is_settled_by_its_id() {
    let Some((server, proxy)) = behind_a_proxy().await else { return };
    let (broken, sound) = (open(proxy.url()).await, open(&server.url()).await);
    let account = funded(&sound, 100).await;
    for (number, cut) in [Cut::Before, Cut::After, Cut::Before, Cut::After].into_iter().enumerate() {
        // The connection is there, and the script loaded.
        book(&broken, &Operation::Charge { account, amount: msat(0), description: about("before") }).await;
        let charge = Operation::Charge { account, amount: msat(10), description: about(&format!("cut {number}")) };
        proxy.cut_at(&format!("cut {number}"), cut);
        let id = operation_id();
        let lost = broken.apply(id, &charge, NOW).await;
        assert!(matches!(lost, Err(StoreError::Ambiguous(_))), "{lost:?}");
        assert!(proxy.has_cut());
        let balance = Outcome::Charged { balance: msat(90 - 10 * number as u64) };
        let again = broken.apply(id, &charge, NOW).await.expect("an answer");
        let expected = if cut == Cut::After { Applied::Replayed(balance) } else { Applied::Done(balance) };
        assert_eq!(again, expected, "{cut:?}");
        assert_eq!(sound.apply(id, &charge, NOW).await.expect("an answer"), Applied::Replayed(balance));
    }
    let fields = sound.account(account).await.expect("an answer").expect("the account").into_fields();
    assert_eq!((fields.balance, fields.spent), (msat(60), msat(40)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_whose_answer_is_lost_is_settled_by_its_id() {
    let Some((server, proxy)) = behind_a_proxy().await else { return };
    let (broken, sound) = (open(proxy.url()).await, open(&server.url()).await);
    for (cut, name) in [(Cut::Before, "lost before"), (Cut::After, "lost after")] {
        done_once(&broken, "first").await;
        let key = new_key(name);
        let operation = create(&key);
        // Only the script that writes the record has the name.
        proxy.cut_at(name, cut);
        let lost = broken.apply_key(&operation, NOW).await;
        assert!(matches!(lost, Err(StoreError::Ambiguous(_))), "{lost:?}");
        assert!(proxy.has_cut());
        let found = sound.key_by_digest(&key.secret.digest).await.expect("an answer");
        assert_eq!(found.is_some(), cut == Cut::After);
        let again = broken.apply_key(&operation, NOW).await.expect("an answer");
        match cut {
            Cut::After => assert!(matches!(again, Applied::Replayed(_)), "{again:?}"),
            _ => assert!(matches!(again, Applied::Done(_)), "{again:?}"),
        }
        let found = sound.key_by_digest(&key.secret.digest).await.expect("an answer").expect("the key");
        assert_eq!(found.id(), key.id);
    }
}

async fn done_once(store: &keyward_store_redis::RedisStore, name: &str) {
    crate::support::done(store, &create(&new_key(name))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_waited_for_no_longer_than_stated() {
    let Some((server, proxy)) = behind_a_proxy().await else { return };
    let (broken, sound) = (open(proxy.url()).await, open(&server.url()).await);
    let account = funded(&sound, 100).await;
    book(&broken, &Operation::Charge { account, amount: msat(0), description: about("before") }).await;
    proxy.cut_at("never answered", Cut::Silence);
    let charge = Operation::Charge { account, amount: msat(10), description: about("never answered") };
    let (id, start) = (operation_id(), Instant::now());
    let lost = broken.apply(id, &charge, NOW).await;
    assert!(matches!(lost, Err(StoreError::Ambiguous(_))), "{lost:?}");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    // The next one gets a new connection.
    let again = broken.apply(id, &charge, NOW).await.expect("an answer");
    assert_eq!(again, Applied::Replayed(Outcome::Charged { balance: msat(90) }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_gone_is_an_error_and_one_that_is_back_is_used() {
    let Some(mut server) = or_skip(Redis::start(Durability::Synced, Access::Password)) else { return };
    let store = open(&server.url()).await;
    let account = funded(&store, 100).await;
    tokio::task::block_in_place(|| server.kill()).expect("it dies");
    let charge = Operation::Charge { account, amount: msat(10), description: about("gone") };
    let (id, start) = (operation_id(), Instant::now());
    // Whether the loss was noticed first or while sending is chance.
    let first = store.apply(id, &charge, NOW).await;
    assert!(matches!(first, Err(StoreError::Ambiguous(_) | StoreError::Unavailable(_))), "{first:?}");
    let second = store.apply(id, &charge, NOW).await;
    assert!(matches!(second, Err(StoreError::Unavailable(_))), "nothing is sent any more: {second:?}");
    assert!(matches!(store.account(account).await, Err(StoreError::Unavailable(_))));
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    tokio::task::block_in_place(|| server.restart()).expect("it comes back");
    assert_eq!(
        store.apply(id, &charge, NOW).await.expect("an answer").into_result(),
        Ok(Outcome::Charged { balance: msat(90) })
    );
}

/// What a server said to a write that it did not do.
async fn refusal(store: &keyward_store_redis::RedisStore, operation: &Operation) -> StoreError {
    let error = store.apply(operation_id(), operation, NOW).await.expect_err("it cannot be done");
    let error_of_key = store.apply_key(&create(&new_key("refused")), NOW).await.expect_err("it cannot be done");
    // The script of the books catches errors, the others do not.
    assert_eq!(format!("{error:?}"), format!("{error_of_key:?}"));
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_refuses_by_itself_is_told_by_its_code() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Open)) else { return };
    let (store, mut connection) = (open(&server.url()).await, crate::support::raw(&server.url()).await);
    let account = funded(&store, 100).await;
    let charge = Operation::Charge { account, amount: msat(10), description: about("refused") };
    let mut set = async |words: &[&str]| {
        let () = redis::cmd(words[0]).arg(&words[1..]).query_async(&mut connection).await.expect("an answer");
    };
    set(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let full = refusal(&store, &charge).await;
    assert!(matches!(full, StoreError::Backend(_)) && format!("{full:?}").contains("OOM"), "{full:?}");
    set(&["CONFIG", "SET", "maxmemory", "0"]).await;
    set(&["REPLICAOF", "127.0.0.1", "1"]).await;
    let replica = refusal(&store, &charge).await;
    assert!(matches!(replica, StoreError::Unavailable(_)), "{replica:?}");
    set(&["REPLICAOF", "NO", "ONE"]).await;
    book(&store, &charge).await;
}
