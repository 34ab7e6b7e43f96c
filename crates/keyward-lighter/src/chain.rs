use core::fmt;
use core::str::FromStr;

use keyward_time::{DecimalError, parse_decimal};

/// The network that a transaction is for: its number is part of what is signed.
///
/// The text form is the canonical decimal. Auth tokens and the message for Ethereum have no chain in them.
///
/// ```
/// use keyward_lighter::ChainId;
///
/// assert_eq!(ChainId::of_base_url("https://testnet.zklighter.elliot.ai"), ChainId::TESTNET);
/// assert_eq!("304".parse(), Ok(ChainId::MAINNET));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId(u32);

impl ChainId {
    /// 304, Lighter's main network.
    pub const MAINNET: Self = Self(304);

    /// 300, the test network, and also that of the Robinhood venue.
    pub const TESTNET: Self = Self(300);

    /// 466324, the Robinhood venue.
    pub const ROBINHOOD: Self = Self(466_324);

    /// The chain numbered `id`; any number is one.
    pub const fn new(id: u32) -> Self {
        Self(id)
    }

    /// The chain that `SignerClient` of Lighter's Python SDK takes for an exchange at this address.
    ///
    /// It goes by parts of the text, so that everything it does not know, an exchange on this machine
    /// too, is [`MAINNET`](Self::MAINNET).
    pub fn of_base_url(url: &str) -> Self {
        let known = [
            ("mainnet.zklighter", Self::MAINNET),
            ("testnet.zklighter", Self::TESTNET),
            ("api.rh.lighter", Self::ROBINHOOD),
            ("api.rh-testnet.lighter", Self::TESTNET),
        ];
        known.into_iter().find(|(part, _)| url.contains(part)).map_or(Self::MAINNET, |(_, chain)| chain)
    }

    /// The number.
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ChainId {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        parse_decimal(text.as_bytes(), u32::MAX.into()).map(|id| Self(id as u32))
    }
}
