use std::str::FromStr;

use keyward_lighter::VerifyingKey;
use keyward_nonce::NonceState;
use keyward_token::{AccountIndex, ApiKeyIndex};

use crate::stand_in::EthereumAddress;
use crate::{AccountType, Collateral, Tier};

/// The accounts that a venue starts with.
#[derive(Debug, Clone)]
pub struct Seed {
    accounts: Vec<SeedAccount>,
    only_if_empty: bool,
}

/// One account of a [`Seed`].
#[derive(Debug, Clone)]
pub struct SeedAccount {
    l1_address: EthereumAddress,
    account_type: Option<AccountType>,
    index: Option<AccountIndex>,
    name: String,
    collateral: Collateral,
    tier: Option<Tier>,
    api_keys: Vec<(ApiKeyIndex, VerifyingKey, NonceState)>,
}
impl Seed {
    /// No accounts.
    pub fn empty() -> Self {
        unimplemented!()
    }
    /// What a venue starts with that nobody has told anything: the two accounts of [`EXAMPLE_L1_KEY`](Self::EXAMPLE_L1_KEY).
    pub fn example() -> Self {
        unimplemented!()
    }
    /// The JSON form.
    pub fn from_json(_text: &[u8]) -> Result<Self, SeedError> {
        unimplemented!()
    }
    /// From accounts, for instance of a command line.
    pub fn from_accounts(_accounts: impl IntoIterator<Item = SeedAccount>) -> Result<Self, SeedError> {
        unimplemented!()
    }
}
impl FromStr for SeedAccount {
    type Err = SeedError;
    fn from_str(_: &str) -> Result<Self, SeedError> {
        unimplemented!()
    }
}
/// Bad seed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {}
