//! Keys that may only place orders which wait, and the tier that they need.

use keyward_lighter::{
    Action, ApiCode, AttributeType, Attributes, CancelAllOrders, CancelOrder, MarketIndex, ModifyOrder, OrderExpiry,
    OrderIndex, TimeInForce,
};
use keyward_lighter_sandbox::{Principal, Tier};
use serde_json::json;

use crate::workbench::{
    MAIN, SLOT, START, SUB, Sendable, Workbench, assert_code, assert_refused, change_key, key, order, owner, seconds,
    sign, transaction,
};

const HOUR: u64 = 60 * 60;

/// A maker-only slot of [`MAIN`], whose key sends what it is told, with the nonces that are due.
struct MakerOnly {
    bench: Workbench,
    principal: Principal,
}

impl MakerOnly {
    const SLOT: u8 = 4;

    fn new() -> Self {
        let bench = Workbench::new();
        let principal = bench.manager(MAIN);
        bench.register(MAIN, Self::SLOT, &key(4));
        bench.venue.set_maker_only(&principal, "[4]").unwrap();
        Self { bench, principal }
    }

    fn sendable(&self, slot: u8, attributes: Attributes, action: Action) -> Sendable {
        let signer = if slot == SLOT { key(MAIN) } else { key(slot.into()) };
        sign(transaction(MAIN, slot, self.bench.next_nonce(MAIN, slot), attributes, action), &signer)
    }

    #[track_caller]
    fn assert_taken(&self, action: Action) {
        self.bench.send(&self.sendable(Self::SLOT, Attributes::NONE, action)).unwrap();
    }

    #[track_caller]
    fn assert_not_taken(&self, action: Action) {
        let refused = self.bench.send(&self.sendable(Self::SLOT, Attributes::NONE, action));
        let message = "invalid tx type for account: not allowed with a maker-only api key";
        assert_refused(refused, 400, ApiCode::INVALID_TX_TYPE_FOR_ACCOUNT, message);
    }

    /// From a slot without restrictions.
    fn send_unrestricted(&self, attributes: Attributes, action: Action) {
        self.bench.send(&self.sendable(SLOT, attributes, action)).unwrap();
    }
}

fn index(number: u64) -> OrderIndex {
    OrderIndex::new(number).unwrap()
}

fn market(number: u64) -> MarketIndex {
    MarketIndex::new(number).unwrap()
}

fn modify(number: u64) -> Action {
    Action::ModifyOrder(ModifyOrder {
        market_index: market(0),
        index: index(number),
        base_amount: keyward_lighter::BaseAmount::ZERO,
        price: 405_001.try_into().unwrap(),
        trigger_price: None,
    })
}

fn cancel(number: u64) -> Action {
    Action::CancelOrder(CancelOrder { market_index: market(0), index: index(number) })
}

#[test]
fn maker_only_key_places_post_only_orders_and_cancels() {
    let maker = MakerOnly::new();
    maker.assert_taken(order(1, TimeInForce::PostOnly));
    maker.assert_not_taken(order(2, TimeInForce::GoodTillTime));
    maker.assert_not_taken(order(2, TimeInForce::ImmediateOrCancel));
    maker.assert_taken(cancel(77));
    maker.assert_taken(Action::CancelAllOrders(CancelAllOrders::Immediate));
}

#[test]
fn maker_only_key_does_not_change_itself() {
    let maker = MakerOnly::new();
    let rotation = change_key(MAIN, MakerOnly::SLOT, 1, &key(9), &owner());
    let message = "invalid tx type for account: not allowed with a maker-only api key";
    let refused = maker.bench.send(&rotation);
    assert_refused(refused, 400, ApiCode::INVALID_TX_TYPE_FOR_ACCOUNT, message);

    maker.bench.advance_secs(HOUR);
    // The rotation has expired by then.
    maker.bench.venue.set_maker_only(&maker.principal, "[]").unwrap();
    maker.bench.set_secs(START);
    maker.bench.send(&rotation).unwrap();
}

#[test]
fn maker_only_key_modifies_open_post_only_orders_alone() {
    let maker = MakerOnly::new();
    maker.assert_not_taken(modify(1));
    maker.assert_taken(order(1, TimeInForce::PostOnly));
    maker.assert_taken(modify(1));
    maker.assert_taken(modify(1));
    // The order of another key of the account is as good.
    maker.send_unrestricted(Attributes::NONE, order(2, TimeInForce::PostOnly));
    maker.assert_taken(modify(2));
    maker.send_unrestricted(Attributes::NONE, modify(1));
    maker.assert_taken(modify(1));

    maker.send_unrestricted(Attributes::NONE, order(3, TimeInForce::GoodTillTime));
    maker.assert_not_taken(modify(3));
    maker.assert_taken(cancel(1));
    maker.assert_not_taken(modify(1));
    maker.assert_taken(modify(2));
    maker.send_unrestricted(Attributes::NONE, order(2, TimeInForce::GoodTillTime));
    maker.assert_not_taken(modify(2));
}

