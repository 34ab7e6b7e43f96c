use std::ops::Bound;

use keyward_apikey::{ApiKey, KeyDigest, KeyId, KeyStatus, LinkDigest, Revision};
use keyward_store::{KeyFilter, KeyPut};
use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};

use crate::codec::{key_record, read_key};
use crate::failure::Failure;
use crate::tables::{ACCOUNT_KEYS, KEY_DIGESTS, KEY_LINKS, KEYS, STATUS_KEYS, WALLET_KEYS, row};

/// How many records are looked at in one go, before others have their turn.
const STRIDE: usize = 128;

type Records<'t> = Table<'t, &'static [u8; 16], &'static [u8]>;
type Pointers<'t> = Table<'t, &'static str, &'static [u8; 16]>;

/// The tables of keys, to be written.
pub(crate) struct KeyTables<'t> {
    records: Records<'t>,
    digests: Pointers<'t>,
    links: Pointers<'t>,
    accounts: Table<'t, &'static [u8; 32], ()>,
    wallets: Table<'t, &'static [u8], ()>,
    statuses: Table<'t, &'static [u8], ()>,
}

/// A key's record on its way into the store.
pub(crate) struct NewRecord {
    before: Option<Revision>,
    after: ApiKey,
    record: Vec<u8>,
}

impl NewRecord {
    pub(crate) fn new(before: Option<&ApiKey>, after: &ApiKey) -> Result<Self, Failure> {
        Ok(Self { before: before.map(ApiKey::revision), after: after.clone(), record: key_record(after)? })
    }
}

impl<'t> KeyTables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Result<Self, redb::Error> {
        Ok(Self {
            records: transaction.open_table(KEYS)?,
            digests: transaction.open_table(KEY_DIGESTS)?,
            links: transaction.open_table(KEY_LINKS)?,
            accounts: transaction.open_table(ACCOUNT_KEYS)?,
            wallets: transaction.open_table(WALLET_KEYS)?,
            statuses: transaction.open_table(STATUS_KEYS)?,
        })
    }

    pub(crate) fn put(&mut self, new: &NewRecord) -> Result<KeyPut, Failure> {
        let NewRecord { before, after, record } = new;
        let id = after.id();
        let in_place = record_of(&self.records, id)?;
        if in_place.as_ref().map(ApiKey::revision) != *before {
            return Ok(KeyPut::Conflict);
        }
        for digest in after.digests() {
            if is_others(&self.digests, &digest.to_string(), id)? {
                return Ok(KeyPut::SecretTaken);
            }
        }
        if let Some(link) = after.link()
            && is_others(&self.links, &link.digest().to_string(), id)?
        {
            return Ok(KeyPut::LinkTaken);
        }
        // All is decided: from here on there are writes only.
        if let Some(replaced) = &in_place {
            self.unlink(replaced, after)?;
        }
        self.link(in_place.as_ref(), after)?;
        self.records.insert(id.as_bytes(), record.as_slice())?;
        Ok(KeyPut::Written)
    }

    /// Takes away what leads to `replaced` and does not lead to `after`.
    fn unlink(&mut self, replaced: &ApiKey, after: &ApiKey) -> Result<(), redb::Error> {
        for digest in replaced.digests().filter(|digest| after.digests().all(|kept| kept != *digest)) {
            self.digests.remove(&*digest.to_string())?;
        }
        if let Some(link) = replaced.link().filter(|link| !has_link(after, link.digest())) {
            self.links.remove(&*link.digest().to_string())?;
        }
        if replaced.account() != after.account() {
            self.accounts.remove(&account_row(replaced))?;
        }
        for wallet in replaced.wallets().iter().filter(|wallet| !has_wallet(after, wallet.address.as_str())) {
            self.wallets.remove(&*named_row(wallet.address.as_str(), replaced.id()))?;
        }
        if replaced.status() != after.status() {
            self.statuses.remove(&*named_row(replaced.status().as_str(), replaced.id()))?;
        }
        Ok(())
    }

    /// Makes what leads to `after` and has not led to `replaced`.
    fn link(&mut self, replaced: Option<&ApiKey>, after: &ApiKey) -> Result<(), redb::Error> {
        let id = after.id();
        let is_new = |is_there: &dyn Fn(&ApiKey) -> bool| !replaced.is_some_and(is_there);
        for digest in after.digests().filter(|digest| is_new(&|key| key.digests().any(|there| there == *digest))) {
            self.digests.insert(&*digest.to_string(), id.as_bytes())?;
        }
        if let Some(link) = after.link().filter(|link| is_new(&|key| has_link(key, link.digest()))) {
            self.links.insert(&*link.digest().to_string(), id.as_bytes())?;
        }
        if is_new(&|key| key.account() == after.account()) {
            self.accounts.insert(&account_row(after), ())?;
        }
        for wallet in after.wallets() {
            let address = wallet.address.as_str();
            if is_new(&|key| has_wallet(key, address)) {
                self.wallets.insert(&*named_row(address, id), ())?;
            }
        }
        if is_new(&|key| key.status() == after.status()) {
            self.statuses.insert(&*named_row(after.status().as_str(), id), ())?;
        }
        Ok(())
    }
}

