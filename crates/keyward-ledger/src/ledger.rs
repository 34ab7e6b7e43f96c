use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use keyward_time::UnixMillis;

use crate::account::Account;
use crate::applied::Applied;
use crate::apply::{Changes, NotApplied, Records, apply};
use crate::chain::Chain;
use crate::entry::Entry;
use crate::outcome::{OperationRecord, Outcome};
use crate::refund::Refund;
use crate::reservation::Reservation;
use crate::snapshot::Snapshot;
use crate::{AccountId, Operation, OperationId, Rejection};

/// Whole books in memory: what a store in memory keeps, and what others are checked against.
///
/// ```
/// use keyward_ledger::{AccountId, Applied, Description, Ledger, Msat, Operation, OperationId, Outcome, Rejection};
/// use keyward_time::UnixMillis;
///
/// let mut ledger = Ledger::new();
/// let now = UnixMillis::new(1_763_683_200_000)?;
/// let account = AccountId::from_bytes([1; 16]);
/// let mut ids = (0..).map(|id| OperationId::from_bytes(u128::to_be_bytes(id)));
/// let mut apply = |operation| ledger.apply(ids.next().expect("endless"), &operation, now).into_result();
///
/// apply(Operation::OpenRoot { account })?;
/// apply(Operation::Credit { account, amount: Msat::new(300)?, description: "first deposit".parse()? })?;
/// let charge = Operation::Charge { account, amount: Msat::new(200)?, description: Description::empty() };
/// assert_eq!(apply(charge.clone())?, Outcome::Charged { balance: Msat::new(100)? });
/// let [available, required] = [Msat::new(100)?, Msat::new(200)?];
/// assert_eq!(apply(charge.clone()), Err(Rejection::InsufficientBalance { available, required }));
///
/// // The one that was done, once more: its answer was lost.
/// let third = OperationId::from_bytes(u128::to_be_bytes(2));
/// let replayed = ledger.apply(third, &charge, now);
/// assert_eq!(replayed, Applied::Replayed(Outcome::Charged { balance: Msat::new(100)? }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    accounts: BTreeMap<AccountId, Account>,
    reservations: BTreeMap<Key, Reservation>,
    refunds: BTreeMap<Key, Refund>,
    operations: BTreeMap<Key, OperationRecord>,
    /// The open reservations by deadline.
    open: BTreeSet<(UnixMillis, Key)>,
    /// All entries, in the order of their making.
    entries: Vec<Entry>,
    /// The journal of each account: places in `entries`.
    journals: BTreeMap<AccountId, Vec<usize>>,
}

/// An operation, by its accounts' tag and its id.
type Key = ([u8; 8], OperationId);

/// A part of a journal, from [`Ledger::entries`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntriesPage<'a> {
    /// The entries, the newest first.
    pub entries: Vec<&'a Entry>,
    /// What to ask for next: the entries before this number; `None` if that were none.
    pub next: Option<u64>,
}

impl Ledger {
    /// Books without an account.
    pub const fn new() -> Self {
        Self {
            accounts: BTreeMap::new(),
            reservations: BTreeMap::new(),
            refunds: BTreeMap::new(),
            operations: BTreeMap::new(),
            open: BTreeSet::new(),
            entries: Vec::new(),
            journals: BTreeMap::new(),
        }
    }

    /// Does the operation if the rules allow it, and if it was not done before.
    pub fn apply(&mut self, id: OperationId, operation: &Operation, now: UnixMillis) -> Applied<Outcome, Rejection> {
        if let Some(done) = self.operation(operation.account(), id) {
            return done.answer(operation);
        }
        match apply(self.records(operation), id, operation, now) {
            Ok(changes) => {
                let outcome = changes.operation.fields().outcome;
                self.write(changes);
                Applied::Done(outcome)
            }
            Err(NotApplied::Rejected(reason)) => Applied::Rejected(reason),
            // These rules wrote all there is, and check what they write.
            Err(NotApplied::Invalid(error)) => unreachable!("{error}"),
        }
    }

    /// The records that an operation names: what any store hands to [`apply`].
    pub fn records(&self, operation: &Operation) -> Records {
        let account = operation.account();
        Records {
            chain: self.chain(account),
            parent: operation.parent().and_then(|parent| self.account(parent)).cloned(),
            reservation: operation.reservation().and_then(|id| self.reservations.get(&(account.tag(), id))).cloned(),
            refund: operation.refund().and_then(|id| self.refunds.get(&(account.tag(), id))).cloned(),
        }
    }

