use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use keyward_lighter::{EthereumAddress, EthereumAddressError, VerifyingKey};
use keyward_nonce::{Nonce, NonceState};
use keyward_time::UnixMillis;
use keyward_token::{AccountIndex, ApiKeyIndex};
use serde::Deserialize;

use crate::account::{Account, Profile};
use crate::slot::Slot;
use crate::{AccountType, Collateral, Tier, text};

/// The accounts that a venue starts with.
///
/// The JSON form is an object with the one member `accounts`, an array of [`SeedAccount`]s:
///
/// ```
/// use keyward_lighter_sandbox::Seed;
///
/// let seed = Seed::from_json(br#"{
///     "accounts": [
///         {
///             "l1_address": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
///             "index": 5,
///             "tier": "premium",
///             "collateral": "2500.5"
///         },
///         { "l1_address": "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", "account_type": "pool", "name": "Ours" }
///     ]
/// }"#)?;
/// assert_eq!(seed.len(), 2);
/// # Ok::<(), keyward_lighter_sandbox::SeedError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Seed {
    accounts: Vec<Resolved>,
    only_if_empty: bool,
}

/// One account of a [`Seed`]. In JSON every member but `l1_address` may be left out, and there are no others.
///
/// Its text form, for a command line, is `ADDRESS` or `ADDRESS:INDEX`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedAccount {
    /// The owner: `0x` and 40 hexadecimal digits, in one case or with the right checksum.
    #[serde(with = "text::display")]
    pub l1_address: EthereumAddress,
    /// `master`, `sub`, `pool`, `insurance` or `staking`; by default an owner's first account is the main account
    /// (`master`), the others are sub-accounts.
    #[serde(default)]
    pub account_type: Option<AccountType>,
    /// By default main accounts count up from 3 (0 to 2 are the venue's own), all others down from 2^48 - 2.
    #[serde(default)]
    pub index: Option<AccountIndex>,
    /// Empty by default.
    #[serde(default)]
    pub name: String,
    /// A string with a decimal; `"1000"` by default. Accounts without collateral cannot register keys.
    #[serde(default = "SeedAccount::default_collateral")]
    pub collateral: Collateral,
    /// By default that of the owner's main account, and `standard` for that itself.
    #[serde(default)]
    pub tier: Option<Tier>,
    /// The keys that the account has from the start.
    #[serde(default)]
    pub api_keys: Vec<SeedKey>,
}

/// A key that a seeded account has from the start.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedKey {
    /// The slot.
    pub api_key_index: ApiKeyIndex,
    /// 80 hexadecimal digits, with or without `0x`; left out or `null` for a slot whose key was taken away.
    #[serde(default, deserialize_with = "text::public_key::deserialize_optional")]
    pub public_key: Option<VerifyingKey>,
    /// The nonce that is due, 0 to 2^48; by default 1, as after the registration of the key.
    #[serde(default = "SeedKey::default_nonce")]
    pub nonce: NonceState,
}

/// A seeded account with nothing left open.
#[derive(Debug, Clone)]
struct Resolved {
    account: SeedAccount,
    account_type: AccountType,
    index: AccountIndex,
    tier: Tier,
}

impl Seed {
    /// The owner of the accounts of [`example`](Self::example), 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266: the first
    /// address that Hardhat and Anvil, two development chains for Ethereum, start with.
    pub const EXAMPLE_L1_ADDRESS: EthereumAddress = EthereumAddress::from_bytes([
        0xf3, 0x9f, 0xd6, 0xe5, 0x1a, 0xad, 0x88, 0xf6, 0xf4, 0xce, 0x6a, 0xb8, 0x82, 0x72, 0x79, 0xcf, 0xff, 0xb9,
        0x22, 0x66,
    ]);

    /// The private key of that address. The whole world knows it: never send it anything of value.
    pub const EXAMPLE_L1_KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    /// The most accounts.
    pub const MAX_ACCOUNTS: usize = 100_000;

    /// No accounts.
    pub const fn empty() -> Self {
        Self { accounts: Vec::new(), only_if_empty: false }
    }

