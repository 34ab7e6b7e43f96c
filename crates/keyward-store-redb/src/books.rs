use keyward_ledger::{
    Account, AccountId, Applied, Chain, Changes, Entry, NotApplied, Operation, OperationId, Outcome, Records, Refund,
    Rejection, Reservation, Snapshot, apply,
};
use keyward_store::{Cursor, Page, PageLimit, PageRequest};
use keyward_time::UnixMillis;
use redb::{ReadTransaction, ReadableTable, Table, WriteTransaction};

use crate::codec::{
    account_record, entry_record, operation_record, read_account, read_entry, read_operation, read_refund,
    read_reservation, refund_record, reservation_record,
};
use crate::failure::Failure;
use crate::tables::{ACCOUNTS, DUE, ENTRIES, JOURNALS, OPERATIONS, REFUNDS, RESERVATIONS, row};

type Named<'t> = Table<'t, &'static [u8; 24], &'static [u8]>;

/// The tables of the books, to be written.
pub(crate) struct BookTables<'t> {
    accounts: Table<'t, &'static [u8; 16], &'static [u8]>,
    reservations: Named<'t>,
    refunds: Named<'t>,
    operations: Named<'t>,
    due: Table<'t, &'static [u8; 32], ()>,
    entries: Named<'t>,
    journals: Table<'t, &'static [u8; 24], u64>,
}

impl<'t> BookTables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Result<Self, redb::Error> {
        Ok(Self {
            accounts: transaction.open_table(ACCOUNTS)?,
            reservations: transaction.open_table(RESERVATIONS)?,
            refunds: transaction.open_table(REFUNDS)?,
            operations: transaction.open_table(OPERATIONS)?,
            due: transaction.open_table(DUE)?,
            entries: transaction.open_table(ENTRIES)?,
            journals: transaction.open_table(JOURNALS)?,
        })
    }

    pub(crate) fn apply(
        &mut self,
        id: OperationId,
        operation: &Operation,
        now: UnixMillis,
    ) -> Result<Applied<Outcome, Rejection>, Failure> {
        let name = named(operation.account(), id);
        if let Some(done) = self.operations.get(&name)? {
            return Ok(read_operation(id, done.value())?.answer(operation));
        }
        match apply(self.records(operation)?, id, operation, now) {
            Ok(changes) => {
                let outcome = changes.operation.fields().outcome;
                self.write(&changes)?;
                Ok(Applied::Done(outcome))
            }
            Err(NotApplied::Rejected(reason)) => Ok(Applied::Rejected(reason)),
            Err(NotApplied::Invalid(error)) => Err(Failure::corrupt("account", error)),
        }
    }

    fn records(&self, operation: &Operation) -> Result<Records, Failure> {
        let account = operation.account();
        let reservation = match operation.reservation() {
            Some(id) => found_reservation(&self.reservations, account, id)?,
            None => None,
        };
        let refund = match operation.refund() {
            Some(id) => found_refund(&self.refunds, account, id)?,
            None => None,
        };
        let parent = match operation.parent() {
            Some(parent) => found_account(&self.accounts, parent)?,
            None => None,
        };
        Ok(Records { chain: self.chain(account)?, parent, reservation, refund })
    }

    fn chain(&self, id: AccountId) -> Result<Option<Chain>, Failure> {
        let Some(account) = found_account(&self.accounts, id)? else { return Ok(None) };
        let mut next = account.fields().parent;
        let mut accounts = vec![account];
        // Damaged ones may go round in a circle.
        while let Some(id) = next
            && accounts.len() <= usize::from(Account::MAX_DEPTH)
        {
            let account = found_account(&self.accounts, id)?
                .ok_or_else(|| Failure::corrupt("account", "the account above it is missing"))?;
            next = account.fields().parent;
            accounts.push(account);
        }
        Chain::new(accounts).map(Some).map_err(|error| Failure::corrupt("account", error))
    }

    fn write(&mut self, changes: &Changes) -> Result<(), Failure> {
        // Nothing is written yet that could not be.
        let done = changes.operation.fields();
        let remembered = operation_record(&changes.operation)?;
        self.operations.insert(&named(done.account, done.id), remembered.as_slice())?;
        for account in &changes.accounts {
            self.accounts.insert(account.id().as_bytes(), account_record(account).as_slice())?;
        }
        if let Some(entry) = &changes.entry {
            let fields = entry.fields();
            let place = numbered(fields.root, fields.number);
            self.entries.insert(&place, entry_record(entry).as_slice())?;
            for account in changes.accounts.iter().filter(|account| !account.is_root()) {
                self.journals.insert(&numbered(account.id(), account.fields().entries), fields.number)?;
            }
        }
        if let Some(reservation) = &changes.reservation {
            let fields = reservation.fields();
            let name = named(fields.account, fields.id);
            self.reservations.insert(&name, reservation_record(reservation).as_slice())?;
            let place = row(&[&fields.deadline.as_millis().to_be_bytes(), &name]);
            if reservation.is_open() {
                self.due.insert(&place, ())?;
            } else {
                self.due.remove(&place)?;
            }
        }
        if let Some(refund) = &changes.refund {
            let name = named(refund.fields().account, refund.id());
            self.refunds.insert(&name, refund_record(refund).as_slice())?;
        }
        Ok(())
    }
}

/// By tag and id.
fn named(account: AccountId, id: OperationId) -> [u8; 24] {
    row(&[&account.tag(), id.as_bytes()])
}

/// By account and number.
fn numbered(account: AccountId, number: u64) -> [u8; 24] {
    row(&[account.as_bytes(), &number.to_be_bytes()])
}