fn has_link(key: &ApiKey, digest: &LinkDigest) -> bool {
    key.link().is_some_and(|link| link.digest() == digest)
}

fn has_wallet(key: &ApiKey, address: &str) -> bool {
    key.wallets().iter().any(|wallet| wallet.address.as_str() == address)
}

fn account_row(key: &ApiKey) -> [u8; 32] {
    row(&[key.account().as_bytes(), key.id().as_bytes()])
}

/// A key by what it has in common with others: a wallet's address, or the name of a status. It is printable, so that the zero
/// byte ends it.
fn named_row(name: &str, id: KeyId) -> Vec<u8> {
    [name.as_bytes(), &[0], id.as_bytes()].concat()
}

/// Notes the status of each key there is: what version 1 does not have.
pub(crate) fn index_statuses(transaction: &WriteTransaction) -> Result<(), Failure> {
    let mut statuses = transaction.open_table(STATUS_KEYS)?;
    for found in transaction.open_table(KEYS)?.iter()? {
        let (id, record) = found?;
        let key = read_key(KeyId::from_bytes(*id.value()), record.value())?;
        statuses.insert(&*named_row(key.status().as_str(), key.id()), ())?;
    }
    Ok(())
}

fn record_of(
    records: &impl ReadableTable<&'static [u8; 16], &'static [u8]>,
    id: KeyId,
) -> Result<Option<ApiKey>, Failure> {
    records.get(id.as_bytes())?.map(|bytes| read_key(id, bytes.value())).transpose()
}

fn is_others(pointers: &Pointers<'_>, digest: &str, id: KeyId) -> Result<bool, Failure> {
    Ok(pointers.get(digest)?.is_some_and(|holder| holder.value() != id.as_bytes()))
}

pub(crate) fn by_id(transaction: &ReadTransaction, id: KeyId) -> Result<Option<ApiKey>, Failure> {
    record_of(&transaction.open_table(KEYS)?, id)
}

pub(crate) fn by_digest(transaction: &ReadTransaction, digest: &KeyDigest) -> Result<Option<ApiKey>, Failure> {
    let Some(id) = transaction.open_table(KEY_DIGESTS)?.get(&*digest.to_string())?.map(|id| *id.value()) else {
        return Ok(None);
    };
    let key = pointed_at(transaction, KeyId::from_bytes(id))?;
    if key.digests().any(|own| own == digest) { Ok(Some(key)) } else { Err(stray()) }
}

