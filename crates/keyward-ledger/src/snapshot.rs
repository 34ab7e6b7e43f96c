use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::account::{Account, AccountFields};
use crate::chain::Chain;
use crate::entry::{Entry, EntryKind};
use crate::outcome::{OperationRecord, Outcome};
use crate::refund::{Refund, RefundState};
use crate::reservation::{Reservation, ReservationState};
use crate::{AccountId, InvalidRecord, Msat, OperationId};

/// All records of a store at one instant, to be [audited](Self::audit) or compared. In any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// All accounts.
    pub accounts: Vec<Account>,
    /// All reservations, also those that have ended.
    pub reservations: Vec<Reservation>,
    /// All refunds, also those that have ended.
    pub refunds: Vec<Refund>,
    /// All entries, each once.
    pub entries: Vec<Entry>,
    /// All operations that were done.
    pub operations: Vec<OperationRecord>,
}

impl Snapshot {
    /// Puts all records in the order of their ids, so that equal books make equal snapshots.
    pub fn sort(&mut self) {
        let Self { accounts, reservations, refunds, entries, operations } = self;
        accounts.sort_unstable_by_key(Account::id);
        reservations.sort_unstable_by_key(|it| (it.fields().account.tag(), it.id()));
        refunds.sort_unstable_by_key(|it| (it.fields().account.tag(), it.id()));
        entries.sort_unstable_by_key(|it| (it.fields().root, it.fields().number));
        operations.sort_unstable_by_key(|it| (it.fields().account.tag(), it.fields().id));
    }

    /// Computes every sum anew from the records below it: whether an operation was lost, done by half, or done twice.
    ///
    /// Each record has passed its own check already. This takes time and memory in proportion to the books, and is for
    /// operators and tests; it shares nothing with [`apply`](crate::apply()).
    ///
    /// # Errors
    /// - a record is there twice, or one that another record names is missing
    /// - a sum of an account is not that of its reservations, refunds and entries
    /// - a journal has a gap, or balances in it that do not follow one another
    /// - what is remembered of an operation does not agree with the records that it has made
    pub fn audit(&self) -> Result<(), InvalidRecord> {
        self.check_unique()?;
        let accounts = self.accounts.iter().map(|account| (account.id(), account)).collect();
        let mut tallies = Tallies { accounts, sums: BTreeMap::new() };
        self.reservations.iter().try_for_each(|reservation| tallies.add_reservation(reservation))?;
        self.refunds.iter().try_for_each(|refund| tallies.add_refund(refund))?;
        self.entries.iter().try_for_each(|entry| tallies.add_entry(entry))?;
        self.accounts.iter().try_for_each(|account| tallies.compare(account))?;
        self.audit_journals()?;
        self.audit_operations()
    }

    fn check_unique(&self) -> Result<(), InvalidRecord> {
        let accounts = self.accounts.iter().map(|it| (it.id().tag(), *it.id().as_bytes()));
        let reservations = self.reservations.iter().map(|it| (it.fields().account.tag(), *it.id().as_bytes()));
        let refunds = self.refunds.iter().map(|it| (it.fields().account.tag(), *it.id().as_bytes()));
        let entries = self.entries.iter().map(|it| (it.fields().account.tag(), *it.fields().operation.as_bytes()));
        let operations = self.operations.iter().map(|it| (it.fields().account.tag(), *it.fields().id.as_bytes()));
        ensure(unique(accounts), "account", "there twice")?;
        ensure(unique(reservations), "reservation", "there twice")?;
        ensure(unique(refunds), "refund", "there twice")?;
        ensure(unique(entries), "journal entry", "two of one operation")?;
        ensure(unique(operations), "operation", "there twice")
    }

