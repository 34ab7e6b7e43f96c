use core::fmt;
use core::str::FromStr;

use keyward_time::{DecimalError, parse_decimal};

/// What a transaction does, as the number that the exchange is sent beside it.
///
/// Any number from 0 to 255 is one; those named here can be signed and read. The text form is the
/// canonical decimal. Source: `types/txtypes/constants.go` in elliottech/lighter-go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TxType(u8);

impl TxType {
    /// 8: puts a public key into a slot.
    pub const CHANGE_PUB_KEY: Self = Self(8);

    /// 14: places an order.
    pub const CREATE_ORDER: Self = Self(14);

    /// 15: cancels an order.
    pub const CANCEL_ORDER: Self = Self(15);

    /// 16: cancels all orders, now or at a time.
    pub const CANCEL_ALL_ORDERS: Self = Self(16);

    /// 17: changes an order's size and price.
    pub const MODIFY_ORDER: Self = Self(17);

    /// The type numbered `number`.
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn as_u8(self) -> u8 {
        self.0
    }
}

impl fmt::Display for TxType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TxType {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        parse_decimal(text.as_bytes(), u8::MAX.into()).map(|number| Self(number as u8))
    }
}
