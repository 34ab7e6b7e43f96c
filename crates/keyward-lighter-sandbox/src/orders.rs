//! What the venue remembers of orders: just enough to tell whether one is open and post-only.
//!
//! A key that is restricted to post-only orders may also change them. There is no order book: an order leaves when it
//! is cancelled or expires. Only orders that their owner has given a number are remembered, as nobody could name
//! another: the sandbox tells no numbers of its own.

use keyward_lighter::{
    Action, AttributeType, CancelAllOrders, CreateOrder, MarketIndex, OrderExpiry, OrderIndex, TimeInForce, Transaction,
};
use keyward_time::UnixMillis;

use crate::account::{Account, Draft, OrderKey};

/// The most post-only orders of one account that are remembered. Of more, that which expires first is forgotten.
const MAX_ORDERS: usize = 1_000;

/// Whether the account has this order, it is post-only, and it has not expired.
pub(crate) fn is_open_post_only(account: &Account, market: MarketIndex, index: OrderIndex, now: UnixMillis) -> bool {
    account.orders.get(&key(market, index)).is_some_and(|expiry| now < *expiry)
}

/// Cancels what was to be cancelled by now.
pub(crate) fn settle(draft: &mut Draft, now: UnixMillis) {
    if draft.account().profile.cancel_all_at.is_some_and(|time| time <= now) {
        draft.profile_mut().cancel_all_at = None;
        cancel(draft, None);
    }
}

/// Does what an accepted transaction says about orders.
pub(crate) fn apply(draft: &mut Draft, transaction: &Transaction) {
    match transaction.action() {
        Action::CreateOrder(order) => create(draft, order),
        Action::CancelOrder(cancel) => draft.remove_order(key(cancel.market_index, cancel.index)),
        Action::CancelAllOrders(CancelAllOrders::Immediate) => {
            cancel(draft, transaction.attributes().get(AttributeType::CancelAllMarketIndex));
        }
        Action::CancelAllOrders(CancelAllOrders::Scheduled(time)) => {
            draft.profile_mut().cancel_all_at = Some(time.as_instant());
        }
        Action::CancelAllOrders(CancelAllOrders::Abort) => draft.profile_mut().cancel_all_at = None,
        // A modified order stays post-only, a changed key has nothing to do with orders.
        _ => {}
    }
}

fn create(draft: &mut Draft, order: &CreateOrder) {
    let fields = order.fields();
    let Some(index) = fields.client_order_index else { return };
    let key = key(fields.market_index, index);
    match fields.order_expiry.map(OrderExpiry::as_instant) {
        Some(expiry) if fields.time_in_force == TimeInForce::PostOnly => {
            draft.insert_order(key, expiry);
            if draft.account().orders.len() > MAX_ORDERS {
                let first = draft.account().orders.iter().min_by_key(|(_, expiry)| **expiry);
                let first = *first.expect("there are some").0;
                draft.remove_order(first);
            }
        }
        // The number now stands for an order of another kind.
        _ => draft.remove_order(key),
    }
}

/// Cancels the orders of one market, or of all.
fn cancel(draft: &mut Draft, market: Option<u64>) {
    let keys = draft.account().orders.keys().copied();
    let keys: Vec<_> = keys.filter(|key| market.is_none_or(|market| key.market == market)).collect();
    keys.into_iter().for_each(|key| draft.remove_order(key));
}

fn key(market: MarketIndex, index: OrderIndex) -> OrderKey {
    OrderKey { market: market.as_u64(), index: index.as_u64() }
}
