//! What anybody may ask.

use keyward_lighter::{ApiCode, EthereumAddress, public_key_hex};
use keyward_nonce::NonceState;
use keyward_time::UnixMillis;
use keyward_token::{AccountIndex, ApiKeyIndex};

use crate::account::Account;
use crate::answers::{self, AccountMetadata, ApiKey, ApiKeys, DetailedAccount, DetailedAccounts};
use crate::answers::{Info, NextNonce, Ok200, Status, SubAccounts};
use crate::slot::SlotKey;
use crate::{Refusal, Venue};

/// The slot number that stands for all of them.
const ALL_SLOTS: u8 = 255;

/// The account of a request.
///
/// # Errors
/// - 21102: below 0 or above 2^48 - 2
pub fn account_index(index: i64) -> Result<AccountIndex, Refusal> {
    let index = u64::try_from(index).ok().and_then(|index| AccountIndex::new(index).ok());
    index.ok_or_else(|| Refusal::new(ApiCode::INVALID_ACCOUNT_INDEX))
}

impl Venue {
    /// That the venue runs, and its time.
    pub fn status(&self) -> Status {
        Status { status: 1, network_id: 1, timestamp: self.clock().now() }
    }

    /// The contract that holds the funds: there is none.
    pub fn info(&self) -> Info {
        Info { contract_address: format!("0x{:040x}", 0) }
    }

    /// The accounts of an owner, the main account first. The address may be in any case.
    ///
    /// # Errors
    /// - 20001: not `0x` and 40 hexadecimal digits
    /// - 21100: it owns no account
    pub fn accounts_by_l1_address(&self, l1_address: &str) -> Result<SubAccounts, Refusal> {
        let (owner, accounts) = self.accounts_of(l1_address)?;
        let now = self.clock().now_millis();
        let accounts = accounts.iter().filter_map(|index| self.with_account(*index, |account| listed(account, now)));
        Ok(SubAccounts { code: Ok200, l1_address: owner.to_string(), sub_accounts: accounts.collect() })
    }

    /// One account in full.
    ///
    /// # Errors
    /// - 21102: no account index
    /// - 29404: no such account
    pub fn account_by_index(&self, index: i64) -> Result<DetailedAccounts, Refusal> {
        let now = self.clock().now_millis();
        let account = self.with_account(account_index(index)?, |account| detailed(account, now));
        account.map(|account| all(vec![account])).ok_or_else(|| Refusal::new(ApiCode::NOT_FOUND))
    }

    /// The accounts of an owner in full, the main account first. The address may be in any case.
    ///
    /// # Errors
    /// - 20001: not `0x` and 40 hexadecimal digits
    /// - 21100: it owns no account
    pub fn account_by_l1_address(&self, l1_address: &str) -> Result<DetailedAccounts, Refusal> {
        let (_, accounts) = self.accounts_of(l1_address)?;
        let now = self.clock().now_millis();
        let accounts = accounts.iter().filter_map(|index| self.with_account(*index, |account| detailed(account, now)));
        Ok(all(accounts.collect()))
    }

    /// The keys of an account in one slot, or, for 255, in all that ever had one.
    ///
    /// # Errors
    /// - 21102: no account index
    /// - 21110: a slot below 0 or above 255
    /// - 21109: no such account, or no key was ever in force there
    pub fn api_keys(&self, account: i64, api_key_index: i64) -> Result<ApiKeys, Refusal> {
        let account_index = account_index(account)?;
        let wanted = if api_key_index == i64::from(ALL_SLOTS) { None } else { Some(slot_index(api_key_index)?) };
        let now = self.clock().now_millis();
        let list = |account: &Account| {
            let slots = account.slots.iter().filter(|(index, _)| wanted.is_none_or(|wanted| wanted == **index));
            let listed = slots.filter_map(|(index, slot)| {
                let public_key = match slot.holds(now) {
                    SlotKey::Unset => return None,
                    SlotKey::Emptied => "0".repeat(80),
                    SlotKey::Key(key) => public_key_hex(&key),
                };
                Some(ApiKey {
                    account_index,
                    api_key_index: *index,
                    nonce: slot.nonce.as_u64(),
                    public_key,
                    transaction_time: micros(slot.transaction_time),
                })
            });
            listed.collect()
        };
        let api_keys: Vec<_> = self.with_account(account_index, list).unwrap_or_default();
        if api_keys.is_empty() {
            Err(self.not_found(ApiCode::API_KEY_NOT_FOUND))
        } else {
            Ok(ApiKeys { code: Ok200, api_keys })
        }
    }

