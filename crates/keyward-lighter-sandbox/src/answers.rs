//! The bodies of the venue's answers, as they are serialised.

use std::fmt;

use keyward_time::{UnixMillis, UnixSeconds};
use keyward_token::{AccountIndex, ApiKeyIndex};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::Tier;

/// The member `code` of every answer that is no refusal: 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ok200;

impl Serialize for Ok200 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(200)
    }
}

/// The answer to `GET /`.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// 1: running.
    pub status: u8,
    /// 1, as the live venue has it.
    pub network_id: u8,
    /// The venue's time.
    pub timestamp: UnixSeconds,
}

/// The answer to `GET /info`.
#[derive(Debug, Clone, Serialize)]
pub struct Info {
    /// The zero address: there is no contract behind a sandbox.
    pub contract_address: String,
}

/// The answer to `GET /api/v1/accountsByL1Address`.
#[derive(Debug, Clone, Serialize)]
pub struct SubAccounts {
    /// 200.
    pub code: Ok200,
    /// The owner, with its checksum.
    pub l1_address: String,
    /// The main account, then its sub-accounts and pools by descending index, that is in the order of their making.
    pub sub_accounts: Vec<Account>,
}

/// One account in a list.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    /// 0: as an element of a list the account has no code of its own.
    pub code: u16,
    /// 0 main, 1 sub-account, 2 public pool, 3 insurance fund, 4 staking pool.
    pub account_type: u8,
    /// The account.
    pub index: AccountIndex,
    /// Its owner, with the checksum.
    pub l1_address: String,
    /// When all orders are to be cancelled, 0 for never.
    pub cancel_all_time: u64,
    /// 0: the sandbox has no order book.
    pub total_order_count: u64,
    /// 0.
    pub total_isolated_order_count: u64,
    /// 0.
    pub pending_order_count: u64,
    /// Empty, as recorded.
    pub available_balance: String,
    /// 0, as recorded off live accounts, although the documentation calls that inactive.
    pub status: u8,
    /// A decimal with six places.
    pub collateral: String,
    /// When the last transaction was accepted, in microseconds since the epoch; 0 for never.
    pub transaction_time: u64,
    /// 0: the classic mode.
    pub account_trading_mode: u8,
}

/// The answer to `GET /api/v1/account`.
#[derive(Debug, Clone, Serialize)]
pub struct DetailedAccounts {
    /// 200.
    pub code: Ok200,
    /// The number of accounts.
    pub total: usize,
    /// The accounts.
    pub accounts: Vec<DetailedAccount>,
    /// Empty: there is never more.
    pub next_cursor: String,
}

/// One account in full. What has to do with trading is empty or zero.
#[derive(Debug, Clone, Serialize)]
pub struct DetailedAccount {
    /// What every list has of it.
    #[serde(flatten)]
    pub account: Account,
    /// The account, once more.
    pub account_index: AccountIndex,
    /// Its name.
    pub name: String,
    /// Empty.
    pub description: String,
    /// `true`.
    pub can_invite: bool,
    /// Empty.
    pub referral_points_percentage: String,
    /// Empty.
    pub positions: [(); 0],
    /// Empty.
    pub assets: [(); 0],
    /// The collateral.
    pub total_asset_value: String,
    /// The collateral.
    pub cross_asset_value: String,
    /// Empty.
    pub shares: [(); 0],
    /// When the account was made, in seconds.
    pub created_at: UnixSeconds,
    /// `false`.
    pub can_rfq: bool,
    /// Zero.
    pub cross_initial_margin_requirement: String,
    /// Zero.
    pub cross_maintenance_margin_requirement: String,
    /// Empty.
    pub can_rfq_market_ids: [(); 0],
    /// How the account is shown.
    pub metadata: AccountMetadata,
    /// `false`.
    pub agent_enabled: bool,
}

/// How an account is shown.
#[derive(Debug, Clone, Serialize)]
pub struct AccountMetadata {
    /// Empty.
    pub color: String,
}

/// The answer to `GET /api/v1/apikeys`.
#[derive(Debug, Clone, Serialize)]
pub struct ApiKeys {
    /// 200.
    pub code: Ok200,
    /// By ascending slot.
    pub api_keys: Vec<ApiKey>,
}

/// One key slot.
#[derive(Debug, Clone, Serialize)]
pub struct ApiKey {
    /// The account.
    pub account_index: AccountIndex,
    /// The slot.
    pub api_key_index: ApiKeyIndex,
    /// The nonce that is due.
    pub nonce: u64,
    /// 80 lower-case hexadecimal digits without `0x`; all zero if the slot was emptied.
    pub public_key: String,
    /// When the slot's last transaction was accepted, in microseconds since the epoch.
    pub transaction_time: u64,
}

