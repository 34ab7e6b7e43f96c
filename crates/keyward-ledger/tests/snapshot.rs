//! An audit finds what is wrong with books.

use keyward_ledger::{
    Account, AccountFields, AccountId, Applied, Description, Entry, EntryFields, Ledger, Msat, Operation,
    OperationFields, OperationId, OperationRecord, Outcome, Refund, RefundFields, RefundState, Reservation,
    ReservationFields, ReservationState, Snapshot,
};
use keyward_time::UnixMillis;

const ROOT: AccountId = AccountId::from_bytes([5; 16]);
const CHILD: AccountId = AccountId::from_bytes([5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 6]);

fn msat(amount: u64) -> Msat {
    Msat::new(amount).expect("an amount")
}

/// Books with something of everything.
fn books() -> Snapshot {
    let mut ledger = Ledger::new();
    let (note, now) = ("note".parse().expect("a description"), UnixMillis::new(1000).expect("an instant"));
    let id = |number: u8| OperationId::from_bytes([number; 16]);
    let reserve = |amount| Operation::Reserve {
        account: CHILD,
        amount: msat(amount),
        deadline: now.saturating_add_millis(amount),
    };
    let refund = |amount, description| Operation::BeginRefund { account: ROOT, amount: msat(amount), description };
    let description = || Description::clone(&note);
    let operations = [
        Operation::OpenRoot { account: ROOT },
        Operation::OpenChild { account: CHILD, parent: ROOT, limit: Some(msat(500)) },
        Operation::Credit { account: ROOT, amount: msat(1000), description: description() },
        refund(100, description()),
        Operation::CompleteRefund { account: ROOT, refund: id(4) },
        refund(50, description()),
        Operation::CancelRefund { account: ROOT, refund: id(6), description: description() },
        refund(20, description()),
        reserve(30),
        Operation::Settle { account: CHILD, reservation: id(9), amount: msat(25), description: description() },
        reserve(40),
        Operation::Release { account: CHILD, reservation: id(11) },
        reserve(60),
        Operation::Charge { account: CHILD, amount: msat(7), description: description() },
    ];
    for (number, operation) in (1..).zip(operations) {
        assert!(matches!(ledger.apply(id(number), &operation, now), Applied::Done(_)), "{operation:?}");
    }
    ledger.snapshot()
}

fn breach(change: impl FnOnce(&mut Snapshot)) -> String {
    let mut snapshot = books();
    change(&mut snapshot);
    snapshot.audit().expect_err("damaged books").to_string()
}

fn account(account: &mut Account, change: impl FnOnce(&mut AccountFields)) {
    let mut fields = account.fields().clone();
    change(&mut fields);
    *account = Account::new(fields).expect("good by itself");
}

fn entry(entry: &mut Entry, change: impl FnOnce(&mut EntryFields)) {
    let mut fields = entry.fields().clone();
    change(&mut fields);
    *entry = Entry::new(fields).expect("good by itself");
}

fn reservation(reservation: &mut Reservation, change: impl FnOnce(&mut ReservationFields)) {
    let mut fields = reservation.fields().clone();
    change(&mut fields);
    *reservation = Reservation::new(fields).expect("good by itself");
}

fn refund(refund: &mut Refund, change: impl FnOnce(&mut RefundFields)) {
    let mut fields = refund.fields().clone();
    change(&mut fields);
    *refund = Refund::new(fields).expect("good by itself");
}

fn operation(operation: &mut OperationRecord, change: impl FnOnce(&mut OperationFields)) {
    let mut fields = operation.fields().clone();
    change(&mut fields);
    *operation = OperationRecord::new(fields).expect("good by itself");
}

#[test]
fn sound_books_pass_in_any_order() {
    let mut snapshot = books();
    assert_eq!(snapshot.audit(), Ok(()));
    assert_eq!(Snapshot::default().audit(), Ok(()));
    let sorted = snapshot.clone();
    snapshot.accounts.reverse();
    snapshot.reservations.reverse();
    snapshot.refunds.reverse();
    snapshot.entries.reverse();
    snapshot.operations.reverse();
    assert_eq!(snapshot.audit(), Ok(()));
    assert_ne!(snapshot, sorted);
    snapshot.sort();
    assert_eq!(snapshot, sorted);
}

