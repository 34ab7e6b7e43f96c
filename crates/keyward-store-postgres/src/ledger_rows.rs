//! Records of the books, as rows have them; all are read through their checks.

use keyward_ledger::{
    Account, AccountFields, AccountId, Entry, EntryFields, Fingerprint, OperationFields, OperationId, OperationRecord,
    Refund, RefundFields, Reservation, ReservationFields,
};
use keyward_store::StoreError;
use tokio_postgres::Row;

use crate::rows::Fields;

pub(crate) fn account_of(row: &Row) -> Result<Account, StoreError> {
    let row = Fields::new("account", row);
    let fields = AccountFields {
        id: AccountId::from_bytes(row.bytes("id")?),
        parent: row.optional_bytes("parent")?.map(AccountId::from_bytes),
        root: AccountId::from_bytes(row.bytes("root")?),
        depth: u8::try_from(row.number("depth")?).map_err(|_| row.corrupt("depth"))?,
        balance: row.msat("balance")?,
        reserved: row.msat("reserved")?,
        withheld: row.msat("withheld")?,
        limit: row.optional_msat("spend_limit")?,
        spent: row.msat("spent")?,
        deposited: row.msat("deposited")?,
        refunded: row.msat("refunded")?,
        entries: row.number("entries")?,
        created_at: row.instant("created_at")?,
    };
    Account::new(fields).map_err(|error| StoreError::Corrupt { record: "account", source: error.into() })
}

pub(crate) fn reservation_of(row: &Row) -> Result<Reservation, StoreError> {
    let row = Fields::new("reservation", row);
    let fields = ReservationFields {
        id: OperationId::from_bytes(row.bytes("id")?),
        account: AccountId::from_bytes(row.bytes("account")?),
        amount: row.msat("amount")?,
        made_at: row.instant("made_at")?,
        deadline: row.instant("deadline")?,
        state: row.parsed("state")?,
        charged: row.msat("charged")?,
        ended_at: row.optional_instant("ended_at")?,
    };
    Reservation::new(fields).map_err(|error| StoreError::Corrupt { record: "reservation", source: error.into() })
}

pub(crate) fn refund_of(row: &Row) -> Result<Refund, StoreError> {
    let row = Fields::new("refund", row);
    let fields = RefundFields {
        id: OperationId::from_bytes(row.bytes("id")?),
        account: AccountId::from_bytes(row.bytes("account")?),
        amount: row.msat("amount")?,
        begun_at: row.instant("begun_at")?,
        state: row.parsed("state")?,
        ended_at: row.optional_instant("ended_at")?,
    };
    Refund::new(fields).map_err(|error| StoreError::Corrupt { record: "refund", source: error.into() })
}

pub(crate) fn entry_of(row: &Row) -> Result<Entry, StoreError> {
    let row = Fields::new("journal entry", row);
    let fields = EntryFields {
        root: AccountId::from_bytes(row.bytes("root")?),
        number: row.number("number")?,
        account: AccountId::from_bytes(row.bytes("account")?),
        operation: OperationId::from_bytes(row.bytes("operation")?),
        kind: row.parsed("kind")?,
        amount: row.msat("amount")?,
        balance_after: row.msat("balance_after")?,
        description: row.parsed("description")?,
        at: row.instant("entered_at")?,
    };
    Entry::new(fields).map_err(|error| StoreError::Corrupt { record: "journal entry", source: error.into() })
}

pub(crate) fn operation_of(row: &Row) -> Result<OperationRecord, StoreError> {
    let row = Fields::new("operation", row);
    let fields = OperationFields {
        id: OperationId::from_bytes(row.bytes("id")?),
        account: AccountId::from_bytes(row.bytes("account")?),
        fingerprint: Fingerprint::from_bytes(row.bytes("fingerprint")?),
        outcome: row.json("outcome")?,
        at: row.instant("done_at")?,
    };
    OperationRecord::new(fields).map_err(|error| StoreError::Corrupt { record: "operation", source: error.into() })
}