    fn write(&mut self, changes: Changes) {
        let Changes { accounts, reservation, refund, entry, operation } = changes;
        let tag = operation.fields().account.tag();
        if let Some(entry) = entry {
            for account in &accounts {
                self.journals.entry(account.id()).or_default().push(self.entries.len());
            }
            self.entries.push(entry);
        }
        self.accounts.extend(accounts.into_iter().map(|account| (account.id(), account)));
        if let Some(reservation) = reservation {
            let key = (tag, reservation.id());
            if reservation.is_open() {
                self.open.insert((reservation.fields().deadline, key));
            } else {
                self.open.remove(&(reservation.fields().deadline, key));
            }
            self.reservations.insert(key, reservation);
        }
        self.refunds.extend(refund.map(|refund| ((tag, refund.id()), refund)));
        self.operations.insert((tag, operation.fields().id), operation);
    }

    /// The account with this id.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(&id)
    }

    /// The account with this id, and those above it.
    pub fn chain(&self, id: AccountId) -> Option<Chain> {
        let mut accounts = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next {
            let account = self.account(id)?.clone();
            next = account.fields().parent;
            accounts.push(account);
        }
        Chain::new(accounts).ok()
    }

    /// All accounts, by id.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The reservation of this account that the operation `id` has made.
    pub fn reservation(&self, account: AccountId, id: OperationId) -> Option<&Reservation> {
        self.reservations.get(&(account.tag(), id)).filter(|reservation| reservation.fields().account == account)
    }

    /// All reservations, by tag and id.
    pub fn reservations(&self) -> impl Iterator<Item = &Reservation> {
        self.reservations.values()
    }

    /// The open reservations whose deadline has come, `deadline <= now`: the `limit` longest due ones.
    pub fn due(&self, now: UnixMillis, limit: usize) -> impl Iterator<Item = &Reservation> {
        let due = self.open.iter().take_while(move |(deadline, _)| *deadline <= now).take(limit);
        due.filter_map(|(_, key)| self.reservations.get(key))
    }

    /// The refund of this root account that the operation `id` has begun.
    pub fn refund(&self, account: AccountId, id: OperationId) -> Option<&Refund> {
        self.refunds.get(&(account.tag(), id)).filter(|refund| refund.fields().account == account)
    }

    /// All refunds, by tag and id.
    pub fn refunds(&self) -> impl Iterator<Item = &Refund> {
        self.refunds.values()
    }

    /// What is remembered of the operation `id` on an account with this one's tag.
    pub fn operation(&self, account: AccountId, id: OperationId) -> Option<&OperationRecord> {
        self.operations.get(&(account.tag(), id))
    }

    /// All operations that were done, by tag and id.
    pub fn operations(&self) -> impl Iterator<Item = &OperationRecord> {
        self.operations.values()
    }

    /// All records, in the order of [`Snapshot::sort`].
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot {
            accounts: self.accounts().cloned().collect(),
            reservations: self.reservations().cloned().collect(),
            refunds: self.refunds().cloned().collect(),
            entries: self.entries.clone(),
            operations: self.operations().cloned().collect(),
        };
        snapshot.sort();
        snapshot
    }

    /// At most `limit` entries of an account's journal, the newest first: those with a number below `before`, or from the
    /// last one on.
    ///
    /// The journal has the entries of the accounts below as well, and numbers them from 1 on without a gap; for a root
    /// account these are the entries' own [numbers](crate::EntryFields::number). How many there are says
    /// [`AccountFields::entries`](crate::AccountFields::entries). Entries that are made meanwhile change no page.
    pub fn entries(&self, account: AccountId, before: Option<u64>, limit: usize) -> EntriesPage<'_> {
        let journal = self.journals.get(&account).map_or(&[][..], Vec::as_slice);
        let end = before.and_then(|before| usize::try_from(before.saturating_sub(1)).ok()).unwrap_or(usize::MAX);
        let end = end.min(journal.len());
        let start = end.saturating_sub(limit);
        let entries = journal[start..end].iter().rev().map(|place| &self.entries[*place]).collect();
        // The number of the first one in this page is start + 1.
        EntriesPage { entries, next: (start > 0).then_some(start as u64 + 1) }
    }
}
