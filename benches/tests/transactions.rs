//! Lighter's official signer as oracle of transactions: what it makes is what is made here, and what it refuses is refused.

use std::{
    num::NonZero,
    sync::{Mutex, PoisonError},
};

use keyward_benches::{OfficialSigner, RawAttributes, Sender, official_signer};
use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, AttributeType, Attributes, BaseAmount, CancelAllOrders, CancelOrder, ChainId,
    ChangePubKey, CreateOrder, MarketIndex, ModifyOrder, Nonce, OrderExpiry, OrderFields, OrderIndex, OrderType, Side,
    SigningKey, SysRng, TimeInForce, Transaction, TxInfo, TxType, UnixMillis, parse_private_key, private_key_text,
};

const TRANSACTIONS: usize = 400;
const ORDER_TYPES: [OrderType; 7] = [
    OrderType::Limit,
    OrderType::Market,
    OrderType::StopLoss,
    OrderType::StopLossLimit,
    OrderType::TakeProfit,
    OrderType::TakeProfitLimit,
    OrderType::Twap,
];
const TIMES_IN_FORCE: [TimeInForce; 3] =
    [TimeInForce::ImmediateOrCancel, TimeInForce::GoodTillTime, TimeInForce::PostOnly];

#[test]
fn changes_of_keys_equal_the_official_ones() {
    compare(|| {
        let key = SigningKey::generate(&mut SysRng).expect("the system has randomness");
        let change = ChangePubKey { public_key: *key.verifying_key() };
        (Action::ChangePubKey(change), random_attributes(&[AttributeType::SkipNonce]))
    });
}

#[test]
fn new_orders_equal_the_official_ones() {
    compare(|| (Action::CreateOrder(random_order()), random_attributes(&ORDER_ATTRIBUTES)));
}

#[test]
fn cancelled_orders_equal_the_official_ones() {
    compare(|| {
        let order = CancelOrder { market_index: random_market(), index: random_index(OrderIndex::MAX) };
        (Action::CancelOrder(order), random_attributes(&[AttributeType::SkipNonce]))
    });
}

#[test]
fn cancellations_of_all_orders_equal_the_official_ones() {
    compare(|| match random() % 4 {
        0 => (
            Action::CancelAllOrders(CancelAllOrders::Scheduled(random_expiry())),
            random_attributes(&[AttributeType::SkipNonce]),
        ),
        1 => (Action::CancelAllOrders(CancelAllOrders::Abort), random_attributes(&[AttributeType::SkipNonce])),
        _ => (
            Action::CancelAllOrders(CancelAllOrders::Immediate),
            random_attributes(&[AttributeType::SkipNonce, AttributeType::CancelAllMarketIndex]),
        ),
    });
}

#[test]
fn modified_orders_equal_the_official_ones() {
    compare(|| {
        let order = ModifyOrder {
            market_index: random_market(),
            index: random_index(OrderIndex::MAX),
            base_amount: random_amount(0),
            price: random_price(),
            trigger_price: coin().then(random_price),
        };
        let kinds = [&ORDER_ATTRIBUTES[..], &[AttributeType::OrderVersion]].concat();
        (Action::ModifyOrder(order), random_attributes(&kinds))
    });
}

/// Lets both sides sign transactions, and reads the official ones.
fn compare(mut random_action: impl FnMut() -> (Action, Attributes)) {
    // The signer has one key a slot, whichever test gave it.
    static TURN: Mutex<()> = Mutex::new(());
    let Some(signer) = official_signer() else { return };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let keys = signer.generate_api_key().expect("the signer makes a key pair");
    let key = parse_private_key(&keys.private_key).expect("an official private key is valid");
    let (mut with_attributes, mut hashes) = (0, Vec::new());
    for i in 0..TRANSACTIONS {
        let chain = [ChainId::MAINNET, ChainId::TESTNET, ChainId::ROBINHOOD][i % 3];
        let (action, attributes) = random_action();
        let sender = random_sender();
        signer
            .create_client_on(chain, &keys.private_key, sender.account_index, sender.api_key_index)
            .expect("the signer takes its own key");
        let asked = transaction(sender, UnixMillis::EPOCH, attributes, action);
        let official = signer.sign(&asked).unwrap_or_else(|error| panic!("{error}: {asked:?}"));

        let read = TxInfo::parse(TxType::new(official.tx_type), &official.tx_info)
            .and_then(TxInfo::check)
            .unwrap_or_else(|error| panic!("{error}: {}", official.tx_info));
        let same = transaction(sender, read.transaction().expired_at(), attributes, action);
        assert_eq!(*read.transaction(), same, "{}", official.tx_info);
        assert_eq!(read.to_tx_info(), official.tx_info);
        assert_eq!(read.tx_hash_hex(chain), official.tx_hash, "{}", official.tx_info);
        assert!(read.verify(chain, key.verifying_key()).is_ok(), "{}", official.tx_info);
        // Elsewhere the signer gives an empty text or none.
        assert_eq!(same.l1_message(), official.message_to_sign.filter(|text| !text.is_empty()));

        let ours = same.sign(chain, &key, &mut SysRng).expect("the system has randomness");
        assert_eq!(without_signature(&ours.to_tx_info()), without_signature(&official.tx_info));
        with_attributes += usize::from(attributes != Attributes::NONE);
        hashes.push(official.tx_hash);
    }
    assert!((TRANSACTIONS / 5..TRANSACTIONS).contains(&with_attributes), "{with_attributes} with attributes");
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), TRANSACTIONS);
}

