use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use getrandom::SysRng;
use keyward_ledger::{AccountId, Applied, Operation, OperationId, Outcome};
use keyward_store::{LedgerStore as _, StoreError};
use keyward_store_postgres::PostgresStore;
use keyward_test_servers::{Durability, Postgres, or_skip};

use crate::audit::audit;
use crate::sample::{NOW, about, charge, funded, msat, operation_id};

const KILLS: usize = 100;
const CLIENTS: usize = 4;
/// How many operations go through between two kills.
const PROGRESS: usize = 8;

type Acknowledged = (OperationId, Operation, Outcome);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_a_hundred_kills() {
    let started = tokio::task::spawn_blocking(|| Postgres::start(Durability::Synced)).await.expect("no panic");
    let Some(mut server) = or_skip(started) else { return };
    let url = server.url();
    let store = Arc::new(PostgresStore::open(&url).await.expect("it opens"));
    let root = funded(&store, 1_000_000).await;
    let child = AccountId::child_of(&root, &mut SysRng).expect("randomness");
    let open = Operation::OpenChild { account: child, parent: root, limit: None };
    assert!(matches!(store.apply(operation_id(), &open, NOW).await, Ok(Applied::Done(_))));

    let (is_over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let account = if number % 2 == 0 { root } else { child };
            tokio::spawn(client(store.clone(), account, is_over.clone(), done.clone()))
        })
        .collect();
    let start = Instant::now();
    let killer = tokio::task::spawn_blocking({
        let (is_over, done) = (is_over.clone(), done.clone());
        move || {
            for _ in 0..KILLS {
                let target = done.load(Ordering::SeqCst) + PROGRESS;
                let patience = Instant::now();
                while done.load(Ordering::SeqCst) < target {
                    assert!(patience.elapsed() < Duration::from_secs(60), "nothing goes through any more");
                    std::thread::sleep(Duration::from_millis(1));
                }
                server.kill().expect("it is gone");
                server.restart().expect("it has recovered");
            }
            is_over.store(true, Ordering::SeqCst);
            server
        }
    });
    let server = killer.await.expect("no panic");
    let (mut acknowledged, mut unknown) = (Vec::new(), 0);
    for client in clients {
        let (done, ambiguous) = client.await.expect("no panic");
        acknowledged.extend(done);
        unknown += ambiguous;
    }
    println!(
        "{KILLS} kills in {:.0?}: {} operations acknowledged, {unknown} answers lost and settled",
        start.elapsed(),
        acknowledged.len()
    );
    assert!(acknowledged.len() >= KILLS * PROGRESS);
    for (id, operation, outcome) in &acknowledged {
        assert_eq!(store.apply(*id, operation, NOW).await.expect("an answer"), Applied::Replayed(*outcome));
    }
    let snapshot = audit(&url).await;
    // The two accounts and the deposit are the first.
    assert_eq!(snapshot.operations.len(), acknowledged.len() + 3);
    drop((store, server));
}

/// Reserves, settles, releases and charges until it is over. What was answered with an error is asked again under its id.
async fn client(
    store: Arc<PostgresStore>,
    account: AccountId,
    is_over: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
) -> (Vec<Acknowledged>, usize) {
    let (mut acknowledged, mut ambiguous): (Vec<Acknowledged>, usize) = (Vec::new(), 0);
    for step in 0.. {
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        let deadline = NOW.saturating_add_millis(1_000_000);
        let reserved = acknowledged.last().map(|(id, _, _)| *id);
        let operation = match (step % 3, reserved) {
            (1, _) => Operation::Reserve { account, amount: msat(5), deadline },
            (2, Some(reservation)) => {
                Operation::Settle { account, reservation, amount: msat(3), description: about("use") }
            }
            _ => charge(account, 1),
        };
        let id = operation_id();
        let outcome = loop {
            match store.apply(id, &operation, NOW).await {
                Ok(Applied::Done(outcome) | Applied::Replayed(outcome)) => break outcome,
                Ok(Applied::Rejected(reason)) => panic!("{operation:?}: {reason}"),
                Err(StoreError::Ambiguous(_)) => ambiguous += 1,
                // The server is down.
                Err(StoreError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
                Err(error) => panic!("{error:?}"),
            }
        };
        acknowledged.push((id, operation, outcome));
        done.fetch_add(1, Ordering::SeqCst);
    }
    (acknowledged, ambiguous)
}
