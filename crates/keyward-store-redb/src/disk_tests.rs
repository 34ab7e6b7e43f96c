//! The store over a disk that can be slow, full, or cut from power at a chosen moment.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use keyward_ledger::{
    AccountFields, AccountId, Applied, Description, Msat, Operation, OperationId, Outcome, Rejection,
};
use keyward_store::{LedgerStore as _, StoreError};
use keyward_time::UnixMillis;
use redb::{Builder, Database, StorageBackend};

use crate::{RedbStore, file};

#[derive(Debug, Default)]
struct Disk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    /// What is left after a power cut.
    synced: Vec<u8>,
    syncs: usize,
    /// Syncs wait as long as it is set.
    is_held: bool,
    held: usize,
    /// How many writes and syncs succeed before all fail; none: all succeed.
    room: Option<usize>,
}

impl Disk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }

    fn to_change(&self) -> Result<MutexGuard<'_, State>, io::Error> {
        let mut state = self.state();
        match &mut state.room {
            Some(0) => return Err(io::ErrorKind::StorageFull.into()),
            Some(room) => *room -= 1,
            None => {}
        }
        Ok(state)
    }

    fn after_power_cut(&self) -> Arc<Self> {
        let bytes = self.state().synced.clone();
        Arc::new(Self { state: Mutex::new(State { bytes, ..State::default() }), ..Self::default() })
    }

    fn hold(&self) {
        self.state().is_held = true;
    }

    fn release(&self) {
        self.state().is_held = false;
        self.changed.notify_all();
    }

    /// Returns when a sync waits.
    fn wait_until_held(&self) {
        let held = self.changed.wait_while(self.state(), |state| state.held == 0);
        drop(held.expect("nobody panics with it"));
    }
}

#[derive(Debug)]
struct Plugged(Arc<Disk>);

