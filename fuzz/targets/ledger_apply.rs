//! Whatever records a store hands over, the money rules make no money and lose none, and refuse what is damaged.

#![cfg_attr(fuzzing, no_main)]

use keyward_fuzz::assert_one_line;
use keyward_ledger::{
    Account, AccountFields, Chain, Changes, Msat, Operation, OperationId, Outcome, Records, Refund, Reservation, apply,
};
use keyward_lighter::UnixMillis;
use serde::Deserialize;

/// What a store has read, and what it is asked to do.
#[derive(Deserialize)]
struct Case {
    chain: Vec<Account>,
    parent: Option<Account>,
    reservation: Option<Reservation>,
    refund: Option<Refund>,
    operation: Operation,
    now: u64,
}

fn property(data: &[u8]) {
    let Ok(Case { chain, parent, reservation, refund, operation, now }) = serde_json::from_slice(data) else { return };
    let Ok(now) = UnixMillis::new(now) else { return };
    let chain = Chain::new(chain).ok();
    let before = chain.clone();
    let held = reservation.as_ref().map_or(0, |reservation| int(reservation.fields().amount));
    let records = Records { chain, parent, reservation, refund };
    let id = OperationId::from_bytes([0xee; 16]);
    match apply(records.clone(), id, &operation, now) {
        Err(error) => assert_one_line(error),
        Ok(changes) => {
            assert_eq!(apply(records, id, &operation, now).as_ref(), Ok(&changes));
            assert_eq!(changes.operation.fields().fingerprint, operation.fingerprint());
            match before {
                Some(before) => assert_same_money(&before, held, &operation, &changes),
                None => assert!(changes.accounts.iter().all(|account| money(account.fields()) == [0; 4])),
            }
        }
    }
}

/// What changes is what the operation says, on every account of the chain alike.
fn assert_same_money(before: &Chain, held: i128, operation: &Operation, changes: &Changes) {
    let (deposited, reserved, spent) = match (operation, changes.operation.fields().outcome) {
        (Operation::Credit { amount, .. }, _) => (int(*amount), 0, 0),
        (Operation::Reserve { amount, .. }, _) => (0, int(*amount), 0),
        (Operation::Charge { amount, .. }, _) => (0, 0, int(*amount)),
        (Operation::Settle { amount, .. }, Outcome::Settled { charged, shortfall, .. }) => {
            assert_eq!(int(charged) + int(shortfall), int(*amount));
            (0, -held, int(charged))
        }
        (Operation::Release { .. } | Operation::Sweep { .. }, _) => (0, -held, 0),
        _ => (0, 0, 0),
    };
    for (old, new) in before.accounts().iter().zip(&changes.accounts) {
        assert_eq!(old.id(), new.id());
        let [old, new] = [old, new].map(|account| money(account.fields()));
        let difference: [i128; 4] = core::array::from_fn(|place| new[place] - old[place]);
        assert_eq!(difference[..3], [deposited, reserved, spent], "{operation:?}");
        assert_eq!(difference[3], i128::from(changes.entry.is_some()));
    }
    if let Some(entry) = &changes.entry {
        let [old, new] = [before.root(), &changes.accounts[changes.accounts.len() - 1]];
        let change = int(new.fields().balance) - int(old.fields().balance);
        assert_eq!(i128::from(entry.signed_amount()), change);
    }
}

/// Deposits, what is reserved, what was spent, and the number of entries.
fn money(fields: &AccountFields) -> [i128; 4] {
    [int(fields.deposited), int(fields.reserved), int(fields.spent), fields.entries.into()]
}

fn int(amount: Msat) -> i128 {
    amount.as_msat().into()
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("ledger_apply", property);
}