#[test]
fn the_orders_that_the_official_signer_refuses_are_refused() {
    let Some(signer) = official_signer() else { return };
    let sender = client(signer);
    let (mut taken, mut refused) = (0, 0);
    for order_type in ORDER_TYPES {
        for time_in_force in TIMES_IN_FORCE {
            for bits in 0..32 {
                let bit = |i: u32| bits >> i & 1 == 1;
                let index = if bit(3) { OrderIndex::MAX_CLIENT.as_u64() + 1 } else { OrderIndex::MAX_CLIENT.as_u64() };
                let order = OrderFields {
                    market_index: random_market(),
                    client_order_index: Some(OrderIndex::new(index).expect("in range")),
                    base_amount: if bit(4) { BaseAmount::ZERO } else { random_amount(1) },
                    price: random_price(),
                    side: random_side(),
                    order_type,
                    time_in_force,
                    reduce_only: bit(0),
                    trigger_price: bit(1).then(random_price),
                    order_expiry: bit(2).then(random_expiry),
                };
                let official = signer.sign_create_order(sender, &order, RawAttributes::from(&Attributes::NONE));
                assert_eq!(CreateOrder::new(order).is_ok(), official.is_ok(), "{order:?}: {official:?}");
                *if official.is_ok() { &mut taken } else { &mut refused } += 1;
            }
        }
    }
    assert_eq!(taken + refused, 7 * 3 * 32);
    assert!(taken >= 30 && refused >= 300, "{taken} taken, {refused} refused");
}

