use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of the venue's currency, in millionths.
///
/// Reads a decimal with up to six places, prints one with exactly six. In JSON it is a string, as in the venue's
/// answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Collateral(u64);

impl Collateral {
    /// Nothing: such an account cannot register keys.
    pub const ZERO: Self = Self(0);

    const UNIT: u64 = 1_000_000;

    /// So many millionths.
    pub const fn from_millionths(millionths: u64) -> Self {
        Self(millionths)
    }

    /// The number of millionths.
    pub const fn as_millionths(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Collateral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / Self::UNIT, self.0 % Self::UNIT)
    }
}

impl FromStr for Collateral {
    type Err = CollateralError;

    fn from_str(text: &str) -> Result<Self, CollateralError> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        if !digits(whole) || !digits(places) || places.len() > 6 {
            return Err(CollateralError);
        }
        let millionths = format!("{whole}{places:0<6}").parse().map_err(|_| CollateralError)?;
        Ok(Self(millionths))
    }
}

impl Serialize for Collateral {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Collateral {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A text that is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("collateral is a decimal with at most six places, below 18446744073709.551616")]
pub struct CollateralError;