fn found_account(
    accounts: &impl ReadableTable<&'static [u8; 16], &'static [u8]>,
    id: AccountId,
) -> Result<Option<Account>, Failure> {
    accounts.get(id.as_bytes())?.map(|bytes| read_account(id, bytes.value())).transpose()
}

fn found_reservation(
    reservations: &impl ReadableTable<&'static [u8; 24], &'static [u8]>,
    account: AccountId,
    id: OperationId,
) -> Result<Option<Reservation>, Failure> {
    reservations.get(&named(account, id))?.map(|bytes| read_reservation(id, bytes.value())).transpose()
}

fn found_refund(
    refunds: &impl ReadableTable<&'static [u8; 24], &'static [u8]>,
    account: AccountId,
    id: OperationId,
) -> Result<Option<Refund>, Failure> {
    refunds.get(&named(account, id))?.map(|bytes| read_refund(id, bytes.value())).transpose()
}

pub(crate) fn account(transaction: &ReadTransaction, id: AccountId) -> Result<Option<Account>, Failure> {
    found_account(&transaction.open_table(ACCOUNTS)?, id)
}

pub(crate) fn reservation(
    transaction: &ReadTransaction,
    account: AccountId,
    id: OperationId,
) -> Result<Option<Reservation>, Failure> {
    let found = found_reservation(&transaction.open_table(RESERVATIONS)?, account, id)?;
    Ok(found.filter(|reservation| reservation.fields().account == account))
}

pub(crate) fn refund(
    transaction: &ReadTransaction,
    account: AccountId,
    id: OperationId,
) -> Result<Option<Refund>, Failure> {
    let found = found_refund(&transaction.open_table(REFUNDS)?, account, id)?;
    Ok(found.filter(|refund| refund.fields().account == account))
}

/// A page of an account's journal. Its cursor is the number before which the next page ends.
pub(crate) fn entries(
    transaction: &ReadTransaction,
    id: AccountId,
    page: &PageRequest,
) -> Result<Page<Entry>, Failure> {
    let before = page.after.as_ref().map(number_of).transpose()?.unwrap_or(u64::MAX);
    let Some(account) = account(transaction, id)? else { return Ok(Page { items: Vec::new(), next: None }) };
    let last = before.saturating_sub(1).min(account.fields().entries);
    let skipped = last.saturating_sub(page.limit.get() as u64);
    let root = account.fields().root;
    let table = transaction.open_table(ENTRIES)?;
    let journals = transaction.open_table(JOURNALS)?;
    let mut items = Vec::new();
    for number in (skipped + 1..=last).rev() {
        let number =
            if account.is_root() { number } else { journals.get(&numbered(id, number))?.ok_or_else(gap)?.value() };
        let bytes = table.get(&numbered(root, number))?.ok_or_else(gap)?;
        items.push(read_entry(root, number, bytes.value())?);
    }
    let next = if skipped > 0 { Some(Cursor::new((skipped + 1).to_string())?) } else { None };
    Ok(Page { items, next })
}

fn number_of(cursor: &Cursor) -> Result<u64, keyward_store::BadCursor> {
    keyward_time::parse_decimal(cursor.as_str().as_bytes(), u64::MAX).map_err(|_| keyward_store::BadCursor)
}

fn gap() -> Failure {
    Failure::corrupt("journal entry", "it is missing")
}

pub(crate) fn due(
    transaction: &ReadTransaction,
    now: UnixMillis,
    limit: PageLimit,
) -> Result<Vec<Reservation>, Failure> {
    let reservations = transaction.open_table(RESERVATIONS)?;
    let last = row(&[&now.as_millis().to_be_bytes(), &[0xff; 24]]);
    let mut due = Vec::new();
    for found in transaction.open_table(DUE)?.range::<&[u8; 32]>(..=&last)?.take(limit.get()) {
        let name: [u8; 24] = row(&[&found?.0.value()[8..]]);
        let bytes =
            reservations.get(&name)?.ok_or_else(|| Failure::corrupt("reservation", "one that is due is missing"))?;
        due.push(read_reservation(id_of(&name), bytes.value())?);
    }
    Ok(due)
}

/// All records.
pub(crate) fn snapshot(transaction: &ReadTransaction) -> Result<Snapshot, Failure> {
    let mut snapshot = Snapshot::default();
    for found in transaction.open_table(ACCOUNTS)?.iter()? {
        let (id, bytes) = found?;
        snapshot.accounts.push(read_account(AccountId::from_bytes(*id.value()), bytes.value())?);
    }
    for found in transaction.open_table(RESERVATIONS)?.iter()? {
        let (name, bytes) = found?;
        snapshot.reservations.push(read_reservation(id_of(name.value()), bytes.value())?);
    }
    for found in transaction.open_table(REFUNDS)?.iter()? {
        let (name, bytes) = found?;
        snapshot.refunds.push(read_refund(id_of(name.value()), bytes.value())?);
    }
    for found in transaction.open_table(OPERATIONS)?.iter()? {
        let (name, bytes) = found?;
        snapshot.operations.push(read_operation(id_of(name.value()), bytes.value())?);
    }
    for found in transaction.open_table(ENTRIES)?.iter()? {
        let (place, bytes) = found?;
        let (root, number) = (row(&[&place.value()[..16]]), row(&[&place.value()[16..]]));
        snapshot.entries.push(read_entry(AccountId::from_bytes(root), u64::from_be_bytes(number), bytes.value())?);
    }
    Ok(snapshot)
}

/// The id in a row's key by tag and id.
fn id_of(name: &[u8; 24]) -> OperationId {
    OperationId::from_bytes(row(&[&name[8..]]))
}
