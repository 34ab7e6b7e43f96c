use std::path::PathBuf;
use std::sync::Arc;

use keyward_time::Clock;
use keyward_token::{AccountIndex, SubAccountAccess};

use crate::answers::{
    AccountLimits, ActiveOrders, ApiKeys, ApiTokens, CreatedToken, DetailedAccounts, Done, Info, MakerOnlyApiKeys,
    NextNonce, RevokedToken, SentTx, SentTxBatch, Status, SubAccounts,
};
use crate::{Access, Principal, Refusal, Seed, VenueSettings};

/// The venue: accounts, keys, nonces, tokens and the rules on them, without HTTP.
pub struct Venue {
    settings: VenueSettings,
    clock: Arc<dyn Clock + Send + Sync>,
}

/// Where the state is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// Nowhere: it ends with the process.
    Memory,
    /// In this file, made with mode 0600 if it is not there.
    File(PathBuf),
}

/// A read-only token to be made, as it was asked for.
#[derive(Debug, Clone)]
pub struct NewToken<'a> {
    /// 1 to 50 of `A-Z a-z 0-9 . _ -` and space.
    pub name: &'a str,
    /// Unix seconds.
    pub expiry: i64,
    /// Whether it opens sub-accounts.
    pub sub_account_access: SubAccountAccess,
    /// `read.*` or nothing.
    pub scopes: Option<&'a str>,
}

/// Why a venue cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {}

/// The account index of a request.
///
/// # Errors
/// - 21102, below 0 or above 2^48 - 2
pub fn account_index(_index: i64) -> Result<AccountIndex, Refusal> {
    unimplemented!()
}

impl Venue {
    /// Opens it. Blocking.
    pub fn open(
        _settings: VenueSettings,
        _seed: Seed,
        _storage: Storage,
        _clock: Arc<dyn Clock + Send + Sync>,
    ) -> Result<Self, OpenError> {
        unimplemented!()
    }
    /// The settings.
    pub fn settings(&self) -> &VenueSettings {
        &self.settings
    }
    /// The clock.
    pub fn clock(&self) -> &(dyn Clock + Send + Sync) {
        &*self.clock
    }
    /// Whether changes are written to a file, so that they take some milliseconds.
    pub fn is_durable(&self) -> bool {
        unimplemented!()
    }
    /// `GET /`.
    pub fn status(&self) -> Status {
        unimplemented!()
    }
    /// `GET /info`.
    pub fn info(&self) -> Info {
        unimplemented!()
    }
    /// `GET /api/v1/accountsByL1Address`.
    pub fn accounts_by_l1_address(&self, _l1_address: &str) -> Result<SubAccounts, Refusal> {
        unimplemented!()
    }
    /// `GET /api/v1/account?by=index`.
    pub fn account_by_index(&self, _index: i64) -> Result<DetailedAccounts, Refusal> {
        unimplemented!()
    }
    /// `GET /api/v1/account?by=l1_address`.
    pub fn account_by_l1_address(&self, _l1_address: &str) -> Result<DetailedAccounts, Refusal> {
        unimplemented!()
    }
    /// `GET /api/v1/apikeys`; slot 255 is all of them.
    pub fn api_keys(&self, _account_index: i64, _api_key_index: i64) -> Result<ApiKeys, Refusal> {
        unimplemented!()
    }
    /// `GET /api/v1/nextNonce`.
    pub fn next_nonce(&self, _account_index: i64, _api_key_index: i64) -> Result<NextNonce, Refusal> {
        unimplemented!()
    }
    /// `POST /api/v1/sendTx`. Blocking.
    pub fn send_tx(&self, _tx_type: u64, _tx_info: &str) -> Result<SentTx, Refusal> {
        unimplemented!()
    }
    /// `POST /api/v1/sendTxBatch`: both JSON arrays, the second of strings. Blocking.
    pub fn send_tx_batch(&self, _tx_types: &str, _tx_infos: &str) -> Result<SentTxBatch, Refusal> {
        unimplemented!()
    }
    /// Judges a token, of either kind, that is to open `account`.
    pub fn authenticate(&self, _token: &str, _account: AccountIndex, _access: Access) -> Result<Principal, Refusal> {
        unimplemented!()
    }
    /// `GET /api/v1/accountLimits`.
    pub fn account_limits(&self, _principal: &Principal) -> AccountLimits {
        unimplemented!()
    }
    /// `GET /api/v1/accountActiveOrders`.
    pub fn active_orders(&self, _principal: &Principal) -> ActiveOrders {
        unimplemented!()
    }
    /// `GET /api/v1/tokens`.
    pub fn list_tokens(&self, _principal: &Principal) -> ApiTokens {
        unimplemented!()
    }
    /// `POST /api/v1/tokens/create`. Blocking.
    pub fn create_token(&self, _principal: &Principal, _token: &NewToken<'_>) -> Result<CreatedToken, Refusal> {
        unimplemented!()
    }
    /// `POST /api/v1/tokens/revoke`. Blocking.
    pub fn revoke_token(&self, _principal: &Principal, _token_id: i64) -> Result<RevokedToken, Refusal> {
        unimplemented!()
    }
    /// `GET /api/v1/getMakerOnlyApiKeys`.
    pub fn maker_only(&self, _principal: &Principal) -> MakerOnlyApiKeys {
        unimplemented!()
    }
    /// `POST /api/v1/setMakerOnlyApiKeys`: a JSON array as text. Blocking.
    pub fn set_maker_only(&self, _principal: &Principal, _api_key_indexes: &str) -> Result<Done, Refusal> {
        unimplemented!()
    }
    /// `POST /api/v1/changeAccountTier`. Blocking.
    pub fn change_tier(&self, _principal: &Principal, _new_tier: &str) -> Result<Done, Refusal> {
        unimplemented!()
    }
}
