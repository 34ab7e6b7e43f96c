use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use keyward_lighter::{
    AccountIndex, ApiKeyIndex, ChainId, EthereumAddress, SignedTransaction, SubAccountAccess, UnixMillis, UnixSeconds,
};
use keyward_nonce::NonceState;
use rustls::ClientConfig;

use crate::account::read_address;
use crate::answer::{AnswerError, Object};
use crate::call::Call;
use crate::transport::Transport;
use crate::{
    Account, AccountLimits, ApiKeyEntry, Auth, BuildError, ClientBuilder, ClientError, Failure, IssuedToken,
    NewReadOnlyToken, ReadOnlyTokenRecord,
};

/// Lighter's API, as far as keys, tokens and nonces go.
///
/// A clone is cheap and shares the connections. What decides is the `code` of an answer, not its HTTP status. Reads
/// are tried again, in the time that a call has, when the connection or the venue fails or there are too many
/// requests. Writes are tried again only when the one before was surely not executed; see [`ClientError`].
///
/// A proxy that the environment names (`HTTPS_PROXY` and the like) is used, but not for a venue on this machine.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) transport: Transport,
    pub(crate) chain_id: ChainId,
    pub(crate) connect_timeout: Duration,
    pub(crate) tls: Arc<ClientConfig>,
}

impl Client {
    /// A client of the venue at `base_url`, for instance `https://mainnet.zklighter.elliot.ai`, with the settings
    /// of a fresh [`builder`](Self::builder).
    ///
    /// # Errors
    /// - all of [`ClientBuilder::build`]'s
    pub fn new(base_url: &str) -> Result<Self, BuildError> {
        Self::builder(base_url).build()
    }

    /// Settings of a client of the venue at `base_url`: `https://`, a host and perhaps a port. `http://` is for this
    /// machine unless it is [allowed](ClientBuilder::allow_plain_http).
    pub fn builder(base_url: &str) -> ClientBuilder {
        ClientBuilder::new(base_url)
    }

