use keyward_token::{AccountIndex, ApiKeyIndex};

use crate::Tier;
use crate::stand_in::EthereumAddress;

/// What a token is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To see an account's data.
    Read,
    /// To change tokens, maker-only keys or the tier: read-only tokens are refused.
    Manage,
}

/// Who has shown a token that the venue takes, and for which account.
#[derive(Debug, Clone)]
pub struct Principal {
    account: AccountIndex,
    owner: EthereumAddress,
    tier: Tier,
    credential: Credential,
}

#[derive(Debug, Clone)]
pub(crate) enum Credential {
    ApiKey(ApiKeyIndex),
    ReadOnly(u64),
}

impl Principal {
    /// The account that was asked for, which the token opens.
    pub const fn account_index(&self) -> AccountIndex {
        self.account
    }
    /// The owner of the account: limits are counted by it.
    pub const fn owner(&self) -> EthereumAddress {
        self.owner
    }
    /// The account's tier.
    pub const fn tier(&self) -> Tier {
        self.tier
    }
    /// Whether the token is a read-only token.
    pub const fn is_read_only(&self) -> bool {
        matches!(self.credential, Credential::ReadOnly(_))
    }
}
