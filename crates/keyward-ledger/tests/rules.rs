//! One rule after the other.

use keyward_ledger::{
    Account, AccountFields, AccountId, Applied, Chain, Description, EntryKind, Ledger, MAX_INSTANT, Msat, NotApplied,
    Operation, OperationId, Outcome, Records, RefundState, Rejection, ReservationState, apply,
};
use keyward_time::UnixMillis;

const NOW: u64 = 1_763_683_200_000;

/// Books with a root account and three below it, in a row.
struct World {
    ledger: Ledger,
    now: UnixMillis,
    operations: u64,
}

fn account(number: u8) -> AccountId {
    let mut bytes = [9; 16];
    bytes[15] = number;
    AccountId::from_bytes(bytes)
}

const fn root() -> AccountId {
    AccountId::from_bytes([9; 16])
}

fn msat(amount: u64) -> Msat {
    Msat::new(amount).expect("an amount")
}

fn note(text: &str) -> Description {
    text.parse().expect("a description")
}

impl World {
    fn new(balance: u64) -> Self {
        let now = UnixMillis::new(NOW).expect("an instant");
        let mut world = Self { ledger: Ledger::new(), now, operations: 0 };
        world.done(Operation::OpenRoot { account: root() });
        for (number, parent) in [(1, root()), (2, account(1)), (3, account(2))] {
            world.done(Operation::OpenChild { account: account(number), parent, limit: None });
        }
        if balance > 0 {
            world.credit(balance);
        }
        world
    }

    fn id(&mut self) -> OperationId {
        self.operations += 1;
        OperationId::from_bytes(u128::from(self.operations).to_be_bytes())
    }

    fn apply(&mut self, operation: &Operation) -> Applied<Outcome, Rejection> {
        let id = self.id();
        self.ledger.apply(id, operation, self.now)
    }

    fn done(&mut self, operation: Operation) -> Outcome {
        match self.apply(&operation) {
            Applied::Done(outcome) => outcome,
            other => panic!("{operation:?}: {other:?}"),
        }
    }

    fn rejected(&mut self, operation: Operation) -> Rejection {
        let before = self.ledger.clone();
        match self.apply(&operation) {
            Applied::Rejected(reason) => {
                assert_eq!(self.ledger, before);
                reason
            }
            other => panic!("{operation:?}: {other:?}"),
        }
    }

    fn credit(&mut self, amount: u64) -> Outcome {
        self.done(Operation::Credit { account: root(), amount: msat(amount), description: note("deposit") })
    }

    fn limit(&mut self, account: AccountId, limit: u64) {
        assert_eq!(self.done(Operation::SetLimit { account, limit: Some(msat(limit)) }), Outcome::LimitSet);
    }

    fn reserve(&mut self, account: AccountId, amount: u64) -> OperationId {
        let deadline = self.now.saturating_add_millis(1000);
        assert_eq!(
            self.done(Operation::Reserve { account, amount: msat(amount), deadline }),
            Outcome::Reserved { deadline }
        );
        OperationId::from_bytes(u128::from(self.operations).to_be_bytes())
    }

    fn fields(&self, id: AccountId) -> &AccountFields {
        self.ledger.account(id).expect("an account").fields()
    }
}

fn reserve(account: AccountId, amount: u64) -> Operation {
    Operation::Reserve { account, amount: msat(amount), deadline: MAX_INSTANT }
}

fn charge(account: AccountId, amount: u64) -> Operation {
    Operation::Charge { account, amount: msat(amount), description: note("charge") }
}

fn settle(account: AccountId, reservation: OperationId, amount: u64) -> Operation {
    Operation::Settle { account, reservation, amount: msat(amount), description: note("usage") }
}

fn begin_refund(amount: u64) -> Operation {
    Operation::BeginRefund { account: root(), amount: msat(amount), description: note("refund") }
}

#[test]
fn a_charge_below_the_root_is_booked_on_every_account_up_to_it() {
    let mut world = World::new(500);
    assert_eq!(world.done(charge(account(2), 120)), Outcome::Charged { balance: msat(380) });
    let spent = [root(), account(1), account(2), account(3)].map(|id| world.fields(id).spent.as_msat());
    assert_eq!(spent, [120, 120, 120, 0]);
    let entries = [root(), account(1), account(2), account(3)].map(|id| world.fields(id).entries);
    assert_eq!(entries, [2, 1, 1, 0]);
    assert_eq!(world.fields(root()).balance, msat(380));
}