fn none_can_be_lost<T>(records: fn(&mut Snapshot) -> &mut Vec<T>) {
    let count = records(&mut books()).len();
    assert!(count > 1);
    for place in 0..count {
        breach(|snapshot| {
            records(snapshot).remove(place);
        });
    }
}

#[test]
fn no_record_can_be_lost() {
    none_can_be_lost(|snapshot| &mut snapshot.accounts);
    none_can_be_lost(|snapshot| &mut snapshot.reservations);
    none_can_be_lost(|snapshot| &mut snapshot.refunds);
    none_can_be_lost(|snapshot| &mut snapshot.entries);
    none_can_be_lost(|snapshot| &mut snapshot.operations);
}

#[test]
fn no_record_can_be_there_twice() {
    assert_eq!(breach(|it| it.accounts.push(it.accounts[0].clone())), "invalid account: there twice");
    assert_eq!(breach(|it| it.operations.push(it.operations[0].clone())), "invalid operation: there twice");
    // Also if another one is missing.
    assert_eq!(breach(|it| it.reservations[1] = it.reservations[0].clone()), "invalid reservation: there twice");
    assert_eq!(breach(|it| it.refunds[1] = it.refunds[0].clone()), "invalid refund: there twice");
    assert_eq!(breach(|it| it.entries[1] = it.entries[0].clone()), "invalid journal entry: two of one operation");
}

#[test]
fn sums_of_an_account_are_those_of_its_records() {
    let sums = "invalid account: other sums than those of its records";
    let child = |change: fn(&mut AccountFields)| breach(|it| account(&mut it.accounts[0], change));
    assert_eq!(books().accounts[0].id(), CHILD);
    assert_eq!(child(|it| it.reserved = msat(59)), sums);
    assert_eq!(child(|it| it.spent = msat(31)), sums);
    assert_eq!(child(|it| it.entries = 3), sums);
    let root = |change: fn(&mut AccountFields)| breach(|it| account(&mut it.accounts[1], change));
    assert_eq!(root(|it| it.reserved = msat(61)), sums);
    assert_eq!(root(|it| (it.deposited, it.balance) = (msat(1001), msat(849))), sums);
    assert_eq!(root(|it| (it.withheld, it.refunded) = (msat(0), msat(120))), sums);
    assert_eq!(root(|it| it.entries = 9), sums);
}

#[test]
fn a_journal_has_no_gap_and_its_balances_follow() {
    let follows = "invalid journal: a gap, or a balance that does not follow";
    assert_eq!(breach(|it| entry(it.entries.last_mut().expect("one"), |it| it.number += 1)), follows);
    assert_eq!(breach(|it| entry(&mut it.entries[2], |it| it.balance_after = msat(5))), follows);
}

#[test]
fn what_is_remembered_agrees_with_the_records() {
    let outcome = |number: usize, outcome: Outcome| {
        breach(|it| operation(&mut it.operations[number - 1], |it| it.outcome = outcome))
    };
    assert_eq!(outcome(1, Outcome::LimitSet), "invalid operations: more or fewer than records");
    assert_eq!(outcome(3, Outcome::Credited { balance: msat(999) }), "invalid journal entry: not that operation's");
    assert_eq!(outcome(4, Outcome::LimitSet), "invalid refund: not that operation's");
    let deadline = UnixMillis::EPOCH;
    assert_eq!(outcome(9, Outcome::Reserved { deadline }), "invalid reservation: not that operation's");
    assert_eq!(outcome(12, Outcome::Swept { amount: msat(40) }), "invalid operations: more or fewer than records");
    assert_eq!(
        breach(|it| reservation(&mut it.reservations[0], |it| it.charged = msat(24))),
        "invalid reservation: another charge than the operation's"
    );
    assert_eq!(
        breach(|it| reservation(&mut it.reservations[1], |it| it.state = ReservationState::Swept)),
        "invalid operations: more or fewer than records"
    );
    let swapped = breach(|it| {
        refund(&mut it.refunds[0], |it| it.state = RefundState::Cancelled);
        refund(&mut it.refunds[1], |it| it.state = RefundState::Completed);
    });
    assert_eq!(swapped, "invalid account: other sums than those of its records");
}
