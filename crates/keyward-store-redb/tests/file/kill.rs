use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keyward_apikey::{KeyAction, KeyId, KeyOperation, KeyStatus};
use keyward_ledger::{AccountId, Applied, Operation, OperationId};
use keyward_store::{
    ActivityStore as _, KeyFilter, KeyOperations as _, KeyStore as _, LedgerStore as _, PageLimit, PageRequest,
    TimeSpan,
};
use keyward_store_redb::RedbStore;
use tokio::task::JoinSet;

use crate::support::{NOW, SampleKey, about, activity, done, file_of_child, funded, msat, random_id, spawn};

const ROOT: AccountId = AccountId::from_bytes([3; 16]);
const CHILD: AccountId = AccountId::from_bytes([3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1]);
const KILLS: usize = 100;

fn charge(id: OperationId) -> Operation {
    let account = if id.as_bytes()[15].is_multiple_of(2) { ROOT } else { CHILD };
    Operation::Charge { account, amount: msat(u64::from(id.as_bytes()[14]) + 1), description: about("use") }
}

fn reserve(id: OperationId) -> Operation {
    let account = if id.as_bytes()[15].is_multiple_of(2) { ROOT } else { CHILD };
    Operation::Reserve { account, amount: msat(100), deadline: NOW.saturating_add_millis(1_000) }
}

fn settle(reservation: OperationId) -> Operation {
    let account = reserve(reservation).account();
    Operation::Settle { account, reservation, amount: msat(50), description: about("settled") }
}

/// What was said to be done.
#[derive(Default)]
struct Said {
    charges: Vec<OperationId>,
    reservations: Vec<OperationId>,
    settlements: Vec<(OperationId, OperationId)>,
    keys: Vec<KeyId>,
    revoked: Vec<KeyId>,
    activities: Vec<(KeyId, OperationId)>,
}

impl Said {
    fn read(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let operation = |word: &str| word.parse::<OperationId>().expect("an id");
        let key = |word: &str| word.parse::<KeyId>().expect("an id");
        match words[..] {
            ["charge", id] => self.charges.push(operation(id)),
            ["reserve", id] => self.reservations.push(operation(id)),
            ["settle", id, reservation] => self.settlements.push((operation(id), operation(reservation))),
            ["key", id] => self.keys.push(key(id)),
            ["revoke", id] => self.revoked.push(key(id)),
            ["activity", of, id] => self.activities.push((key(of), operation(id))),
            _ => {}
        }
    }

    fn len(&self) -> usize {
        self.charges.len() + self.reservations.len() + self.settlements.len() + self.keys.len() + self.activities.len()
    }

    /// Every one of them is there.
    async fn check(&self, store: &RedbStore) {
        let settlements = self.settlements.iter().map(|(id, of)| (*id, settle(*of)));
        let booked = self.charges.iter().map(|id| (*id, charge(*id)));
        let booked = booked.chain(self.reservations.iter().map(|id| (*id, reserve(*id)))).chain(settlements);
        for (id, operation) in booked {
            let again = store.apply(id, &operation, NOW).await.expect("an answer");
            assert!(matches!(again, Applied::Replayed(_)), "{id} was lost: {again:?}");
        }
        for id in &self.keys {
            assert!(store.key(*id).await.expect("an answer").is_some(), "{id:?} was lost");
        }
        for id in &self.revoked {
            let key = store.key(*id).await.expect("an answer").expect("the key");
            assert_eq!(key.status(), KeyStatus::Revoked, "{id:?} has come back");
        }
        let mut listings = BTreeMap::new();
        for (key, id) in &self.activities {
            if !listings.contains_key(key) {
                let page = store.activities(*key, TimeSpan::ALL, PageRequest::first(PageLimit::MAX)).await;
                listings.insert(*key, page.expect("an answer").items);
            }
            assert!(listings[key].iter().any(|found| found.fields().id == *id), "{id} was lost");
        }
    }
}