    fn audit_journals(&self) -> Result<(), InvalidRecord> {
        let mut entries: Vec<_> = self.entries.iter().map(Entry::fields).collect();
        entries.sort_unstable_by_key(|entry| (entry.root, entry.number));
        let mut balances = BTreeMap::new();
        for entry in entries {
            let (number, balance) = balances.entry(entry.root).or_insert((0, Msat::ZERO));
            let after = if entry.kind.is_increase() {
                balance.checked_add(entry.amount)
            } else {
                balance.checked_sub(entry.amount)
            };
            let follows = entry.number == *number + 1 && after == Some(entry.balance_after);
            ensure(follows, "journal", "a gap, or a balance that does not follow")?;
            (*number, *balance) = (entry.number, entry.balance_after);
        }
        self.accounts.iter().filter(|account| account.is_root()).try_for_each(|account| {
            let (number, balance) = balances.get(&account.id()).copied().unwrap_or((0, Msat::ZERO));
            let AccountFields { balance: kept, entries, .. } = *account.fields();
            ensure((number, balance) == (entries, kept), "journal", "another end than the account's")
        })
    }

    fn audit_operations(&self) -> Result<(), InvalidRecord> {
        let operations: BTreeMap<_, _> =
            self.operations.iter().map(|it| ((it.fields().account.tag(), it.fields().id), it.fields())).collect();
        let find = |account: AccountId, id: OperationId| {
            operations.get(&(account.tag(), id)).filter(|done| done.account == account).map(|done| done.outcome)
        };
        for reservation in self.reservations.iter().map(Reservation::fields) {
            let outcome = Outcome::Reserved { deadline: reservation.deadline };
            ensure(find(reservation.account, reservation.id) == Some(outcome), "reservation", "not that operation's")?;
        }
        for refund in self.refunds.iter().map(Refund::fields) {
            let is_begun = matches!(find(refund.account, refund.id), Some(Outcome::RefundBegun { .. }));
            ensure(is_begun, "refund", "not that operation's")?;
        }
        for entry in self.entries.iter().map(Entry::fields) {
            let told = find(entry.account, entry.operation).and_then(|outcome| entry_of(outcome, entry.amount));
            let kept = (entry.kind, entry.amount, entry.balance_after);
            ensure(told == Some(kept), "journal entry", "not that operation's")?;
        }
        // Each has its operation; if there are as many, each operation has its record.
        let count = |is_it: fn(Outcome) -> bool| operations.values().filter(|done| is_it(done.outcome)).count();
        let reservations = |state| self.reservations.iter().filter(|it| it.fields().state == state).count();
        let refunds = |state| self.refunds.iter().filter(|it| it.fields().state == state).count();
        let counts = [
            (count(|it| it == Outcome::Opened), self.accounts.len()),
            (count(|it| matches!(it, Outcome::Reserved { .. })), self.reservations.len()),
            (count(|it| matches!(it, Outcome::RefundBegun { .. })), self.refunds.len()),
            (count(|it| entry_of(it, Msat::ZERO).is_some()), self.entries.len()),
            (count(|it| matches!(it, Outcome::Settled { .. })), reservations(ReservationState::Settled)),
            (count(|it| matches!(it, Outcome::Released { .. })), reservations(ReservationState::Released)),
            (count(|it| matches!(it, Outcome::Swept { .. })), reservations(ReservationState::Swept)),
            (count(|it| matches!(it, Outcome::RefundCompleted { .. })), refunds(RefundState::Completed)),
            (count(|it| matches!(it, Outcome::RefundCancelled { .. })), refunds(RefundState::Cancelled)),
        ];
        let agrees = counts.iter().all(|(done, records)| done == records);
        ensure(agrees, "operations", "more or fewer than records")?;
        let charged: u128 = self.reservations.iter().map(|it| wide(it.fields().charged)).sum();
        let settled = self.operations.iter().map(|it| match it.fields().outcome {
            Outcome::Settled { charged, .. } => wide(charged),
            _ => 0,
        });
        ensure(settled.sum::<u128>() == charged, "reservation", "another charge than the operation's")
    }
}

