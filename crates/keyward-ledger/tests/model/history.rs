//! Random histories: what is asked of the books, one thing after the other.

use keyward_ledger::{AccountId, Description, Msat, Operation, OperationId};
use keyward_time::UnixMillis;
use proptest::prelude::*;
use proptest::sample::Index;

/// How many accounts there can be: the first half with one tag, the others with another.
pub(crate) const ACCOUNTS: u8 = 12;
const ACCOUNTS_PER_TAG: u8 = ACCOUNTS / 2;

/// The account with this number, which need not exist.
pub(crate) fn account(number: u8) -> AccountId {
    let mut bytes = [number / ACCOUNTS_PER_TAG; 16];
    bytes[8..].fill(number);
    AccountId::from_bytes(bytes)
}

pub(crate) fn msat(amount: u64) -> Msat {
    Msat::new(amount).expect("an amount")
}

/// One thing that is asked. An `Index` picks from what was asked before.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    action: Action,
    id: Id,
    clock: Clock,
}

/// What the clock does before.
#[derive(Debug, Clone)]
enum Clock {
    /// It moves, or is set back.
    By(i64),
    /// It comes to a deadline, to the millisecond.
    ToDeadline(Index),
    /// It shows a time that is off the books, once.
    Off,
}

#[derive(Debug, Clone)]
enum Id {
    Fresh,
    /// An operation that was asked before is asked again: an answer was lost.
    Again(Index),
    /// The id of an operation that was asked before, by mistake.
    Reused(Index),
}

#[derive(Debug, Clone)]
enum Action {
    OpenRoot(u8),
    OpenChild(u8, u8, Option<Msat>),
    SetLimit(u8, Option<Msat>),
    Credit(u8, Msat),
    Reserve(u8, Msat, i64),
    Settle(Index, Msat),
    Release(Index),
    Sweep(Index),
    Charge(u8, Msat),
    BeginRefund(u8, Msat),
    CompleteRefund(Index),
    CancelRefund(Index),
    /// Ends a reservation or refund under the name of any account.
    ReleaseOf(u8, Index),
    CompleteRefundOf(u8, Index),
}

pub(crate) fn any_history() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any_step(), 1..150)
}

fn any_step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    let id = prop_oneof![12 => Just(Id::Fresh), 2 => index().prop_map(Id::Again), 1 => index().prop_map(Id::Reused)];
    let clock = prop_oneof![
        20 => (-30..100_i64).prop_map(Clock::By),
        1 => (-3000..3000_i64).prop_map(Clock::By),
        3 => index().prop_map(Clock::ToDeadline),
        1 => Just(Clock::Off),
    ];
    (any_action(), id, clock).prop_map(|(action, id, clock)| Step { action, id, clock })
}

fn any_action() -> impl Strategy<Value = Action> {
    let account = || prop_oneof![8 => 0..5_u8, 3 => 0..ACCOUNTS];
    let root = || prop_oneof![3 => Just(0_u8), 2 => Just(ACCOUNTS_PER_TAG), 1 => 0..ACCOUNTS];
    let amount = || prop_oneof![20 => 0..300_u64, 3 => 0..3_u64, 1 => 0..=Msat::MAX.as_msat()].prop_map(msat);
    let credit = prop_oneof![20 => 0..1000_u64, 1 => Msat::MAX.as_msat() - 500..=Msat::MAX.as_msat()].prop_map(msat);
    let limit = || prop::option::weighted(0.7, amount());
    let index = any::<Index>;
    prop_oneof![
        1 => root().prop_map(Action::OpenRoot),
        2 => (0..ACCOUNTS, account(), limit())
            .prop_map(|(account, parent, limit)| Action::OpenChild(account, parent, limit)),
        2 => (account(), limit()).prop_map(|(account, limit)| Action::SetLimit(account, limit)),
        5 => (root(), credit).prop_map(|(account, amount)| Action::Credit(account, amount)),
        12 => (account(), amount(), -5..300_i64)
            .prop_map(|(account, amount, millis)| Action::Reserve(account, amount, millis)),
        7 => (index(), amount()).prop_map(|(reservation, amount)| Action::Settle(reservation, amount)),
        3 => index().prop_map(Action::Release),
        4 => index().prop_map(Action::Sweep),
        6 => (account(), amount()).prop_map(|(account, amount)| Action::Charge(account, amount)),
        5 => (root(), amount()).prop_map(|(account, amount)| Action::BeginRefund(account, amount)),
        3 => index().prop_map(Action::CompleteRefund),
        2 => index().prop_map(Action::CancelRefund),
        1 => (account(), index()).prop_map(|(account, reservation)| Action::ReleaseOf(account, reservation)),
        1 => (account(), index()).prop_map(|(account, refund)| Action::CompleteRefundOf(account, refund)),
    ]
}

/// Makes operations of steps.
pub(crate) struct Asking {
    now: i64,
    asked: Vec<(OperationId, Operation)>,
}

impl Asking {
    pub(crate) const fn new() -> Self {
        Self { now: 1_000_000, asked: Vec::new() }
    }

