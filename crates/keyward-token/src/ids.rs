use core::fmt;
use core::str::FromStr;

use keyward_time::{DecimalError, OutOfRange, parse_decimal};

/// A Lighter account: a main account (numbered upward from 0) or a sub-account or pool (numbered
/// downward from the top).
///
/// The range is 0 to 2^48 - 2; 2^48 - 1 is the venue's nil account and is refused. The text form is
/// the canonical decimal. Source: `MinAccountIndex` and `MaxAccountIndex` of `types/txtypes/constants.go`
/// in elliottech/lighter-go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountIndex(u64);

impl AccountIndex {
    /// The highest account: 2^48 - 2.
    pub const MAX: Self = Self((1 << 48) - 2);

    /// The account numbered `index`.
    ///
    /// # Errors
    /// - `index` is above 2^48 - 2
    pub const fn new(index: u64) -> Result<Self, OutOfRange> {
        match OutOfRange::check(index, Self::MAX.0) {
            Ok(index) => Ok(Self(index)),
            Err(error) => Err(error),
        }
    }

    /// The number, 0 to 2^48 - 2.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    pub(crate) fn parse_bytes(text: &[u8]) -> Result<Self, DecimalError> {
        parse_decimal(text, Self::MAX.0).map(Self)
    }
}

impl fmt::Display for AccountIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for AccountIndex {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::parse_bytes(text.as_bytes())
    }
}

impl TryFrom<u64> for AccountIndex {
    type Error = OutOfRange;

    fn try_from(index: u64) -> Result<Self, OutOfRange> {
        Self::new(index)
    }
}

impl From<AccountIndex> for u64 {
    fn from(index: AccountIndex) -> Self {
        index.0
    }
}

/// One of an account's API key slots.
///
/// The range is 0 to 254; 255 is the venue's nil key, which some requests take as "all keys", and is
/// refused. 0 to 3 are reserved for the venue's own desktop and mobile interfaces. The text form is
/// the canonical decimal. Source: Lighter's "API keys" page, and `MinApiKeyIndex`, `MaxApiKeyIndex`
/// and `NilApiKeyIndex` of `types/txtypes/constants.go` in elliottech/lighter-go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiKeyIndex(u8);

impl ApiKeyIndex {
    /// The highest slot: 254.
    pub const MAX: Self = Self(254);

    /// The slot that Lighter's example of pre-generated tokens for reading dedicates to them: 253.
    pub const READ_ONLY_AUTH: Self = Self(253);

    /// The slot numbered `index`.
    ///
    /// # Errors
    /// - `index` is 255
    pub const fn new(index: u8) -> Result<Self, OutOfRange> {
        match OutOfRange::check(index as u64, Self::MAX.0 as u64) {
            Ok(_) => Ok(Self(index)),
            Err(error) => Err(error),
        }
    }

    /// The number, 0 to 254.
    pub const fn as_u8(self) -> u8 {
        self.0
    }

    pub(crate) fn parse_bytes(text: &[u8]) -> Result<Self, DecimalError> {
        parse_decimal(text, u64::from(Self::MAX.0)).map(|index| Self(index as u8))
    }
}

impl fmt::Display for ApiKeyIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ApiKeyIndex {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::parse_bytes(text.as_bytes())
    }
}

impl TryFrom<u8> for ApiKeyIndex {
    type Error = OutOfRange;

    fn try_from(index: u8) -> Result<Self, OutOfRange> {
        Self::new(index)
    }
}

impl From<ApiKeyIndex> for u8 {
    fn from(index: ApiKeyIndex) -> Self {
        index.0
    }
}

#[cfg(feature = "serde")]
mod serde_impls {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{AccountIndex, ApiKeyIndex};

    impl Serialize for AccountIndex {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_u64(self.0)
        }
    }

    impl<'de> Deserialize<'de> for AccountIndex {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Self::new(u64::deserialize(deserializer)?).map_err(D::Error::custom)
        }
    }

    impl Serialize for ApiKeyIndex {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_u8(self.0)
        }
    }

    impl<'de> Deserialize<'de> for ApiKeyIndex {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Self::new(u8::deserialize(deserializer)?).map_err(D::Error::custom)
        }
    }
}
