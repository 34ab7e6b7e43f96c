//! Random sequences of transactions, beside a model that is too simple to be wrong.

use keyward_lighter::{ApiCode, Attributes, Nonce, TimeInForce};
use proptest::prelude::*;

use crate::workbench::{
    MAIN, SLOT, START, SUB, Sendable, Workbench, change_key_with, key, order, owner, sign, token, transaction,
};

#[derive(Debug, Clone)]
enum Step {
    Rotate { slot: usize, number: u64, nonce: NonceChoice, skip: bool },
    Order { slot: usize, number: u64, nonce: NonceChoice, skip: bool },
    Batch { slot: usize, numbers: Vec<u64>, nonce: NonceChoice },
    Authenticate { slot: usize, number: u64 },
}

#[derive(Debug, Clone)]
enum NonceChoice {
    /// The one that is due, and so much more or less.
    Near(i64),
    Far(u64),
}

/// The slots that are played with.
const SLOTS: [(u64, u8); 3] = [(MAIN, SLOT), (MAIN, 0), (SUB, SLOT)];

/// A slot as it should be: a key, and the nonce that is due.
#[derive(Default, Clone, Copy)]
struct Model {
    key: Option<u64>,
    next: u64,
}

impl Model {
    fn nonce(&self, choice: &NonceChoice) -> u64 {
        match choice {
            NonceChoice::Near(offset) => self.next.saturating_add_signed(*offset).min(Nonce::MAX.as_u64()),
            NonceChoice::Far(nonce) => *nonce,
        }
    }

    fn takes(&self, nonce: u64, skip: bool) -> bool {
        if skip { nonce >= self.next && nonce < (1 << 47) - 1 } else { nonce == self.next }
    }

    fn rotate(&mut self, number: u64, nonce: u64, skip: bool) -> Option<ApiCode> {
        if !self.takes(nonce, skip) {
            return Some(ApiCode::INVALID_NONCE);
        }
        *self = Self { key: Some(number), next: nonce + 1 };
        None
    }

    fn order(&mut self, number: u64, nonce: u64, skip: bool) -> Option<ApiCode> {
        let Some(key) = self.key else { return Some(ApiCode::INVALID_PUBLIC_KEY) };
        if !self.takes(nonce, skip) {
            return Some(ApiCode::INVALID_NONCE);
        }
        if key != number {
            return Some(ApiCode::INVALID_SIGNATURE);
        }
        self.next = nonce + 1;
        None
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let nonce = || {
        prop_oneof![
            8 => Just(NonceChoice::Near(0)),
            2 => (-2_i64..3).prop_map(NonceChoice::Near),
            1 => prop_oneof![Just((1 << 47) - 2), Just((1 << 47) - 1), Just((1 << 48) - 1), 0_u64..1 << 48]
                .prop_map(NonceChoice::Far),
        ]
    };
    let slot = || 0..SLOTS.len();
    let skip = || proptest::bool::weighted(0.2);
    let step =
        prop_oneof![
            (slot(), 0_u64..3, nonce(), skip()).prop_map(|(slot, number, nonce, skip)| Step::Rotate {
                slot,
                number,
                nonce,
                skip
            }),
            (slot(), 0_u64..3, nonce(), skip()).prop_map(|(slot, number, nonce, skip)| Step::Order {
                slot,
                number,
                nonce,
                skip
            }),
            (slot(), proptest::collection::vec(0_u64..2, 1..4), nonce())
                .prop_map(|(slot, numbers, nonce)| Step::Batch { slot, numbers, nonce }),
            (slot(), 0_u64..3).prop_map(|(slot, number)| Step::Authenticate { slot, number }),
        ];
    proptest::collection::vec(step, 1..40)
}

fn attributes(skip: bool) -> Attributes {
    if skip { Attributes::SKIP_NONCE } else { Attributes::NONE }
}

fn sendable_order((account, slot): (u64, u8), number: u64, nonce: u64, skip: bool) -> Sendable {
    sign(transaction(account, slot, nonce, attributes(skip), order(1, TimeInForce::PostOnly)), &key(number))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn venue_does_as_the_model(steps in steps()) {
        let bench = Workbench::new();
        let mut models = [Model::default(); SLOTS.len()];
        for step in steps {
            match step {
                Step::Rotate { slot, number, nonce, skip } => {
                    let ((account, index), nonce) = (SLOTS[slot], models[slot].nonce(&nonce));
                    let sent = change_key_with(account, index, nonce, attributes(skip), &key(number), &owner());
                    let expected = models[slot].rotate(number, nonce, skip);
                    prop_assert_eq!(bench.send(&sent).err().map(|refusal| refusal.code), expected);
                }
                Step::Order { slot, number, nonce, skip } => {
                    let nonce = models[slot].nonce(&nonce);
                    let sent = sendable_order(SLOTS[slot], number, nonce, skip);
                    let expected = models[slot].order(number, nonce, skip);
                    prop_assert_eq!(bench.send(&sent).err().map(|refusal| refusal.code), expected);
                }
                Step::Batch { slot, numbers, nonce } => {
                    let first = models[slot].nonce(&nonce).min(Nonce::MAX.as_u64() - 3);
                    let mut after = models[slot];
                    let orders: Vec<_> = (first..).zip(numbers).collect();
                    let sent: Vec<_> =
                        orders.iter().map(|(nonce, number)| sendable_order(SLOTS[slot], *number, *nonce, false)).collect();
                    let expected = orders.iter().find_map(|(nonce, number)| after.order(*number, *nonce, false));
                    if expected.is_none() {
                        models[slot] = after;
                    }
                    prop_assert_eq!(bench.send_batch(&sent).err().map(|refusal| refusal.code), expected);
                }
                Step::Authenticate { slot, number } => {
                    let (account, index) = SLOTS[slot];
                    let token = token(account, index, &key(number), START + 60);
                    prop_assert_eq!(bench.read(&token, account).is_ok(), models[slot].key == Some(number));
                }
            }
            for ((account, slot), model) in SLOTS.into_iter().zip(&models) {
                prop_assert_eq!(bench.next_nonce(account, slot), model.next);
                let listed = model.key.map(|number| keyward_lighter::public_key_hex(key(number).verifying_key()));
                prop_assert_eq!(bench.listed_key(account, slot), listed);
            }
        }
    }
}
