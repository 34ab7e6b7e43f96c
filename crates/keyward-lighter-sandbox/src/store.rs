use std::fs::File;
use std::io;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyward_time::UnixMillis;
use keyward_token::ApiKeyIndex;
use redb::{
    Database, DatabaseError, ReadTransaction, ReadableDatabase as _, ReadableTable as _, StorageError, TableDefinition,
    TableError, WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::account::{Account, Draft, OrderKey};

/// Where a venue's state is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// Nowhere: it ends with the process.
    Memory,
    /// In this file, which is made with mode 0600 if it is not there. One process can use it at a time. What was
    /// answered is on disk; after the process was killed at any moment, the file opens as if after the last answer, or
    /// after the change that was being made.
    File(PathBuf),
}

/// What a table has in it has this version; others are refused.
const VERSION: u64 = 1;

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
const META_VERSION: &str = "version";
const META_NEXT_TOKEN_ID: &str = "next_token_id";

/// A `Profile` as JSON, by account.
const ACCOUNTS: TableDefinition<'_, u64, &str> = TableDefinition::new("accounts");
/// A `Slot` as JSON, by account and slot.
const SLOTS: TableDefinition<'_, (u64, u8), &str> = TableDefinition::new("slots");
/// When a post-only order expires, in milliseconds, by account, market and the owner's number.
const ORDERS: TableDefinition<'_, (u64, u64, u64), u64> = TableDefinition::new("orders");
/// A `TokenRecord` as JSON, by account and number.
const TOKENS: TableDefinition<'_, (u64, u64), &str> = TableDefinition::new("tokens");

/// The rows of all accounts, in a file or nowhere.
#[derive(Debug)]
pub(crate) struct Store {
    database: Option<Database>,
}

/// What a store has in it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) accounts: Vec<Account>,
    pub(crate) next_token_id: u64,
}

impl Store {
    pub(crate) fn open(storage: &Storage) -> Result<(Self, Loaded), StoreError> {
        let Storage::File(path) = storage else {
            return Ok((Self { database: None }, Loaded { accounts: Vec::new(), next_token_id: 1 }));
        };
        if !path.try_exists()? {
            create(path)?;
        }
        // Some damage makes the engine panic.
        panic::catch_unwind(|| {
            let mut database = Database::open(path).map_err(open_error)?;
            // Pages are read on trust later: whether they are as they were written is seen now.
            database.check_integrity().map_err(open_error)?;
            Self::with_database(database)
        })
        .unwrap_or_else(|_| Err(corrupt("the storage engine gave up")))
    }

    pub(crate) fn with_database(database: Database) -> Result<(Self, Loaded), StoreError> {
        let loaded = load(&database.begin_read().map_err(redb::Error::from)?)?;
        Ok((Self { database: Some(database) }, loaded))
    }

    pub(crate) fn is_durable(&self) -> bool {
        self.database.is_some()
    }

    /// Writes the changes to disk, all or none. After an error they may be on disk all the same.
    pub(crate) fn commit(&self, drafts: &[Draft]) -> Result<(), StoreError> {
        let Some(database) = &self.database else { return Ok(()) };
        let transaction = database.begin_write().map_err(redb::Error::from)?;
        drafts.iter().try_for_each(|draft| write(&transaction, draft))?;
        transaction.commit().map_err(redb::Error::from)?;
        Ok(())
    }
}

/// Makes an empty file; under another name first, so that one killed half-way is never met under its own.
fn create(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    // Made with mode 0600.
    let unnamed = tempfile::Builder::new().prefix(".keyward-sandbox-").tempfile_in(folder)?;
    initialise(&Database::builder().create_file(unnamed.reopen()?).map_err(open_error)?)?;
    match unnamed.persist_noclobber(path) {
        Ok(_) => File::open(folder)?.sync_all().map_err(StoreError::from),
        // Another process was faster; its file is as good.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error.into()),
    }
}

pub(crate) fn initialise(database: &Database) -> Result<(), StoreError> {
    let transaction = database.begin_write().map_err(redb::Error::from)?;
    {
        let mut meta = transaction.open_table(META)?;
        meta.insert(META_VERSION, VERSION)?;
        meta.insert(META_NEXT_TOKEN_ID, 1)?;
        transaction.open_table(ACCOUNTS)?;
        transaction.open_table(SLOTS)?;
        transaction.open_table(ORDERS)?;
        transaction.open_table(TOKENS)?;
    }
    transaction.commit().map_err(redb::Error::from)?;
    Ok(())
}