    /// The nonce that a slot's next transaction must carry; 0 also for an account that there is not, as the live
    /// venue answers.
    ///
    /// # Errors
    /// - 21102: no account index
    /// - 21110: a slot below 0 or above 254
    pub fn next_nonce(&self, account: i64, api_key_index: i64) -> Result<NextNonce, Refusal> {
        let account_index = account_index(account)?;
        let slot = slot_index(api_key_index)?;
        let nonce = self.with_account(account_index, |account| account.slot(slot).nonce);
        Ok(NextNonce { code: Ok200, nonce: nonce.unwrap_or(NonceState::NEW).as_u64() })
    }

    fn accounts_of(&self, l1_address: &str) -> Result<(EthereumAddress, &[AccountIndex]), Refusal> {
        // In one case the checksum, which is in the cases, is not looked at, as the live venue does not.
        let owner: Option<EthereumAddress> = l1_address.to_ascii_lowercase().parse().ok();
        let owner = owner.ok_or_else(|| Refusal::invalid_param("l1_address must be 0x and 40 hexadecimal digits"))?;
        let accounts = self.owned_by(&owner).ok_or_else(|| self.not_found(ApiCode::ACCOUNT_NOT_FOUND))?;
        Ok((owner, accounts))
    }

    fn not_found(&self, code: ApiCode) -> Refusal {
        Refusal { http_status: self.settings().not_found_status.as_u16(), ..Refusal::new(code) }
    }
}

fn slot_index(index: i64) -> Result<ApiKeyIndex, Refusal> {
    let index = u8::try_from(index).ok().and_then(|index| ApiKeyIndex::new(index).ok());
    index.ok_or_else(|| Refusal::new(ApiCode::INVALID_API_KEY_INDEX))
}

fn all(accounts: Vec<DetailedAccount>) -> DetailedAccounts {
    DetailedAccounts { code: Ok200, total: accounts.len(), accounts, next_cursor: String::new() }
}

fn listed(account: &Account, now: UnixMillis) -> answers::Account {
    let profile = &account.profile;
    answers::Account {
        code: 0,
        account_type: profile.account_type.as_u8(),
        index: profile.index,
        l1_address: profile.l1_address.to_string(),
        // One that has come is over, though it is settled with the next transaction only.
        cancel_all_time: profile.cancel_all_at.filter(|time| now < *time).map_or(0, UnixMillis::as_millis),
        total_order_count: 0,
        total_isolated_order_count: 0,
        pending_order_count: 0,
        available_balance: String::new(),
        status: 0,
        collateral: profile.collateral.to_string(),
        transaction_time: micros(account.transaction_time()),
        account_trading_mode: 0,
    }
}

fn detailed(account: &Account, now: UnixMillis) -> DetailedAccount {
    let profile = &account.profile;
    let value = profile.collateral.to_string();
    DetailedAccount {
        account: listed(account, now),
        account_index: profile.index,
        name: profile.name.clone(),
        description: String::new(),
        can_invite: true,
        referral_points_percentage: String::new(),
        positions: [],
        assets: [],
        total_asset_value: value.clone(),
        cross_asset_value: value,
        shares: [],
        created_at: profile.created_at,
        can_rfq: false,
        cross_initial_margin_requirement: "0.000000".to_owned(),
        cross_maintenance_margin_requirement: "0.000000".to_owned(),
        can_rfq_market_ids: [],
        metadata: AccountMetadata { color: String::new() },
        agent_enabled: false,
    }
}

fn micros(instant: UnixMillis) -> u64 {
    instant.as_millis().saturating_mul(1000)
}
