//! Records as bytes. What the row's key says is not said again in the record; what is read passes through the checks of the
//! crates that own the records.

use std::net::IpAddr;

use keyward_apikey::{ApiKey, KeyId};
use keyward_ledger::{
    Account, AccountFields, AccountId, Description, Entry, EntryFields, EntryKind, Fingerprint, Msat, OperationFields,
    OperationId, OperationRecord, Refund, RefundFields, RefundState, Reservation, ReservationFields, ReservationState,
};
use keyward_store::{Activity, ActivityFields, BoxError};
use keyward_time::UnixMillis;
use thiserror::Error;

use crate::failure::Failure;

/// Bytes that are no record.
#[derive(Debug, Error)]
#[error("bytes that no record has")]
struct Damaged;

/// A key's record.
pub(crate) fn key_record(key: &ApiKey) -> Result<Vec<u8>, Failure> {
    // It fails for maps with keys that are no texts, which no record has.
    serde_json::to_vec(key).map_err(|error| Failure::corrupt("key", error))
}

pub(crate) fn read_key(id: KeyId, bytes: &[u8]) -> Result<ApiKey, Failure> {
    let key: ApiKey = serde_json::from_slice(bytes).map_err(|error| Failure::corrupt("key", error))?;
    if key.id() == id { Ok(key) } else { Err(Failure::corrupt("key", Damaged)) }
}

/// An account's record.
pub(crate) fn account_record(account: &Account) -> Vec<u8> {
    let fields = account.fields();
    let mut bytes = Writer::default();
    bytes.put(&[fields.depth]);
    bytes.put(fields.root.as_bytes());
    bytes.put_option(fields.parent, |bytes, parent| bytes.put(parent.as_bytes()));
    bytes.put_option(fields.limit, Writer::put_msat);
    for amount in [fields.balance, fields.reserved, fields.withheld, fields.spent, fields.deposited, fields.refunded] {
        bytes.put_msat(amount);
    }
    bytes.put(&fields.entries.to_be_bytes());
    bytes.put_instant(fields.created_at);
    bytes.0
}

pub(crate) fn read_account(id: AccountId, bytes: &[u8]) -> Result<Account, Failure> {
    read("account", bytes, |bytes| {
        let fields = AccountFields {
            id,
            depth: bytes.byte()?,
            root: AccountId::from_bytes(bytes.take()?),
            parent: bytes.option(|bytes| Ok(AccountId::from_bytes(bytes.take()?)))?,
            limit: bytes.option(Reader::msat)?,
            balance: bytes.msat()?,
            reserved: bytes.msat()?,
            withheld: bytes.msat()?,
            spent: bytes.msat()?,
            deposited: bytes.msat()?,
            refunded: bytes.msat()?,
            entries: bytes.number()?,
            created_at: bytes.instant()?,
        };
        Ok(Account::new(fields)?)
    })
}

/// A reservation's record.
pub(crate) fn reservation_record(reservation: &Reservation) -> Vec<u8> {
    let fields = reservation.fields();
    let state = match fields.state {
        ReservationState::Open => 0,
        ReservationState::Settled => 1,
        ReservationState::Released => 2,
        ReservationState::Swept => 3,
    };
    let mut bytes = Writer::default();
    bytes.put(&[state]);
    bytes.put(fields.account.as_bytes());
    bytes.put_msat(fields.amount);
    bytes.put_msat(fields.charged);
    bytes.put_instant(fields.made_at);
    bytes.put_instant(fields.deadline);
    bytes.put_option(fields.ended_at, Writer::put_instant);
    bytes.0
}