fn write(transaction: &WriteTransaction, draft: &Draft) -> Result<(), StoreError> {
    let (account, changes) = (draft.account(), draft.changes());
    let index = account.profile.index.as_u64();
    if changes.profile {
        transaction.open_table(ACCOUNTS)?.insert(index, &*json(&account.profile))?;
    }
    if !changes.slots.is_empty() {
        let mut slots = transaction.open_table(SLOTS)?;
        for slot in &changes.slots {
            slots.insert((index, slot.as_u8()), &*json(account.slot(*slot)))?;
        }
    }
    if !changes.orders.is_empty() {
        let mut orders = transaction.open_table(ORDERS)?;
        for key in &changes.orders {
            let row = (index, key.market, key.index);
            match account.orders.get(key) {
                Some(expiry) => orders.insert(row, expiry.as_millis())?,
                None => orders.remove(row)?,
            };
        }
    }
    if !changes.tokens.is_empty() {
        let mut tokens = transaction.open_table(TOKENS)?;
        for id in &changes.tokens {
            match account.tokens.get(id) {
                Some(token) => tokens.insert((index, *id), &*json(token))?,
                None => tokens.remove((index, *id))?,
            };
        }
        transaction.open_table(META)?.insert(META_NEXT_TOKEN_ID, draft.next_token_id())?;
    }
    Ok(())
}

fn load(transaction: &ReadTransaction) -> Result<Loaded, StoreError> {
    let meta = transaction.open_table(META).map_err(|error| match error {
        TableError::TableDoesNotExist(_) => corrupt("not a state file of this program"),
        error => error.into(),
    })?;
    let number = |name| match meta.get(name)? {
        Some(value) => Ok(value.value()),
        None => Err(corrupt(format!("{name} is missing"))),
    };
    match number(META_VERSION)? {
        VERSION => {}
        found => return Err(StoreError::WrongVersion { found }),
    }

    let mut accounts = Vec::new();
    for row in transaction.open_table(ACCOUNTS)?.iter()? {
        let mut account = Account::new(parse(row?.1.value())?);
        let index = account.profile.index.as_u64();
        for row in transaction.open_table(SLOTS)?.range((index, 0)..=(index, u8::MAX))? {
            let (key, slot) = row?;
            let slot_index = ApiKeyIndex::new(key.value().1).map_err(corrupt)?;
            account.slots.insert(slot_index, parse(slot.value())?);
        }
        for row in transaction.open_table(ORDERS)?.range((index, 0, 0)..=(index, u64::MAX, u64::MAX))? {
            let (key, expiry) = row?;
            let (_, market, order) = key.value();
            let expiry = UnixMillis::new(expiry.value()).map_err(corrupt)?;
            Arc::make_mut(&mut account.orders).insert(OrderKey { market, index: order }, expiry);
        }
        for row in transaction.open_table(TOKENS)?.range((index, 0)..=(index, u64::MAX))? {
            let (key, token) = row?;
            Arc::make_mut(&mut account.tokens).insert(key.value().1, parse(token.value())?);
        }
        accounts.push(account);
    }
    Ok(Loaded { accounts, next_token_id: number(META_NEXT_TOKEN_ID)? })
}

fn json(row: &impl Serialize) -> String {
    serde_json::to_string(row).expect("rows have text keys only and nothing that fails")
}

fn parse<T: DeserializeOwned>(row: &str) -> Result<T, StoreError> {
    serde_json::from_str(row).map_err(corrupt)
}

/// Why a state file cannot be opened, or written to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process uses the file.
    #[error("the state file is in use by another process")]
    Locked,
    /// The file was made by another version of this program.
    #[error("the state file is of version {found}, and only version {VERSION} is read")]
    WrongVersion {
        /// Its version.
        found: u64,
    },
    /// The file is no state file, or not as it was written.
    #[error("the file is not a state file, or is damaged")]
    Corrupt(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The operating system refuses.
    #[error("the state file cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// The storage engine refuses.
    #[error("the state file cannot be read or written")]
    Engine(#[source] Box<redb::Error>),
}

fn corrupt(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Corrupt(error.into())
}

fn open_error(error: DatabaseError) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::Locked,
        DatabaseError::Storage(StorageError::Io(error)) if error.kind() != io::ErrorKind::InvalidData => {
            StoreError::Io(error)
        }
        error => corrupt(error),
    }
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        use redb::Error::{
            Corrupted, Io, TableDoesNotExist, TableIsMultimap, TableTypeMismatch, TypeDefinitionChanged,
        };
        match error {
            Io(error) => Self::Io(error),
            // Another program's tables, or none.
            Corrupted(_)
            | TableDoesNotExist(_)
            | TableIsMultimap(_)
            | TableTypeMismatch { .. }
            | TypeDefinitionChanged { .. } => corrupt(error),
            error => Self::Engine(Box::new(error)),
        }
    }
}

