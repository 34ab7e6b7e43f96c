//! What accounts are, as the seed and the answers name it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountType {
    /// 0: an owner's main account; an owner has exactly one.
    Master,
    /// 1: another account of the same owner.
    Sub,
    /// 2: a public pool, run by the owner.
    Pool,
    /// 3: an insurance fund; sends no transactions.
    Insurance,
    /// 4: a staking pool; sends no transactions.
    Staking,
}

impl AccountType {
    /// The number in the venue's answers.
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// Whether transactions of such an account are taken at all.
    pub(crate) const fn sends_transactions(self) -> bool {
        matches!(self, Self::Master | Self::Sub | Self::Pool)
    }
}

/// What an account pays for, and so what it may do: only accounts above [`Standard`](Self::Standard) can have
/// maker-only keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The free tier.
    Standard,
    /// The paid tier.
    Premium,
    /// The tier above it.
    Plus,
    /// The tier of market makers and integrators.
    Builder,
}

impl Tier {
    /// The name in requests and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Premium => "premium",
            Self::Plus => "plus",
            Self::Builder => "builder",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(text: &str) -> Result<Self, UnknownTier> {
        let all = [Self::Standard, Self::Premium, Self::Plus, Self::Builder];
        all.into_iter().find(|tier| tier.as_str() == text).ok_or(UnknownTier)
    }
}

/// A text that names no tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tier is `standard`, `premium`, `plus` or `builder`")]
pub struct UnknownTier;
