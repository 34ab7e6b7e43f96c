use std::fs;
use std::path::Path;

use keyward_apikey::{ApiKey, KeyId};
use keyward_ledger::{AccountId, Operation, Snapshot};
use keyward_store::{
    Activity, ActivityStore as _, KeyFilter, KeyStore as _, OpenError, PageLimit, PageRequest, StoreError, TimeSpan,
};
use keyward_store_redb::RedbStore;
use redb::{Database, TableDefinition};

use crate::support::{SampleKey, about, activity, done, fast_folder, funded, msat, operation_id};

const ACCOUNT: AccountId = AccountId::from_bytes([3; 16]);
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

/// All that is in a store.
#[derive(Debug, PartialEq)]
struct Contents {
    books: Snapshot,
    keys: Vec<ApiKey>,
    activities: Vec<Activity>,
}

async fn contents(store: &RedbStore, key: KeyId) -> Result<Contents, StoreError> {
    let all = || PageRequest::first(PageLimit::MAX);
    Ok(Contents {
        books: store.snapshot()?,
        keys: store.keys(&KeyFilter::All, all()).await?.items,
        activities: store.activities(key, TimeSpan::ALL, all()).await?.items,
    })
}

/// A store with some of everything; the key that has activities.
async fn sample(path: &Path) -> KeyId {
    let store = RedbStore::open_file(path).expect("it opens");
    funded(&store, ACCOUNT, 100).await;
    let key = SampleKey::of(ACCOUNT).created_in(&store).await.new.id;
    store.record(&[activity(operation_id(1), key)]).await.expect("an answer");
    let charge = Operation::Charge { account: ACCOUNT, amount: msat(1), description: about("last") };
    done(&store, &charge).await;
    key
}

#[tokio::test]
async fn a_damaged_file_is_refused_or_has_all_it_had() {
    let folder = fast_folder();
    let path = folder.path().join("keyward.redb");
    let key = sample(&path).await;
    let whole = contents(&RedbStore::open_file(&path).expect("it opens"), key).await.expect("it is read");
    let bytes = fs::read(&path).expect("the file");
    let used = bytes.iter().rposition(|byte| *byte != 0).expect("not empty") + 1;

    // Every byte of the header, then every so many.
    let places = (0..320).chain((320..used).step_by(151));
    let (mut refused, mut whole_still, mut others) = (0, 0, Vec::new());
    for (number, place) in places.enumerate() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1 << (number % 8);
        fs::write(&path, &damaged).expect("written");
        match RedbStore::open_file(&path) {
            Err(OpenError::Corrupt(_)) => {
                refused += 1;
                // It does not come back as if nothing had been.
                if !matches!(RedbStore::open_file(&path), Err(OpenError::Corrupt(_))) {
                    others.push((place, "opened at the second time"));
                }
            }
            Err(error) => panic!("byte {place}: {error:?}"),
            Ok(store) => match contents(&store, key).await {
                Ok(found) if found == whole => whole_still += 1,
                Ok(_) => others.push((place, "other contents")),
                Err(error) => panic!("byte {place}: {error:?}"),
            },
        }
    }
    println!("{refused} refused, {whole_still} whole, {others:?}");
    assert!(refused > 50 && whole_still > 50, "{refused} {whole_still}");
    assert_eq!(others, []);
}

#[tokio::test]
async fn a_file_that_was_cut_is_refused() {
    let folder = fast_folder();
    let path = folder.path().join("keyward.redb");
    let key = sample(&path).await;
    let whole = contents(&RedbStore::open_file(&path).expect("it opens"), key).await.expect("it is read");
    let bytes = fs::read(&path).expect("the file");
    let mut refused = 0;
    for length in (0..bytes.len()).step_by(bytes.len() / 97) {
        fs::write(&path, &bytes[..length]).expect("written");
        match RedbStore::open_file(&path) {
            Err(OpenError::Corrupt(_)) => refused += 1,
            Err(error) => panic!("{length} bytes: {error:?}"),
            Ok(store) => assert_eq!(contents(&store, key).await.expect("it is read"), whole, "{length} bytes"),
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn what_is_no_store_is_refused_and_left_as_it_is() {
    let folder = fast_folder();
    let path = folder.path().join("other");
    for text in ["", "hello", &"redb".repeat(4096)] {
        fs::write(&path, text).expect("written");
        assert!(matches!(RedbStore::open_file(&path), Err(OpenError::Corrupt(_))), "{} bytes", text.len());
        assert_eq!(fs::read(&path).expect("the file"), text.as_bytes());
    }
}

#[test]
fn another_programs_file_is_refused() {
    let folder = fast_folder();
    let path = folder.path().join("other");
    for name in ["meta", "others"] {
        let _ = fs::remove_file(&path);
        let database = Database::create(&path).expect("a file");
        let transaction = database.begin_write().expect("a transaction");
        transaction
            .open_table(TableDefinition::<&str, &str>::new(name))
            .expect("a table")
            .insert("a", "b")
            .expect("room");
        transaction.commit().expect("room");
        drop(database);
        assert!(matches!(RedbStore::open_file(&path), Err(OpenError::Corrupt(_))), "{name}");
    }
}

#[test]
fn a_later_version_is_refused_and_left_for_later() {
    let folder = fast_folder();
    let path = folder.path().join("keyward.redb");
    drop(RedbStore::open_file(&path).expect("it opens"));
    let set = |version| {
        let database = Database::open(&path).expect("it opens");
        let transaction = database.begin_write().expect("a transaction");
        transaction.open_table(META).expect("the table").insert("version", version).expect("room");
        transaction.commit().expect("room");
    };
    set(3);
    for _ in 0..2 {
        let refused = RedbStore::open_file(&path);
        assert!(matches!(refused, Err(OpenError::WrongVersion { found: 3, known: 2 })), "{refused:?}");
    }
    set(0);
    assert!(matches!(RedbStore::open_file(&path), Err(OpenError::Corrupt(_))));
    set(2);
    RedbStore::open_file(&path).expect("it opens");
}
