use keyward_lighter::{AccountIndex, ApiKeyIndex, EthereumAddress, VerifyingKey, parse_public_key};
use keyward_nonce::NonceState;

use crate::answer::{AnswerError, Object};

/// An account, as far as keys and tokens go.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// The account's number.
    pub index: AccountIndex,
    /// What kind of account it is.
    pub kind: AccountKind,
    /// The Ethereum address that owns it; a sub-account has that of its main account.
    pub l1_address: EthereumAddress,
    /// The collateral in USDC, a decimal text with its sign. An account without any can register no key.
    pub collateral: String,
}

impl Account {
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            index: object.read("index", |index| AccountIndex::new(index).ok())?,
            kind: object.take("account_type").map(AccountKind::from_number)?,
            l1_address: object.read("l1_address", read_address)?,
            collateral: object.take("collateral")?,
        })
    }
}

/// Reads an address whatever the case of its digits: their case is a check on what people type.
pub(crate) fn read_address(text: &str) -> Option<EthereumAddress> {
    text.to_ascii_lowercase().parse().ok()
}

/// What kind of account it is. Source: the field `account_type` of Lighter's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccountKind {
    /// The main account of an address.
    Main,
    /// A sub-account.
    Sub,
    /// A pool that others may invest in.
    PublicPool,
    /// The insurance fund.
    InsuranceFund,
    /// The staking pool.
    StakingPool,
    /// One that this version does not know.
    Other(u64),
}

impl AccountKind {
    fn from_number(number: u64) -> Self {
        match number {
            0 => Self::Main,
            1 => Self::Sub,
            2 => Self::PublicPool,
            3 => Self::InsuranceFund,
            4 => Self::StakingPool,
            other => Self::Other(other),
        }
    }
}

/// One of an account's key slots that has been used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiKeyEntry {
    /// The account.
    pub account_index: AccountIndex,
    /// The slot.
    pub api_key_index: ApiKeyIndex,
    /// The nonce that the slot's next transaction must carry; it goes on when the key is replaced.
    pub nonce: NonceState,
    /// The key; `None` where it was taken away.
    pub public_key: Option<VerifyingKey>,
}

impl ApiKeyEntry {
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            account_index: object.read("account_index", |index| AccountIndex::new(index).ok())?,
            api_key_index: object.read("api_key_index", |index| ApiKeyIndex::new(index).ok())?,
            nonce: object.read("nonce", |next| NonceState::new(next).ok())?,
            public_key: object.read("public_key", read_public_key)?,
        })
    }
}

/// An empty slot is listed with a key of zeros.
fn read_public_key(text: &str) -> Option<Option<VerifyingKey>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.len() == 80 && digits.bytes().all(|digit| digit == b'0') {
        return Some(None);
    }
    parse_public_key(digits).ok().map(Some)
}

/// What an account may do: the read that the venue keeps from everybody but the account's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountLimits {
    /// The tier, for instance `standard` or `premium`.
    pub user_tier: String,
    /// Whether the account may open a pool that others may invest in.
    pub can_create_public_pool: bool,
}

impl AccountLimits {
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            user_tier: object.take("user_tier")?,
            can_create_public_pool: object.take("can_create_public_pool")?,
        })
    }
}
