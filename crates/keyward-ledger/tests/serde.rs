//! Records as JSON, and a store that keeps nothing but such text.

#[path = "model/history.rs"]
mod history;

use std::collections::BTreeMap;

use history::{Asking, any_history};
use keyward_ledger::{
    Account, AccountId, Applied, Chain, Description, Entry, Fingerprint, Ledger, Msat, NotApplied, Operation,
    OperationId, OperationRecord, Outcome, Records, Refund, Rejection, Reservation, Snapshot, apply,
};
use keyward_time::UnixMillis;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("it prints")
}

/// What another program would make of a store: texts under names.
#[derive(Default)]
struct TextStore(BTreeMap<String, String>);

impl TextStore {
    fn get<T: DeserializeOwned + Serialize>(&self, name: String) -> Option<T> {
        let text = self.0.get(&name)?;
        let record = read(text).expect("it was written");
        assert_eq!(&write(&record), text);
        Some(record)
    }

    fn put(&mut self, name: String, record: &impl Serialize) {
        self.0.insert(name, write(record));
    }

    fn chain(&self, id: AccountId) -> Option<Chain> {
        let mut accounts: Vec<Account> = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next {
            let account: Account = self.get(format!("account {id}"))?;
            next = account.fields().parent;
            accounts.push(account);
        }
        Some(Chain::new(accounts).expect("it was written"))
    }

    fn ask(&mut self, id: OperationId, operation: &Operation, now: UnixMillis) -> Applied<Outcome, Rejection> {
        let account = operation.account();
        let tag = account.to_string()[..16].to_owned();
        let operation: Operation = read(&write(operation)).expect("it reads back");
        if let Some(done) = self.get::<OperationRecord>(format!("operation {tag} {id}")) {
            return done.answer(&operation);
        }
        let records = Records {
            chain: self.chain(account),
            parent: operation.parent().and_then(|parent| self.get(format!("account {parent}"))),
            reservation: operation.reservation().and_then(|id| self.get(format!("reservation {tag} {id}"))),
            refund: operation.refund().and_then(|id| self.get(format!("refund {tag} {id}"))),
        };
        let changes = match apply(records, id, &operation, now) {
            Ok(changes) => changes,
            Err(NotApplied::Rejected(reason)) => return Applied::Rejected(reason),
            Err(NotApplied::Invalid(error)) => panic!("{error}"),
        };
        for account in &changes.accounts {
            self.put(format!("account {}", account.id()), account);
        }
        if let Some(reservation) = &changes.reservation {
            self.put(format!("reservation {tag} {}", reservation.id()), reservation);
        }
        if let Some(refund) = &changes.refund {
            self.put(format!("refund {tag} {}", refund.id()), refund);
        }
        if let Some(entry) = &changes.entry {
            self.put(format!("entry {} {:016x}", entry.fields().root, entry.fields().number), entry);
        }
        self.put(format!("operation {tag} {id}"), &changes.operation);
        Applied::Done(changes.operation.fields().outcome)
    }

    fn all<T: DeserializeOwned>(&self, kind: &str) -> Vec<T> {
        let texts = self.0.iter().filter(|(name, _)| name.split(' ').next() == Some(kind)).map(|(_, text)| text);
        texts.map(|text| read(text).expect("it was written")).collect()
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot {
            accounts: self.all::<Account>("account"),
            reservations: self.all::<Reservation>("reservation"),
            refunds: self.all::<Refund>("refund"),
            entries: self.all::<Entry>("entry"),
            operations: self.all::<OperationRecord>("operation"),
        };
        snapshot.sort();
        snapshot
    }
}

proptest! {
    #[test]
    fn a_store_of_texts_keeps_the_same_books(history in any_history()) {
        let (mut store, mut ledger, mut asking) = (TextStore::default(), Ledger::new(), Asking::new());
        let mut asked = asking.beginning();
        asked.extend(history.into_iter().map(|step| asking.ask(step)));
        for (id, operation, now) in &asked {
            prop_assert_eq!(store.ask(*id, operation, *now), ledger.apply(*id, operation, *now));
        }
        prop_assert_eq!(store.snapshot(), ledger.snapshot());
    }
}