    /// What most histories begin with: a root account with accounts to the greatest depth, and another root account.
    pub(crate) fn beginning(&mut self) -> Vec<(OperationId, Operation, UnixMillis)> {
        let child = |number, parent, limit| Action::OpenChild(number, parent, limit);
        let limit = |amount| Some(msat(amount));
        let mut actions =
            vec![Action::OpenRoot(0), child(1, 0, limit(700)), child(2, 1, None), child(3, 2, limit(500))];
        actions.extend([child(4, 0, limit(250)), Action::OpenRoot(ACCOUNTS_PER_TAG), Action::Credit(0, msat(1000))]);
        actions.into_iter().map(|action| self.ask(Step { action, id: Id::Fresh, clock: Clock::By(0) })).collect()
    }

    pub(crate) fn ask(&mut self, step: Step) -> (OperationId, Operation, UnixMillis) {
        let now = match step.clock {
            Clock::Off => UnixMillis::MAX,
            Clock::By(millis) => {
                self.now = self.now.saturating_add(millis).max(0);
                self.instant(self.now)
            }
            Clock::ToDeadline(index) => {
                let deadlines: Vec<_> =
                    self.asked.iter().rev().filter_map(|(_, operation)| deadline(operation)).collect();
                if !deadlines.is_empty() {
                    self.now = deadlines[index.index(deadlines.len().min(4))];
                }
                self.instant(self.now)
            }
        };
        let mut operation = self.operation(step.action);
        let mut id = OperationId::from_bytes((self.asked.len() as u128).to_be_bytes());
        match step.id {
            Id::Again(index) if !self.asked.is_empty() => {
                (id, operation) = index.get(&self.asked).clone();
                if let Operation::Reserve { deadline, .. } = &mut operation {
                    *deadline = self.instant(self.now.saturating_add(100));
                }
            }
            Id::Reused(index) if !self.asked.is_empty() => id = index.get(&self.asked).0,
            _ => {}
        }
        self.asked.push((id, operation.clone()));
        (id, operation, now)
    }

    fn instant(&self, millis: i64) -> UnixMillis {
        UnixMillis::new(millis.max(0).cast_unsigned()).expect("an instant")
    }

    fn operation(&self, action: Action) -> Operation {
        let description = || Description::new(format!("number {}", self.asked.len())).expect("a short line");
        match action {
            Action::OpenRoot(number) => Operation::OpenRoot { account: account(number) },
            Action::OpenChild(number, parent, limit) => {
                Operation::OpenChild { account: account(number), parent: account(parent), limit }
            }
            Action::SetLimit(number, limit) => Operation::SetLimit { account: account(number), limit },
            Action::Credit(number, amount) => {
                Operation::Credit { account: account(number), amount, description: description() }
            }
            Action::Reserve(number, amount, millis) => {
                let deadline = self.instant(self.now.saturating_add(millis));
                Operation::Reserve { account: account(number), amount, deadline }
            }
            Action::Settle(index, amount) => {
                let (account, reservation) = self.reservation(index);
                Operation::Settle { account, reservation, amount, description: description() }
            }
            Action::Release(index) => {
                let (account, reservation) = self.reservation(index);
                Operation::Release { account, reservation }
            }
            Action::Sweep(index) => {
                let (account, reservation) = self.reservation(index);
                Operation::Sweep { account, reservation }
            }
            Action::Charge(number, amount) => {
                Operation::Charge { account: account(number), amount, description: description() }
            }
            Action::BeginRefund(number, amount) => {
                Operation::BeginRefund { account: account(number), amount, description: description() }
            }
            Action::CompleteRefund(index) => {
                let (account, refund) = self.refund(index);
                Operation::CompleteRefund { account, refund }
            }
            Action::CancelRefund(index) => {
                let (account, refund) = self.refund(index);
                Operation::CancelRefund { account, refund, description: description() }
            }
            Action::ReleaseOf(number, index) => {
                Operation::Release { account: account(number), reservation: self.reservation(index).1 }
            }
            Action::CompleteRefundOf(number, index) => {
                Operation::CompleteRefund { account: account(number), refund: self.refund(index).1 }
            }
        }
    }

    fn reservation(&self, index: Index) -> (AccountId, OperationId) {
        self.pick(index, |operation| matches!(operation, Operation::Reserve { .. }))
    }

    fn refund(&self, index: Index) -> (AccountId, OperationId) {
        self.pick(index, |operation| matches!(operation, Operation::BeginRefund { .. }))
    }

    /// One of the last few of this kind, which may have been rejected; or one that never was.
    fn pick(&self, index: Index, is_wanted: impl Fn(&Operation) -> bool) -> (AccountId, OperationId) {
        let wanted = self.asked.iter().rev().filter(|(_, operation)| is_wanted(operation)).take(12);
        let mut picks: Vec<_> = wanted.map(|(id, operation)| (operation.account(), *id)).collect();
        picks.push((account(0), OperationId::from_bytes([0xff; 16])));
        *index.get(&picks)
    }
}

fn deadline(operation: &Operation) -> Option<i64> {
    match operation {
        Operation::Reserve { deadline, .. } => Some(deadline.as_millis().cast_signed()),
        _ => None,
    }
}