impl StorageBackend for Plugged {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.0.state().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let offset = offset as usize;
        out.copy_from_slice(&self.0.state().bytes[offset..offset + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.0.to_change()?.bytes.resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        let mut state = self.0.to_change()?;
        state.held += 1;
        self.0.changed.notify_all();
        state = self.0.changed.wait_while(state, |state| state.is_held).expect("nobody panics with it");
        state.held -= 1;
        state.syncs += 1;
        state.synced = state.bytes.clone();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        let offset = offset as usize;
        self.0.to_change()?.bytes[offset..offset + data.len()].copy_from_slice(data);
        Ok(())
    }
}

fn database(disk: &Arc<Disk>) -> Result<Database, redb::DatabaseError> {
    Builder::new().create_with_backend(Plugged(Arc::clone(disk)))
}

fn open(disk: &Arc<Disk>) -> RedbStore {
    let disk = Arc::clone(disk);
    let opener = move || {
        let database = database(&disk).map_err(|error| keyward_store::OpenError::Backend(error.into()))?;
        file::check(database)
    };
    RedbStore::with_opener(opener).expect("it opens")
}

fn new_disk() -> Arc<Disk> {
    let disk = Arc::<Disk>::default();
    file::initialise(&database(&disk).expect("there is room")).expect("there is room");
    disk
}

const NOW: UnixMillis = UnixMillis::EPOCH;
const ACCOUNT: AccountId = AccountId::from_bytes([1; 16]);

fn operation_id(number: u128) -> OperationId {
    OperationId::from_bytes(number.to_be_bytes())
}

fn msat(amount: u64) -> Msat {
    Msat::new(amount).expect("in range")
}

fn charge() -> Operation {
    Operation::Charge { account: ACCOUNT, amount: msat(1), description: Description::empty() }
}

type Answer = Result<Applied<Outcome, Rejection>, StoreError>;

async fn fund(store: &RedbStore) {
    let credit = Operation::Credit { account: ACCOUNT, amount: msat(1000), description: Description::empty() };
    for (id, operation) in [(1001, Operation::OpenRoot { account: ACCOUNT }), (1002, credit)] {
        assert!(matches!(store.apply(operation_id(id), &operation, NOW).await, Ok(Applied::Done(_))));
    }
}

async fn account(store: &RedbStore) -> AccountFields {
    store.account(ACCOUNT).await.expect("an answer").expect("the account").into_fields()
}

/// Charges 1 msat under each of these ids, at the same time.
async fn charge_at_once(store: &Arc<RedbStore>, ids: std::ops::Range<u128>) -> Vec<(u128, Answer)> {
    let tasks: Vec<_> = ids
        .map(|id| {
            let store = Arc::clone(store);
            (id, tokio::spawn(async move { store.apply(operation_id(id), &charge(), NOW).await }))
        })
        .collect();
    let mut answers = Vec::new();
    for (id, task) in tasks {
        answers.push((id, task.await.expect("no panic")));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_come_during_a_commit_share_the_next_one_and_reads_wait_for_none() {
    let disk = new_disk();
    let store = Arc::new(open(&disk));
    fund(&store).await;
    let before = disk.state().syncs;
    charge_at_once(&store, 0..1).await;
    let syncs_of_one = disk.state().syncs - before;

    disk.hold();
    let first = tokio::spawn({
        let store = Arc::clone(&store);
        async move { charge_at_once(&store, 1..2).await }
    });
    tokio::task::block_in_place(|| disk.wait_until_held());
    let others = tokio::spawn({
        let store = Arc::clone(&store);
        async move { charge_at_once(&store, 2..65).await }
    });
    while store.waiting() < 63 {
        tokio::task::yield_now().await;
    }
    // What is not on disk is not seen, and nobody waits for it.
    assert_eq!(account(&store).await.balance, msat(999));
    let before = disk.state().syncs;
    disk.release();
    let mut answers = first.await.expect("no panic");
    answers.extend(others.await.expect("no panic"));
    assert!(answers.iter().all(|(_, answer)| matches!(answer, Ok(Applied::Done(_)))), "{answers:?}");
    assert_eq!(answers.len(), 64);
    assert_eq!(disk.state().syncs - before, 2 * syncs_of_one, "64 charges, two commits");
    assert_eq!(account(&store).await.balance, msat(1000 - 65));
    store.snapshot().expect("it is read").audit().expect("sound books");
}

/// The disk takes a number of writes more, from none to more than are needed, and is full then.
#[tokio::test(flavor = "multi_thread")]
async fn full_disk_at_any_write_is_told_honestly_and_nothing_is_done_by_half() {
    let (mut given_up, mut unknown, mut done) = (0, 0, 0);
    for room in 0.. {
        let disk = new_disk();
        let store = Arc::new(open(&disk));
        fund(&store).await;
        disk.state().room = Some(room);
        let mut answers = charge_at_once(&store, 0..4).await;
        // These come after the first failure.
        answers.extend(charge_at_once(&store, 4..6).await);
        // While it is full, too, reads answer rightly or say that they cannot.
        if let Ok(Some(account)) = store.account(ACCOUNT).await {
            assert!((994..=1000).contains(&account.fields().balance.as_msat()));
        }
        let rest = open(&disk.after_power_cut());
        disk.state().room = None;
        let (mut at_least, mut at_most) = (0, 0);
        for (id, answer) in &answers {
            let replayed = rest.apply(operation_id(*id), &charge(), NOW).await.expect("it goes on");
            match answer {
                Ok(Applied::Done(_)) => {
                    (at_least, at_most, done) = (at_least + 1, at_most + 1, done + 1);
                    assert!(matches!(replayed, Applied::Replayed(_)), "{room}: lost in a power cut");
                }
                Err(StoreError::Ambiguous(_)) => (at_most, unknown) = (at_most + 1, unknown + 1),
                Err(StoreError::Backend(_) | StoreError::Unavailable(_)) => {
                    given_up += 1;
                    assert!(matches!(replayed, Applied::Done(_)), "{room}: done, but said not to be");
                }
                other => panic!("{room}: {other:?}"),
            }
        }
        // There is room again, and the same store goes on.
        let spent = account(&store).await.spent.as_msat();
        assert!((at_least..=at_most).contains(&spent), "{room}: {spent} spent, {at_least} to {at_most} said");
        for (id, answer) in &answers {
            let again = store.apply(operation_id(*id), &charge(), NOW).await.expect("it goes on");
            match answer {
                Ok(_) => assert!(matches!(again, Applied::Replayed(_))),
                Err(StoreError::Ambiguous(_)) => assert!(matches!(again, Applied::Replayed(_) | Applied::Done(_))),
                Err(_) => assert!(matches!(again, Applied::Done(_))),
            }
        }
        assert_eq!(account(&store).await.balance, msat(994));
        store.snapshot().expect("it is read").audit().expect("sound books");
        rest.snapshot().expect("it is read").audit().expect("sound books");
        if answers.iter().all(|(_, answer)| answer.is_ok()) {
            break;
        }
    }
    assert!(given_up > 0 && unknown > 0 && done > 0, "{given_up} {unknown} {done}");
}