#[test]
fn the_deepest_account_is_three_below_the_root() {
    let mut world = World::new(0);
    let deeper = Operation::OpenChild { account: account(4), parent: account(3), limit: None };
    assert_eq!(world.rejected(deeper), Rejection::TooDeep);
    assert_eq!(world.ledger.chain(account(3)).expect("a chain").accounts().len(), 4);
}

#[test]
fn a_child_has_its_parents_tag_and_a_new_id() {
    let mut world = World::new(0);
    let open = |account, parent| Operation::OpenChild { account, parent, limit: None };
    let other_tag = AccountId::from_bytes([8; 16]);
    assert_eq!(world.rejected(open(other_tag, root())), Rejection::TagMismatch);
    assert_eq!(world.rejected(open(account(1), root())), Rejection::AccountExists);
    assert_eq!(world.rejected(open(root(), account(1))), Rejection::AccountExists);
    assert_eq!(world.rejected(open(account(5), account(5))), Rejection::UnknownAccount { account: account(5) });
    assert_eq!(world.rejected(Operation::OpenRoot { account: root() }), Rejection::AccountExists);
}

#[test]
fn two_roots_with_one_tag_have_nothing_in_common() {
    let mut world = World::new(50);
    let stranger = account(77);
    world.done(Operation::OpenRoot { account: stranger });
    assert_eq!(
        world.rejected(charge(stranger, 1)),
        Rejection::InsufficientBalance { available: Msat::ZERO, required: msat(1) }
    );
    let reservation = world.reserve(root(), 10);
    assert_eq!(world.rejected(settle(stranger, reservation, 1)), Rejection::UnknownReservation);
    assert_eq!(world.ledger.reservation(stranger, reservation), None);
}

#[test]
fn the_limit_nearest_to_the_account_is_named_and_limits_come_before_the_balance() {
    let mut world = World::new(10);
    world.limit(account(1), 30);
    world.limit(account(2), 20);
    let exceeded =
        |account, left, required| Rejection::LimitExceeded { account, left: msat(left), required: msat(required) };
    assert_eq!(world.rejected(charge(account(3), 31)), exceeded(account(2), 20, 31));
    assert_eq!(world.rejected(reserve(account(1), 31)), exceeded(account(1), 30, 31));
    let short = Rejection::InsufficientBalance { available: msat(10), required: msat(20) };
    assert_eq!(world.rejected(reserve(account(2), 20)), short);
    world.credit(100);
    assert_eq!(world.done(charge(account(3), 20)), Outcome::Charged { balance: msat(90) });
    // What a child has used counts for its parent as well.
    assert_eq!(world.rejected(charge(account(1), 11)), exceeded(account(1), 10, 11));
}

#[test]
fn what_is_reserved_counts_for_limit_and_balance_at_once() {
    let mut world = World::new(100);
    world.limit(account(1), 60);
    world.reserve(account(2), 50);
    let exceeded = Rejection::LimitExceeded { account: account(1), left: msat(10), required: msat(11) };
    assert_eq!(world.rejected(charge(account(1), 11)), exceeded);
    let short = Rejection::InsufficientBalance { available: msat(50), required: msat(51) };
    assert_eq!(world.rejected(charge(root(), 51)), short);
    assert_eq!(world.done(charge(root(), 50)), Outcome::Charged { balance: msat(50) });
    let chain = world.ledger.chain(account(2)).expect("a chain");
    assert_eq!((chain.spendable(), chain.root().available()), (Msat::ZERO, Msat::ZERO));
}

#[test]
fn settling_takes_what_was_used_and_frees_the_rest() {
    let mut world = World::new(100);
    let reservation = world.reserve(account(1), 80);
    let settled = Outcome::Settled { charged: msat(30), shortfall: Msat::ZERO, balance: msat(70) };
    assert_eq!(world.done(settle(account(1), reservation, 30)), settled);
    assert_eq!(world.fields(account(1)).reserved, Msat::ZERO);
    let fields = world.ledger.reservation(account(1), reservation).expect("it was made").fields();
    assert_eq!((fields.state, fields.charged), (ReservationState::Settled, msat(30)));
    assert_eq!(fields.ended_at, Some(world.now));
    let ended = Rejection::ReservationEnded { state: ReservationState::Settled };
    assert_eq!(world.rejected(settle(account(1), reservation, 30)), ended);
}

