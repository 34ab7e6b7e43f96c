//! Records whose fields do not fit together are none.

use keyward_ledger::{
    Account, AccountFields, AccountId, Chain, Description, Entry, EntryFields, EntryKind, MAX_ENTRIES, MAX_INSTANT,
    Msat, OperationFields, OperationId, OperationRecord, Outcome, Refund, RefundFields, RefundState, Reservation,
    ReservationFields, ReservationState,
};
use keyward_time::UnixMillis;

const LATER: UnixMillis = MAX_INSTANT.saturating_add_millis(1);

fn msat(amount: u64) -> Msat {
    Msat::new(amount).expect("an amount")
}

fn id(number: u8) -> AccountId {
    let mut bytes = [4; 16];
    bytes[15] = number;
    AccountId::from_bytes(bytes)
}

fn root() -> AccountFields {
    AccountFields {
        id: id(0),
        parent: None,
        root: id(0),
        depth: 0,
        balance: msat(60),
        reserved: msat(60),
        withheld: msat(20),
        limit: None,
        spent: msat(15),
        deposited: msat(100),
        refunded: msat(5),
        entries: MAX_ENTRIES,
        created_at: MAX_INSTANT,
    }
}

fn child(depth: u8) -> AccountFields {
    AccountFields {
        id: id(depth),
        parent: Some(id(depth - 1)),
        depth,
        balance: Msat::ZERO,
        withheld: Msat::ZERO,
        deposited: Msat::ZERO,
        refunded: Msat::ZERO,
        limit: Some(msat(3)),
        ..root()
    }
}

fn breach(fields: AccountFields) -> String {
    Account::new(fields).expect_err("no account").to_string()
}

#[test]
fn a_root_account_adds_up() {
    assert_eq!(Account::new(root()).expect("an account").fields(), &root());
    assert_eq!(breach(AccountFields { deposited: msat(101), ..root() }), "invalid account: deposits do not add up");
    assert_eq!(breach(AccountFields { balance: msat(61), ..root() }), "invalid account: deposits do not add up");
    assert_eq!(breach(AccountFields { withheld: msat(21), ..root() }), "invalid account: deposits do not add up");
    assert_eq!(breach(AccountFields { spent: msat(14), ..root() }), "invalid account: deposits do not add up");
    assert_eq!(breach(AccountFields { refunded: msat(6), ..root() }), "invalid account: deposits do not add up");
    assert_eq!(
        breach(AccountFields { reserved: msat(61), ..root() }),
        "invalid account: more is reserved than there is"
    );
    assert_eq!(breach(AccountFields { limit: Some(msat(9)), ..root() }), "invalid account: limit of a root account");
    assert_eq!(breach(AccountFields { depth: 1, ..root() }), "invalid account: depth of a root account");
    assert_eq!(breach(AccountFields { root: id(1), ..root() }), "invalid account: a root account below another");
    // Sums of four amounts of any size.
    let most = AccountFields {
        balance: Msat::MAX,
        withheld: Msat::MAX,
        spent: Msat::MAX,
        refunded: Msat::MAX,
        reserved: Msat::ZERO,
        ..root()
    };
    assert_eq!(breach(most), "invalid account: deposits do not add up");
}