pub(crate) fn read_reservation(id: OperationId, bytes: &[u8]) -> Result<Reservation, Failure> {
    read("reservation", bytes, |bytes| {
        let state = match bytes.byte()? {
            0 => ReservationState::Open,
            1 => ReservationState::Settled,
            2 => ReservationState::Released,
            3 => ReservationState::Swept,
            _ => return Err(Damaged.into()),
        };
        let fields = ReservationFields {
            id,
            state,
            account: AccountId::from_bytes(bytes.take()?),
            amount: bytes.msat()?,
            charged: bytes.msat()?,
            made_at: bytes.instant()?,
            deadline: bytes.instant()?,
            ended_at: bytes.option(Reader::instant)?,
        };
        Ok(Reservation::new(fields)?)
    })
}

/// A refund's record.
pub(crate) fn refund_record(refund: &Refund) -> Vec<u8> {
    let fields = refund.fields();
    let state = match fields.state {
        RefundState::Open => 0,
        RefundState::Completed => 1,
        RefundState::Cancelled => 2,
    };
    let mut bytes = Writer::default();
    bytes.put(&[state]);
    bytes.put(fields.account.as_bytes());
    bytes.put_msat(fields.amount);
    bytes.put_instant(fields.begun_at);
    bytes.put_option(fields.ended_at, Writer::put_instant);
    bytes.0
}

pub(crate) fn read_refund(id: OperationId, bytes: &[u8]) -> Result<Refund, Failure> {
    read("refund", bytes, |bytes| {
        let state = match bytes.byte()? {
            0 => RefundState::Open,
            1 => RefundState::Completed,
            2 => RefundState::Cancelled,
            _ => return Err(Damaged.into()),
        };
        let fields = RefundFields {
            id,
            state,
            account: AccountId::from_bytes(bytes.take()?),
            amount: bytes.msat()?,
            begun_at: bytes.instant()?,
            ended_at: bytes.option(Reader::instant)?,
        };
        Ok(Refund::new(fields)?)
    })
}

/// A journal entry's record.
pub(crate) fn entry_record(entry: &Entry) -> Vec<u8> {
    let fields = entry.fields();
    let kind = match fields.kind {
        EntryKind::Deposit => 0,
        EntryKind::Usage => 1,
        EntryKind::Refund => 2,
        EntryKind::RefundCancelled => 3,
    };
    let mut bytes = Writer::default();
    bytes.put(&[kind]);
    bytes.put(fields.account.as_bytes());
    bytes.put(fields.operation.as_bytes());
    bytes.put_msat(fields.amount);
    bytes.put_msat(fields.balance_after);
    bytes.put_instant(fields.at);
    bytes.put(fields.description.as_str().as_bytes());
    bytes.0
}

pub(crate) fn read_entry(root: AccountId, number: u64, bytes: &[u8]) -> Result<Entry, Failure> {
    read("journal entry", bytes, |bytes| {
        let kind = match bytes.byte()? {
            0 => EntryKind::Deposit,
            1 => EntryKind::Usage,
            2 => EntryKind::Refund,
            3 => EntryKind::RefundCancelled,
            _ => return Err(Damaged.into()),
        };
        let fields = EntryFields {
            root,
            number,
            kind,
            account: AccountId::from_bytes(bytes.take()?),
            operation: OperationId::from_bytes(bytes.take()?),
            amount: bytes.msat()?,
            balance_after: bytes.msat()?,
            at: bytes.instant()?,
            description: Description::new(std::str::from_utf8(bytes.rest())?)?,
        };
        Ok(Entry::new(fields)?)
    })
}

/// What is remembered of an operation. Its outcome is JSON, as outcomes may come to be more.
pub(crate) fn operation_record(operation: &OperationRecord) -> Result<Vec<u8>, Failure> {
    let fields = operation.fields();
    let mut bytes = Writer::default();
    bytes.put(fields.account.as_bytes());
    bytes.put(fields.fingerprint.as_bytes());
    bytes.put_instant(fields.at);
    serde_json::to_writer(&mut bytes.0, &fields.outcome).map_err(|error| Failure::corrupt("operation", error))?;
    Ok(bytes.0)
}

