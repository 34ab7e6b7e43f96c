//! A stored record that is taken prints as text that means the same, and its numbers fit together.

#![cfg_attr(fuzzing, no_main)]

use std::fmt::Debug;

use keyward_ledger::{Account, Entry, OperationRecord, Refund, Reservation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The first byte says which record it is.
fn property(data: &[u8]) {
    let Some((kind, text)) = data.split_first() else { return };
    match kind {
        b'a' => read::<Account>(text).iter().for_each(account),
        b'r' => read::<Reservation>(text).iter().for_each(reservation),
        b'f' => read::<Refund>(text).iter().for_each(refund),
        b'e' => read::<Entry>(text).iter().for_each(entry),
        b'o' => read::<OperationRecord>(text).iter().for_each(operation),
        _ => {}
    }
}

/// The record's fields, as any program reads them, if it is taken.
fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &[u8]) -> Option<Value> {
    let record: T = serde_json::from_slice(text).ok()?;
    let printed = serde_json::to_string(&record).expect("it prints");
    let again: T = serde_json::from_str(&printed).expect("what was printed reads");
    assert_eq!(record, again);
    Some(serde_json::from_str(&printed).expect("JSON"))
}

/// A number that is exact in a double.
fn number(record: &Value, field: &str) -> i128 {
    let number = record[field].as_u64().unwrap_or_else(|| panic!("{field} of {record}"));
    assert!(number < 1 << 53, "{field} of {record}");
    number.into()
}

fn id<'a>(record: &'a Value, field: &str) -> &'a str {
    let id = record[field].as_str().unwrap_or_else(|| panic!("{field} of {record}"));
    assert!(id.len() == 32 && keyward_fuzz::is_lower_hex(id), "{field} of {record}");
    id
}

fn account(record: &Value) {
    let [balance, reserved, withheld] = ["balance", "reserved", "withheld"].map(|field| number(record, field));
    let [spent, deposited, refunded] = ["spent", "deposited", "refunded"].map(|field| number(record, field));
    number(record, "created_at");
    number(record, "entries");
    assert!(spent + reserved < 1 << 53);
    if record["parent"].is_null() {
        assert_eq!(deposited, balance + withheld + spent + refunded);
        assert!(reserved <= balance);
        assert!(record["limit"].is_null() && record["depth"] == 0);
        assert_eq!(id(record, "id"), id(record, "root"));
    } else {
        assert_eq!([balance, withheld, deposited, refunded], [0; 4]);
        assert!((1..=3).contains(&number(record, "depth")));
        assert!(record["limit"].is_null() || number(record, "limit") >= 0);
        assert_eq!(id(record, "id")[..16], id(record, "root")[..16]);
        assert_eq!(id(record, "id")[..16], id(record, "parent")[..16]);
        assert_ne!(id(record, "id"), id(record, "parent"));
    }
}

fn reservation(record: &Value) {
    number(record, "amount");
    id(record, "id");
    id(record, "account");
    assert!(number(record, "made_at") < number(record, "deadline"));
    assert_eq!(record["state"] == "open", record["ended_at"].is_null());
    assert!(record["state"] == "settled" || number(record, "charged") == 0);
}

fn refund(record: &Value) {
    assert!(number(record, "amount") > 0);
    id(record, "id");
    id(record, "account");
    number(record, "begun_at");
    assert_eq!(record["state"] == "open", record["ended_at"].is_null());
}

fn entry(record: &Value) {
    let [amount, after] = ["amount", "balance_after"].map(|field| number(record, field));
    let is_increase = record["kind"] == "deposit" || record["kind"] == "refund_cancelled";
    let before = if is_increase { after - amount } else { after + amount };
    assert!((0..1 << 53).contains(&before));
    assert!(number(record, "number") > 0);
    number(record, "at");
    let description = record["description"].as_str().expect("a text");
    assert!(description.len() <= 256 && !description.contains(char::is_control));
    if record["kind"] == "usage" {
        assert_eq!(id(record, "account")[..16], id(record, "root")[..16]);
    } else {
        assert!(amount > 0);
        assert_eq!(id(record, "account"), id(record, "root"));
    }
}

fn operation(record: &Value) {
    for field in ["id", "account", "fingerprint"] {
        id(record, field);
    }
    number(record, "at");
    if let Value::Object(outcome) = &record["outcome"] {
        for fields in outcome.values() {
            let names = fields.as_object().expect("fields").keys();
            names.for_each(|name| assert!(number(fields, name) >= 0));
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("ledger_records", property);
}