    /// What a venue starts with that was told nothing: the main account 3 and a sub-account, both of the premium tier,
    /// of [`EXAMPLE_L1_ADDRESS`](Self::EXAMPLE_L1_ADDRESS). A storage that has accounts already is left alone.
    pub fn example() -> Self {
        let account = |account_type, index| Resolved {
            account: SeedAccount::new(Self::EXAMPLE_L1_ADDRESS),
            account_type,
            index,
            tier: Tier::Premium,
        };
        let main = account(AccountType::Master, Indices::FIRST_MAIN);
        let accounts = vec![main, account(AccountType::Sub, AccountIndex::MAX)];
        Self { accounts, only_if_empty: true }
    }

    /// These accounts.
    ///
    /// # Errors
    /// Every reason is its own variant of [`SeedError`].
    pub fn new(accounts: impl IntoIterator<Item = SeedAccount>) -> Result<Self, SeedError> {
        Ok(Self { accounts: resolve(accounts.into_iter().collect())?, only_if_empty: false })
    }

    /// The accounts of a JSON document.
    ///
    /// # Errors
    /// - [`Json`](SeedError::Json): not JSON, or not of the form that [`Seed`] describes
    /// - those of [`new`](Self::new)
    pub fn from_json(text: &[u8]) -> Result<Self, SeedError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Document {
            accounts: Vec<SeedAccount>,
        }
        Self::new(serde_json::from_slice::<Document>(text)?.accounts)
    }

    /// The number of accounts.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// The accounts as they are at `now`, for a storage that has none yet, or some.
    pub(crate) fn into_accounts(self, storage_is_empty: bool, now: UnixMillis) -> impl Iterator<Item = Account> {
        let accounts = if self.only_if_empty && !storage_is_empty { Vec::new() } else { self.accounts };
        accounts.into_iter().map(move |resolved| resolved.into_account(now))
    }
}

impl SeedAccount {
    /// An account of this owner, and all else by default.
    pub fn new(l1_address: EthereumAddress) -> Self {
        Self {
            l1_address,
            account_type: None,
            index: None,
            name: String::new(),
            collateral: Self::default_collateral(),
            tier: None,
            api_keys: Vec::new(),
        }
    }

    fn default_collateral() -> Collateral {
        Collateral::from_millionths(1_000_000_000)
    }
}

impl FromStr for SeedAccount {
    type Err = SeedAccountError;

    fn from_str(text: &str) -> Result<Self, SeedAccountError> {
        let (address, index) = match text.split_once(':') {
            Some((address, index)) => (address, Some(index.parse().map_err(|_| SeedAccountError::Index)?)),
            None => (text, None),
        };
        Ok(Self { index, ..Self::new(address.parse()?) })
    }
}

impl SeedKey {
    fn default_nonce() -> NonceState {
        NonceState::after(Nonce::ZERO)
    }
}

impl Resolved {
    fn into_account(self, now: UnixMillis) -> Account {
        let Self { account: SeedAccount { l1_address, name, collateral, api_keys, .. }, .. } = self;
        let mut account = Account::new(Profile {
            index: self.index,
            account_type: self.account_type,
            l1_address,
            name,
            collateral,
            created_at: now.to_seconds(),
            tier: self.tier,
            tier_changed_at: None,
            maker_only: [].into(),
            maker_only_changed_at: None,
            cancel_all_at: None,
        });
        let slots = api_keys.into_iter().map(|key| (key.api_key_index, Slot::seeded(key.public_key, key.nonce, now)));
        account.slots = slots.collect();
        account
    }
}

