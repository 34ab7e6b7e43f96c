//! The books kept in another way: nothing is remembered but what was done, and every sum is computed anew from that.

use keyward_ledger::{
    AccountId, EntryKind, Msat, Operation, OperationId, Outcome, RefundState, Rejection, ReservationState,
};
use keyward_time::UnixMillis;

/// Something that was done.
pub(crate) struct Fact {
    pub(crate) id: OperationId,
    pub(crate) operation: Operation,
    pub(crate) at: UnixMillis,
    pub(crate) outcome: Outcome,
}

/// What ought to be answered.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Done(Outcome),
    Replayed(Outcome),
    Rejected(Rejection),
}

/// An account, in signed sums.
#[derive(Debug, PartialEq)]
pub(crate) struct Sums {
    pub(crate) balance: i128,
    pub(crate) reserved: i128,
    pub(crate) withheld: i128,
    pub(crate) spent: i128,
    pub(crate) deposited: i128,
    pub(crate) refunded: i128,
}

/// A line of a journal.
#[derive(Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) operation: OperationId,
    pub(crate) account: AccountId,
    pub(crate) kind: EntryKind,
    pub(crate) change: i128,
    pub(crate) balance_after: i128,
    pub(crate) at: UnixMillis,
}

#[derive(Default)]
pub(crate) struct Oracle {
    pub(crate) facts: Vec<Fact>,
}

const MAX: i128 = (1 << 53) - 1;

impl Oracle {
    pub(crate) fn ask(&mut self, id: OperationId, operation: &Operation, now: UnixMillis) -> Answer {
        let tag = operation.account().tag();
        if let Some(fact) = self.facts.iter().find(|fact| fact.id == id && fact.operation.account().tag() == tag) {
            return if is_same(&fact.operation, operation) {
                Answer::Replayed(fact.outcome)
            } else {
                Answer::Rejected(Rejection::OperationMismatch)
            };
        }
        match self.outcome(operation, now) {
            Ok(outcome) => {
                self.facts.push(Fact { id, operation: operation.clone(), at: now, outcome });
                Answer::Done(outcome)
            }
            Err(reason) => Answer::Rejected(reason),
        }
    }

    fn outcome(&self, operation: &Operation, now: UnixMillis) -> Result<Outcome, Rejection> {
        let last = (1_u64 << 53) - 1;
        ensure(now.as_millis() <= last, Rejection::InstantOutOfRange)?;
        let account = operation.account();
        let unknown = |account| Rejection::UnknownAccount { account };
        match *operation {
            Operation::OpenRoot { .. } => {
                ensure(!self.exists(account), Rejection::AccountExists)?;
                Ok(Outcome::Opened)
            }
            Operation::OpenChild { parent, .. } => {
                ensure(account.as_bytes()[..8] == parent.as_bytes()[..8], Rejection::TagMismatch)?;
                ensure(!self.exists(account), Rejection::AccountExists)?;
                ensure(self.exists(parent), unknown(parent))?;
                ensure(self.line(parent).len() <= 3, Rejection::TooDeep)?;
                Ok(Outcome::Opened)
            }
            Operation::SetLimit { .. } => {
                ensure(self.exists(account), unknown(account))?;
                ensure(self.line(account).len() > 1, Rejection::NotAChild)?;
                Ok(Outcome::LimitSet)
            }
            Operation::Credit { amount, .. } => {
                ensure(int(amount) > 0, Rejection::ZeroAmount)?;
                ensure(self.exists(account), unknown(account))?;
                ensure(self.line(account) == [account], Rejection::NotARoot)?;
                ensure(self.sums(account).deposited + int(amount) <= MAX, Rejection::Overflow)?;
                Ok(Outcome::Credited { balance: msat(self.sums(account).balance + int(amount)) })
            }
            Operation::Reserve { amount, deadline, .. } => {
                ensure(deadline.as_millis() <= last, Rejection::InstantOutOfRange)?;
                ensure(deadline > now, Rejection::DeadlinePassed)?;
                ensure(self.exists(account), unknown(account))?;
                self.affordable(account, amount)?;
                Ok(Outcome::Reserved { deadline })
            }
            Operation::Charge { amount, .. } => {
                ensure(self.exists(account), unknown(account))?;
                self.affordable(account, amount)?;
                Ok(Outcome::Charged { balance: msat(self.sums(self.root(account)).balance - int(amount)) })
            }
            Operation::Settle { reservation, amount, .. } => {
                let (held, _) = self.open_reservation(account, reservation)?;
                let more = self.headroom(account).min(int(amount) - held).max(0);
                let charged = held.min(int(amount)) + more;
                let balance = msat(self.sums(self.root(account)).balance - charged);
                Ok(Outcome::Settled { charged: msat(charged), shortfall: msat(int(amount) - charged), balance })
            }
            Operation::Release { reservation, .. } => {
                let (held, _) = self.open_reservation(account, reservation)?;
                Ok(Outcome::Released { amount: msat(held) })
            }
            Operation::Sweep { reservation, .. } => {
                let (held, deadline) = self.open_reservation(account, reservation)?;
                ensure(deadline <= now, Rejection::NotDue { deadline })?;
                Ok(Outcome::Swept { amount: msat(held) })
            }
            Operation::BeginRefund { amount, .. } => {
                ensure(int(amount) > 0, Rejection::ZeroAmount)?;
                ensure(self.exists(account), unknown(account))?;
                ensure(self.line(account) == [account], Rejection::NotARoot)?;
                let Sums { balance, reserved, .. } = self.sums(account);
                ensure(reserved == 0, Rejection::ReservationOpen { reserved: msat(reserved) })?;
                let short = Rejection::InsufficientBalance { available: msat(balance), required: amount };
                ensure(int(amount) <= balance, short)?;
                Ok(Outcome::RefundBegun { balance: msat(balance - int(amount)) })
            }
            Operation::CompleteRefund { refund, .. } => {
                Ok(Outcome::RefundCompleted { amount: self.open_refund(account, refund)? })
            }
            Operation::CancelRefund { refund, .. } => {
                let amount = self.open_refund(account, refund)?;
                Ok(Outcome::RefundCancelled { amount, balance: msat(self.sums(account).balance + int(amount)) })
            }
            _ => unreachable!("an operation that histories do not have"),
        }
    }

