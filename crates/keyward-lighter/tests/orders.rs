//! Orders, against those that the official signer made.

use keyward_lighter::{
    Action, BaseAmount, ChainId, CreateOrder, InvalidField, MarketIndex, OrderExpiry, OrderFields, OrderIndex,
    OrderType, Side, SysRng, TimeInForce, Transaction, TxInfo, TxType, UnixMillis, key_from_seed_text,
    parse_public_key,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    orders: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    public_key: String,
    chain_id: u32,
    tx_type: u8,
    tx_info: String,
    tx_hash: String,
}

#[test]
fn orders_of_the_official_signer_are_read_verified_and_printed_alike() {
    let Vectors { orders } = serde_json::from_str(include_str!("vectors/orders.json")).unwrap();
    assert_eq!(orders.len(), 36);
    let other_key = key_from_seed_text(&"a".repeat(64)).unwrap();
    for vector in orders {
        let chain = ChainId::new(vector.chain_id);
        let signed =
            TxInfo::parse(TxType::new(vector.tx_type), &vector.tx_info).and_then(TxInfo::check).expect(&vector.tx_info);
        assert_eq!(signed.transaction().tx_type(), TxType::new(vector.tx_type));
        assert_eq!(signed.to_tx_info(), vector.tx_info);
        assert_eq!(signed.tx_hash_hex(chain), vector.tx_hash);
        signed.verify(chain, &parse_public_key(&vector.public_key).unwrap()).expect(&vector.tx_info);
        assert!(signed.verify(chain, other_key.verifying_key()).is_err());
        assert_eq!((signed.transaction().l1_message(), signed.l1_signature()), (None, None));

        let again = signed.transaction().sign(chain, &other_key, &mut SysRng).unwrap();
        again.verify(chain, other_key.verifying_key()).unwrap();
        assert_eq!(again.transaction(), signed.transaction());
    }
}

/// A limit order that waits.
fn limit() -> OrderFields {
    OrderFields {
        market_index: MarketIndex::new(0).unwrap(),
        client_order_index: None,
        base_amount: BaseAmount::new(1).unwrap(),
        price: 1.try_into().unwrap(),
        side: Side::Bid,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::GoodTillTime,
        reduce_only: false,
        trigger_price: None,
        order_expiry: Some(OrderExpiry::new(UnixMillis::MAX).unwrap()),
    }
}

#[test]
fn fields_that_do_not_go_together_are_refused() {
    let refused = |fields| CreateOrder::new(fields).map_err(InvalidField::name);
    assert_eq!(*CreateOrder::new(limit()).unwrap().fields(), limit());
    let trigger_price = Some(1.try_into().unwrap());
    for (fields, name) in [
        (OrderFields { client_order_index: Some(OrderIndex::MAX), ..limit() }, "ClientOrderIndex"),
        (OrderFields { base_amount: BaseAmount::ZERO, ..limit() }, "BaseAmount"),
        (OrderFields { order_type: OrderType::Market, ..limit() }, "TimeInForce"),
        (OrderFields { order_type: OrderType::StopLoss, trigger_price, ..limit() }, "TimeInForce"),
        (OrderFields { order_type: OrderType::Twap, time_in_force: TimeInForce::PostOnly, ..limit() }, "TimeInForce"),
        (OrderFields { trigger_price, ..limit() }, "TriggerPrice"),
        (OrderFields { order_type: OrderType::TakeProfitLimit, ..limit() }, "TriggerPrice"),
        (OrderFields { order_expiry: None, ..limit() }, "OrderExpiry"),
        (OrderFields { time_in_force: TimeInForce::ImmediateOrCancel, ..limit() }, "OrderExpiry"),
    ] {
        assert_eq!(refused(fields), Err(name), "{fields:?}");
    }
    for fields in [
        OrderFields { client_order_index: Some(OrderIndex::MAX_CLIENT), ..limit() },
        OrderFields { base_amount: BaseAmount::ZERO, reduce_only: true, ..limit() },
        OrderFields { time_in_force: TimeInForce::ImmediateOrCancel, order_expiry: None, ..limit() },
        OrderFields { order_type: OrderType::TakeProfitLimit, trigger_price, ..limit() },
        OrderFields { order_type: OrderType::Twap, ..limit() },
    ] {
        assert!(refused(fields).is_ok(), "{fields:?}");
    }
}

#[test]
fn a_transaction_expires_before_2_to_the_48() {
    let [account_index, api_key_index] = ["5", "253"];
    let transaction = |expired_at| {
        Transaction::new(
            account_index.parse().unwrap(),
            api_key_index.parse().unwrap(),
            "7".parse().unwrap(),
            expired_at,
            keyward_lighter::Attributes::NONE,
            Action::CreateOrder(CreateOrder::new(limit()).unwrap()),
        )
    };
    let last = Transaction::MAX_EXPIRED_AT;
    assert_eq!(last.as_millis(), (1 << 48) - 1);
    let transaction_at_last = transaction(last).unwrap();
    assert_eq!(transaction_at_last.expired_at(), last);
    assert_eq!(transaction_at_last.account_index().to_string(), account_index);
    assert_eq!(transaction_at_last.api_key_index().to_string(), api_key_index);
    assert_eq!(transaction_at_last.nonce().as_u64(), 7);
    for later in [last.saturating_add_millis(1), UnixMillis::MAX] {
        assert_eq!(transaction(later).unwrap_err().name(), "ExpiredAt");
    }
}
