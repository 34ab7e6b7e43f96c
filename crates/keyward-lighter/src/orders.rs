use core::num::NonZero;

use keyward_time::UnixMillis;

use crate::order_fields::{
    BaseAmount, InvalidField, MarketIndex, OrderExpiry, OrderIndex, OrderType, Side, TimeInForce,
};
use crate::tx_info::Numbers;

/// A new order, whose fields go together.
///
/// ```
/// use keyward_lighter::{BaseAmount, CreateOrder, MarketIndex, OrderFields, OrderType, Side, TimeInForce};
///
/// let fields = OrderFields {
///     market_index: MarketIndex::new(0)?,
///     client_order_index: None,
///     base_amount: BaseAmount::new(1_000)?,
///     price: 405_000.try_into().expect("not 0"),
///     side: Side::Ask,
///     order_type: OrderType::Market,
///     time_in_force: TimeInForce::ImmediateOrCancel,
///     reduce_only: false,
///     trigger_price: None,
///     order_expiry: None,
/// };
/// assert!(CreateOrder::new(fields).is_ok());
/// assert!(CreateOrder::new(OrderFields { order_type: OrderType::StopLoss, ..fields }).is_err());
/// # Ok::<(), keyward_lighter::InvalidField>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CreateOrder(OrderFields);

/// The fields of a new order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrderFields {
    /// The market.
    pub market_index: MarketIndex,
    /// The number that the order's owner gives it, at most [`OrderIndex::MAX_CLIENT`]; `None` for none.
    pub client_order_index: Option<OrderIndex>,
    /// How much; [zero](BaseAmount::ZERO) only in an order that only reduces.
    pub base_amount: BaseAmount,
    /// The price, or the worst one, in the market's price steps.
    pub price: NonZero<u32>,
    /// Whether it buys or sells.
    pub side: Side,
    /// What makes it trade.
    pub order_type: OrderType,
    /// How long it waits.
    pub time_in_force: TimeInForce,
    /// Whether it only makes a position smaller.
    pub reduce_only: bool,
    /// The price that sets it off, in the market's price steps: in stop-loss and take-profit orders, and
    /// in no other.
    pub trigger_price: Option<NonZero<u32>>,
    /// When it is dropped: in all but market orders and limit orders that do not wait.
    pub order_expiry: Option<OrderExpiry>,
}

impl CreateOrder {
    pub(crate) const NAMES: [&'static str; 10] = [
        "MarketIndex",
        "ClientOrderIndex",
        "BaseAmount",
        "Price",
        "IsAsk",
        "Type",
        "TimeInForce",
        "ReduceOnly",
        "TriggerPrice",
        "OrderExpiry",
    ];

    /// The order of these fields.
    ///
    /// # Errors
    /// - `ClientOrderIndex`: one of the exchange's own
    /// - `BaseAmount`: zero, in an order that may open a position
    /// - `TimeInForce`: a market, stop-loss or take-profit order that waits; orders over a time that do not wait, or
    ///   that are post-only
    /// - `TriggerPrice`, `OrderExpiry`: absent though the type needs it, or there though it has none
    pub fn new(fields: OrderFields) -> Result<Self, InvalidField> {
        use OrderType::{Limit, Market, StopLoss, StopLossLimit, TakeProfit, TakeProfitLimit, Twap};
        let OrderFields { order_type, time_in_force, .. } = fields;
        let waits = time_in_force != TimeInForce::ImmediateOrCancel;
        let time_in_force_fits = match order_type {
            Limit | StopLossLimit | TakeProfitLimit => true,
            Market | StopLoss | TakeProfit => !waits,
            Twap => time_in_force == TimeInForce::GoodTillTime,
        };
        let has_trigger = matches!(order_type, StopLoss | StopLossLimit | TakeProfit | TakeProfitLimit);
        let has_expiry = match order_type {
            Limit => waits,
            Market => false,
            StopLoss | StopLossLimit | TakeProfit | TakeProfitLimit | Twap => true,
        };

        for (holds, name) in [
            (fields.client_order_index.is_none_or(|index| index <= OrderIndex::MAX_CLIENT), "ClientOrderIndex"),
            (fields.reduce_only || fields.base_amount != BaseAmount::ZERO, "BaseAmount"),
            (time_in_force_fits, "TimeInForce"),
            (fields.trigger_price.is_some() == has_trigger, "TriggerPrice"),
            (fields.order_expiry.is_some() == has_expiry, "OrderExpiry"),
        ] {
            if !holds {
                return Err(InvalidField::new(name));
            }
        }
        Ok(Self(fields))
    }

    /// The fields.
    pub const fn fields(&self) -> &OrderFields {
        &self.0
    }