#[test]
fn order_that_was_cancelled_with_all_others_is_open_no_more() {
    let maker = MakerOnly::new();
    let all_of = |market| Attributes::new([(AttributeType::CancelAllMarketIndex, market)]).unwrap();
    maker.assert_taken(order(1, TimeInForce::PostOnly));
    maker.send_unrestricted(all_of(3), Action::CancelAllOrders(CancelAllOrders::Immediate));
    maker.assert_taken(modify(1));
    maker.send_unrestricted(all_of(0), Action::CancelAllOrders(CancelAllOrders::Immediate));
    maker.assert_not_taken(modify(1));

    maker.assert_taken(order(1, TimeInForce::PostOnly));
    let time = OrderExpiry::new(seconds(START + 300).into()).unwrap();
    maker.assert_taken(Action::CancelAllOrders(CancelAllOrders::Scheduled(time)));
    maker.bench.advance_secs(299);
    maker.assert_taken(modify(1));
    maker.bench.advance_secs(1);
    maker.assert_not_taken(modify(1));
    // What is placed afterwards is not cancelled.
    maker.assert_taken(order(1, TimeInForce::PostOnly));
    maker.assert_taken(modify(1));
}

#[test]
fn order_that_has_expired_is_open_no_more() {
    let maker = MakerOnly::new();
    let Action::CreateOrder(day) = order(1, TimeInForce::PostOnly) else { unreachable!("it is an order") };
    let expiry = OrderExpiry::new(seconds(START + 300).into()).unwrap();
    let fields = keyward_lighter::OrderFields { order_expiry: Some(expiry), ..*day.fields() };
    maker.assert_taken(Action::CreateOrder(keyward_lighter::CreateOrder::new(fields).unwrap()));
    maker.bench.advance_secs(299);
    maker.assert_taken(modify(1));
    maker.bench.advance_secs(1);
    maker.assert_not_taken(modify(1));
}

#[test]
fn of_too_many_orders_the_first_to_expire_is_forgotten() {
    let maker = MakerOnly::new();
    let Action::CreateOrder(day) = order(1, TimeInForce::PostOnly) else { unreachable!("it is an order") };
    for number in 1..=1_001 {
        let expiry = OrderExpiry::new(seconds(START + 10_000 + number).into()).unwrap();
        let client_order_index = Some(index(number));
        let fields = keyward_lighter::OrderFields { order_expiry: Some(expiry), client_order_index, ..*day.fields() };
        maker.assert_taken(Action::CreateOrder(keyward_lighter::CreateOrder::new(fields).unwrap()));
    }
    maker.assert_not_taken(modify(1));
    maker.assert_taken(modify(2));
    maker.assert_taken(modify(1_001));
}

#[test]
fn list_is_replaced_listed_in_order_and_cleared() {
    let bench = Workbench::new();
    let [principal, sub] = [bench.manager(MAIN), bench.manager(SUB)];
    let list = || serde_json::to_value(bench.venue.maker_only(&principal)).unwrap();
    assert_eq!(list(), json!({"code": 200, "api_key_indexes": []}));
    for (text, slots) in [("[254, 4]", json!([4, 254])), (" [ 7 ] ", json!([7])), ("[]", json!([]))] {
        let done = bench.venue.set_maker_only(&principal, text).unwrap();
        assert_eq!(serde_json::to_value(done).unwrap(), json!({"code": 200}));
        assert_eq!(list()["api_key_indexes"], slots);
        bench.clock.advance_millis(1000 * HOUR);
    }
    assert_eq!(bench.venue.maker_only(&sub).api_key_indexes, []);
}