#[test]
fn settling_beyond_what_was_reserved_takes_what_others_and_limits_leave() {
    let mut world = World::new(100);
    let first = world.reserve(root(), 20);
    world.reserve(root(), 50);
    let settled = Outcome::Settled { charged: msat(50), shortfall: msat(150), balance: msat(50) };
    assert_eq!(world.done(settle(root(), first, 200)), settled);

    let mut world = World::new(100);
    world.limit(account(1), 25);
    let reservation = world.reserve(account(2), 20);
    let settled = Outcome::Settled { charged: msat(25), shortfall: msat(5), balance: msat(75) };
    assert_eq!(world.done(settle(account(2), reservation, 30)), settled);
}

#[test]
fn what_was_reserved_can_be_charged_whatever_the_limit_is_now() {
    let mut world = World::new(100);
    let reservation = world.reserve(account(1), 20);
    world.limit(account(1), 5);
    assert_eq!(
        world.rejected(charge(account(1), 0)),
        Rejection::LimitExceeded { account: account(1), left: Msat::ZERO, required: Msat::ZERO }
    );
    let settled = Outcome::Settled { charged: msat(20), shortfall: msat(1), balance: msat(80) };
    assert_eq!(world.done(settle(account(1), reservation, 21)), settled);
}

#[test]
fn a_reservation_is_due_at_its_deadline_and_not_before() {
    let mut world = World::new(100);
    let reservation = world.reserve(account(3), 60);
    let sweep = Operation::Sweep { account: account(3), reservation };
    let deadline = world.now.saturating_add_millis(1000);
    world.now = world.now.saturating_add_millis(999);
    assert_eq!(world.rejected(sweep.clone()), Rejection::NotDue { deadline });
    assert_eq!(world.ledger.due(world.now, 10).count(), 0);
    world.now = deadline;
    assert_eq!(world.ledger.due(world.now, 10).map(|it| it.id()).collect::<Vec<_>>(), [reservation]);
    assert_eq!(world.ledger.due(world.now, 0).count(), 0);
    assert_eq!(world.done(sweep.clone()), Outcome::Swept { amount: msat(60) });
    assert_eq!(world.ledger.due(world.now, 10).count(), 0);
    let swept = Rejection::ReservationEnded { state: ReservationState::Swept };
    assert_eq!(world.rejected(sweep), swept);
    assert_eq!(world.rejected(settle(account(3), reservation, 1)), swept);
    assert_eq!(world.fields(root()).reserved, Msat::ZERO);
}

#[test]
fn until_it_is_swept_a_reservation_that_is_due_can_be_settled() {
    let mut world = World::new(100);
    let reservation = world.reserve(root(), 60);
    world.now = MAX_INSTANT;
    let settled = Outcome::Settled { charged: msat(60), shortfall: Msat::ZERO, balance: msat(40) };
    assert_eq!(world.done(settle(root(), reservation, 60)), settled);
}

#[test]
fn a_deadline_lies_ahead_and_in_range() {
    let mut world = World::new(100);
    let reserve = |deadline| Operation::Reserve { account: root(), amount: msat(1), deadline };
    assert_eq!(world.rejected(reserve(world.now)), Rejection::DeadlinePassed);
    assert_eq!(world.rejected(reserve(MAX_INSTANT.saturating_add_millis(1))), Rejection::InstantOutOfRange);
    world.done(reserve(world.now.saturating_add_millis(1)));
    world.now = MAX_INSTANT.saturating_add_millis(1);
    assert_eq!(world.rejected(charge(root(), 1)), Rejection::InstantOutOfRange);
}

#[test]
fn a_refund_waits_for_what_is_reserved() {
    let mut world = World::new(100);
    let reservation = world.reserve(account(3), 1);
    assert_eq!(world.rejected(begin_refund(10)), Rejection::ReservationOpen { reserved: msat(1) });
    world.done(Operation::Release { account: account(3), reservation });
    let short = Rejection::InsufficientBalance { available: msat(100), required: msat(101) };
    assert_eq!(world.rejected(begin_refund(101)), short);
    assert_eq!(world.done(begin_refund(100)), Outcome::RefundBegun { balance: Msat::ZERO });
    assert_eq!(world.fields(root()).withheld, msat(100));
}