pub(crate) fn read_operation(id: OperationId, bytes: &[u8]) -> Result<OperationRecord, Failure> {
    read("operation", bytes, |bytes| {
        let fields = OperationFields {
            id,
            account: AccountId::from_bytes(bytes.take()?),
            fingerprint: Fingerprint::from_bytes(bytes.take()?),
            at: bytes.instant()?,
            outcome: serde_json::from_slice(bytes.rest())?,
        };
        Ok(OperationRecord::new(fields)?)
    })
}

/// A record of the audit log.
pub(crate) fn activity_record(activity: &Activity) -> Vec<u8> {
    let fields = activity.fields();
    let mut bytes = Writer::default();
    bytes.put(&fields.status.to_be_bytes());
    bytes.put(&fields.duration_millis.to_be_bytes());
    bytes.put_msat(fields.cost);
    match fields.ip {
        None => bytes.put(&[0]),
        Some(IpAddr::V4(ip)) => {
            bytes.put(&[4]);
            bytes.put(&ip.octets());
        }
        Some(IpAddr::V6(ip)) => {
            bytes.put(&[6]);
            bytes.put(&ip.octets());
        }
    }
    // Neither has a line feed in it.
    bytes.put(fields.method.as_bytes());
    bytes.put(b"\n");
    bytes.put(fields.endpoint.as_bytes());
    bytes.put(b"\n");
    bytes.put(fields.user_agent.as_bytes());
    bytes.0
}

pub(crate) fn read_activity(key: KeyId, at: UnixMillis, id: OperationId, bytes: &[u8]) -> Result<Activity, Failure> {
    read("activity", bytes, |bytes| {
        let status = u16::from_be_bytes(bytes.take()?);
        let duration_millis = u32::from_be_bytes(bytes.take()?);
        let cost = bytes.msat()?;
        let ip = match bytes.byte()? {
            0 => None,
            4 => Some(bytes.take::<4>()?.into()),
            6 => Some(bytes.take::<16>()?.into()),
            _ => return Err(Damaged.into()),
        };
        let texts = std::str::from_utf8(bytes.rest())?;
        let (method, rest) = texts.split_once('\n').ok_or(Damaged)?;
        let (endpoint, user_agent) = rest.split_once('\n').ok_or(Damaged)?;
        let [method, endpoint, user_agent] = [method, endpoint, user_agent].map(String::from);
        let fields = ActivityFields { id, key, at, method, endpoint, ip, user_agent, cost, status, duration_millis };
        Ok(Activity::new(fields)?)
    })
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn put_msat(&mut self, amount: Msat) {
        self.put(&amount.as_msat().to_be_bytes());
    }

    fn put_instant(&mut self, instant: UnixMillis) {
        self.put(&instant.as_millis().to_be_bytes());
    }

    fn put_option<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.put(&[u8::from(value.is_some())]);
        if let Some(value) = value {
            put(self, value);
        }
    }
}

/// Reads a record, all of it.
fn read<T>(
    record: &'static str,
    bytes: &[u8],
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, BoxError>,
) -> Result<T, Failure> {
    let mut reader = Reader(bytes);
    match read(&mut reader) {
        Ok(value) if reader.0.is_empty() => Ok(value),
        Ok(_) => Err(Failure::corrupt(record, Damaged)),
        Err(error) => Err(Failure::corrupt(record, error)),
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, Damaged> {
        let [byte] = self.take()?;
        Ok(byte)
    }

    fn number(&mut self) -> Result<u64, Damaged> {
        Ok(u64::from_be_bytes(self.take()?))
    }

    fn msat(&mut self) -> Result<Msat, BoxError> {
        Ok(Msat::new(self.number()?)?)
    }

    fn instant(&mut self) -> Result<UnixMillis, BoxError> {
        Ok(UnixMillis::new(self.number()?)?)
    }

    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, BoxError>) -> Result<Option<T>, BoxError> {
        match self.byte()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(Damaged.into()),
        }
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