impl From<TableError> for StoreError {
    fn from(error: TableError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<StorageError> for StoreError {
    fn from(error: StorageError) -> Self {
        redb::Error::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};
    use std::{io, mem};

    use keyward_lighter::{
        Action, ApiCode, Attributes, CancelAllOrders, ChainId, ChangePubKey, EthereumKey, Nonce, OrderExpiry,
        SignedTransaction, SigningKey, SysRng, Transaction, public_key_hex,
    };
    use keyward_time::UnixMillis;
    use redb::{Builder, Database, StorageBackend};

    use super::{Store, initialise};
    use crate::{ClockSetting, Refusal, SandboxClock, Seed, Venue, VenueSettings};

    /// A disk that takes nothing more once it is full, and knows what a power cut leaves of it.
    #[derive(Debug, Default)]
    struct Disk {
        bytes: Mutex<Vec<u8>>,
        synced: Mutex<Vec<u8>>,
        /// How many times it can still be written to, if not for ever.
        left: Mutex<Option<usize>>,
        watched: OnceLock<Weak<Venue>>,
        /// The nonces that were due while the disk was busy.
        seen: Mutex<Vec<u64>>,
    }

    impl Disk {
        fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
            self.bytes.lock().expect("nobody panics with it")
        }

        fn bytes_to_write(&self) -> Result<MutexGuard<'_, Vec<u8>>, io::Error> {
            match self.left().as_mut() {
                Some(0) => return Err(io::ErrorKind::StorageFull.into()),
                Some(left) => *left -= 1,
                None => {}
            }
            Ok(self.bytes())
        }

        fn left(&self) -> MutexGuard<'_, Option<usize>> {
            self.left.lock().expect("nobody panics with it")
        }

        /// The disk as it is after the process was killed.
        fn after_kill(&self) -> Self {
            Self { bytes: Mutex::new(self.bytes().clone()), ..Self::default() }
        }

