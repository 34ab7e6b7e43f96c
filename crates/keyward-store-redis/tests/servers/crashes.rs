//! kill -9 at any instant.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use keyward_apikey::{KeyId, KeyStatus};
use keyward_ledger::{AccountId, Applied, Operation, OperationId};
use keyward_store::{KeyOperations, KeyStore, LedgerStore, PageLimit, PageRequest, StoreError};
use keyward_store_redis::RedisStore;
use keyward_test_servers::{Access, Durability, Redis, or_skip};

use crate::support::{NOW, Numbers, about, create, funded, later, msat, new_key, open, operation, operation_id};

const KILLS: u64 = 100;
const WRITERS: usize = 6;

/// What a writer was told.
#[derive(Default)]
struct Told {
    charges: Vec<(OperationId, Operation)>,
    unsure: Vec<(OperationId, Operation)>,
    revoked: Vec<KeyId>,
    reservations: Vec<OperationId>,
}

/// How far the writers are.
#[derive(Default)]
struct Progress {
    charges: AtomicU64,
    revoked: AtomicU64,
    is_over: AtomicBool,
}

impl Progress {
    /// Waits until there are so many charges, and half as many revocations.
    async fn reaches(&self, charges: u64) {
        let start = Instant::now();
        while self.charges.load(Ordering::Relaxed) < charges || self.revoked.load(Ordering::Relaxed) < charges / 2 {
            assert!(start.elapsed() < Duration::from_secs(60), "there is no load");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

async fn write(store: Arc<RedisStore>, account: AccountId, progress: Arc<Progress>) -> Told {
    let mut told = Told::default();
    while !progress.is_over.load(Ordering::Relaxed) {
        let id = operation_id();
        let charge = Operation::Charge { account, amount: msat(1), description: about("under load") };
        match store.apply(id, &charge, NOW).await {
            Ok(Applied::Done(_) | Applied::Replayed(_)) => {
                told.charges.push((id, charge));
                progress.charges.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Applied::Rejected(rejection)) => panic!("{rejection}"),
            Err(StoreError::Ambiguous(_)) => told.unsure.push((id, charge)),
            Err(StoreError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(error) => panic!("{error:?}"),
        }
        let reserve = Operation::Reserve { account, amount: msat(1), deadline: later(1000) };
        let id = operation_id();
        if matches!(store.apply(id, &reserve, NOW).await, Ok(Applied::Done(_))) {
            told.reservations.push(id);
        }
        let key = new_key("under load");
        if let Ok(Applied::Done(_)) = store.apply_key(&create(&key), NOW).await {
            let revoke = operation(keyward_apikey::KeyAction::Revoke { key: key.id });
            if let Ok(Applied::Done(_)) = store.apply_key(&revoke, NOW).await {
                told.revoked.push(key.id);
                progress.revoked.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_a_hundred_kills() {
    let Some(mut server) = or_skip(Redis::start(Durability::Synced, Access::Password)) else { return };
    let store = open(&server.url()).await;
    let account = funded(&store, 1_000_000).await;
    let progress = Arc::new(Progress::default());
    let writers: Vec<_> = (0..WRITERS).map(|_| tokio::spawn(write(store.clone(), account, progress.clone()))).collect();
    let mut numbers = Numbers(7);
    for kill in 1..=KILLS {
        progress.reaches(kill).await;
        tokio::time::sleep(Duration::from_millis(20 + numbers.below(120))).await;
        tokio::task::block_in_place(|| {
            server.kill().expect("it dies");
            server.restart().expect("it comes back");
        });
    }
    progress.is_over.store(true, Ordering::Relaxed);
    let (mut charges, mut unsure, mut revoked, mut reservations) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for writer in writers {
        let told = writer.await.expect("no panic");
        charges.extend(told.charges);
        unsure.extend(told.unsure);
        revoked.extend(told.revoked);
        for id in told.reservations {
            assert!(store.reservation(account, id).await.expect("an answer").is_some(), "a reservation was lost");
            reservations += 1;
        }
    }
    println!("{} charges, {} unsure, {} keys, {reservations} reservations", charges.len(), unsure.len(), revoked.len());
    for (id, charge) in &charges {
        let again = store.apply(*id, charge, NOW).await.expect("an answer");
        assert!(matches!(again, Applied::Replayed(_)), "a charge was lost: {again:?}");
    }
    for key in revoked {
        let key = store.key(key).await.expect("an answer").expect("a key was lost");
        assert_eq!(key.status(), KeyStatus::Revoked);
        let found = store.key_by_digest(&key.secret().digest).await.expect("an answer");
        assert_eq!(found.map(|key| key.id()), Some(key.id()));
    }
    let mut certain = charges.len() as u64;
    for (id, charge) in &unsure {
        assert!(store.apply(*id, charge, NOW).await.expect("an answer").into_result().is_ok());
        certain += 1;
    }
    // Nothing was done by half: the sums agree with the journal, and with what was charged.
    let fields = store.account(account).await.expect("an answer").expect("the account").into_fields();
    assert_eq!(fields.spent, msat(certain));
    assert_eq!(fields.entries, certain + 1);
    let (mut request, mut next) = (PageRequest::first(PageLimit::MAX), fields.entries);
    loop {
        let page = store.entries(account, request).await.expect("a page");
        for entry in &page.items {
            assert_eq!(entry.fields().number, next);
            next -= 1;
        }
        match page.next {
            Some(cursor) => request = PageRequest::after(cursor, PageLimit::MAX),
            None => break,
        }
    }
    assert_eq!(next, 0);
    // Every open reservation is found when it is due, also those whose answer was lost.
    let mut swept = 0;
    loop {
        let due = store.due(later(1000), PageLimit::MAX).await.expect("an answer");
        if due.is_empty() {
            break;
        }
        for reservation in due {
            let sweep = Operation::Sweep { account, reservation: reservation.id() };
            let applied = store.apply(operation_id(), &sweep, later(1000)).await.expect("an answer");
            assert!(matches!(applied, Applied::Done(_)), "{applied:?}");
            swept += 1;
        }
    }
    let fields = store.account(account).await.expect("an answer").expect("the account").into_fields();
    assert!(swept >= reservations && fields.reserved == msat(0), "{swept} of {reservations}");
}
