//! What is in the file. Numbers in keys and in records are big-endian, so that the order of bytes is that of numbers.

use redb::{ReadTransaction, TableDefinition, WriteTransaction};

use crate::failure::Failure;

type Of<K, V> = TableDefinition<'static, K, V>;

/// The schema that this program writes; `file` migrates from those before it. Version 1 is the first.
pub(crate) const VERSION: u64 = 2;

/// Numbers about the file itself.
pub(crate) const META: Of<&str, u64> = TableDefinition::new("meta");
pub(crate) const META_VERSION: &str = "version";
/// Is there once damage was found: what is in the file may lack what was acknowledged last.
pub(crate) const META_DAMAGED: &str = "damaged";

/// The record of a key as JSON, by its id.
pub(crate) const KEYS: Of<&[u8; 16], &[u8]> = TableDefinition::new("keys");
/// The key, by the text of a secret's digest.
pub(crate) const KEY_DIGESTS: Of<&str, &[u8; 16]> = TableDefinition::new("key_digests");
/// The key, by the text of its link's digest.
pub(crate) const KEY_LINKS: Of<&str, &[u8; 16]> = TableDefinition::new("key_links");
/// Account and key.
pub(crate) const ACCOUNT_KEYS: Of<&[u8; 32], ()> = TableDefinition::new("account_keys");
/// Address of the wallet, a zero byte, and key.
pub(crate) const WALLET_KEYS: Of<&[u8], ()> = TableDefinition::new("wallet_keys");
/// Name of the status, a zero byte, and key. Since version 2.
pub(crate) const STATUS_KEYS: Of<&[u8], ()> = TableDefinition::new("status_keys");

/// An account, by its id.
pub(crate) const ACCOUNTS: Of<&[u8; 16], &[u8]> = TableDefinition::new("accounts");
/// A reservation, by tag and id.
pub(crate) const RESERVATIONS: Of<&[u8; 24], &[u8]> = TableDefinition::new("reservations");
/// A refund, by tag and id.
pub(crate) const REFUNDS: Of<&[u8; 24], &[u8]> = TableDefinition::new("refunds");
/// An operation that was done, by tag and id.
pub(crate) const OPERATIONS: Of<&[u8; 24], &[u8]> = TableDefinition::new("operations");
/// Deadline, tag and id of an open reservation.
pub(crate) const DUE: Of<&[u8; 32], ()> = TableDefinition::new("due");
/// An entry, by root account and number.
pub(crate) const ENTRIES: Of<&[u8; 24], &[u8]> = TableDefinition::new("entries");
/// The entry's number in the root's journal, by account below it and number in that one's journal.
pub(crate) const JOURNALS: Of<&[u8; 24], u64> = TableDefinition::new("journals");

/// Start, end and use of a window, by key and name of the counter. Only while the store is closed.
pub(crate) const WINDOWS: Of<&[u8], &[u8; 24]> = TableDefinition::new("windows");
/// When a lease expires, by key, name of the counter, a zero byte, and the lease's id. Only while the store is closed.
pub(crate) const LEASES: Of<&[u8], u64> = TableDefinition::new("leases");

/// A record of the audit log, by key, time (all bits inverted: the newest first) and id.
pub(crate) const ACTIVITIES: Of<&[u8; 40], &[u8]> = TableDefinition::new("activities");
/// The ids of all records of the audit log.
pub(crate) const ACTIVITY_IDS: Of<&[u8; 16], ()> = TableDefinition::new("activity_ids");
/// The key, by time and id of a record of the audit log.
pub(crate) const ACTIVITY_TIMES: Of<&[u8; 24], &[u8; 16]> = TableDefinition::new("activity_times");

/// Puts parts together to one key of a table.
///
/// The parts must have `N` bytes together.
pub(crate) fn row<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut bytes = parts.iter().copied().flatten();
    std::array::from_fn(|_| bytes.next().copied().unwrap_or_default())
}

/// Makes every table, and notes the version.
pub(crate) fn create(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(META)?.insert(META_VERSION, VERSION)?;
    transaction.open_table(KEYS)?;
    transaction.open_table(KEY_DIGESTS)?;
    transaction.open_table(KEY_LINKS)?;
    transaction.open_table(ACCOUNT_KEYS)?;
    transaction.open_table(WALLET_KEYS)?;
    transaction.open_table(STATUS_KEYS)?;
    transaction.open_table(ACCOUNTS)?;
    transaction.open_table(RESERVATIONS)?;
    transaction.open_table(REFUNDS)?;
    transaction.open_table(OPERATIONS)?;
    transaction.open_table(DUE)?;
    transaction.open_table(ENTRIES)?;
    transaction.open_table(JOURNALS)?;
    transaction.open_table(WINDOWS)?;
    transaction.open_table(LEASES)?;
    transaction.open_table(ACTIVITIES)?;
    transaction.open_table(ACTIVITY_IDS)?;
    transaction.open_table(ACTIVITY_TIMES)?;
    Ok(())
}

/// Whether every table is there and of its type.
pub(crate) fn check(transaction: &ReadTransaction) -> Result<(), Failure> {
    transaction.open_table(META)?;
    transaction.open_table(KEYS)?;
    transaction.open_table(KEY_DIGESTS)?;
    transaction.open_table(KEY_LINKS)?;
    transaction.open_table(ACCOUNT_KEYS)?;
    transaction.open_table(WALLET_KEYS)?;
    transaction.open_table(STATUS_KEYS)?;
    transaction.open_table(ACCOUNTS)?;
    transaction.open_table(RESERVATIONS)?;
    transaction.open_table(REFUNDS)?;
    transaction.open_table(OPERATIONS)?;
    transaction.open_table(DUE)?;
    transaction.open_table(ENTRIES)?;
    transaction.open_table(JOURNALS)?;
    transaction.open_table(WINDOWS)?;
    transaction.open_table(LEASES)?;
    transaction.open_table(ACTIVITIES)?;
    transaction.open_table(ACTIVITY_IDS)?;
    transaction.open_table(ACTIVITY_TIMES)?;
    Ok(())
}