    pub(crate) fn exists(&self, account: AccountId) -> bool {
        self.opening(account).is_some()
    }

    fn opening(&self, account: AccountId) -> Option<&Operation> {
        let mut operations = self.facts.iter().map(|fact| &fact.operation);
        operations.find(|operation| match operation {
            Operation::OpenRoot { account: opened } | Operation::OpenChild { account: opened, .. } => {
                *opened == account
            }
            _ => false,
        })
    }

    /// The account and all above it.
    pub(crate) fn line(&self, account: AccountId) -> Vec<AccountId> {
        let mut line = vec![account];
        while let Some(Operation::OpenChild { parent, .. }) = self.opening(line[line.len() - 1]) {
            line.push(*parent);
        }
        line
    }

    fn root(&self, account: AccountId) -> AccountId {
        *self.line(account).last().expect("at least itself")
    }

    pub(crate) fn limit(&self, account: AccountId) -> Option<i128> {
        let mut limits = self.facts.iter().filter_map(|fact| match fact.operation {
            Operation::OpenChild { account: child, limit, .. } | Operation::SetLimit { account: child, limit }
                if child == account =>
            {
                Some(limit)
            }
            _ => None,
        });
        limits.next_back().flatten().map(int)
    }

    /// Everything that an account is, summed up over what was done on it and below it.
    pub(crate) fn sums(&self, account: AccountId) -> Sums {
        let mut sums = Sums { balance: 0, reserved: 0, withheld: 0, spent: 0, deposited: 0, refunded: 0 };
        for fact in self.facts.iter().filter(|fact| self.line(fact.operation.account()).contains(&account)) {
            match fact.operation {
                Operation::Credit { amount, .. } => sums.deposited += int(amount),
                Operation::Charge { amount, .. } => sums.spent += int(amount),
                Operation::Settle { .. } => {
                    let Outcome::Settled { charged, .. } = fact.outcome else { panic!("not settled") };
                    sums.spent += int(charged);
                }
                Operation::Reserve { account, amount, .. } if self.end(account, fact.id).is_none() => {
                    sums.reserved += int(amount);
                }
                Operation::BeginRefund { account, amount, .. } => match self.end(account, fact.id) {
                    None => sums.withheld += int(amount),
                    Some(Operation::CompleteRefund { .. }) => sums.refunded += int(amount),
                    Some(_) => {}
                },
                _ => {}
            }
        }
        if self.line(account).len() == 1 {
            sums.balance = sums.deposited - sums.spent - sums.withheld - sums.refunded;
        }
        sums
    }

    /// What has ended the reservation or refund that the operation `id` has made.
    pub(crate) fn end(&self, account: AccountId, id: OperationId) -> Option<&Operation> {
        let of_account = self.facts.iter().map(|fact| &fact.operation).filter(|it| it.account() == account);
        let mut ends = of_account.filter(|it| it.reservation() == Some(id) || it.refund() == Some(id));
        let end = ends.next();
        assert!(ends.next().is_none(), "ended twice");
        end
    }