    pub(crate) fn from_numbers(numbers: &Numbers) -> Result<Self, InvalidField> {
        Self::new(OrderFields {
            market_index: numbers.get("MarketIndex", MarketIndex::new)?,
            client_order_index: numbers.get_unless_zero("ClientOrderIndex", OrderIndex::new)?,
            base_amount: numbers.get("BaseAmount", BaseAmount::new)?,
            price: numbers.get("Price", price)?,
            side: numbers.get("IsAsk", |number| flag(number).map(|ask| if ask { Side::Ask } else { Side::Bid }))?,
            order_type: numbers.get("Type", |number| OrderType::from_u64(number).ok_or(()))?,
            time_in_force: numbers.get("TimeInForce", |number| TimeInForce::from_u64(number).ok_or(()))?,
            reduce_only: numbers.get("ReduceOnly", flag)?,
            trigger_price: numbers.get_unless_zero("TriggerPrice", price)?,
            order_expiry: numbers.get_unless_zero("OrderExpiry", expiry)?,
        })
    }

    pub(crate) fn to_numbers(self) -> [u64; 10] {
        let fields = self.0;
        [
            fields.market_index.as_u64(),
            fields.client_order_index.map_or(0, OrderIndex::as_u64),
            fields.base_amount.as_u64(),
            fields.price.get().into(),
            (fields.side == Side::Ask).into(),
            fields.order_type as u64,
            fields.time_in_force as u64,
            fields.reduce_only.into(),
            fields.trigger_price.map_or(0, |price| price.get().into()),
            fields.order_expiry.map_or(0, |expiry| expiry.as_instant().as_millis()),
        ]
    }
}

/// Takes an order back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CancelOrder {
    /// The market.
    pub market_index: MarketIndex,
    /// The order.
    pub index: OrderIndex,
}

impl CancelOrder {
    pub(crate) const NAMES: [&'static str; 2] = ["MarketIndex", "Index"];

    pub(crate) fn from_numbers(numbers: &Numbers) -> Result<Self, InvalidField> {
        Ok(Self {
            market_index: numbers.get("MarketIndex", MarketIndex::new)?,
            index: numbers.get("Index", OrderIndex::new)?,
        })
    }

    pub(crate) fn to_numbers(self) -> [u64; 2] {
        [self.market_index.as_u64(), self.index.as_u64()]
    }
}

/// Takes all orders of an account back; only one market's, and only at once, with the attribute
/// [`CancelAllMarketIndex`](crate::AttributeType::CancelAllMarketIndex).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CancelAllOrders {
    /// At once.
    Immediate,
    /// At this time, unless it is put off or called off before.
    Scheduled(OrderExpiry),
    /// Not at the time that was set.
    Abort,
}

impl CancelAllOrders {
    pub(crate) const NAMES: [&'static str; 2] = ["TimeInForce", "Time"];

    pub(crate) fn from_numbers(numbers: &Numbers) -> Result<Self, InvalidField> {
        let time = numbers.get_unless_zero("Time", expiry)?;
        match (numbers.get("TimeInForce", Ok::<_, ()>)?, time) {
            (0, None) => Ok(Self::Immediate),
            (1, Some(time)) => Ok(Self::Scheduled(time)),
            (2, None) => Ok(Self::Abort),
            (0..=2, _) => Err(InvalidField::new("Time")),
            _ => Err(InvalidField::new("TimeInForce")),
        }
    }

    pub(crate) fn to_numbers(self) -> [u64; 2] {
        match self {
            Self::Immediate => [0, 0],
            Self::Scheduled(time) => [1, time.as_instant().as_millis()],
            Self::Abort => [2, 0],
        }
    }
}

/// Changes an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModifyOrder {
    /// The market.
    pub market_index: MarketIndex,
    /// The order.
    pub index: OrderIndex,
    /// How much it is to be for; zero leaves it.
    pub base_amount: BaseAmount,
    /// The new price, in the market's price steps.
    pub price: NonZero<u32>,
    /// The new price that sets it off, in the market's price steps; `None` for none.
    pub trigger_price: Option<NonZero<u32>>,
}

impl ModifyOrder {
    pub(crate) const NAMES: [&'static str; 5] = ["MarketIndex", "Index", "BaseAmount", "Price", "TriggerPrice"];

    pub(crate) fn from_numbers(numbers: &Numbers) -> Result<Self, InvalidField> {
        Ok(Self {
            market_index: numbers.get("MarketIndex", MarketIndex::new)?,
            index: numbers.get("Index", OrderIndex::new)?,
            base_amount: numbers.get("BaseAmount", BaseAmount::new)?,
            price: numbers.get("Price", price)?,
            trigger_price: numbers.get_unless_zero("TriggerPrice", price)?,
        })
    }

    pub(crate) fn to_numbers(self) -> [u64; 5] {
        [
            self.market_index.as_u64(),
            self.index.as_u64(),
            self.base_amount.as_u64(),
            self.price.get().into(),
            self.trigger_price.map_or(0, |price| price.get().into()),
        ]
    }
}

fn flag(number: u64) -> Result<bool, ()> {
    match number {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(()),
    }
}

fn price(number: u64) -> Result<NonZero<u32>, ()> {
    u32::try_from(number).ok().and_then(NonZero::new).ok_or(())
}

fn expiry(millis: u64) -> Result<OrderExpiry, ()> {
    UnixMillis::new(millis).ok().and_then(|instant| OrderExpiry::new(instant).ok()).ok_or(())
}
