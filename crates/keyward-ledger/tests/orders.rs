//! Every order of a few operations that race for two reservations.

use keyward_ledger::{AccountId, Applied, Description, Ledger, Msat, Operation, OperationId, Outcome, Rejection};
use keyward_time::UnixMillis;

const ROOT: AccountId = AccountId::from_bytes([7; 16]);
const CHILD: AccountId = AccountId::from_bytes([7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 1]);
/// A reservation on the child.
const ONE: OperationId = OperationId::from_bytes([101; 16]);
/// A reservation on the root.
const OTHER: OperationId = OperationId::from_bytes([102; 16]);

const CREDIT: u64 = 100;
const HELD_ONE: u64 = 30;
const HELD_OTHER: u64 = 40;

/// One of the things that happen, once each, in any order.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    SettleOne,
    ReleaseOne,
    SweepOne,
    SettleOther,
    ReleaseOther,
    SweepOther,
    ChargeChild,
    /// The deadlines of both come.
    Clock,
}

const EVENTS: [Event; 8] = [
    Event::SettleOne,
    Event::ReleaseOne,
    Event::SweepOne,
    Event::SettleOther,
    Event::ReleaseOther,
    Event::SweepOther,
    Event::ChargeChild,
    Event::Clock,
];

/// How much is used, and what the child may spend.
#[derive(Debug, Clone, Copy)]
struct Setting {
    used_one: u64,
    used_other: u64,
    charge: u64,
    limit: Option<u64>,
    /// The limit is lowered to this after the reservations were made.
    lowered: Option<u64>,
}

/// The same history in four plain numbers.
#[derive(Debug, Clone)]
struct Expected {
    balance: u64,
    spent_child: u64,
    held_one: u64,
    held_other: u64,
    open: [bool; 2],
    is_due: bool,
}

#[derive(Clone)]
struct Node {
    ledger: Ledger,
    expected: Expected,
    /// What was done, with its answer.
    done: Vec<(OperationId, Operation, Outcome)>,
    ended: [u32; 2],
}

fn msat(amount: u64) -> Msat {
    Msat::new(amount).expect("an amount")
}

fn millis(millis: u64) -> UnixMillis {
    UnixMillis::new(millis).expect("an instant")
}

fn start(setting: Setting) -> Node {
    let mut ledger = Ledger::new();
    let limit = setting.limit.map(msat);
    let description = Description::empty();
    let deadline = millis(1000);
    let mut operations = vec![
        Operation::OpenRoot { account: ROOT },
        Operation::OpenChild { account: CHILD, parent: ROOT, limit },
        Operation::Credit { account: ROOT, amount: msat(CREDIT), description },
    ];
    if let Some(lowered) = setting.lowered {
        operations.push(Operation::SetLimit { account: CHILD, limit: Some(msat(lowered)) });
    }
    let one = Operation::Reserve { account: CHILD, amount: msat(HELD_ONE), deadline };
    let other = Operation::Reserve { account: ROOT, amount: msat(HELD_OTHER), deadline };
    let ids = (1..).map(|id| OperationId::from_bytes([id; 16]));
    let mut named: Vec<_> = ids.zip(operations).collect();
    named.splice(3..3, [(ONE, one), (OTHER, other)]);
    for (id, operation) in named {
        assert!(matches!(ledger.apply(id, &operation, millis(10)), Applied::Done(_)), "{operation:?}");
    }
    let expected = Expected {
        balance: CREDIT,
        spent_child: 0,
        held_one: HELD_ONE,
        held_other: HELD_OTHER,
        open: [true, true],
        is_due: false,
    };
    Node { ledger, expected, done: Vec::new(), ended: [0, 0] }
}

fn operation(event: Event, setting: Setting) -> Option<Operation> {
    let description = Description::empty();
    Some(match event {
        Event::SettleOne => {
            Operation::Settle { account: CHILD, reservation: ONE, amount: msat(setting.used_one), description }
        }
        Event::ReleaseOne => Operation::Release { account: CHILD, reservation: ONE },
        Event::SweepOne => Operation::Sweep { account: CHILD, reservation: ONE },
        Event::SettleOther => {
            Operation::Settle { account: ROOT, reservation: OTHER, amount: msat(setting.used_other), description }
        }
        Event::ReleaseOther => Operation::Release { account: ROOT, reservation: OTHER },
        Event::SweepOther => Operation::Sweep { account: ROOT, reservation: OTHER },
        Event::ChargeChild => Operation::Charge { account: CHILD, amount: msat(setting.charge), description },
        Event::Clock => return None,
    })
}

