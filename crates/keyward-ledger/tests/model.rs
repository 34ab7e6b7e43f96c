//! Random histories, beside books that are kept in another way.

#[path = "model/history.rs"]
mod history;
#[path = "model/oracle.rs"]
mod oracle;

use std::cell::Cell;
use std::collections::BTreeSet;

use history::{ACCOUNTS, Asking, Step, account, any_history};
use keyward_ledger::{AccountId, Applied, Ledger, Msat, Operation, OperationId, Outcome, Rejection};
use keyward_time::UnixMillis;
use oracle::{Answer, Line, Oracle, Sums};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

fn all_accounts() -> impl Iterator<Item = AccountId> {
    (0..ACCOUNTS).map(account)
}

/// The books, and those they are compared with.
struct World {
    ledger: Ledger,
    oracle: Oracle,
}

impl World {
    fn ask(&mut self, id: OperationId, operation: &Operation, now: UnixMillis) -> Applied<Outcome, Rejection> {
        let before = self.ledger.clone();
        let applied = self.ledger.apply(id, operation, now);
        let answer = match applied {
            Applied::Done(outcome) => Answer::Done(outcome),
            Applied::Replayed(outcome) => Answer::Replayed(outcome),
            Applied::Rejected(reason) => Answer::Rejected(reason),
        };
        let limits: Vec<_> = all_accounts().map(|account| self.oracle.limit(account)).collect();
        assert_eq!(answer, self.oracle.ask(id, operation, now), "{operation:?}");
        if !matches!(answer, Answer::Done(_)) {
            assert!(self.ledger == before, "{answer:?} has changed something");
        }
        for (account, limit) in all_accounts().zip(limits) {
            self.check_account(account);
            // What is used grows up to the limit; where it is more, the limit was lowered.
            let used = |books: &Ledger| {
                books.account(account).map_or(0, |it| it.fields().spent.as_msat() + it.fields().reserved.as_msat())
            };
            if let Some(limit) = limit {
                assert!(used(&self.ledger) <= used(&before) || i128::from(used(&self.ledger)) <= limit);
            }
        }
        applied
    }

    fn check_account(&self, id: AccountId) {
        let account = self.ledger.account(id).map(|account| account.fields());
        assert_eq!(account.is_some(), self.oracle.exists(id));
        let Some(account) = account else { return };
        let line = self.oracle.line(id);
        assert_eq!(account.parent.as_ref(), line.get(1));
        assert_eq!(Some(&account.root), line.last());
        assert_eq!(usize::from(account.depth), line.len() - 1);
        let int = |amount: Msat| i128::from(amount.as_msat());
        let sums = Sums {
            balance: int(account.balance),
            reserved: int(account.reserved),
            withheld: int(account.withheld),
            spent: int(account.spent),
            deposited: int(account.deposited),
            refunded: int(account.refunded),
        };
        assert_eq!(sums, self.oracle.sums(id), "{id}");
        assert_eq!(account.limit.map(int), self.oracle.limit(id));
        if account.parent.is_none() {
            assert_eq!(sums.deposited, sums.balance + sums.withheld + sums.spent + sums.refunded);
            assert!(sums.reserved <= sums.balance);
        }
        let ids: Vec<_> = self.ledger.chain(id).expect("it exists").accounts().iter().map(|it| it.id()).collect();
        assert_eq!(ids, line);
    }

    /// What is compared once, at the end of a history.
    fn check_records(&self, now: UnixMillis) {
        let made = self.oracle.facts.iter().filter(|fact| matches!(fact.operation, Operation::Reserve { .. }));
        let mut due = BTreeSet::new();
        for fact in made.clone() {
            let account = fact.operation.account();
            let reservation = self.ledger.reservation(account, fact.id).expect("it was made");
            let fields = reservation.fields();
            assert_eq!(fields.state, self.oracle.reservation_state(account, fact.id));
            assert_eq!((fields.id, fields.account, fields.made_at), (fact.id, account, fact.at));
            assert!(matches!(fact.operation, Operation::Reserve { amount, .. } if amount == fields.amount));
            if reservation.is_open() && fields.deadline <= now {
                due.insert((fields.deadline, account.tag(), fact.id));
            }
        }
        assert_eq!(self.ledger.reservations().count(), made.count());
        let ledgers = |limit| -> Vec<_> {
            let due = self.ledger.due(now, limit).map(|it| it.fields());
            due.map(|it| (it.deadline, it.account.tag(), it.id)).collect()
        };
        assert_eq!(ledgers(usize::MAX), due.iter().copied().collect::<Vec<_>>());
        assert_eq!(ledgers(2), due.into_iter().take(2).collect::<Vec<_>>());
        assert_eq!(self.ledger.operations().count(), self.oracle.facts.len());
        let begun = self.oracle.facts.iter().filter(|fact| matches!(fact.operation, Operation::BeginRefund { .. }));
        for fact in begun.clone() {
            let refund = self.ledger.refund(fact.operation.account(), fact.id).expect("it was begun");
            assert_eq!(refund.is_open(), self.oracle.end(fact.operation.account(), fact.id).is_none());
        }
        assert_eq!(self.ledger.refunds().count(), begun.count());
    }