/// The answer to `GET /api/v1/nextNonce`.
#[derive(Debug, Clone, Serialize)]
pub struct NextNonce {
    /// 200.
    pub code: Ok200,
    /// The nonce that the slot's next transaction must carry; 0 if it never had one, 2^48 if it can have none any
    /// more.
    pub nonce: u64,
}

/// The answer to `POST /api/v1/sendTx`.
#[derive(Debug, Clone, Serialize)]
pub struct SentTx {
    /// 200.
    pub code: Ok200,
    /// A JSON text about the rate limit.
    pub message: &'static str,
    /// The hash that was signed: 80 lower-case hexadecimal digits.
    pub tx_hash: String,
    /// When the transaction is in force, in milliseconds since the epoch.
    pub predicted_execution_time_ms: UnixMillis,
    /// How many orders are left: the sandbox does not count them.
    pub volume_quota_remaining: u64,
}

/// The answer to `POST /api/v1/sendTxBatch`.
#[derive(Debug, Clone, Serialize)]
pub struct SentTxBatch {
    /// 200.
    pub code: Ok200,
    /// A JSON text about the rate limit.
    pub message: &'static str,
    /// The hashes that were signed, in the batch's order: 80 lower-case hexadecimal digits each.
    pub tx_hash: Vec<String>,
    /// When the transactions are in force, in milliseconds since the epoch.
    pub predicted_execution_time_ms: UnixMillis,
    /// How many orders are left: the sandbox does not count them.
    pub volume_quota_remaining: u64,
}

/// The answer to `GET /api/v1/accountLimits`. All but the tier is as recorded off a standard account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountLimits {
    /// 200.
    pub code: Ok200,
    /// 100.
    pub max_llp_percentage: u8,
    /// Zero.
    pub max_llp_amount: &'static str,
    /// The account's tier.
    pub user_tier: Tier,
    /// `false`.
    pub can_create_public_pool: bool,
    /// The account's tier.
    pub user_tier_name: Tier,
    /// 0.
    pub current_maker_fee_tick: u32,
    /// 0.
    pub current_taker_fee_tick: u32,
    /// Zero.
    pub leased_lit: &'static str,
    /// Zero.
    pub effective_lit_stakes: &'static str,
    /// When the tier was last changed, in seconds; 0 for never.
    pub user_tier_last_update: u64,
    /// Empty.
    pub bo_user_tier_name: &'static str,
    /// 1: no discount.
    pub bo_fee_rate: u8,
}

/// The answer to `GET /api/v1/accountActiveOrders`: always empty, as the sandbox has no order book.
#[derive(Debug, Clone, Serialize)]
pub struct ActiveOrders {
    /// 200.
    pub code: Ok200,
    /// Empty.
    pub orders: [(); 0],
}

/// The answer to `GET /api/v1/tokens`.
#[derive(Debug, Serialize)]
pub struct ApiTokens {
    /// 200.
    pub code: Ok200,
    /// All tokens that the account made, in that order, also those revoked or expired.
    pub api_tokens: Vec<ApiToken>,
}

/// A read-only token.
#[derive(Debug, Serialize)]
pub struct ApiToken {
    /// Its number, by which it is revoked.
    pub token_id: u64,
    /// The token itself, in the answer to its making only; empty ever after.
    pub api_token: SecretText,
    /// The name it was given.
    pub name: String,
    /// The account that made it.
    pub account_index: AccountIndex,
    /// The first second in which it can no longer be used.
    pub expiry: UnixSeconds,
    /// Whether it also opens the sub-accounts of a main account.
    pub sub_account_access: bool,
    /// Whether it was revoked.
    pub revoked: bool,
    /// `read.*`.
    pub scopes: &'static str,
}

/// The answer to `POST /api/v1/tokens/create`.
#[derive(Debug, Serialize)]
pub struct CreatedToken {
    /// 200.
    pub code: Ok200,
    /// The token, shown here and never again.
    #[serde(flatten)]
    pub token: ApiToken,
}

/// The answer to `POST /api/v1/tokens/revoke`.
#[derive(Debug, Clone, Serialize)]
pub struct RevokedToken {
    /// 200.
    pub code: Ok200,
    /// The token's number.
    pub token_id: u64,
    /// `true`.
    pub revoked: bool,
}

/// The answer to `GET /api/v1/getMakerOnlyApiKeys`.
#[derive(Debug, Clone, Serialize)]
pub struct MakerOnlyApiKeys {
    /// 200.
    pub code: Ok200,
    /// In ascending order.
    pub api_key_indexes: Vec<ApiKeyIndex>,
}

/// The answer to a change that has nothing to tell.
#[derive(Debug, Clone, Serialize)]
pub struct Done {
    /// 200.
    pub code: Ok200,
}

/// A text that is shown once, in an answer's body, and nowhere else: wiped on drop, left out by `Debug`.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    pub(crate) fn empty() -> Self {
        Self::new(Zeroizing::default())
    }

    /// The text, with which anybody can read the account's data until it expires.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