#[test]
fn an_account_below_a_root_knows_its_place_and_has_no_money() {
    for depth in 1..=3 {
        assert!(Account::new(child(depth)).is_ok());
    }
    assert_eq!(breach(child(4)), "invalid account: depth out of range");
    assert_eq!(breach(AccountFields { depth: 0, ..child(1) }), "invalid account: depth out of range");
    assert_eq!(breach(AccountFields { depth: 2, ..child(1) }), "invalid account: depth and parent disagree");
    assert_eq!(breach(AccountFields { depth: 1, ..child(2) }), "invalid account: depth and parent disagree");
    assert_eq!(breach(AccountFields { root: id(1), ..child(1) }), "invalid account: an account above itself");
    assert_eq!(breach(AccountFields { parent: Some(id(1)), ..child(1) }), "invalid account: an account above itself");
    let other = AccountId::from_bytes([3; 16]);
    for fields in [AccountFields { root: other, ..child(2) }, AccountFields { parent: Some(other), ..child(2) }] {
        assert_eq!(breach(fields), "invalid account: another tag than the root's");
    }
    let rich = [
        AccountFields { balance: msat(1), ..child(1) },
        AccountFields { withheld: msat(1), ..child(1) },
        AccountFields { deposited: msat(1), ..child(1) },
        AccountFields { refunded: msat(1), ..child(1) },
    ];
    for fields in rich {
        assert_eq!(breach(fields), "invalid account: money below a root account");
    }
}

#[test]
fn numbers_of_an_account_are_in_range() {
    let too_much = AccountFields { spent: Msat::MAX, reserved: msat(1), ..child(1) };
    assert_eq!(breach(too_much), "invalid account: more spent and reserved than there can be");
    assert_eq!(
        breach(AccountFields { entries: MAX_ENTRIES + 1, ..root() }),
        "invalid account: number of entries out of range"
    );
    assert_eq!(breach(AccountFields { created_at: LATER, ..root() }), "invalid account: instant out of range");
}

#[test]
fn what_an_account_has_left() {
    let account = |limit, spent, reserved| {
        let [spent, reserved] = [spent, reserved].map(msat);
        Account::new(AccountFields { limit, spent, reserved, ..child(1) }).expect("an account")
    };
    assert_eq!(account(None, 5, 5).left(), None);
    assert_eq!(account(Some(msat(11)), 5, 5).left(), Some(msat(1)));
    assert_eq!(account(Some(msat(9)), 5, 5).left(), Some(Msat::ZERO));
    assert_eq!(account(None, 5, 5).available(), Msat::ZERO);
    let root = Account::new(AccountFields { reserved: msat(41), ..root() }).expect("an account");
    assert_eq!((root.available(), root.left(), root.is_root(), root.id()), (msat(19), None, true, id(0)));
}

#[test]
fn a_chain_leads_from_an_account_to_its_root() {
    let accounts = |fields: &[AccountFields]| -> Vec<_> {
        fields.iter().map(|fields| Account::new(fields.clone()).expect("an account")).collect()
    };
    let breach = |fields: &[AccountFields]| Chain::new(accounts(fields)).expect_err("no chain").to_string();
    let whole = [child(3), child(2), child(1), root()];
    let chain = Chain::new(accounts(&whole)).expect("a chain");
    assert_eq!((chain.account().id(), chain.root().id(), chain.accounts().len()), (id(3), id(0), 4));
    assert_eq!(breach(&[]), "invalid chain of accounts: no root account at its end");
    assert_eq!(breach(&whole[..3]), "invalid chain of accounts: no root account at its end");
    assert_eq!(breach(&[child(2), root()]), "invalid chain of accounts: not the parent");
    assert_eq!(breach(&[root(), root()]), "invalid chain of accounts: not the parent");
    let other_root = AccountFields { root: id(9), parent: Some(id(1)), ..child(2) };
    assert_eq!(breach(&[other_root, child(1), root()]), "invalid chain of accounts: not the parent's root");
    let deep = AccountFields { parent: Some(id(1)), ..child(3) };
    assert_eq!(breach(&[deep, child(1), root()]), "invalid chain of accounts: not one below the parent");
    let greater = [
        (AccountFields { spent: msat(16), ..child(1) }, "more spent than by the parent"),
        (AccountFields { reserved: msat(61), ..child(1) }, "more reserved than by the parent"),
    ];
    for (fields, what) in greater {
        assert_eq!(breach(&[fields, root()]), format!("invalid chain of accounts: {what}"));
    }
    let few = AccountFields { entries: 7, ..root() };
    assert_eq!(breach(&[child(1), few]), "invalid chain of accounts: more entries than the parent has");
}

