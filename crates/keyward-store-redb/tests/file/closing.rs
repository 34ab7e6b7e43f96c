use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use keyward_apikey::KeyId;
use keyward_ledger::{AccountId, Operation};
use keyward_store::{CounterId, CounterName, CounterStore as _, HitMode, LeaseAnswer, OpenError, WindowLimit};
use keyward_store::{KeyStore as _, LedgerStore as _};
use keyward_store_redb::RedbStore;

use crate::support::{NOW, SampleKey, about, done, file_of_child, funded, msat, operation_id, peppers, spawn};

const ACCOUNT: AccountId = AccountId::from_bytes([3; 16]);

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_store_can_be_opened_at_once_and_has_all_that_was_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keyward.redb");
    funded(&RedbStore::open_file(&path).expect("it opens"), ACCOUNT, 1000).await;
    for round in 0..20 {
        let store = Arc::new(RedbStore::open_file(&path).expect("it opens at once"));
        let charge = Operation::Charge { account: ACCOUNT, amount: msat(1), description: about("") };
        // Asked for, and not waited for.
        for task in 0..4 {
            let id = operation_id(round * 4 + task);
            let mut asked = Box::pin(store.apply(id, &charge, NOW));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(asked.as_mut().poll(&mut context).is_pending());
        }
        drop(store);
    }
    let store = RedbStore::open_file(&path).expect("it opens");
    let account = store.account(ACCOUNT).await.expect("an answer").expect("the account").into_fields();
    assert_eq!((account.spent, account.entries), (msat(80), 81));
    store.snapshot().expect("it is read").audit().expect("sound books");
}

#[tokio::test]
async fn counters_outlive_closing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keyward.redb");
    let counter =
        |name: &str| CounterId { key: KeyId::from_bytes([5; 16]), name: CounterName::new(name).expect("a name") };
    let (requests, places) = (counter("requests"), counter("places"));
    let limit = WindowLimit::per_minute(3);
    for opening in 0..3 {
        let store = RedbStore::open_file(&path).expect("it opens");
        let hit = store.hit(&requests, limit, 1, HitMode::Refuse, NOW).await.expect("an answer");
        assert_eq!((hit.is_within_limit, hit.remaining), (true, 2 - opening));
        let expires_at = NOW.saturating_add_millis(1000);
        let lease = store.acquire_lease(&places, operation_id(opening.into()), 3, NOW, expires_at).await;
        assert_eq!(lease.expect("an answer"), LeaseAnswer::Held { held: opening + 1 });
    }
    let store = RedbStore::open_file(&path).expect("it opens");
    assert!(!store.hit(&requests, limit, 1, HitMode::Refuse, NOW).await.expect("an answer").is_within_limit);
    store.release_lease(&places, operation_id(1)).await.expect("an answer");
    drop(store);
    let store = RedbStore::open_file(&path).expect("it opens");
    let lease = store.acquire_lease(&places, operation_id(9), 3, NOW, NOW.saturating_add_millis(1)).await;
    assert_eq!(lease.expect("an answer"), LeaseAnswer::Held { held: 3 });
}

#[tokio::test]
async fn a_file_is_of_one_process_and_of_one_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keyward.redb");
    let store = RedbStore::open_file(&path).expect("it opens");
    assert!(matches!(RedbStore::open_file(&path), Err(OpenError::Locked)));
    let mut child = spawn("closing::child_opens", &path, "");
    assert!(child.wait().expect("it ends").success());
    let said = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    assert!(said.into_iter().any(|line| line.ends_with("child: locked")));
    // Also by another name.
    let other = folder.path().join("other");
    fs::hard_link(&path, &other).expect("a link");
    assert!(matches!(RedbStore::open_file(&other), Err(OpenError::Locked)));
    // It is not disturbed by any of them.
    let sample = SampleKey::of(ACCOUNT).created_in(&store).await;
    let digest = peppers().digest(sample.raw.as_presented());
    assert!(store.key_by_digest(&digest).await.expect("an answer").is_some());
}

#[test]
fn child_opens() {
    let Some(path) = file_of_child() else { return };
    match RedbStore::open_file(&path) {
        Err(OpenError::Locked) => println!("child: locked"),
        other => println!("child: {other:?}"),
    }
}

#[tokio::test]
async fn a_new_file_is_for_its_owner_alone_and_its_folder_must_be_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("odd % name?#ä.redb");
    let url = format!("redb:{}", path.display());
    done(&RedbStore::open(&url).expect("it opens"), &Operation::OpenRoot { account: ACCOUNT }).await;
    let mode = fs::metadata(&path).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let names: Vec<_> = fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.unwrap().path()).collect();
    assert_eq!(names, [path]);

    let nowhere = folder.path().join("nowhere").join("keyward.redb");
    assert!(matches!(RedbStore::open_file(&nowhere), Err(OpenError::Backend(_))));
    assert!(matches!(RedbStore::open_file(folder.path()), Err(OpenError::Backend(_))));
}