#[test]
fn the_attributes_that_the_official_signer_refuses_are_refused() {
    let Some(signer) = official_signer() else { return };
    let sender = client(signer);
    let order = random_order();
    let (mut taken, mut refused) = (0, 0);
    for account in [0, 1, AccountIndex::MAX.as_u64(), AccountIndex::MAX.as_u64() + 1] {
        for taker_fee in [0, 1_000_000, 1_000_001] {
            for maker_fee in [0, 1, 1_000_001] {
                for behavior in 0..5_u8 {
                    for equality in 0..3_u8 {
                        for skip_nonce in 0..2_u8 {
                            let raw = RawAttributes {
                                integrator_account_index: account.cast_signed(),
                                integrator_taker_fee: taker_fee,
                                integrator_maker_fee: maker_fee,
                                self_trade_behavior: behavior,
                                self_trade_equality: equality,
                                skip_nonce,
                            };
                            let attributes = Attributes::new([
                                (AttributeType::SelfTradeEquality, equality.into()),
                                (AttributeType::SelfTradeBehavior, behavior.into()),
                                (AttributeType::SkipNonce, skip_nonce.into()),
                                (AttributeType::IntegratorMakerFee, maker_fee.unsigned_abs().into()),
                                (AttributeType::IntegratorTakerFee, taker_fee.unsigned_abs().into()),
                                (AttributeType::IntegratorAccountIndex, account),
                            ]);
                            let official = signer.sign_create_order(sender, order.fields(), raw);
                            assert_eq!(attributes.is_ok(), official.is_ok(), "{attributes:?}: {official:?}");
                            *if official.is_ok() { &mut taken } else { &mut refused } += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(taken + refused, 4 * 3 * 3 * 5 * 3 * 2);
    assert!(taken >= 30 && refused >= 300, "{taken} taken, {refused} refused");
}

#[test]
fn one_market_is_cancelled_at_once_or_not_at_all() {
    let Some(signer) = official_signer() else { return };
    let sender = client(signer);
    let market = Attributes::new([(AttributeType::CancelAllMarketIndex, 1)]).expect("valid");
    for cancel in [CancelAllOrders::Scheduled(random_expiry()), CancelAllOrders::Abort] {
        // The signer is asked for what cannot be made here: the attribute beside each way.
        let official = signer.sign_cancel_all_orders(sender, cancel, &market);
        let ours = Transaction::new(
            sender.account_index,
            sender.api_key_index,
            sender.nonce,
            UnixMillis::EPOCH,
            market,
            Action::CancelAllOrders(cancel),
        );
        assert_eq!(ours.is_ok(), official.is_ok(), "{cancel:?}: {official:?}");
        assert!(official.is_err());
    }
}

const ORDER_ATTRIBUTES: [AttributeType; 6] = [
    AttributeType::IntegratorAccountIndex,
    AttributeType::IntegratorTakerFee,
    AttributeType::IntegratorMakerFee,
    AttributeType::SkipNonce,
    AttributeType::SelfTradeBehavior,
    AttributeType::SelfTradeEquality,
];

/// A sender whose key the signer has.
fn client(signer: &OfficialSigner) -> Sender {
    let sender = random_sender();
    let key = SigningKey::generate(&mut SysRng).expect("the system has randomness");
    signer
        .create_client(&private_key_text(&key), sender.account_index, sender.api_key_index)
        .expect("the signer takes the key");
    sender
}

fn transaction(sender: Sender, expired_at: UnixMillis, attributes: Attributes, action: Action) -> Transaction {
    let Sender { account_index, api_key_index, nonce } = sender;
    Transaction::new(account_index, api_key_index, nonce, expired_at, attributes, action).expect("valid")
}

/// The text before and after the signature, which differs each time.
fn without_signature(tx_info: &str) -> (&str, &str) {
    let (before, signature) = tx_info.split_once(r#""Sig":""#).expect("a signature");
    (before, signature.split_once('"').expect("its end").1)
}

/// Valid attributes of some of these kinds; of other values than valid ones it tries again.
fn random_attributes(kinds: &[AttributeType]) -> Attributes {
    loop {
        let attributes = kinds.iter().filter(|_| coin()).map(|&kind| {
            let most = match kind {
                AttributeType::IntegratorTakerFee | AttributeType::IntegratorMakerFee => 1_000_000,
                AttributeType::SkipNonce | AttributeType::SelfTradeEquality => 1,
                AttributeType::SelfTradeBehavior => 3,
                AttributeType::CancelAllMarketIndex | AttributeType::OrderVersion => (1 << 48) - 1,
                _ => AccountIndex::MAX.as_u64(),
            };
            (kind, if random().is_multiple_of(4) { 0 } else { random_up_to(most) })
        });
        if let Ok(attributes) = Attributes::new(attributes.collect::<Vec<_>>()) {
            return attributes;
        }
    }
}

/// A valid order; of other fields than valid ones it tries again.
fn random_order() -> CreateOrder {
    loop {
        let fields = OrderFields {
            market_index: random_market(),
            client_order_index: coin().then(|| random_index(OrderIndex::MAX_CLIENT)),
            base_amount: random_amount(0),
            price: random_price(),
            side: random_side(),
            order_type: ORDER_TYPES[random() as usize % ORDER_TYPES.len()],
            time_in_force: TIMES_IN_FORCE[random() as usize % TIMES_IN_FORCE.len()],
            reduce_only: coin(),
            trigger_price: coin().then(random_price),
            order_expiry: coin().then(random_expiry),
        };
        if let Ok(order) = CreateOrder::new(fields) {
            return order;
        }
    }
}

/// The signer refuses the account of index 0.
fn random_sender() -> Sender {
    Sender {
        account_index: AccountIndex::new(random_up_to(AccountIndex::MAX.as_u64())).expect("in range"),
        api_key_index: ApiKeyIndex::new((random() % 255) as u8).expect("in range"),
        nonce: Nonce::new(random_up_to(Nonce::MAX.as_u64()) - 1).expect("in range"),
    }
}

fn random_market() -> MarketIndex {
    MarketIndex::new(random_up_to(MarketIndex::MAX.as_u64()) - 1).unwrap_or(MarketIndex::MAX)
}

fn random_index(most: OrderIndex) -> OrderIndex {
    OrderIndex::new(random_up_to(most.as_u64())).expect("in range")
}

fn random_amount(least: u64) -> BaseAmount {
    BaseAmount::new(random_up_to(BaseAmount::MAX.as_u64()) - 1 + least).expect("in range")
}

fn random_price() -> NonZero<u32> {
    u32::try_from(random_up_to(u32::MAX.into())).ok().and_then(NonZero::new).expect("in range")
}

fn random_side() -> Side {
    if coin() { Side::Ask } else { Side::Bid }
}

fn random_expiry() -> OrderExpiry {
    OrderExpiry::new(UnixMillis::new(random_up_to(UnixMillis::MAX.as_millis())).expect("in range")).expect("not 0")
}

fn coin() -> bool {
    random().is_multiple_of(2)
}

/// A number from 1 to `most`, its length in bits being random.
fn random_up_to(most: u64) -> u64 {
    let bits = random() % u64::from(u64::BITS - most.leading_zeros());
    ((1 << bits) | (random() & ((1 << bits) - 1))).min(most)
}

fn random() -> u64 {
    getrandom::u64().expect("the system has randomness")
}