#[test]
fn the_state_of_a_reservation_and_its_end_agree() {
    let operation = OperationId::from_bytes([2; 16]);
    let millis = |millis| UnixMillis::new(millis).expect("an instant");
    let open = ReservationFields {
        id: operation,
        account: id(0),
        amount: msat(5),
        made_at: millis(10),
        deadline: millis(11),
        state: ReservationState::Open,
        charged: Msat::ZERO,
        ended_at: None,
    };
    let ended = |state| ReservationFields { state, ended_at: Some(millis(1)), ..open.clone() };
    let settled = ReservationFields { charged: msat(9), ..ended(ReservationState::Settled) };
    for good in [open.clone(), settled, ended(ReservationState::Released), ended(ReservationState::Swept)] {
        assert_eq!(Reservation::new(good.clone()).expect("a reservation").fields(), &good);
    }
    let reservation = Reservation::new(open.clone()).expect("a reservation");
    assert!(!reservation.is_due(millis(10)) && reservation.is_due(millis(11)));
    assert!(!Reservation::new(ended(ReservationState::Swept)).expect("a reservation").is_due(LATER));
    let bad = [
        (ReservationFields { deadline: millis(10), ..open.clone() }, "deadline not after its making"),
        (ReservationFields { deadline: LATER, ..open.clone() }, "instant out of range"),
        (ReservationFields { ended_at: Some(millis(1)), ..open.clone() }, "state and end disagree"),
        (ReservationFields { ended_at: None, ..ended(ReservationState::Swept) }, "state and end disagree"),
        (ReservationFields { ended_at: Some(LATER), ..ended(ReservationState::Swept) }, "instant out of range"),
        (ReservationFields { charged: msat(1), ..open.clone() }, "a charge without a settlement"),
        (ReservationFields { charged: msat(1), ..ended(ReservationState::Released) }, "a charge without a settlement"),
    ];
    for (fields, what) in bad {
        assert_eq!(Reservation::new(fields).expect_err(what).to_string(), format!("invalid reservation: {what}"));
    }
}

#[test]
fn the_state_of_a_refund_and_its_end_agree() {
    let open = RefundFields {
        id: OperationId::from_bytes([2; 16]),
        account: id(0),
        amount: msat(5),
        begun_at: MAX_INSTANT,
        state: RefundState::Open,
        ended_at: None,
    };
    let ended = |state| RefundFields { state, ended_at: Some(UnixMillis::EPOCH), ..open.clone() };
    for good in [open.clone(), ended(RefundState::Completed), ended(RefundState::Cancelled)] {
        assert_eq!(Refund::new(good.clone()).expect("a refund").fields(), &good);
    }
    let bad = [
        (RefundFields { amount: Msat::ZERO, ..open.clone() }, "no amount"),
        (RefundFields { begun_at: LATER, ..open.clone() }, "instant out of range"),
        (RefundFields { ended_at: Some(LATER), ..ended(RefundState::Completed) }, "instant out of range"),
        (RefundFields { ended_at: None, ..ended(RefundState::Completed) }, "state and end disagree"),
        (RefundFields { state: RefundState::Open, ..ended(RefundState::Completed) }, "state and end disagree"),
    ];
    for (fields, what) in bad {
        assert_eq!(Refund::new(fields).expect_err(what).to_string(), format!("invalid refund: {what}"));
    }
}