#[test]
fn a_refund_is_paid_or_returned_and_never_both() {
    for is_paid in [true, false] {
        let mut world = World::new(100);
        world.done(begin_refund(70));
        let refund = OperationId::from_bytes(u128::from(world.operations).to_be_bytes());
        let complete = Operation::CompleteRefund { account: root(), refund };
        let cancel = Operation::CancelRefund { account: root(), refund, description: note("the mint refused") };
        let (state, outcome, balance) = if is_paid {
            (RefundState::Completed, world.done(complete.clone()), 30)
        } else {
            (RefundState::Cancelled, world.done(cancel.clone()), 100)
        };
        match outcome {
            Outcome::RefundCompleted { amount } => assert_eq!(amount, msat(70)),
            outcome => assert_eq!(outcome, Outcome::RefundCancelled { amount: msat(70), balance: msat(100) }),
        }
        for again in [complete, cancel] {
            assert_eq!(world.rejected(again), Rejection::RefundEnded { state });
        }
        let fields = world.fields(root());
        assert_eq!((fields.balance, fields.withheld), (msat(balance), Msat::ZERO));
        assert_eq!(fields.refunded, msat(100 - balance));
        let kinds: Vec<_> = world.ledger.entries(root(), None, 9).entries.iter().map(|it| it.signed_amount()).collect();
        assert_eq!(kinds, if is_paid { vec![-70, 100] } else { vec![70, -70, 100] });
    }
}

#[test]
fn only_root_accounts_hold_money_and_only_others_a_limit() {
    let mut world = World::new(0);
    let credit = Operation::Credit { account: account(1), amount: msat(1), description: note("") };
    assert_eq!(world.rejected(credit), Rejection::NotARoot);
    let refund = Operation::BeginRefund { account: account(1), amount: msat(1), description: note("") };
    assert_eq!(world.rejected(refund), Rejection::NotARoot);
    assert_eq!(world.rejected(Operation::SetLimit { account: root(), limit: None }), Rejection::NotAChild);
}

#[test]
fn deposits_are_bounded_for_ever() {
    let mut world = World::new(Msat::MAX.as_msat());
    world.done(charge(root(), Msat::MAX.as_msat()));
    let credit = Operation::Credit { account: root(), amount: msat(1), description: note("") };
    assert_eq!(world.rejected(credit), Rejection::Overflow);
}

#[test]
fn nothing_is_credited_or_refunded_only_as_something() {
    let mut world = World::new(5);
    let credit = Operation::Credit { account: root(), amount: Msat::ZERO, description: note("") };
    assert_eq!(world.rejected(credit), Rejection::ZeroAmount);
    assert_eq!(world.rejected(begin_refund(0)), Rejection::ZeroAmount);
    // What costs nothing can be used.
    assert_eq!(world.done(charge(root(), 0)), Outcome::Charged { balance: msat(5) });
    let reservation = world.reserve(root(), 0);
    let settled = Outcome::Settled { charged: Msat::ZERO, shortfall: Msat::ZERO, balance: msat(5) };
    assert_eq!(world.done(settle(root(), reservation, 0)), settled);
}

#[test]
fn a_rejected_operation_may_be_tried_again_with_its_id() {
    let mut world = World::new(10);
    let id = world.id();
    let operation = charge(root(), 15);
    let rejected = world.ledger.apply(id, &operation, world.now);
    assert!(matches!(rejected, Applied::Rejected(Rejection::InsufficientBalance { .. })));
    world.credit(10);
    let done = Outcome::Charged { balance: msat(5) };
    assert_eq!(world.ledger.apply(id, &operation, world.now), Applied::Done(done));
    assert_eq!(world.ledger.apply(id, &operation, MAX_INSTANT.saturating_add_millis(1)), Applied::Replayed(done));
    let other = world.ledger.apply(id, &charge(root(), 14), world.now);
    assert_eq!(other, Applied::Rejected(Rejection::OperationMismatch));
    assert_eq!(world.fields(root()).spent, msat(15));
}

#[test]
fn a_replayed_reservation_keeps_its_deadline() {
    let mut world = World::new(10);
    let id = world.id();
    let [first, second] = [1000, 2000].map(|millis| world.now.saturating_add_millis(millis));
    let reserve = |deadline| Operation::Reserve { account: root(), amount: msat(1), deadline };
    let done = Outcome::Reserved { deadline: first };
    assert_eq!(world.ledger.apply(id, &reserve(first), world.now), Applied::Done(done));
    assert_eq!(world.ledger.apply(id, &reserve(second), world.now), Applied::Replayed(done));
    assert_eq!(world.ledger.reservation(root(), id).expect("it was made").fields().deadline, first);
}

