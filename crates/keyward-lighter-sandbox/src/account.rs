use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keyward_lighter::EthereumAddress;
use keyward_time::{UnixMillis, UnixSeconds};
use keyward_token::{AccountIndex, ApiKeyIndex};
use serde::{Deserialize, Serialize};

use crate::read_only::TokenRecord;
use crate::slot::Slot;
use crate::{AccountType, Collateral, Tier, text};

/// All that the venue knows of one account: what is stored is the rows that it is made of.
///
/// It is cloned for each change, of which few touch the parts that can be large: those are shared until then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Account {
    pub(crate) profile: Profile,
    pub(crate) slots: BTreeMap<ApiKeyIndex, Slot>,
    /// The open post-only orders that have a number of their owner's, and when they expire.
    pub(crate) orders: Arc<BTreeMap<OrderKey, UnixMillis>>,
    /// The read-only tokens by number.
    pub(crate) tokens: Arc<BTreeMap<u64, TokenRecord>>,
}

/// The row of the account itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) index: AccountIndex,
    pub(crate) account_type: AccountType,
    #[serde(with = "text::display")]
    pub(crate) l1_address: EthereumAddress,
    pub(crate) name: String,
    pub(crate) collateral: Collateral,
    pub(crate) created_at: UnixSeconds,
    pub(crate) tier: Tier,
    pub(crate) tier_changed_at: Option<UnixMillis>,
    pub(crate) maker_only: BTreeSet<ApiKeyIndex>,
    pub(crate) maker_only_changed_at: Option<UnixMillis>,
    /// When all orders are to be cancelled.
    pub(crate) cancel_all_at: Option<UnixMillis>,
}

/// Whether what was changed at `last` must stay as it is for `millis` from then on.
///
/// A clock that was set back ends the cooldown rather than prolonging it without bounds.
pub(crate) fn is_cooling_down(last: Option<UnixMillis>, now: UnixMillis, millis: u64) -> bool {
    last.and_then(|last| now.checked_millis_since(last)).is_some_and(|passed| passed < millis)
}

/// An order, by its market and the number that its owner gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OrderKey {
    pub(crate) market: u64,
    pub(crate) index: u64,
}

impl Account {
    pub(crate) fn new(profile: Profile) -> Self {
        Self { profile, slots: BTreeMap::new(), orders: Arc::default(), tokens: Arc::default() }
    }

    /// The slot, which was perhaps never used.
    pub(crate) fn slot(&self, index: ApiKeyIndex) -> &Slot {
        const NEW: &Slot = &Slot::NEW;
        self.slots.get(&index).unwrap_or(NEW)
    }

    /// When the last transaction was accepted.
    pub(crate) fn transaction_time(&self) -> UnixMillis {
        self.slots.values().map(|slot| slot.transaction_time).max().unwrap_or(UnixMillis::EPOCH)
    }
}

/// A change in the making: an account as it will be, and which of its rows are others than before.
#[derive(Debug)]
pub(crate) struct Draft {
    account: Account,
    next_token_id: u64,
    changes: Changes,
}

/// The rows that a [`Draft`] has touched; one that is not in the account any more is gone.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) profile: bool,
    pub(crate) slots: BTreeSet<ApiKeyIndex>,
    pub(crate) orders: BTreeSet<OrderKey>,
    pub(crate) tokens: BTreeSet<u64>,
}

impl Draft {
    /// No change of `account` yet; `next_token_id` is the venue's.
    pub(crate) fn new(account: Account, next_token_id: u64) -> Self {
        Self { account, next_token_id, changes: Changes::default() }
    }

    /// An account that is not stored yet.
    pub(crate) fn of_new(account: Account, next_token_id: u64) -> Self {
        let changes = Changes { profile: true, slots: account.slots.keys().copied().collect(), ..Changes::default() };
        Self { account, next_token_id, changes }
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    pub(crate) fn changes(&self) -> &Changes {
        &self.changes
    }

    pub(crate) fn next_token_id(&self) -> u64 {
        self.next_token_id
    }

    pub(crate) fn into_account(self) -> Account {
        self.account
    }

    pub(crate) fn profile_mut(&mut self) -> &mut Profile {
        self.changes.profile = true;
        &mut self.account.profile
    }

    pub(crate) fn slot_mut(&mut self, index: ApiKeyIndex) -> &mut Slot {
        self.changes.slots.insert(index);
        self.account.slots.entry(index).or_insert(Slot::NEW)
    }

    pub(crate) fn insert_order(&mut self, key: OrderKey, expiry: UnixMillis) {
        self.changes.orders.insert(key);
        Arc::make_mut(&mut self.account.orders).insert(key, expiry);
    }

    pub(crate) fn remove_order(&mut self, key: OrderKey) {
        if self.account.orders.contains_key(&key) {
            self.changes.orders.insert(key);
            Arc::make_mut(&mut self.account.orders).remove(&key);
        }
    }

    /// Puts a token in, and tells its number.
    pub(crate) fn add_token(&mut self, token: TokenRecord) -> u64 {
        let id = self.next_token_id;
        self.next_token_id += 1;
        self.changes.tokens.insert(id);
        Arc::make_mut(&mut self.account.tokens).insert(id, token);
        id
    }

    pub(crate) fn remove_token(&mut self, id: u64) {
        self.changes.tokens.insert(id);
        Arc::make_mut(&mut self.account.tokens).remove(&id);
    }

    pub(crate) fn token_mut(&mut self, id: u64) -> Option<&mut TokenRecord> {
        let token = Arc::make_mut(&mut self.account.tokens).get_mut(&id)?;
        self.changes.tokens.insert(id);
        Some(token)
    }
}