/// Whatever was done by half would show: sums, journals, and what leads to a key.
async fn check_whole(store: &RedbStore) {
    let snapshot = store.snapshot().expect("it is read");
    snapshot.audit().expect("sound books");
    for account in [ROOT, CHILD] {
        let mut request = Some(PageRequest::first(PageLimit::MAX));
        let mut entries = 0;
        while let Some(page) = request {
            let page = store.entries(account, page).await.expect("a journal without a gap");
            entries += page.items.len() as u64;
            request = page.next.map(|next| PageRequest::after(next, PageLimit::MAX));
        }
        let kept = store.account(account).await.expect("an answer").expect("the account");
        assert_eq!(entries, kept.fields().entries);
    }
    let open = snapshot.reservations.iter().filter(|reservation| reservation.is_open()).count();
    let due = store.due(NOW.saturating_add_millis(1_000), PageLimit::MAX).await.expect("an answer");
    assert_eq!(due.len(), open.min(1000));
    let mut request = Some(PageRequest::first(PageLimit::MAX));
    while let Some(page) = request {
        let page = store.keys(&KeyFilter::All, page).await.expect("an answer");
        for key in &page.items {
            for digest in key.digests() {
                let found = store.key_by_digest(digest).await.expect("an answer");
                assert_eq!(found.map(|found| found.id()), Some(key.id()));
            }
            if let Some(link) = key.link() {
                let found = store.key_by_link(link.digest()).await.expect("an answer");
                assert_eq!(found.map(|found| found.id()), Some(key.id()));
            }
        }
        request = page.next.map(|next| PageRequest::after(next, PageLimit::MAX));
    }
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_kill_at_any_instant() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keyward.redb");
    {
        let store = RedbStore::open_file(&path).expect("it opens");
        funded(&store, ROOT, 1_000_000_000).await;
        done(&store, &Operation::OpenChild { account: CHILD, parent: ROOT, limit: None }).await;
    }
    let (mut all, mut said_something) = (Said::default(), 0);
    for _ in 0..KILLS {
        let mut said = Said::default();
        for line in lines_until_killed(&path) {
            said.read(&line);
            all.read(&line);
        }
        said_something += usize::from(said.len() > 0);
        let store = RedbStore::open_file(&path).expect("it opens after a kill");
        said.check(&store).await;
        store.snapshot().expect("it is read").audit().expect("sound books");
    }
    let store = RedbStore::open_file(&path).expect("it opens");
    all.check(&store).await;
    check_whole(&store).await;
    println!("{KILLS} kills, {} acknowledged, in {said_something} rounds", all.len());
    assert!(said_something > KILLS / 2 && all.len() > KILLS * 5, "{said_something} {}", all.len());
}

/// Starts a child, kills it somewhere between its opening and a little later, and brings all it has said.
fn lines_until_killed(path: &Path) -> Vec<String> {
    let mut random = [0; 2];
    getrandom::fill(&mut random).expect("randomness");
    let (count, micros) = (usize::from(random[0] % 48), u64::from(random[1]) * 64);
    let mut child = spawn("kill::child_works", path, "");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let mut said: Vec<String> = lines.by_ref().skip_while(|line| !line.ends_with("open")).take(count + 1).collect();
    assert_eq!(said.len(), count + 1, "the child has ended by itself: {said:?}");
    // Not only right after an answer.
    let end = Instant::now() + Duration::from_micros(micros);
    while Instant::now() < end {
        std::hint::spin_loop();
    }
    child.kill().expect("it is killed");
    child.wait().expect("it is gone");
    said.extend(lines);
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_works() {
    let Some(path) = file_of_child() else { return };
    let store = Arc::new(RedbStore::open_file(&path).expect("it opens"));
    println!("\nopen");
    let mut tasks = JoinSet::<()>::new();
    for task in 0..8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            loop {
                if task < 6 { book(&store).await } else { keep_keys(&store).await }
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no panic");
    }
}

fn say(text: &str) {
    // In one piece: a line that was begun only would be taken for another.
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{text}\n").as_bytes()).expect("the parent listens");
    out.flush().expect("the parent listens");
}

async fn book(store: &RedbStore) {
    let id = random_id();
    assert!(matches!(store.apply(id, &charge(id), NOW).await, Ok(Applied::Done(_))));
    say(&format!("charge {id}"));
    let reservation = random_id();
    assert!(matches!(store.apply(reservation, &reserve(reservation), NOW).await, Ok(Applied::Done(_))));
    say(&format!("reserve {reservation}"));
    let id = random_id();
    assert!(matches!(store.apply(id, &settle(reservation), NOW).await, Ok(Applied::Done(_))));
    say(&format!("settle {id} {reservation}"));
}

async fn keep_keys(store: &RedbStore) {
    let sample = SampleKey::of(ROOT).created_in(store).await;
    let key = sample.new.id;
    say(&format!("key {key}"));
    let id = random_id();
    store.record(&[activity(id, key)]).await.expect("an answer");
    say(&format!("activity {key} {id}"));
    let revoke = KeyOperation { id: random_id(), action: KeyAction::Revoke { key } };
    assert!(matches!(store.apply_key(&revoke, NOW).await, Ok(Applied::Done(_))));
    say(&format!("revoke {key}"));
}