#[test]
fn the_same_id_under_another_tag_is_another_operation() {
    let mut world = World::new(10);
    let id = world.id();
    let elsewhere = AccountId::from_bytes([1; 16]);
    assert_eq!(
        world.ledger.apply(id, &Operation::OpenRoot { account: elsewhere }, world.now),
        Applied::Done(Outcome::Opened)
    );
    let done = Outcome::Charged { balance: Msat::ZERO };
    assert_eq!(world.ledger.apply(id, &charge(root(), 10), world.now), Applied::Done(done));
}

#[test]
fn a_journal_tells_every_change_of_the_balance() {
    let mut world = World::new(100);
    world.done(charge(account(3), 10));
    world.done(charge(account(1), 5));
    let lines = |world: &World, id| -> Vec<_> {
        let page = world.ledger.entries(id, None, 10);
        assert_eq!(page.next, None);
        let fields = page.entries.iter().map(|entry| entry.fields());
        fields.map(|it| (it.number, it.account, it.kind, it.balance_after.as_msat())).collect()
    };
    let [usage_1, usage_3] = [(3, account(1), EntryKind::Usage, 85), (2, account(3), EntryKind::Usage, 90)];
    assert_eq!(lines(&world, root()), [usage_1, usage_3, (1, root(), EntryKind::Deposit, 100)]);
    assert_eq!(lines(&world, account(1)), [usage_1, usage_3]);
    assert_eq!(lines(&world, account(3)), [usage_3]);
    assert_eq!(lines(&world, account(99)), []);
}

#[test]
fn pages_of_a_journal_do_not_shift_when_entries_are_made() {
    let mut world = World::new(100);
    for _ in 0..4 {
        world.done(charge(root(), 1));
    }
    let numbers = |world: &World, before| -> (Vec<u64>, Option<u64>) {
        let page = world.ledger.entries(root(), before, 2);
        (page.entries.iter().map(|entry| entry.fields().number).collect(), page.next)
    };
    assert_eq!(numbers(&world, None), (vec![5, 4], Some(4)));
    world.done(charge(root(), 1));
    assert_eq!(numbers(&world, Some(4)), (vec![3, 2], Some(2)));
    assert_eq!(numbers(&world, Some(2)), (vec![1], None));
    for none in [0, 1] {
        assert_eq!(numbers(&world, Some(none)), (vec![], None));
    }
    assert_eq!(numbers(&world, Some(u64::MAX)), (vec![6, 5], Some(5)));
}

#[test]
fn records_of_another_operation_are_refused() {
    let mut world = World::new(100);
    let reservation = world.reserve(account(1), 10);
    world.done(Operation::OpenRoot { account: account(50) });
    let operation = Operation::Release { account: account(1), reservation };
    let good = world.ledger.records(&operation);
    let id = world.id();
    assert!(apply(good.clone(), id, &operation, world.now).is_ok());
    let other = world.reserve(account(1), 10);
    let damaged = [
        Records { chain: world.ledger.chain(account(2)), ..good.clone() },
        Records { parent: world.ledger.account(root()).cloned(), ..good.clone() },
        Records { reservation: world.ledger.reservation(account(1), other).cloned(), ..good.clone() },
    ];
    for records in damaged {
        assert!(matches!(apply(records, id, &operation, world.now), Err(NotApplied::Invalid(_))));
    }
    let missing = Records { reservation: None, ..good };
    let unknown = NotApplied::Rejected(Rejection::UnknownReservation);
    assert_eq!(apply(missing, id, &operation, world.now), Err(unknown));
}

#[test]
fn books_that_hold_less_than_a_reservation_are_refused() {
    let mut world = World::new(100);
    let reservation = world.reserve(root(), 10);
    let operation = Operation::Release { account: root(), reservation };
    let mut records = world.ledger.records(&operation);
    let fields = AccountFields { reserved: msat(9), ..world.fields(root()).clone() };
    let damaged = Account::new(fields).expect("good by itself");
    records.chain = Some(Chain::new(vec![damaged]).expect("a chain"));
    let id = world.id();
    assert!(matches!(apply(records, id, &operation, world.now), Err(NotApplied::Invalid(_))));
}