#[test]
fn list_has_bounds() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let set = |text: &str| bench.venue.set_maker_only(&principal, text);
    let json_array = "invalid param : api_key_indexes must be a JSON array of whole numbers";
    for text in ["", "4", "[4", "[4.0]", "[\"4\"]", "{}", "null"] {
        assert_refused(set(text), 400, ApiCode::INVALID_PARAM, json_array);
    }
    for text in ["[3]", "[0]", "[-1]", "[255]", "[256]", "[4,3]"] {
        assert_code(set(text), ApiCode::INVALID_API_KEY_INDEX);
    }
    let twice = "invalid param : api_key_indexes has an entry twice";
    assert_refused(set("[4,5,4]"), 400, ApiCode::INVALID_PARAM, twice);
    let slots = |last: u8| serde_json::to_string(&(4..=last).collect::<Vec<_>>()).unwrap();
    let many = "invalid param : api_key_indexes has more than 200 entries";
    assert_refused(set(&slots(204)), 400, ApiCode::INVALID_PARAM, many);
    // None of the refusals has started the cooldown.
    set(&slots(203)).unwrap();
    assert_eq!(bench.venue.maker_only(&principal).api_key_indexes.len(), 200);
}

#[test]
fn list_changes_once_an_hour() {
    let bench = Workbench::new();
    let [principal, sub] = [bench.manager(MAIN), bench.manager(SUB)];
    bench.venue.set_maker_only(&principal, "[]").unwrap();
    for secs in [0, HOUR - 1] {
        bench.set_secs(START + secs);
        let refused = bench.venue.set_maker_only(&principal, "[4]");
        assert_refused(refused, 429, ApiCode::TOO_MANY_REQUESTS, "Too Many Requests!");
    }
    // Accounts do not wait for one another.
    bench.venue.set_maker_only(&sub, "[4]").unwrap();
    bench.set_secs(START + HOUR);
    bench.venue.set_maker_only(&principal, "[4]").unwrap();
}

#[test]
fn cooldowns_are_counted_in_milliseconds() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let list = || bench.venue.set_maker_only(&principal, "[]").map_err(|refusal| refusal.code);
    let tier = |tier| bench.venue.change_tier(&principal, tier).map_err(|refusal| refusal.code);
    bench.clock.advance_millis(999);
    list().unwrap();
    tier("plus").unwrap();
    bench.set_secs(START + HOUR);
    assert_eq!(list().unwrap_err(), ApiCode::TOO_MANY_REQUESTS);
    bench.clock.advance_millis(999);
    list().unwrap();
    bench.set_secs(START + 24 * HOUR);
    assert_eq!(tier("premium").unwrap_err(), ApiCode::new(62001));
    bench.clock.advance_millis(999);
    tier("premium").unwrap();
}

#[test]
fn clock_that_was_set_back_ends_cooldowns_and_starts_new_ones() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    bench.venue.set_maker_only(&principal, "[4]").unwrap();
    bench.venue.change_tier(&principal, "plus").unwrap();
    bench.set_secs(START - 1);
    bench.venue.set_maker_only(&principal, "[5]").unwrap();
    bench.venue.change_tier(&principal, "premium").unwrap();
    bench.set_secs(START);
    assert_eq!(bench.venue.set_maker_only(&principal, "[4]").unwrap_err().code, ApiCode::TOO_MANY_REQUESTS);
    assert_eq!(bench.venue.change_tier(&principal, "plus").unwrap_err().code, ApiCode::new(62001));
}

#[test]
fn standard_accounts_have_no_maker_only_keys() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    bench.venue.change_tier(&principal, "standard").unwrap();
    let message = "invalid param : maker-only api keys need a premium account";
    assert_refused(bench.venue.set_maker_only(&principal, "[4]"), 400, ApiCode::INVALID_PARAM, message);
    assert_eq!(bench.venue.maker_only(&principal).api_key_indexes, []);
}

#[test]
fn tier_changes_once_a_day() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let unknown = "invalid param : a tier is `standard`, `premium`, `plus` or `builder`";
    for tier in ["", "Premium", "gold"] {
        assert_refused(bench.venue.change_tier(&principal, tier), 400, ApiCode::INVALID_PARAM, unknown);
    }
    let same = "invalid param : the account is in this tier";
    assert_refused(bench.venue.change_tier(&principal, "premium"), 400, ApiCode::INVALID_PARAM, same);

    bench.venue.change_tier(&principal, "builder").unwrap();
    let limits = bench.venue.account_limits(&principal);
    assert_eq!((limits.user_tier, limits.user_tier_last_update), (Tier::Builder, START));
    bench.set_secs(START + 24 * HOUR - 1);
    let soon = "account tier can be changed once in 24 hours";
    assert_refused(bench.venue.change_tier(&principal, "plus"), 400, ApiCode::new(62001), soon);
    bench.set_secs(START + 24 * HOUR);
    bench.venue.change_tier(&principal, "plus").unwrap();
}