/// Decides what the accounts leave open.
fn resolve(accounts: Vec<SeedAccount>) -> Result<Vec<Resolved>, SeedError> {
    if accounts.len() > Seed::MAX_ACCOUNTS {
        return Err(SeedError::TooManyAccounts);
    }
    let mut indices = Indices::new(&accounts)?;
    let mut main_tiers = HashMap::new();
    let mut resolved = Vec::with_capacity(accounts.len());
    for (position, account) in accounts.into_iter().enumerate() {
        let main_tier = main_tiers.get(&account.l1_address).copied();
        let default_type = if main_tier.is_none() { AccountType::Master } else { AccountType::Sub };
        let account_type = account.account_type.unwrap_or(default_type);
        match (account_type, main_tier) {
            (AccountType::Master, Some(_)) => return Err(SeedError::SecondMainAccount { position }),
            (AccountType::Master, None) => {}
            (_, None) => return Err(SeedError::NoMainAccount { position }),
            (_, Some(_)) => {}
        }
        let tier = account.tier.or(main_tier).unwrap_or(Tier::Standard);
        if account_type == AccountType::Master {
            main_tiers.insert(account.l1_address, tier);
        }
        let mut slots = HashSet::new();
        if !account.api_keys.iter().all(|key| slots.insert(key.api_key_index)) {
            return Err(SeedError::RepeatedSlot { position });
        }
        let index = indices.check_or_assign(account.index, account_type).ok_or(SeedError::IndexRange { position })?;
        resolved.push(Resolved { account, account_type, index, tier });
    }
    Ok(resolved)
}

/// The indices that accounts get which ask for none.
struct Indices {
    taken: HashSet<AccountIndex>,
    next_main: u64,
    next_other: u64,
}

impl Indices {
    /// 3: the accounts below are the venue's own.
    const FIRST_MAIN: AccountIndex = match AccountIndex::new(3) {
        Ok(index) => index,
        Err(_) => panic!("3 is an account"),
    };

    /// 2^47: main accounts are below, all others at or above.
    const FIRST_OTHER: u64 = 1 << 47;

    fn new(accounts: &[SeedAccount]) -> Result<Self, SeedError> {
        let mut taken = HashSet::new();
        for (position, account) in accounts.iter().enumerate() {
            if account.index.is_some_and(|index| !taken.insert(index)) {
                return Err(SeedError::RepeatedIndex { position });
            }
        }
        Ok(Self { taken, next_main: Self::FIRST_MAIN.as_u64(), next_other: AccountIndex::MAX.as_u64() })
    }

    /// `None` if the index is in the other type's range.
    fn check_or_assign(&mut self, index: Option<AccountIndex>, account_type: AccountType) -> Option<AccountIndex> {
        let is_main = account_type == AccountType::Master;
        if let Some(index) = index {
            return Some(index).filter(|index| (index.as_u64() < Self::FIRST_OTHER) == is_main);
        }
        loop {
            let number = if is_main { self.next_main } else { self.next_other };
            if is_main {
                self.next_main += 1;
            } else {
                self.next_other -= 1;
            }
            let index = AccountIndex::new(number).ok()?;
            if self.taken.insert(index) {
                return Some(index);
            }
        }
    }
}

/// Why accounts are no seed. Positions are counted from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// Not JSON, or JSON of another form.
    #[error("the seed is not of its JSON form: {0}")]
    Json(#[from] serde_json::Error),
    /// Too many accounts.
    #[error("the seed has more than {} accounts", Seed::MAX_ACCOUNTS)]
    TooManyAccounts,
    /// An owner has one main account.
    #[error("accounts[{position}]: the owner has a main account already")]
    SecondMainAccount {
        /// The later one's place.
        position: usize,
    },
    /// An owner's first account is the main account.
    #[error("accounts[{position}]: the owner has no main account before this one")]
    NoMainAccount {
        /// The account's place.
        position: usize,
    },
    /// Two accounts with one index.
    #[error("accounts[{position}].index: is taken by an account before")]
    RepeatedIndex {
        /// The later one's place.
        position: usize,
    },
    /// A main account with an index from 2^47, or another account with one below.
    #[error("accounts[{position}].index: main accounts are below 140737488355328, all others are not")]
    IndexRange {
        /// The account's place.
        position: usize,
    },
    /// A slot twice in one account.
    #[error("accounts[{position}].api_keys: has a slot twice")]
    RepeatedSlot {
        /// The account's place.
        position: usize,
    },
}

/// Why a text is no account of a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedAccountError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] EthereumAddressError),
    /// What follows the colon is no account.
    #[error("after the colon must be an account index")]
    Index,
}