impl Expected {
    /// What happens, and whether it is done.
    fn happen(&mut self, event: Event, setting: Setting) -> bool {
        let limit = setting.lowered.or(setting.limit).unwrap_or(u64::MAX);
        let free = self.balance - self.held_one - self.held_other;
        let left = limit.saturating_sub(self.spent_child).saturating_sub(self.held_one);
        match event {
            Event::Clock => {
                self.is_due = true;
                return true;
            }
            Event::ChargeChild => {
                let is_done = setting.charge <= free && self.spent_child + self.held_one + setting.charge <= limit;
                if is_done {
                    self.balance -= setting.charge;
                    self.spent_child += setting.charge;
                }
                return is_done;
            }
            Event::SweepOne | Event::SweepOther if !self.is_due => return false,
            Event::SettleOne if self.open[0] => {
                let charged = setting.used_one.min(HELD_ONE + free.min(left));
                self.balance -= charged;
                self.spent_child += charged;
            }
            Event::SettleOther if self.open[1] => self.balance -= setting.used_other.min(HELD_OTHER + free),
            _ => {}
        }
        let which = match event {
            Event::SettleOne | Event::ReleaseOne | Event::SweepOne => 0,
            _ => 1,
        };
        *[&mut self.held_one, &mut self.held_other][which] = 0;
        std::mem::replace(&mut self.open[which], false)
    }
}

fn step(node: &Node, event: Event, setting: Setting) -> Node {
    let mut node = node.clone();
    let is_done = node.expected.happen(event, setting);
    if let Some(operation) = operation(event, setting) {
        let now = millis(if node.expected.is_due { 1000 } else { 999 });
        let id = OperationId::from_bytes([50 + event as u8; 16]);
        match node.ledger.apply(id, &operation, now) {
            Applied::Done(outcome) => {
                assert!(is_done, "{event:?} was done");
                node.done.push((id, operation, outcome));
                match event {
                    Event::SettleOne | Event::ReleaseOne | Event::SweepOne => node.ended[0] += 1,
                    Event::SettleOther | Event::ReleaseOther | Event::SweepOther => node.ended[1] += 1,
                    Event::ChargeChild | Event::Clock => {}
                }
            }
            Applied::Rejected(reason) => {
                assert!(!is_done, "{event:?} was rejected: {reason}");
                let is_ended = matches!(reason, Rejection::ReservationEnded { .. });
                let is_short =
                    matches!(reason, Rejection::InsufficientBalance { .. } | Rejection::LimitExceeded { .. });
                let is_early = matches!(reason, Rejection::NotDue { .. });
                match event {
                    Event::ChargeChild => assert!(is_short, "{reason}"),
                    Event::SweepOne | Event::SweepOther => assert!(is_ended || is_early, "{reason}"),
                    _ => assert!(is_ended, "{reason}"),
                }
            }
            Applied::Replayed(_) => panic!("{event:?} had never been done"),
        }
    }
    // All that was done is answered as it was, and is not done again.
    for (id, operation, outcome) in node.done.clone() {
        assert_eq!(node.ledger.apply(id, &operation, millis(1)), Applied::Replayed(outcome));
    }
    check(&node);
    node
}

fn check(node: &Node) {
    let Expected { balance, spent_child, held_one, held_other, open, .. } = node.expected;
    let root = node.ledger.account(ROOT).expect("the root").fields();
    let child = node.ledger.account(CHILD).expect("the child").fields();
    assert_eq!((root.balance, root.spent), (msat(balance), msat(CREDIT - balance)));
    assert_eq!((root.reserved, root.deposited), (msat(held_one + held_other), msat(CREDIT)));
    assert_eq!((child.spent, child.reserved), (msat(spent_child), msat(held_one)));
    assert_eq!(node.ended, open.map(|open| u32::from(!open)));
}

/// All orders of the events whose bit is in `rest`; how many nodes there are.
fn all_orders(node: &Node, rest: u8, setting: Setting) -> usize {
    let mut nodes = 1;
    for (bit, event) in EVENTS.into_iter().enumerate() {
        if rest & (1 << bit) != 0 {
            nodes += all_orders(&step(node, event, setting), rest & !(1 << bit), setting);
        }
    }
    nodes
}

fn try_all(setting: Setting) {
    // The sum of 8!/k! for k from 0 to 8.
    assert_eq!(all_orders(&start(setting), u8::MAX, setting), 109_601);
}

#[test]
fn less_used_than_held() {
    try_all(Setting { used_one: 25, used_other: 0, charge: 20, limit: None, lowered: None });
}

#[test]
fn more_used_than_held_up_to_the_balance() {
    try_all(Setting { used_one: 70, used_other: 500, charge: 31, limit: None, lowered: None });
}

#[test]
fn more_used_than_held_up_to_the_limit() {
    try_all(Setting { used_one: 70, used_other: 40, charge: 10, limit: Some(45), lowered: None });
}

#[test]
fn limit_lowered_below_what_is_held() {
    try_all(Setting { used_one: 31, used_other: 60, charge: 10, limit: Some(30), lowered: Some(20) });
}