#[test]
fn leaves_are_read_through_their_checks() {
    assert_eq!(write(&Msat::MAX), "9007199254740991");
    assert_eq!(read("9007199254740991"), Some(Msat::MAX));
    for text in ["9007199254740992", "-1", "1.0", "1e3", "\"1\"", "null"] {
        assert_eq!(read::<Msat>(text), None, "{text}");
    }
    let digits = format!("\"{}\"", "0f".repeat(16));
    assert_eq!(write(&AccountId::from_bytes([15; 16])), digits);
    assert_eq!(read(&digits), Some(AccountId::from_bytes([15; 16])));
    assert_eq!(read(&digits), Some(OperationId::from_bytes([15; 16])));
    assert_eq!(read(&digits), Some(Fingerprint::from_bytes([15; 16])));
    // An escape is text like any other.
    assert_eq!(read(&digits.replacen('0', "\\u0030", 1)), Some(AccountId::from_bytes([15; 16])));
    for text in [digits.to_uppercase(), digits.replacen('f', "", 1), "15".to_owned(), "null".to_owned()] {
        assert_eq!(read::<AccountId>(&text), None, "{text}");
        assert_eq!(read::<OperationId>(&text), None, "{text}");
        assert_eq!(read::<Fingerprint>(&text), None, "{text}");
    }
    assert_eq!(read("\"a \\\"b\\\"\""), Some(Description::new("a \"b\"").expect("a description")));
    for text in ["\"a\\nb\"", "\"\\u0000\"", "1", &format!("\"{}\"", "x".repeat(257))] {
        assert_eq!(read::<Description>(text), None, "{text}");
    }
}

const ROOT: &str = r#"{"id":"00000000000000010000000000000000","parent":null,"root":"00000000000000010000000000000000","depth":0,"balance":60,"reserved":1,"withheld":20,"limit":null,"spent":15,"deposited":100,"refunded":5,"entries":4,"created_at":1763683200000}"#;

const CHILD: &str = r#"{"id":"00000000000000010000000000000002","parent":"00000000000000010000000000000000","root":"00000000000000010000000000000000","depth":1,"balance":0,"reserved":1,"withheld":0,"limit":30,"spent":15,"deposited":0,"refunded":0,"entries":4,"created_at":1763683200000}"#;

const RESERVATION: &str = r#"{"id":"00000000000000000000000000000007","account":"00000000000000010000000000000000","amount":5,"made_at":1,"deadline":2,"state":"settled","charged":3,"ended_at":9}"#;

const REFUND: &str = r#"{"id":"00000000000000000000000000000007","account":"00000000000000010000000000000000","amount":5,"begun_at":1,"state":"open","ended_at":null}"#;

const ENTRY: &str = r#"{"root":"00000000000000010000000000000000","number":2,"account":"00000000000000010000000000000002","operation":"00000000000000000000000000000007","kind":"usage","amount":154,"balance_after":8546,"description":"gpt","at":1}"#;

const OPERATION: &str = r#"{"id":"00000000000000000000000000000007","account":"00000000000000010000000000000000","fingerprint":"000102030405060708090a0b0c0d0e0f","outcome":{"settled":{"charged":3,"shortfall":0,"balance":60}},"at":1}"#;

/// A record reads and prints as `text`; and does not with one more field, with one missing, or with one twice.
fn strictly<T: DeserializeOwned + Serialize>(text: &str, fields: usize) {
    let record: T = read(text).unwrap_or_else(|| panic!("{text}"));
    assert_eq!(write(&record), text);
    let serde_json::Value::Object(whole) = read(text).expect("an object") else { panic!("no object") };
    assert_eq!(whole.len(), fields);
    for (name, value) in &whole {
        let mut lacking = whole.clone();
        lacking.remove(name);
        assert!(read::<T>(&write(&lacking)).is_none(), "without {name}");
        assert!(read::<T>(&text.replacen('{', &format!("{{{}:{value},", write(name)), 1)).is_none(), "{name} twice");
        let mut wrong = whole.clone();
        wrong.insert(name.clone(), serde_json::json!([true]));
        assert!(read::<T>(&write(&wrong)).is_none(), "{name} of another type");
    }
    assert!(read::<T>(&text.replacen('{', "{\"more\":0,", 1)).is_none());
}

#[test]
fn records_are_read_strictly() {
    strictly::<Account>(ROOT, 13);
    strictly::<Account>(CHILD, 13);
    strictly::<Reservation>(RESERVATION, 8);
    strictly::<Refund>(REFUND, 6);
    strictly::<Entry>(ENTRY, 9);
    strictly::<OperationRecord>(OPERATION, 5);
}

#[test]
fn records_that_do_not_fit_together_are_refused() {
    assert!(read::<Account>(&ROOT.replace("\"spent\":15", "\"spent\":16")).is_none());
    assert!(read::<Account>(&CHILD.replace("\"balance\":0", "\"balance\":1")).is_none());
    assert!(read::<Reservation>(&RESERVATION.replace("settled", "open")).is_none());
    assert!(read::<Refund>(&REFUND.replace("\"amount\":5", "\"amount\":0")).is_none());
    assert!(read::<Entry>(&ENTRY.replace("usage", "deposit")).is_none());
    assert!(read::<OperationRecord>(&OPERATION.replace("\"at\":1", "\"at\":9007199254740992")).is_none());
    assert!(read::<OperationRecord>(&OPERATION.replace(",\"shortfall\":0", "")).is_none());
}
