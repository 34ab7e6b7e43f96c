use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use keyward_lighter::{ApiCode, EthereumAddress, KeyCache, KeyCacheSettings};
use keyward_time::Clock;
use keyward_token::AccountIndex;

use crate::account::{Account, Draft};
use crate::store::{Loaded, Store};
use crate::{AccountType, Refusal, Seed, Storage, StoreError, VenueSettings};

/// The venue: accounts, keys, nonces, tokens and the rules on them, without HTTP.
///
/// To be shared between threads by an `Arc`. Reads never wait for the disk; changes are made one at a time, each
/// checked, written, and only then seen and answered.
///
/// ```
/// use std::sync::Arc;
///
/// use keyward_lighter_sandbox::{SandboxClock, Seed, Storage, Venue, VenueSettings};
///
/// let clock = Arc::new(SandboxClock::default());
/// let venue = Venue::open(VenueSettings::default(), Seed::example(), Storage::Memory, clock)?;
/// let accounts = venue.accounts_by_l1_address(&Seed::EXAMPLE_L1_ADDRESS.to_string()).expect("they are seeded");
/// assert_eq!(accounts.sub_accounts.len(), 2);
/// # Ok::<(), keyward_lighter_sandbox::OpenError>(())
/// ```
pub struct Venue {
    settings: VenueSettings,
    clock: Arc<dyn Clock + Send + Sync>,
    accounts: HashMap<AccountIndex, RwLock<Account>>,
    /// The accounts of each owner, the main account first.
    owners: HashMap<EthereumAddress, Vec<AccountIndex>>,
    key_cache: KeyCache,
    /// Whoever changes an account holds this, so that what it has checked still holds when it is written.
    writer: Mutex<Writer>,
    durable: bool,
}

struct Writer {
    store: Store,
    next_token_id: u64,
}

/// Why a venue cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The state file cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The seed and the state file have this account with different owners or of different types.
    #[error("account {index} of the seed is another account in the state file")]
    SeedConflict {
        /// The account.
        index: AccountIndex,
    },
    /// The seed and the state file give this owner different main accounts.
    #[error("{l1_address} has a main account in the state file, and another one in the seed")]
    SecondMainAccount {
        /// The owner.
        l1_address: EthereumAddress,
    },
}

impl Venue {
    /// Opens a venue, blocking while files are read and written.
    ///
    /// Of the seed, accounts that the storage does not have yet are added, keys and all; those it has stay as they
    /// are. All that depends on time goes by `clock`.
    ///
    /// # Errors
    /// - [`Store`](OpenError::Store): the file is in use, of another version, damaged, or cannot be read or written
    /// - [`SeedConflict`](OpenError::SeedConflict), [`SecondMainAccount`](OpenError::SecondMainAccount): the seed
    ///   contradicts the file
    pub fn open(
        settings: VenueSettings,
        seed: Seed,
        storage: Storage,
        clock: Arc<dyn Clock + Send + Sync>,
    ) -> Result<Self, OpenError> {
        let (store, loaded) = Store::open(&storage)?;
        Self::with_store(settings, seed, store, loaded, clock)
    }

    pub(crate) fn with_store(
        settings: VenueSettings,
        seed: Seed,
        store: Store,
        Loaded { accounts, next_token_id }: Loaded,
        clock: Arc<dyn Clock + Send + Sync>,
    ) -> Result<Self, OpenError> {
        let mut accounts: HashMap<_, _> =
            accounts.into_iter().map(|account| (account.profile.index, account)).collect();
        let mut new = Vec::new();
        for account in seed.into_accounts(accounts.is_empty(), clock.now_millis()) {
            let seeded = &account.profile;
            match accounts.get(&seeded.index).map(|known| &known.profile) {
                None => {
                    new.push(Draft::of_new(account.clone(), next_token_id));
                    accounts.insert(seeded.index, account);
                }
                Some(known) if known.l1_address != seeded.l1_address || known.account_type != seeded.account_type => {
                    return Err(OpenError::SeedConflict { index: seeded.index });
                }
                Some(_) => {}
            }
        }
        let owners = owners(accounts.values())?;
        store.commit(&new)?;

        Ok(Self {
            key_cache: KeyCache::new(KeyCacheSettings {
                capacity: settings.prepared_keys,
                ..KeyCacheSettings::default()
            }),
            settings,
            clock,
            owners,
            accounts: accounts.into_iter().map(|(index, account)| (index, RwLock::new(account))).collect(),
            durable: store.is_durable(),
            writer: Mutex::new(Writer { store, next_token_id }),
        })
    }

    /// How it behaves.
    pub fn settings(&self) -> &VenueSettings {
        &self.settings
    }

    /// The clock that everything goes by.
    pub fn clock(&self) -> &(dyn Clock + Send + Sync) {
        &*self.clock
    }

    /// Whether changes are written to a disk, and so take milliseconds.
    pub fn is_durable(&self) -> bool {
        self.durable
    }

    /// The number of accounts.
    pub fn account_count(&self) -> usize {
        self.accounts.len()
    }

    pub(crate) fn key_cache(&self) -> &KeyCache {
        &self.key_cache
    }

    pub(crate) fn owned_by(&self, owner: &EthereumAddress) -> Option<&[AccountIndex]> {
        self.owners.get(owner).map(Vec::as_slice)
    }

    /// What `read` makes of the account; `None` if there is no such account.
    pub(crate) fn with_account<T>(&self, index: AccountIndex, read: impl FnOnce(&Account) -> T) -> Option<T> {
        let account = self.accounts.get(&index)?;
        Some(read(&account.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Lets `change` check and change the account, writes it, and publishes it. Nothing happens where `change`
    /// refuses, or where writing fails.
    pub(crate) fn change<T>(
        &self,
        index: AccountIndex,
        change: impl FnOnce(&mut Draft) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let account = self.accounts.get(&index).ok_or_else(|| Refusal::new(ApiCode::ACCOUNT_NOT_FOUND))?;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = account.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut draft = Draft::new(copy, writer.next_token_id);
        let answer = change(&mut draft)?;
        if let Err(error) = writer.store.commit(std::slice::from_ref(&draft)) {
            tracing::error!(error = &error as &dyn std::error::Error, "a change could not be written");
            return Err(Refusal::internal());
        }
        writer.next_token_id = draft.next_token_id();
        let old = mem::replace(&mut *account.write().unwrap_or_else(PoisonError::into_inner), draft.into_account());
        drop(writer);
        drop(old);
        Ok(answer)
    }
}

impl fmt::Debug for Venue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Venue")
            .field("settings", &self.settings)
            .field("accounts", &self.accounts.len())
            .finish_non_exhaustive()
    }
}

/// The accounts by owner, main accounts first, others in the order of their making.
fn owners<'a>(
    accounts: impl Iterator<Item = &'a Account>,
) -> Result<HashMap<EthereumAddress, Vec<AccountIndex>>, OpenError> {
    let mut accounts: Vec<_> = accounts.map(|account| &account.profile).collect();
    accounts.sort_unstable_by_key(|profile| (profile.account_type != AccountType::Master, Reverse(profile.index)));
    let mut owners: HashMap<_, Vec<_>> = HashMap::new();
    for profile in accounts {
        let owned = owners.entry(profile.l1_address).or_default();
        if profile.account_type == AccountType::Master && !owned.is_empty() {
            return Err(OpenError::SecondMainAccount { l1_address: profile.l1_address });
        }
        owned.push(profile.index);
    }
    Ok(owners)
}
