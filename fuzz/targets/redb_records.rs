//! Bytes that the embedded store takes for a record are those that it writes of that record; any others are refused.

#![cfg_attr(fuzzing, no_main)]

use keyward_apikey::KeyId;
use keyward_fuzz::split;
use keyward_ledger::{AccountId, OperationId};
use keyward_store::StoreError;
use keyward_time::UnixMillis;

// The store's own: nobody else is to read or write its records.
#[allow(dead_code, reason = "keys have a target of their own")]
#[path = "../../crates/keyward-store-redb/src/codec.rs"]
mod codec;
#[allow(dead_code, reason = "what the engine may say is not asked here")]
#[path = "../../crates/keyward-store-redb/src/failure.rs"]
mod failure;

use self::failure::Failure;

/// The first byte says which record it is; the next are those of the row's key.
fn property(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else { return };
    let (id, bytes) = split::<16>(data);
    let (account, operation) = (AccountId::from_bytes(id), OperationId::from_bytes(id));
    match kind {
        b'a' => same(bytes, codec::read_account(account, bytes).map(|it| codec::account_record(&it))),
        b'r' => same(bytes, codec::read_reservation(operation, bytes).map(|it| codec::reservation_record(&it))),
        b'f' => same(bytes, codec::read_refund(operation, bytes).map(|it| codec::refund_record(&it))),
        b'e' => {
            let (number, bytes) = split(bytes);
            let entry = codec::read_entry(account, u64::from_be_bytes(number), bytes);
            same(bytes, entry.map(|it| codec::entry_record(&it)));
        }
        b'o' => {
            let record = codec::read_operation(operation, bytes).and_then(|it| codec::operation_record(&it));
            // Its outcome is JSON, which has more than one spelling: what was written is read as what it was.
            if let Some(written) = record_of(record) {
                let again = codec::read_operation(operation, &written).and_then(|it| codec::operation_record(&it));
                same(&written, again);
            }
        }
        b'v' => {
            let (at, bytes) = split(bytes);
            let Ok(at) = UnixMillis::new(u64::from_be_bytes(at)) else { return };
            let activity = codec::read_activity(KeyId::from_bytes(id), at, operation, bytes);
            same(bytes, activity.map(|it| codec::activity_record(&it)));
        }
        _ => {}
    }
}

fn same(bytes: &[u8], record: Result<Vec<u8>, Failure>) {
    if let Some(written) = record_of(record) {
        assert_eq!(written, bytes);
    }
}

/// What was read and written again, if it was taken; else the record is called damaged, and the file is not.
fn record_of(record: Result<Vec<u8>, Failure>) -> Option<Vec<u8>> {
    match record {
        Ok(written) => Some(written),
        Err(Failure::Asked(StoreError::Corrupt { .. })) => None,
        Err(other) => panic!("{other:?}"),
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("redb_records", property);
}
