use std::sync::Arc;
use std::time::{Duration, Instant};

use keyward_apikey::{KeyOutcome, KeyProfile};
use keyward_ledger::{Applied, Operation, Outcome, Rejection};
use keyward_store::{KeyOperations as _, KeyStore as _, LedgerStore as _};
use keyward_store_postgres::PostgresStore;

use crate::database::Database;
use crate::proxy::{Fault, Proxy};
use crate::sample::{NOW, Sample, about, balance, charge, funded, is_ambiguous, is_unavailable, msat, operation_id};

async fn behind_proxy() -> Option<(Database, Proxy, PostgresStore)> {
    let database = Database::create().await?;
    let proxy = Proxy::of(&database.url()).await;
    let store = PostgresStore::open(proxy.url()).await.expect("it opens");
    Some((database, proxy, store))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_lost_before_the_commit_changes_nothing() {
    let Some((database, proxy, store)) = behind_proxy().await else { return };
    let account = funded(&store, 100).await;
    for message in ["BEGIN ISOLATION", "BEGIN ISOLATION", "SELECT record", "INSERT INTO"] {
        let (id, operation) = (operation_id(), charge(account, 1));
        let before = balance(&store, account).await;
        proxy.set(Fault::CutAt(message));
        let answer = store.apply(id, &operation, NOW).await;
        if proxy.has_happened() {
            assert!(is_unavailable(&answer), "{message}: {answer:?}");
            assert_eq!(balance(&store, account).await, before);
            let settled = store.apply(id, &operation, NOW).await.expect("an answer");
            assert!(matches!(settled, Applied::Done(_)), "{settled:?}");
        } else {
            // Statements are prepared, and so their text is not in it.
            assert!(answer.is_ok() && !message.starts_with("BEGIN"), "{message}: {answer:?}");
        }
        proxy.set(Fault::None);
        assert_eq!(balance(&store, account).await, before - 1);
    }
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_is_lost_is_ambiguous_and_settled_by_its_id() {
    let Some((database, proxy, store)) = behind_proxy().await else { return };
    let account = funded(&store, 100).await;
    let charged = |balance| Outcome::Charged { balance: msat(balance) };
    for (fault, expected) in [
        (Fault::CutAt("COMMIT\0"), Applied::Done(charged(90))),
        (Fault::LoseCommitAnswer, Applied::Replayed(charged(80))),
    ] {
        let (id, operation) = (operation_id(), charge(account, 10));
        proxy.set(fault);
        let answer = store.apply(id, &operation, NOW).await;
        assert!(proxy.has_happened() && is_ambiguous(&answer), "{fault:?}: {answer:?}");
        assert_eq!(store.apply(id, &operation, NOW).await.expect("an answer"), expected);
        assert_eq!(store.apply(id, &operation, NOW).await.expect("an answer").into_result(), expected.into_result());
    }
    assert_eq!(balance(&store, account).await, 80);
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_write_of_a_key_is_settled_by_its_id() {
    let Some((database, proxy, store)) = behind_proxy().await else { return };
    let bound = KeyOutcome::WalletBound;
    for (fault, expected) in
        [(Fault::CutAt("COMMIT\0"), Applied::Done(bound)), (Fault::LoseCommitAnswer, Applied::Replayed(bound))]
    {
        let sample = Sample::new(KeyProfile::Keyward).created_in(&store).await;
        let bind = sample.bind("wallet");
        proxy.set(fault);
        let answer = store.apply_key(&bind, NOW).await;
        assert!(proxy.has_happened() && is_ambiguous(&answer), "{fault:?}: {answer:?}");
        let other = store.apply_key(&sample.bind("other"), NOW).await.expect("an answer");
        let settled = store.apply_key(&bind, NOW).await.expect("an answer");
        // Whoever came first; never both.
        match other {
            Applied::Done(_) => assert!(matches!(settled, Applied::Rejected(_)), "{settled:?}"),
            Applied::Rejected(_) => assert_eq!(settled, expected),
            Applied::Replayed(_) => panic!("never asked before"),
        }
        let key = store.key(sample.id).await.expect("an answer").expect("the key");
        assert_eq!(key.wallets().len(), 1);
    }
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_vanishes_is_an_error_in_bounded_time() {
    let Some((database, proxy, store)) = behind_proxy().await else { return };
    let account = funded(&store, 100).await;
    let start = Instant::now();
    proxy.set(Fault::VanishAt("BEGIN ISOLATION"));
    let answer = store.apply(operation_id(), &charge(account, 1), NOW).await;
    assert!(proxy.has_happened() && is_unavailable(&answer), "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(25), "{:?}", start.elapsed());

    proxy.set(Fault::VanishAt("COMMIT\0"));
    let start = Instant::now();
    let (id, operation) = (operation_id(), charge(account, 1));
    let answer = store.apply(id, &operation, NOW).await;
    assert!(proxy.has_happened() && is_ambiguous(&answer), "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(25), "{:?}", start.elapsed());

    // It is back: nothing of what had hung holds a lock, and new connections are made.
    proxy.set(Fault::None);
    assert!(matches!(store.apply(id, &operation, NOW).await, Ok(Applied::Done(_) | Applied::Replayed(_))));
    assert_eq!(balance(&store, account).await, 99);
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn where_all_transactions_are_serializable_conflicts_are_tried_again() {
    let Some((database, proxy, store)) = behind_proxy().await else { return };
    let store = Arc::new(store);
    let account = funded(&store, 100).await;
    proxy.set(Fault::Serializable);
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.apply(operation_id(), &charge(account, 3), NOW).await.expect("an answer") })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        match task.await.expect("no panic") {
            Applied::Done(_) => done += 1,
            other => assert!(matches!(other, Applied::Rejected(Rejection::InsufficientBalance { .. })), "{other:?}"),
        }
    }
    assert_eq!((done, balance(&store, account).await), (33, 1));
    assert!(proxy.conflicts() > 0, "nobody came in anybody's way");
    println!("{} conflicts were tried again", proxy.conflicts());
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_given_up_is_done_whole_or_not_at_all() {
    let Some(database) = Database::create().await else { return };
    let store = PostgresStore::open(&database.url()).await.expect("it opens");
    let account = funded(&store, 1000).await;
    let mut attempts = Vec::new();
    for micros in (0..60).map(|step| step * 150) {
        let (id, operation) = (operation_id(), charge(account, 1));
        let answer = tokio::time::timeout(Duration::from_micros(micros), store.apply(id, &operation, NOW)).await;
        if let Ok(answer) = &answer {
            assert!(matches!(answer, Ok(Applied::Done(_))), "{answer:?}");
        }
        attempts.push((id, operation));
    }
    for (id, operation) in attempts {
        let settled = store.apply(id, &operation, NOW).await.expect("an answer");
        assert!(matches!(settled, Applied::Done(_) | Applied::Replayed(_)), "{settled:?}");
    }
    assert_eq!(balance(&store, account).await, 1000 - 60);
    crate::audit::audit(&database.url()).await;
    let release = Operation::Credit { account, amount: msat(1), description: about("the account is free") };
    assert!(matches!(store.apply(operation_id(), &release, NOW).await, Ok(Applied::Done(_))));
    drop(store);
    database.remove().await;
}
