//! What orders are made of: ranges and numbers as in `types/txtypes/constants.go` of
//! elliottech/lighter-go and in the official signer of lighter-sdk 1.1.8, which knows more markets.

use core::fmt;

use keyward_time::UnixMillis;

/// A field of a transaction that has a value it may not have, alone or beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{name} is out of range or does not go with the other fields")]
pub struct InvalidField {
    name: &'static str,
}

impl InvalidField {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// The field's name in JSON, such as `ExpiredAt`.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// A market of the exchange: 0 to 2^48 - 1 without 255, which stands for none or for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarketIndex(u64);

impl MarketIndex {
    /// The highest market: 2^48 - 1.
    pub const MAX: Self = Self((1 << 48) - 1);

    pub(crate) const NIL: u64 = 255;

    /// The market numbered `index`.
    ///
    /// # Errors
    /// - `index` is 255, or above 2^48 - 1
    pub const fn new(index: u64) -> Result<Self, InvalidField> {
        if index <= Self::MAX.0 && index != Self::NIL { Ok(Self(index)) } else { Err(InvalidField::new("MarketIndex")) }
    }

    /// The number.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for MarketIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An order of an account: 1 to 2^48 - 1 is the number that its owner gave it, 2^48 to 2^60 - 1 the
/// exchange's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderIndex(u64);

impl OrderIndex {
    /// The highest number that an order's owner may give it: 2^48 - 1.
    pub const MAX_CLIENT: Self = Self((1 << 48) - 1);

    /// The highest order: 2^60 - 1.
    pub const MAX: Self = Self((1 << 60) - 1);

    /// The order numbered `index`.
    ///
    /// # Errors
    /// - `index` is 0, or above 2^60 - 1
    pub const fn new(index: u64) -> Result<Self, InvalidField> {
        if index != 0 && index <= Self::MAX.0 { Ok(Self(index)) } else { Err(InvalidField::new("Index")) }
    }

    /// The number.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for OrderIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An amount of a market's base asset, in the smallest steps that the market trades: 0 to 2^48 - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaseAmount(u64);

impl BaseAmount {
    /// 0: the whole position, in an order that only reduces one; no change, where an order is modified.
    pub const ZERO: Self = Self(0);

    /// The highest amount: 2^48 - 1.
    pub const MAX: Self = Self((1 << 48) - 1);

    /// So many steps.
    ///
    /// # Errors
    /// - `amount` is above 2^48 - 1
    pub const fn new(amount: u64) -> Result<Self, InvalidField> {
        if amount <= Self::MAX.0 { Ok(Self(amount)) } else { Err(InvalidField::new("BaseAmount")) }
    }

    /// The number of steps.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for BaseAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// When the exchange drops an order, or cancels all: any instant but the epoch, which stands for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderExpiry(UnixMillis);

impl OrderExpiry {
    /// At this instant.
    ///
    /// # Errors
    /// - `instant` is the epoch
    pub fn new(instant: UnixMillis) -> Result<Self, InvalidField> {
        if instant > UnixMillis::EPOCH { Ok(Self(instant)) } else { Err(InvalidField::new("OrderExpiry")) }
    }

    /// The instant.
    pub const fn as_instant(self) -> UnixMillis {
        self.0
    }
}

/// Whether an order buys or sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// It buys: `IsAsk` is 0.
    Bid,
    /// It sells: `IsAsk` is 1.
    Ask,
}

/// What makes an order trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OrderType {
    /// 0: its price or a better one.
    Limit = 0,
    /// 1: any price up to its own, at once.
    Market = 1,
    /// 2: a market order from when the price has become so bad.
    StopLoss = 2,
    /// 3: a limit order from when the price has become so bad.
    StopLossLimit = 3,
    /// 4: a market order from when the price has become so good.
    TakeProfit = 4,
    /// 5: a limit order from when the price has become so good.
    TakeProfitLimit = 5,
    /// 6: small orders over a time.
    Twap = 6,
}

impl OrderType {
    pub(crate) fn from_u64(number: u64) -> Option<Self> {
        use OrderType::{Limit, Market, StopLoss, StopLossLimit, TakeProfit, TakeProfitLimit, Twap};
        [Limit, Market, StopLoss, StopLossLimit, TakeProfit, TakeProfitLimit, Twap]
            .into_iter()
            .find(|kind| *kind as u64 == number)
    }
}

/// How long an order waits for another to trade with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TimeInForce {
    /// 0: not at all.
    ImmediateOrCancel = 0,
    /// 1: until it expires.
    GoodTillTime = 1,
    /// 2: until it expires, and if it could trade at once it is not placed.
    PostOnly = 2,
}

impl TimeInForce {
    pub(crate) fn from_u64(number: u64) -> Option<Self> {
        [Self::ImmediateOrCancel, Self::GoodTillTime, Self::PostOnly].into_iter().find(|time| *time as u64 == number)
    }
}