    /// How much more may be taken on this account.
    fn headroom(&self, account: AccountId) -> i128 {
        let used = |account| self.sums(account).spent + self.sums(account).reserved;
        let limits = self.line(account).into_iter().filter_map(|it| Some(self.limit(it)? - used(it)));
        let Sums { balance, reserved, .. } = self.sums(self.root(account));
        limits.chain([balance - reserved]).min().expect("at least the balance").max(0)
    }

    fn affordable(&self, account: AccountId, amount: Msat) -> Result<(), Rejection> {
        for account in self.line(account) {
            let used = self.sums(account).spent + self.sums(account).reserved;
            if let Some(limit) = self.limit(account) {
                let left = msat((limit - used).max(0));
                let exceeded = Rejection::LimitExceeded { account, left, required: amount };
                ensure(used + int(amount) <= limit, exceeded)?;
            }
        }
        let Sums { balance, reserved, .. } = self.sums(self.root(account));
        let available = msat(balance - reserved);
        ensure(reserved + int(amount) <= balance, Rejection::InsufficientBalance { available, required: amount })
    }

    /// What an open reservation holds, and until when.
    fn open_reservation(&self, account: AccountId, id: OperationId) -> Result<(i128, UnixMillis), Rejection> {
        ensure(self.exists(account), Rejection::UnknownAccount { account })?;
        let made = self.facts.iter().find_map(|fact| match fact.operation {
            Operation::Reserve { account: of, amount, deadline } if fact.id == id && of == account => {
                Some((int(amount), deadline))
            }
            _ => None,
        });
        let made = made.ok_or(Rejection::UnknownReservation)?;
        match self.reservation_state(account, id) {
            ReservationState::Open => Ok(made),
            state => Err(Rejection::ReservationEnded { state }),
        }
    }

    pub(crate) fn reservation_state(&self, account: AccountId, id: OperationId) -> ReservationState {
        match self.end(account, id) {
            None => ReservationState::Open,
            Some(Operation::Settle { .. }) => ReservationState::Settled,
            Some(Operation::Release { .. }) => ReservationState::Released,
            Some(_) => ReservationState::Swept,
        }
    }

    fn open_refund(&self, account: AccountId, id: OperationId) -> Result<Msat, Rejection> {
        ensure(self.exists(account), Rejection::UnknownAccount { account })?;
        ensure(self.line(account) == [account], Rejection::NotARoot)?;
        let begun = self.facts.iter().find_map(|fact| match fact.operation {
            Operation::BeginRefund { account: of, amount, .. } if fact.id == id && of == account => Some(amount),
            _ => None,
        });
        let amount = begun.ok_or(Rejection::UnknownRefund)?;
        match self.end(account, id) {
            None => Ok(amount),
            Some(Operation::CompleteRefund { .. }) => Err(Rejection::RefundEnded { state: RefundState::Completed }),
            Some(_) => Err(Rejection::RefundEnded { state: RefundState::Cancelled }),
        }
    }

    /// The journal of an account, the oldest line first.
    pub(crate) fn journal(&self, account: AccountId) -> Vec<Line> {
        let mut balance_after = 0;
        let mut journal = Vec::new();
        for fact in &self.facts {
            let of = fact.operation.account();
            if !self.exists(account) || self.root(of) != self.root(account) {
                continue;
            }
            let (kind, change) = match (&fact.operation, fact.outcome) {
                (Operation::Credit { amount, .. }, _) => (EntryKind::Deposit, int(*amount)),
                (Operation::Charge { amount, .. }, _) => (EntryKind::Usage, -int(*amount)),
                (_, Outcome::Settled { charged, .. }) => (EntryKind::Usage, -int(charged)),
                (Operation::BeginRefund { amount, .. }, _) => (EntryKind::Refund, -int(*amount)),
                (_, Outcome::RefundCancelled { amount, .. }) => (EntryKind::RefundCancelled, int(amount)),
                _ => continue,
            };
            balance_after += change;
            if self.line(of).contains(&account) {
                journal.push(Line { operation: fact.id, account: of, kind, change, balance_after, at: fact.at });
            }
        }
        journal
    }
}

/// The same but for the deadline.
fn is_same(one: &Operation, other: &Operation) -> bool {
    match (one, other) {
        (
            Operation::Reserve { account: one_account, amount: one, .. },
            Operation::Reserve { account: other_account, amount: other, .. },
        ) => one_account == other_account && one == other,
        _ => one == other,
    }
}

fn ensure(holds: bool, otherwise: Rejection) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn int(amount: Msat) -> i128 {
    amount.as_msat().into()
}

/// What must be an amount: not below 0, not above 2^53 - 1. What is only said in a rejection is in range too.
fn msat(amount: i128) -> Msat {
    Msat::new(amount.try_into().expect("not negative")).expect("an amount")
}