    /// The journals, page by page.
    fn check_journals(&self, page_size: usize) {
        for account in all_accounts() {
            let (mut lines, mut before) = (Vec::new(), None);
            loop {
                let page = self.ledger.entries(account, before, page_size);
                assert!(page.entries.len() == page_size || page.next.is_none());
                lines.extend(page.entries.iter().map(|entry| entry.fields()).map(|fields| Line {
                    operation: fields.operation,
                    account: fields.account,
                    kind: fields.kind,
                    change: i128::from(fields.amount.as_msat()) * if fields.kind.is_increase() { 1 } else { -1 },
                    balance_after: fields.balance_after.as_msat().into(),
                    at: fields.at,
                }));
                let Some(next) = page.next else { break };
                before = Some(next);
            }
            lines.reverse();
            assert_eq!(lines, self.oracle.journal(account), "{account}");
            let Some(fields) = self.ledger.account(account).map(|account| account.fields()) else { continue };
            assert_eq!(fields.entries, lines.len() as u64);
            if fields.parent.is_none() {
                let page = self.ledger.entries(account, None, usize::MAX);
                let numbers = page.entries.iter().rev().map(|entry| (entry.fields().root, entry.fields().number));
                assert!(numbers.eq((1..=fields.entries).map(|number| (account, number))));
            }
        }
    }
}

/// What has come up, so that the test shows that it tested it.
fn tell(applied: &Applied<Outcome, Rejection>) -> String {
    let (kind, text) = match applied {
        Applied::Done(outcome) => ("done", format!("{outcome:?}")),
        Applied::Replayed(_) => return "replayed".to_owned(),
        Applied::Rejected(reason) => ("rejected", format!("{reason:?}")),
    };
    let name = text.split([' ', '{']).next().expect("a name");
    let shortfall = matches!(applied, Applied::Done(Outcome::Settled { shortfall, .. }) if *shortfall > Msat::ZERO);
    format!("{kind} {name}{}", if shortfall { " short" } else { "" })
}

#[test]
fn whatever_is_asked_the_books_are_those_that_are_kept_in_another_way() {
    let seen = Cell::new(BTreeSet::new());
    let case = |(history, page_size): (Vec<Step>, usize)| {
        let mut world = World { ledger: Ledger::new(), oracle: Oracle::default() };
        let mut asking = Asking::new();
        let mut asked = asking.beginning();
        asked.extend(history.into_iter().map(|step| asking.ask(step)));
        let mut kinds = seen.take();
        for (id, operation, now) in &asked {
            kinds.insert(tell(&world.ask(*id, operation, *now)));
        }
        seen.set(kinds);
        let (_, _, now) = asked.last().expect("at least the beginning");
        world.check_records(*now);
        world.check_journals(page_size);
        world.ledger.snapshot().audit().expect("sound books");
        Ok(())
    };
    let mut runner = TestRunner::new(ProptestConfig { source_file: Some(file!()), ..ProptestConfig::default() });
    runner.run(&(any_history(), 1..9_usize), case).unwrap_or_else(|error| panic!("{error}"));
    let all = "done Charged, done Credited, done LimitSet, done Opened, done RefundBegun, done RefundCancelled, \
               done RefundCompleted, done Released, done Reserved, done Settled, done Settled short, done Swept, \
               rejected AccountExists, rejected DeadlinePassed, rejected InstantOutOfRange, \
               rejected InsufficientBalance, rejected LimitExceeded, rejected NotAChild, rejected NotARoot, \
               rejected NotDue, rejected OperationMismatch, rejected Overflow, rejected RefundEnded, \
               rejected ReservationEnded, rejected ReservationOpen, rejected TagMismatch, rejected TooDeep, \
               rejected UnknownAccount, rejected UnknownRefund, rejected UnknownReservation, rejected ZeroAmount, \
               replayed";
    let seen: Vec<_> = seen.take().into_iter().collect();
    // Unless it was told to look at less.
    if ProptestConfig::default().cases >= 256 {
        assert_eq!(seen.join(", "), all);
    }
}
