//! Transactions, from fields to JSON.

use std::{hint::black_box, num::NonZero};

use getrandom::SysRng;
use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, Attributes, BaseAmount, ChainId, ChangePubKey, CreateOrder, MarketIndex, Nonce,
    OrderExpiry, OrderFields, OrderType, Side, TimeInForce, Transaction, TxInfo, UnixMillis, private_key_text,
};

use super::signatures::signing_key;
use crate::{OfficialSigner, Operation, Row};

pub(super) fn rows(official: Option<&'static OfficialSigner>) -> Vec<Row> {
    let order = transaction(Action::CreateOrder(order()));
    if let Some(official) = official {
        official
            .create_client(&private_key_text(&signing_key()), order.account_index(), order.api_key_index())
            .expect("the official signer takes the key");
    }
    let change = transaction(Action::ChangePubKey(ChangePubKey { public_key: *signing_key().verifying_key() }));
    vec![
        // The official signer checks this signature, and no other, before it hands it out.
        sign("sign the change of a key", ["keyward-lighter/change-key", "lighter-signer/change-key"], change, official),
        sign("sign an order", ["keyward-lighter/order", "lighter-signer/order"], order, official),
        check(order),
    ]
}

fn sign(
    title: &'static str,
    [ours, peer]: [&'static str; 2],
    transaction: Transaction,
    official: Option<&'static OfficialSigner>,
) -> Row {
    let key = signing_key();
    Row::new(
        title,
        Operation::new(ours, move || {
            let signed = black_box(transaction).sign(ChainId::MAINNET, &key, &mut SysRng);
            let signed = signed.expect("the system has randomness");
            black_box((signed.to_tx_info(), signed.tx_hash_hex(ChainId::MAINNET), transaction.l1_message()));
        }),
        official.map(|official| {
            Operation::new(peer, move || {
                black_box(official.sign(black_box(&transaction)).expect("the official signer has the key"));
            })
        }),
    )
}

fn check(transaction: Transaction) -> Row {
    let key = signing_key();
    let signed = transaction.sign(ChainId::MAINNET, &key, &mut SysRng).expect("the system has randomness");
    let text = signed.to_tx_info();
    Row::new(
        "read and check an order, but its signature",
        Operation::new("keyward-lighter/tx-info", move || {
            let info = TxInfo::parse(transaction.tx_type(), black_box(&text)).and_then(TxInfo::check);
            black_box(info.expect("made here"));
        }),
        None,
    )
}

/// Of an account that no other row uses: the signer has one key a slot.
fn transaction(action: Action) -> Transaction {
    let account_index = AccountIndex::new(281_474_976_709_000).expect("below 2^48 - 1");
    let nonce = Nonce::new(1_234_567).expect("below 2^48");
    let expired_at = UnixMillis::new(1_800_000_000_000).expect("in range");
    Transaction::new(account_index, ApiKeyIndex::READ_ONLY_AUTH, nonce, expired_at, Attributes::NONE, action)
        .expect("in range")
}

fn order() -> CreateOrder {
    CreateOrder::new(OrderFields {
        market_index: MarketIndex::new(0).expect("in range"),
        client_order_index: None,
        base_amount: BaseAmount::new(1_000).expect("in range"),
        price: NonZero::new(405_000).expect("not 0"),
        side: Side::Ask,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::PostOnly,
        reduce_only: false,
        trigger_price: None,
        order_expiry: Some(OrderExpiry::new(UnixMillis::MAX).expect("not 0")),
    })
    .expect("fields that go together")
}