pub(crate) fn by_link(transaction: &ReadTransaction, digest: &LinkDigest) -> Result<Option<ApiKey>, Failure> {
    let Some(id) = transaction.open_table(KEY_LINKS)?.get(&*digest.to_string())?.map(|id| *id.value()) else {
        return Ok(None);
    };
    let key = pointed_at(transaction, KeyId::from_bytes(id))?;
    if has_link(&key, digest) { Ok(Some(key)) } else { Err(stray()) }
}

fn pointed_at(transaction: &ReadTransaction, id: KeyId) -> Result<ApiKey, Failure> {
    by_id(transaction, id)?.ok_or_else(stray)
}

fn stray() -> Failure {
    Failure::corrupt("key", "what leads to it is not of it")
}

/// A part of a listing.
pub(crate) struct Stride {
    pub(crate) keys: Vec<ApiKey>,
    /// The last key that was looked at; none after the last one there is.
    pub(crate) last: Option<KeyId>,
}

/// The keys after `after` that `filter` lets through, as many as there are among the next few records.
pub(crate) fn stride(
    transaction: &ReadTransaction,
    filter: &KeyFilter,
    after: Option<KeyId>,
) -> Result<Stride, Failure> {
    let records = transaction.open_table(KEYS)?;
    let ids = ids(transaction, filter, after)?;
    let last = ids.last().copied().filter(|_| ids.len() == STRIDE);
    let mut keys = Vec::new();
    for id in ids {
        let key = record_of(&records, id)?.ok_or_else(stray)?;
        if filter.admits(&key) {
            keys.push(key);
        }
    }
    Ok(Stride { keys, last })
}

/// The ids of the next few records.
fn ids(transaction: &ReadTransaction, filter: &KeyFilter, after: Option<KeyId>) -> Result<Vec<KeyId>, Failure> {
    let first = after.map_or([0; 16], |id| *id.as_bytes());
    let mut ids = Vec::new();
    match filter {
        KeyFilter::Account(account) => {
            let (first, last) = (row(&[account.as_bytes(), &first]), row(&[account.as_bytes(), &[0xff; 16]]));
            let table = transaction.open_table(ACCOUNT_KEYS)?;
            for found in table.range::<&[u8; 32]>((start(&first, after), Bound::Included(&last)))?.take(STRIDE) {
                ids.push(KeyId::from_bytes(row(&[&found?.0.value()[16..]])));
            }
        }
        KeyFilter::Wallet(wallet) => return named(transaction, WALLET_KEYS, wallet.as_str(), first, after),
        KeyFilter::Status(status) => return named(transaction, STATUS_KEYS, KeyStatus::as_str(*status), first, after),
        // Any other filter is for whoever looks at the record.
        _ => {
            let table = transaction.open_table(KEYS)?;
            for found in table.range::<&[u8; 16]>((start(&first, after), Bound::Unbounded))?.take(STRIDE) {
                ids.push(KeyId::from_bytes(*found?.0.value()));
            }
        }
    }
    Ok(ids)
}

/// The ids of the next few records that have this name in common.
fn named(
    transaction: &ReadTransaction,
    table: TableDefinition<'static, &'static [u8], ()>,
    name: &str,
    first: [u8; 16],
    after: Option<KeyId>,
) -> Result<Vec<KeyId>, Failure> {
    let [first, last] = [first, [0xff; 16]].map(|id| named_row(name, KeyId::from_bytes(id)));
    let table = transaction.open_table(table)?;
    let mut ids = Vec::new();
    for found in table.range::<&[u8]>((start(&*first, after), Bound::Included(&*last)))?.take(STRIDE) {
        ids.push(KeyId::from_bytes(row(&[&found?.0.value()[name.len() + 1..]])));
    }
    Ok(ids)
}

/// Where a listing goes on that begins at `row`, or has come to it.
fn start<T>(row: T, after: Option<KeyId>) -> Bound<T> {
    if after.is_some() { Bound::Excluded(row) } else { Bound::Included(row) }
}