/// The entry that an operation with this outcome makes: its kind, amount and balance. The amount is `amount` where the
/// outcome does not tell it.
fn entry_of(outcome: Outcome, amount: Msat) -> Option<(EntryKind, Msat, Msat)> {
    match outcome {
        Outcome::Credited { balance } => Some((EntryKind::Deposit, amount, balance)),
        Outcome::Settled { charged, balance, .. } => Some((EntryKind::Usage, charged, balance)),
        Outcome::Charged { balance } => Some((EntryKind::Usage, amount, balance)),
        Outcome::RefundBegun { balance } => Some((EntryKind::Refund, amount, balance)),
        Outcome::RefundCancelled { amount, balance } => Some((EntryKind::RefundCancelled, amount, balance)),
        _ => None,
    }
}

/// What the records below an account come to.
#[derive(Default, PartialEq, Eq)]
struct Sums {
    reserved: u128,
    withheld: u128,
    spent: u128,
    deposited: u128,
    refunded: u128,
    entries: u64,
}

struct Tallies<'a> {
    accounts: BTreeMap<AccountId, &'a Account>,
    sums: BTreeMap<AccountId, Sums>,
}

impl Tallies<'_> {
    /// Changes the sums of an account and of all above it.
    fn add(&mut self, account: AccountId, change: impl Fn(&mut Sums)) -> Result<(), InvalidRecord> {
        for account in self.chain(account)?.accounts() {
            change(self.sums.entry(account.id()).or_default());
        }
        Ok(())
    }

    fn chain(&self, id: AccountId) -> Result<Chain, InvalidRecord> {
        let mut accounts = Vec::new();
        let mut next = Some(id);
        // Damaged ones may go round in a circle.
        while let Some(id) = next
            && accounts.len() <= usize::from(Account::MAX_DEPTH)
        {
            let account = *self.accounts.get(&id).ok_or(InvalidRecord::new("account", "missing"))?;
            next = account.fields().parent;
            accounts.push(account.clone());
        }
        Chain::new(accounts)
    }

    fn add_reservation(&mut self, reservation: &Reservation) -> Result<(), InvalidRecord> {
        let amount = if reservation.is_open() { wide(reservation.fields().amount) } else { 0 };
        self.add(reservation.fields().account, |sums| sums.reserved += amount)
    }

    fn add_refund(&mut self, refund: &Refund) -> Result<(), InvalidRecord> {
        let amount = wide(refund.fields().amount);
        self.add(refund.fields().account, |sums| match refund.fields().state {
            RefundState::Open => sums.withheld += amount,
            RefundState::Completed => sums.refunded += amount,
            RefundState::Cancelled => {}
        })
    }

    fn add_entry(&mut self, entry: &Entry) -> Result<(), InvalidRecord> {
        let fields = entry.fields();
        let root = self.chain(fields.account)?.root().id();
        ensure(root == fields.root, "journal entry", "of another root account")?;
        self.add(fields.account, |sums| {
            sums.entries += 1;
            match fields.kind {
                EntryKind::Deposit => sums.deposited += wide(fields.amount),
                EntryKind::Usage => sums.spent += wide(fields.amount),
                EntryKind::Refund | EntryKind::RefundCancelled => {}
            }
        })
    }

    fn compare(&self, account: &Account) -> Result<(), InvalidRecord> {
        self.chain(account.id())?;
        let AccountFields { reserved, withheld, spent, deposited, refunded, entries, .. } = *account.fields();
        let [reserved, withheld, spent] = [reserved, withheld, spent].map(wide);
        let [deposited, refunded] = [deposited, refunded].map(wide);
        let kept = Sums { reserved, withheld, spent, deposited, refunded, entries };
        let is_same = self.sums.get(&account.id()).unwrap_or(&Sums::default()) == &kept;
        ensure(is_same, "account", "other sums than those of its records")
    }
}

fn unique(ids: impl Iterator<Item = ([u8; 8], [u8; 16])>) -> bool {
    let mut seen = BTreeSet::new();
    ids.into_iter().all(|id| seen.insert(id))
}

fn ensure(holds: bool, record: &'static str, breach: &'static str) -> Result<(), InvalidRecord> {
    InvalidRecord::check(record, &[(holds, breach)])
}

fn wide(amount: Msat) -> u128 {
    amount.as_msat().into()
}
