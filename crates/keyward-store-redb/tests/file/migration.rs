use std::path::Path;

use keyward_apikey::{KeyAction, KeyId, KeyOperation, KeyStatus};
use keyward_ledger::{AccountId, Applied};
use keyward_store::{KeyFilter, KeyOperations as _, KeyStore as _, OpenError, PageLimit, PageRequest};
use keyward_store_redb::RedbStore;
use redb::{Database, ReadableDatabase as _, TableDefinition};

use crate::support::{NOW, SampleKey, random_id};

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
const KEYS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("keys");
const STATUS_KEYS: TableDefinition<'_, &[u8], ()> = TableDefinition::new("status_keys");

/// Makes a file into one of version 1, in which statuses have no index.
fn make_version_1(path: &Path) {
    let database = Database::open(path).expect("it opens");
    let transaction = database.begin_write().expect("a transaction");
    assert!(transaction.delete_table(STATUS_KEYS).expect("room"));
    transaction.open_table(META).expect("the table").insert("version", 1).expect("room");
    transaction.commit().expect("room");
}

fn version(path: &Path) -> u64 {
    let database = Database::open(path).expect("it opens");
    let transaction = database.begin_read().expect("a transaction");
    transaction.open_table(META).expect("the table").get("version").expect("a read").expect("it is there").value()
}

async fn with_status(store: &RedbStore, status: KeyStatus) -> Vec<KeyId> {
    let page = PageRequest::first(PageLimit::MAX);
    let found = store.keys(&KeyFilter::Status(status), page).await.expect("an answer");
    found.items.iter().map(|key| key.id()).collect()
}

#[tokio::test]
async fn a_file_of_version_1_gets_its_index_of_statuses() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keyward.redb");
    let store = RedbStore::open_file(&path).expect("it opens");
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(SampleKey::of(AccountId::from_bytes([number; 16])).created_in(&store).await.new.id);
    }
    ids.sort();
    let revoke = KeyOperation { id: random_id(), action: KeyAction::Revoke { key: ids[3] } };
    assert!(matches!(store.apply_key(&revoke, NOW).await, Ok(Applied::Done(_))));
    drop(store);
    make_version_1(&path);

    let store = RedbStore::open_file(&path).expect("it opens");
    assert_eq!(with_status(&store, KeyStatus::Revoked).await, [ids[3]]);
    // And from then on it is kept.
    let revoke = KeyOperation { id: random_id(), action: KeyAction::Revoke { key: ids[5] } };
    assert!(matches!(store.apply_key(&revoke, NOW).await, Ok(Applied::Done(_))));
    assert_eq!(with_status(&store, KeyStatus::Revoked).await, [ids[3], ids[5]]);
    assert_eq!(with_status(&store, KeyStatus::Pending).await.len(), 8);
    drop(store);
    assert_eq!(version(&path), 2);
}

#[tokio::test]
async fn a_file_whose_migration_meets_damage_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keyward.redb");
    let store = RedbStore::open_file(&path).expect("it opens");
    SampleKey::of(AccountId::from_bytes([1; 16])).created_in(&store).await;
    drop(store);
    make_version_1(&path);
    let database = Database::open(&path).expect("it opens");
    let transaction = database.begin_write().expect("a transaction");
    transaction.open_table(KEYS).expect("the table").insert(&[7; 16], b"{}".as_slice()).expect("room");
    transaction.commit().expect("room");
    drop(database);
    for _ in 0..2 {
        let refused = RedbStore::open_file(&path);
        assert!(matches!(refused, Err(OpenError::Corrupt(_))), "{refused:?}");
    }
    assert_eq!(version(&path), 1);
}