#[test]
fn an_entry_leads_from_one_balance_to_another() {
    let deposit = EntryFields {
        root: id(0),
        number: 1,
        account: id(0),
        operation: OperationId::from_bytes([2; 16]),
        kind: EntryKind::Deposit,
        amount: msat(5),
        balance_after: msat(5),
        description: Description::empty(),
        at: MAX_INSTANT,
    };
    let usage = EntryFields { kind: EntryKind::Usage, account: id(1), ..deposit.clone() };
    let signed = |fields: &EntryFields| Entry::new(fields.clone()).expect("an entry").signed_amount();
    assert_eq!((signed(&deposit), signed(&usage)), (5, -5));
    assert_eq!(signed(&EntryFields { amount: Msat::ZERO, ..usage.clone() }), 0);
    let most = EntryFields { amount: Msat::MAX, balance_after: Msat::ZERO, ..usage.clone() };
    assert_eq!(signed(&most), -9_007_199_254_740_991);
    let (before, other_tag) = ("balance out of range before it", AccountId::from_bytes([3; 16]));
    let bad = [
        (EntryFields { number: 0, ..deposit.clone() }, "number out of range"),
        (EntryFields { number: MAX_ENTRIES + 1, ..deposit.clone() }, "number out of range"),
        (EntryFields { account: id(1), ..deposit.clone() }, "not about the root account"),
        (EntryFields { account: other_tag, ..usage.clone() }, "another tag than the root's"),
        (EntryFields { amount: Msat::ZERO, ..deposit.clone() }, "no amount"),
        (EntryFields { balance_after: msat(4), ..deposit.clone() }, before),
        (EntryFields { balance_after: msat(4), kind: EntryKind::RefundCancelled, ..deposit.clone() }, before),
        (EntryFields { balance_after: Msat::MAX, ..usage.clone() }, before),
        (EntryFields { balance_after: Msat::MAX, kind: EntryKind::Refund, ..deposit.clone() }, before),
        (EntryFields { at: LATER, ..usage.clone() }, "instant out of range"),
    ];
    for (fields, what) in bad {
        assert_eq!(Entry::new(fields).expect_err(what).to_string(), format!("invalid journal entry: {what}"));
    }
}

#[test]
fn instants_of_an_operation_are_in_range() {
    let operation = keyward_ledger::Operation::OpenRoot { account: id(0) };
    let good = OperationFields {
        id: OperationId::from_bytes([2; 16]),
        account: id(0),
        fingerprint: operation.fingerprint(),
        outcome: Outcome::Reserved { deadline: MAX_INSTANT },
        at: MAX_INSTANT,
    };
    assert_eq!(OperationRecord::new(good.clone()).expect("a record").fields(), &good);
    let outcome = Outcome::Reserved { deadline: LATER };
    for bad in [OperationFields { at: LATER, ..good.clone() }, OperationFields { outcome, ..good.clone() }] {
        let error = OperationRecord::new(bad).expect_err("out of range");
        assert_eq!(error.to_string(), "invalid operation: instant out of range");
    }
}

#[test]
fn names_of_states_and_kinds_are_read_back() {
    for (state, name) in [
        (ReservationState::Open, "open"),
        (ReservationState::Settled, "settled"),
        (ReservationState::Released, "released"),
        (ReservationState::Swept, "swept"),
    ] {
        assert_eq!((state.to_string().as_str(), name.parse()), (name, Ok(state)));
    }
    for (state, name) in
        [(RefundState::Open, "open"), (RefundState::Completed, "completed"), (RefundState::Cancelled, "cancelled")]
    {
        assert_eq!((state.to_string().as_str(), name.parse()), (name, Ok(state)));
    }
    for (kind, name) in [
        (EntryKind::Deposit, "deposit"),
        (EntryKind::Usage, "usage"),
        (EntryKind::Refund, "refund"),
        (EntryKind::RefundCancelled, "refund_cancelled"),
    ] {
        assert_eq!((kind.to_string().as_str(), name.parse()), (name, Ok(kind)));
    }
    for name in ["", "Open", "open ", "paid"] {
        assert!(name.parse::<ReservationState>().is_err());
        assert!(name.parse::<RefundState>().is_err());
        assert!(name.parse::<EntryKind>().is_err());
    }
}