        /// The disk as it is after a power cut.
        fn after_power_cut(&self) -> Self {
            Self { bytes: Mutex::new(self.synced.lock().expect("nobody panics with it").clone()), ..Self::default() }
        }
    }

    #[derive(Debug)]
    struct Plugged(Arc<Disk>);

    impl StorageBackend for Plugged {
        fn len(&self) -> Result<u64, io::Error> {
            Ok(self.0.bytes().len() as u64)
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
            let offset = offset as usize;
            out.copy_from_slice(&self.0.bytes()[offset..offset + out.len()]);
            Ok(())
        }

        fn set_len(&self, len: u64) -> Result<(), io::Error> {
            self.0.bytes_to_write()?.resize(len as usize, 0);
            Ok(())
        }

        fn sync_data(&self) -> Result<(), io::Error> {
            if let Some(venue) = self.0.watched.get().and_then(Weak::upgrade) {
                self.0.seen.lock().expect("nobody panics with it").push(next_nonce(&venue));
            }
            *self.0.synced.lock().expect("nobody panics with it") = self.0.bytes_to_write()?.clone();
            Ok(())
        }

        fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
            let offset = offset as usize;
            self.0.bytes_to_write()?[offset..offset + data.len()].copy_from_slice(data);
            Ok(())
        }
    }

    fn database(disk: &Arc<Disk>) -> Database {
        Builder::new().create_with_backend(Plugged(Arc::clone(disk))).expect("the disk has room")
    }

    fn open(database: Database) -> Venue {
        let (store, loaded) = Store::with_database(database).expect("the tables are there");
        let clock = Arc::new(SandboxClock::new(ClockSetting::Fixed(UnixMillis::EPOCH)));
        Venue::with_store(VenueSettings::default(), Seed::example(), store, loaded, clock).expect("the disk has room")
    }

    fn open_new(disk: &Arc<Disk>) -> Venue {
        let database = database(disk);
        initialise(&database).expect("the disk has room");
        open(database)
    }

    fn next_nonce(venue: &Venue) -> u64 {
        venue.next_nonce(3, 4).expect("a slot").nonce
    }

    /// The key that the transaction with this nonce puts into the slot.
    fn key(nonce: u64) -> SigningKey {
        SigningKey::from_seed(&[nonce as u8; 32]).expect("a key")
    }

    fn sign(nonce: u64, key: &SigningKey, action: Action) -> SignedTransaction {
        let transaction = Transaction::new(
            "3".parse().expect("an account"),
            "4".parse().expect("a slot"),
            Nonce::new(nonce).expect("a nonce"),
            UnixMillis::new(1).expect("an instant"),
            Attributes::NONE,
            action,
        );
        transaction.expect("a transaction").sign(ChainId::MAINNET, key, &mut SysRng).expect("randomness")
    }

    fn change_key(nonce: u64) -> String {
        let key = key(nonce);
        let signed = sign(nonce, &key, Action::ChangePubKey(ChangePubKey { public_key: *key.verifying_key() }));
        let owner = EthereumKey::parse(Seed::EXAMPLE_L1_KEY).expect("a key");
        let l1_signature = owner.sign_message(&signed.transaction().l1_message().expect("it has one"));
        signed.with_l1_signature(l1_signature).to_tx_info()
    }

    #[test]
    fn change_that_the_disk_refuses_is_not_seen_and_answered_as_a_fault() {
        let disk = Arc::<Disk>::default();
        let venue = open_new(&disk);

        venue.send_tx(8, &change_key(0)).expect("the disk has room");
        *disk.left() = Some(0);
        let keys = format!("{:?}", venue.api_keys(3, 4));
        let refusal = venue.send_tx(8, &change_key(1)).expect_err("the disk is full");
        assert_eq!(refusal, Refusal::new(ApiCode::INTERNAL_SERVER_ERROR));
        assert_eq!((refusal.http_status, &*refusal.message), (500, "internal server error"));
        assert_eq!((next_nonce(&venue), format!("{:?}", venue.api_keys(3, 4))), (1, keys));
        // Reads go on; whether the change is on the disk is not known, so that no other is tried on top of it.
        *disk.left() = None;
        assert_eq!(venue.send_tx(8, &change_key(1)).expect_err("its state is not known"), refusal);
    }

    /// A new key, and an order to cancel all orders at some time: rows of two tables.
    fn batch(nonce: u64) -> (String, String) {
        let time = OrderExpiry::new(UnixMillis::new(1_000 + nonce).expect("an instant")).expect("a time");
        let cancel = Action::CancelAllOrders(CancelAllOrders::Scheduled(time));
        let infos = [change_key(nonce), sign(nonce + 1, &key(nonce), cancel).to_tx_info()];
        ("[8, 16]".to_owned(), serde_json::to_string(&infos).expect("they are texts"))
    }

    #[test]
    fn change_that_is_cut_off_at_any_write_is_done_or_not_and_never_half() {
        let batches = [0, 2, 4].map(batch);
        let take = |venue: &Venue, nonce: u64| {
            let (types, infos) = &batches[nonce as usize / 2];
            venue.send_tx_batch(types, infos)
        };
        let mut undone = 0;
        for cut in 0.. {
            let disk = Arc::<Disk>::default();
            let venue = open_new(&disk);
            take(&venue, 0).expect("the disk has room");
            *disk.left() = Some(cut);
            let answered = take(&venue, 2).is_ok();
            let over = *disk.left() != Some(0);
            drop(venue);

            for rest in [disk.after_kill(), disk.after_power_cut()] {
                let rest = Arc::new(rest);
                let venue = open(database(&rest));
                let next = next_nonce(&venue);
                assert!(next == 4 || next == 2 && !answered, "{next} is due after {cut} writes");
                undone += usize::from(next == 2);
                let listed = venue.api_keys(3, 4).expect("it has a key").api_keys;
                assert_eq!(listed[0].public_key, public_key_hex(key(next - 2).verifying_key()));
                let account = &venue.account_by_index(3).expect("it is there").accounts[0].account;
                assert_eq!(account.cancel_all_time, 1_000 + next - 2);
                take(&venue, next).expect("the disk has room");
            }
            if over {
                break;
            }
        }
        assert!(undone > 0, "some cuts came before the change was done");
    }

    #[test]
    fn change_is_seen_once_it_would_survive_a_power_cut_and_not_before() {
        let disk = Arc::<Disk>::default();
        let venue = Arc::new(open_new(&disk));
        disk.watched.set(Arc::downgrade(&venue)).expect("nobody watches yet");
        for nonce in 0..5 {
            venue.send_tx(8, &change_key(nonce)).expect("the disk has room");
            let seen = mem::take(&mut *disk.seen.lock().expect("nobody panics with it"));
            assert!(!seen.is_empty() && seen.iter().all(|seen| *seen == nonce), "{seen:?} while {nonce} was due");

            let rest = Arc::new(disk.after_power_cut());
            assert_eq!(next_nonce(&open(database(&rest))), nonce + 1);
        }
    }
}