    pub(crate) fn new_inner(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Where the venue is, without a slash at the end.
    pub fn base_url(&self) -> &str {
        self.0.transport.base_url.as_str()
    }

    /// For which chain the venue's transactions are signed.
    pub fn chain_id(&self) -> ChainId {
        self.0.chain_id
    }

    /// How the venue is.
    ///
    /// # Errors
    /// - [`ClientError::Failed`] and the like: no usable answer
    pub async fn status(&self) -> Result<Status, ClientError> {
        self.make(Call::read("/").without_code(), |answer| {
            Ok(Status {
                status: answer.take("status")?,
                network_id: answer.take("network_id")?,
                timestamp: answer.read("timestamp", |secs| UnixSeconds::new(secs).ok())?,
            })
        })
        .await
    }

    /// The address of the venue's contract on Ethereum, to which a key can also be sent.
    ///
    /// # Errors
    /// - [`ClientError::Failed`] and the like: no usable answer
    pub async fn contract_address(&self) -> Result<EthereumAddress, ClientError> {
        self.make(Call::read("/info").without_code(), |answer| answer.read("contract_address", read_address)).await
    }

    /// The accounts that `l1_address` owns, the main account first.
    ///
    /// # Errors
    /// - [refused as not found](ClientError::is_not_found): the address owns no account
    /// - no usable answer
    pub async fn accounts_by_l1_address(&self, l1_address: &EthereumAddress) -> Result<Vec<Account>, ClientError> {
        // All pages are one call, which has its time.
        let pages = self.all_accounts_by_l1_address(l1_address);
        let in_time = tokio::time::timeout(self.0.transport.timeout, pages).await;
        in_time.unwrap_or(Err(ClientError::Failed(Failure::TimedOut)))
    }

    async fn all_accounts_by_l1_address(&self, l1_address: &EthereumAddress) -> Result<Vec<Account>, ClientError> {
        /// So many pages that a venue which never ends them is at fault.
        const MAX_PAGES: usize = 100;

        let mut accounts = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut call = Call::read("/api/v1/accountsByL1Address").with("l1_address", l1_address.to_string());
            if let Some(cursor) = cursor.take() {
                call = call.with("cursor", cursor);
            }
            let (page, next) = self
                .make(call, |answer| {
                    let page = answer.objects("sub_accounts", Account::read)?;
                    Ok((page, answer.take_if_there::<String>("next_cursor")?))
                })
                .await?;
            accounts.extend(page);
            cursor = next.filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                return Ok(accounts);
            }
        }
        Err(ClientError::Failed(AnswerError::Unexpected("next_cursor").into()))
    }

    /// The account numbered `account`.
    ///
    /// # Errors
    /// - [refused as not found](ClientError::is_not_found): there is no such account
    /// - no usable answer
    pub async fn account(&self, account: AccountIndex) -> Result<Account, ClientError> {
        let call = Call::read("/api/v1/account").with("by", "index").with_number("value", account);
        let accounts = self.make(call, |answer| answer.objects("accounts", Account::read)).await?;
        accounts
            .into_iter()
            .find(|found| found.index == account)
            .ok_or_else(|| ClientError::Failed(AnswerError::Unexpected("accounts").into()))
    }

    /// The key in the slot `api_key` of `account`, or those in all its slots that have been used.
    ///
    /// # Errors
    /// - [refused as not found](ClientError::is_not_found): no key there
    /// - no usable answer
    pub async fn api_keys(
        &self,
        account: AccountIndex,
        api_key: Option<ApiKeyIndex>,
    ) -> Result<Vec<ApiKeyEntry>, ClientError> {
        /// The venue's number for all slots.
        const ALL: u8 = 255;

        let call = Call::read("/api/v1/apikeys")
            .with_number("account_index", account)
            .with_number("api_key_index", api_key.map_or(ALL, ApiKeyIndex::as_u8));
        self.make(call, |answer| answer.objects("api_keys", ApiKeyEntry::read)).await
    }

    /// The nonce that the next transaction of a key slot must carry. A slot, or even an account, that was never
    /// used starts at 0.
    ///
    /// # Errors
    /// - no usable answer
    pub async fn next_nonce(&self, account: AccountIndex, api_key: ApiKeyIndex) -> Result<NonceState, ClientError> {
        let call = Call::read("/api/v1/nextNonce")
            .with_number("account_index", account)
            .with_number("api_key_index", api_key.as_u8());
        self.make(call, |answer| answer.read("nonce", |next| NonceState::new(next).ok())).await
    }

    /// Sends a transaction. The venue has then accepted it; it executes it a little later.
    ///
    /// # Errors
    /// - [refused](ClientError::Refused), for instance for its [nonce](ClientError::is_invalid_nonce)
    /// - [`ClientError::Unknown`]: it may have been accepted
    pub async fn send_tx(&self, transaction: &SignedTransaction) -> Result<Sent<String>, ClientError> {
        let call = Call::write("/api/v1/sendTx")
            .with_number("tx_type", transaction.transaction().tx_type().as_u8())
            .with("tx_info", transaction.to_tx_info());
        self.make(call, |answer| Sent::read(answer, |answer| answer.take("tx_hash"))).await
    }

    /// Sends up to 50 transactions of one key slot, with nonces one after the other: all are accepted, or none.
    ///
    /// # Errors
    /// - [refused](ClientError::Refused), for instance for a [nonce](ClientError::is_invalid_nonce)
    /// - [`ClientError::Unknown`]: they may have been accepted
    pub async fn send_tx_batch(&self, transactions: &[SignedTransaction]) -> Result<Sent<Vec<String>>, ClientError> {
        let types: Vec<u8> = transactions.iter().map(|tx| tx.transaction().tx_type().as_u8()).collect();
        let infos: Vec<String> = transactions.iter().map(SignedTransaction::to_tx_info).collect();
        let call = Call::write("/api/v1/sendTxBatch").with("tx_types", json(&types)).with("tx_infos", json(&infos));
        self.make(call, |answer| Sent::read(answer, |answer| answer.take("tx_hash"))).await
    }

    /// The read-only tokens of `account`, revoked and expired ones included.
    ///
    /// # Errors
    /// - [refused for its auth](ClientError::is_invalid_auth)
    /// - no usable answer
    pub async fn tokens<'a>(
        &self,
        account: AccountIndex,
        auth: impl Into<Auth<'a>>,
    ) -> Result<Vec<ReadOnlyTokenRecord>, ClientError> {
        let call = Call::read("/api/v1/tokens").with_number("account_index", account).authorized(auth.into());
        self.make(call, |answer| answer.objects("api_tokens", ReadOnlyTokenRecord::read)).await
    }

    /// Makes a read-only token, whose text is shown this one time. Takes an auth token: a read-only one is refused.
    ///
    /// The venue allows one or two in a minute, and ten live ones to an account.
    ///
    /// # Errors
    /// - [refused](ClientError::Refused): for its auth, its name, its expiry, or as one too many
    /// - [`ClientError::Unknown`]: it may have been made; see [`tokens`](Self::tokens), and revoke it
    pub async fn create_token<'a>(
        &self,
        new: NewReadOnlyToken<'_>,
        auth: impl Into<Auth<'a>>,
    ) -> Result<IssuedToken, ClientError> {
        let all = new.sub_account_access == SubAccountAccess::All;
        let call = Call::write("/api/v1/tokens/create")
            .with("name", new.name)
            .with_number("account_index", new.account_index)
            .with_number("expiry", new.expiry)
            .with("sub_account_access", if all { "true" } else { "false" })
            .with("scopes", "read.*")
            .authorized(auth.into());
        self.make(call, IssuedToken::read).await
    }

    /// Revokes the read-only token numbered `token_id`. Takes an auth token: a read-only one is refused.
    ///
    /// # Errors
    /// - [refused](ClientError::Refused): for its auth, not a token of the account, or revoked before
    /// - [`ClientError::Unknown`]: it may have been revoked
    pub async fn revoke_token<'a>(
        &self,
        account: AccountIndex,
        token_id: u64,
        auth: impl Into<Auth<'a>>,
    ) -> Result<(), ClientError> {
        let call = Call::write("/api/v1/tokens/revoke")
            .with_number("token_id", token_id)
            .with_number("account_index", account)
            .authorized(auth.into());
        self.make(call, |_| Ok(())).await
    }

    /// The key slots of `account` that may only add orders to the book, or take them off.
    ///
    /// # Errors
    /// - [refused for its auth](ClientError::is_invalid_auth)
    /// - no usable answer
    pub async fn maker_only_api_keys<'a>(
        &self,
        account: AccountIndex,
        auth: impl Into<Auth<'a>>,
    ) -> Result<Vec<ApiKeyIndex>, ClientError> {
        let call =
            Call::read("/api/v1/getMakerOnlyApiKeys").with_number("account_index", account).authorized(auth.into());
        self.make(call, |answer| {
            answer.read("api_key_indexes", |indexes: Vec<u8>| {
                indexes.into_iter().map(|index| ApiKeyIndex::new(index).ok()).collect()
            })
        })
        .await
    }

    /// Makes `api_keys` the maker-only key slots of `account`, in place of those before; none lifts the
    /// restriction. For premium accounts, slots from 4 on, and once an hour.
    ///
    /// # Errors
    /// - [refused](ClientError::Refused): for its auth, the account's tier, a slot, or as too early
    /// - [`ClientError::Unknown`]: they may have been set
    pub async fn set_maker_only_api_keys<'a>(
        &self,
        account: AccountIndex,
        api_keys: &[ApiKeyIndex],
        auth: impl Into<Auth<'a>>,
    ) -> Result<(), ClientError> {
        let indexes: Vec<u8> = api_keys.iter().map(|index| index.as_u8()).collect();
        let call = Call::write("/api/v1/setMakerOnlyApiKeys")
            .with_number("account_index", account)
            .with("api_key_indexes", json(&indexes))
            .authorized(auth.into());
        self.make(call, |_| Ok(())).await
    }

    /// What `account` may do. Of the reads that take a token this is the cheapest: it shows whether one is good.
    ///
    /// # Errors
    /// - [refused for its auth](ClientError::is_invalid_auth)
    /// - no usable answer
    pub async fn account_limits<'a>(
        &self,
        account: AccountIndex,
        auth: impl Into<Auth<'a>>,
    ) -> Result<AccountLimits, ClientError> {
        let call = Call::read("/api/v1/accountLimits").with_number("account_index", account).authorized(auth.into());
        self.make(call, AccountLimits::read).await
    }

    /// Asks for another tier, for instance `premium`. The venue allows it once a day.
    ///
    /// # Errors
    /// - [refused](ClientError::Refused): for its auth, the tier, or as too early
    /// - [`ClientError::Unknown`]: it may have been changed
    pub async fn change_account_tier<'a>(
        &self,
        account: AccountIndex,
        new_tier: &str,
        auth: impl Into<Auth<'a>>,
    ) -> Result<(), ClientError> {
        let call = Call::write("/api/v1/changeAccountTier")
            .with_number("account_index", account)
            .with("new_tier", new_tier)
            .authorized(auth.into());
        self.make(call, |_| Ok(())).await
    }

    async fn make<T>(
        &self,
        call: Call<'_>,
        read: impl FnOnce(&Object<'_>) -> Result<T, AnswerError>,
    ) -> Result<T, ClientError> {
        self.0.transport.make(call, read).await
    }
}

fn json<T: serde::Serialize>(values: &[T]) -> String {
    serde_json::to_string(values).expect("numbers and texts always have a JSON form")
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// How the venue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The venue's state; 1 means that it runs.
    pub status: u64,
    /// The number of the Ethereum network beneath it.
    pub network_id: u64,
    /// The venue's clock.
    pub timestamp: UnixSeconds,
}

/// What the venue says of what it has accepted; `H` is one hash, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent<H> {
    /// The hash that was signed: 80 lower-case hexadecimal digits.
    pub tx_hash: H,
    /// When the venue thinks to have executed it, if it says so.
    pub predicted_execution: Option<UnixMillis>,
}

impl<H> Sent<H> {
    fn read(
        answer: &Object<'_>,
        tx_hash: impl FnOnce(&Object<'_>) -> Result<H, AnswerError>,
    ) -> Result<Self, AnswerError> {
        // What only informs is no reason to doubt that it was accepted.
        let predicted = answer.take_if_there::<u64>("predicted_execution_time_ms").ok().flatten();
        Ok(Self {
            tx_hash: tx_hash(answer)?,
            predicted_execution: predicted.and_then(|millis| UnixMillis::new(millis).ok()),
        })
    }
}
