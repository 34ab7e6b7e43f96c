//! Registering a new key for a slot, so that a cut at any point loses no key and rotates nothing twice.
//!
//! A key is kept before anything is sent, together with the nonce that its transaction carries. Of all
//! transactions with one nonce the venue executes one at most, so sending again after a cut is safe as
//! long as it is the same key under the same nonce; and as long as the key is kept, it is that key.

mod pending_key;

use std::time::Duration;

use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, Attributes, ChainId, ChangePubKey, Clock, EthereumKey, SignedTransaction,
    SigningKey, SysRng, SystemClock, TokenSigner, Transaction, VerifyingKey, change_pub_key_calldata,
};
use tokio::time::{Instant, sleep};

pub use self::pending_key::{Attempt, PendingKey, PendingKeys};
use crate::builder::LONGEST_TIMEOUT;
use crate::{Client, ClientError};

/// How long a transaction is valid: ten minutes but one second, as the official signer has it.
const VALIDITY_MILLIS: u64 = 599_000;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Registers new keys for slots of accounts: first ones, or in place of others.
///
/// A registration that ends in an error, is dropped half-way or dies with its process is taken up by
/// the next one for that slot with the same [`PendingKeys`]. A slot's old key and all its auth tokens
/// are dead as soon as the new one is registered; read-only tokens made with them live on.
///
/// ```no_run
/// use keyward_lighter::{ApiKeyIndex, EthereumKey, public_key_text};
/// use keyward_lighter_client::{Client, PendingKeys, Registration};
///
/// async fn set_up(keys: impl PendingKeys<Error = std::io::Error>) -> Result<(), Box<dyn std::error::Error>> {
///     let client = Client::new("https://testnet.zklighter.elliot.ai")?;
///     let owner = EthereumKey::parse(&std::env::var("ETH_PRIVATE_KEY")?)?;
///     let mut registration = Registration::new(&client, keys);
///     for account in client.accounts_by_l1_address(&owner.address()).await? {
///         let registered = registration.register(account.index, ApiKeyIndex::READ_ONLY_AUTH, &owner).await?;
///         println!("{}: {}", account.index, public_key_text(&registered.public_key));
///     }
///     Ok(())
/// }
/// ```
pub struct Registration<'a, K> {
    client: &'a Client,
    keys: K,
    clock: &'a (dyn Clock + Sync),
    patience: Duration,
}

/// A key that the venue has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The public half.
    pub public_key: VerifyingKey,
    /// Whether the slot had another key before, whose read-only tokens live on.
    pub replaces_key: bool,
}

/// How far a registration by a call of the contract is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnChain {
    /// The venue has the key.
    Registered(Registered),
    /// The input of the call that is still to be made, or to be executed.
    Pending {
        /// The public half of the new key.
        public_key: VerifyingKey,
        /// The ABI encoding of `changePubKey(uint48,uint8,bytes)` with its arguments.
        calldata: Vec<u8>,
    },
}

/// Why a key is not registered, or not known to be. It stays pending in every case.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError<E> {
    /// The pending keys cannot be read or kept.
    #[error("{0}")]
    Keys(E),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// The clock is thousands of years ahead.
    #[error("the clock is out of range")]
    Clock,
    /// The slot has used all its nonces: it can have no other key.
    #[error("all nonces of the slot are used")]
    Exhausted,
    /// The venue has refused, and would do so again.
    #[error("{0}")]
    Refused(ClientError),
    /// The time is over, and the venue does not show the new key. It may still come to have it. The error is
    /// that of the last question, if that had no answer.
    #[error("the venue does not show the new key yet{}", .0.as_ref().map(|error| format!(": {error}")).unwrap_or_default())]
    Unsettled(Option<ClientError>),
}

impl<'a, K: PendingKeys> Registration<'a, K> {
    /// Registrations at the venue of `client`.
    pub fn new(client: &'a Client, keys: K) -> Self {
        Self { client, keys, clock: &SystemClock, patience: Duration::from_secs(30) }
    }

    /// Goes by `clock` in place of the system's.
    pub fn clock(self, clock: &'a (dyn Clock + Sync)) -> Self {
        Self { clock, ..self }
    }

    /// Waits for `patience`, half a minute unless set and a year at most, until the venue shows a key.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience: patience.min(LONGEST_TIMEOUT), ..self }
    }

    /// Registers a new key for a slot, signed for by the account's owner; or ends what was begun there
    /// before, with the same key and without a second rotation.
    ///
    /// # Errors
    /// - [`Keys`](RegisterError::Keys), [`NoRandomness`](RegisterError::NoRandomness): nothing more is sent then
    /// - [`Refused`](RegisterError::Refused): the account does not exist, is not `owner`'s or has no
    ///   collateral, the clock is wrong, or any other certain refusal
    /// - [`Unsettled`](RegisterError::Unsettled): the venue does not answer, or does not show the key; or
    ///   another transaction has taken the nonce, which is certain only when this one has expired
    pub async fn register(
        &mut self,
        account: AccountIndex,
        api_key: ApiKeyIndex,
        owner: &EthereumKey,
    ) -> Result<Registered, RegisterError<K::Error>> {
        let mut key = self.load_or_generate(account, api_key)?;
        let mut fate = if key.attempt.is_some() { Fate::Unknown } else { Fate::Nowhere };
        let mut waiting = Waiting::new(self.patience);
        loop {
            let trouble = match self.advance(&mut key, &mut fate, owner).await {
                Ok(true) => return self.finish(key),
                Ok(false) => None,
                Err(RegisterError::Unsettled(trouble)) => trouble,
                Err(error) => return Err(error),
            };
            let at_least = trouble.as_ref().and_then(ClientError::retry_after).unwrap_or_default();
            if !waiting.pause(at_least).await {
                return Err(RegisterError::Unsettled(trouble));
            }
        }
    }

    /// Makes a new key for a slot, or takes the pending one, for registration by a call of the venue's
    /// contract on Ethereum: the way for accounts whose owner is itself a contract, such as a wallet of
    /// several signers, and cannot sign a message.
    ///
    /// # Errors
    /// - [`Keys`](RegisterError::Keys), [`NoRandomness`](RegisterError::NoRandomness)
    /// - [`Refused`](RegisterError::Refused), [`Unsettled`](RegisterError::Unsettled): the venue cannot be
    ///   asked which key the slot has
    pub async fn prepare_on_chain(
        &mut self,
        account: AccountIndex,
        api_key: ApiKeyIndex,
    ) -> Result<OnChain, RegisterError<K::Error>> {
        let mut key = self.load_or_generate(account, api_key)?;
        let shown = self.shown(&key.signer).await?;
        if shown == Some(*key.signer.verifying_key()) {
            return self.finish(key).map(OnChain::Registered);
        }
        key.replaces_key |= shown.is_some();
        self.keys.store(&key).map_err(RegisterError::Keys)?;
        let public_key = *key.signer.verifying_key();
        Ok(OnChain::Pending { public_key, calldata: change_pub_key_calldata(account, api_key, &public_key) })
    }

    /// Finishes a slot's pending key if the venue has it, and sends nothing. `None`: there is no pending
    /// key, or the venue does not have it.
    ///
    /// # Errors
    /// - [`Keys`](RegisterError::Keys)
    /// - [`Refused`](RegisterError::Refused), [`Unsettled`](RegisterError::Unsettled): the venue cannot be
    ///   asked which key the slot has
    pub async fn settle(
        &mut self,
        account: AccountIndex,
        api_key: ApiKeyIndex,
    ) -> Result<Option<Registered>, RegisterError<K::Error>> {
        let Some(key) = self.keys.load(account, api_key).map_err(RegisterError::Keys)? else { return Ok(None) };
        if self.shown(&key.signer).await? == Some(*key.signer.verifying_key()) {
            return self.finish(key).map(Some);
        }
        Ok(None)
    }

    /// Where the pending keys are.
    pub fn keys(&self) -> &K {
        &self.keys
    }

    /// A new key is not kept yet: nobody will ever see it if nothing is sent.
    fn load_or_generate(
        &mut self,
        account: AccountIndex,
        api_key: ApiKeyIndex,
    ) -> Result<PendingKey, RegisterError<K::Error>> {
        if let Some(key) = self.keys.load(account, api_key).map_err(RegisterError::Keys)? {
            return Ok(key);
        }
        let key = SigningKey::generate(&mut SysRng).map_err(|_| RegisterError::NoRandomness)?;
        Ok(PendingKey { signer: TokenSigner::new(key, account, api_key), attempt: None, replaces_key: false })
    }

    /// Looks whether the venue has the key, and sends a transaction if one is due.
    async fn advance(
        &mut self,
        key: &mut PendingKey,
        fate: &mut Fate,
        owner: &EthereumKey,
    ) -> Result<bool, RegisterError<K::Error>> {
        let shown = self.shown(&key.signer).await?;
        if shown == Some(*key.signer.verifying_key()) {
            return Ok(true);
        }
        if *fate == Fate::Accepted {
            return Ok(false);
        }
        let next = self.client.next_nonce(key.signer.account_index(), key.signer.api_key_index()).await?.next();
        let now = self.clock.now_millis();
        let nonce = match key.attempt.filter(|_| *fate == Fate::Unknown) {
            Some(attempt) if next == Some(attempt.nonce) => attempt.nonce,
            // The nonce is used: by this transaction, which is still to be seen then, or by another. Or it is not
            // due yet, at a venue that has lost transactions: one that was set up anew.
            Some(attempt) if now <= attempt.expires_at => return Ok(false),
            _ => {
                *fate = Fate::Nowhere;
                next.ok_or(RegisterError::Exhausted)?
            }
        };
        let attempt = Attempt { nonce, expires_at: now.saturating_add_millis(VALIDITY_MILLIS) };
        key.attempt = Some(attempt);
        key.replaces_key |= shown.is_some();
        self.keys.store(key).map_err(RegisterError::Keys)?;
        let transaction = sign(&key.signer, attempt, self.client.chain_id(), owner)?;
        match self.client.send_tx(&transaction).await {
            Ok(_) => *fate = Fate::Accepted,
            Err(error) => {
                // A certain refusal says nothing of what was sent before.
                if !error.is_certain_refusal() {
                    *fate = Fate::Unknown;
                }
                return Err(error.into());
            }
        }
        Ok(false)
    }

    /// The key that the venue shows for the slot.
    async fn shown(&self, signer: &TokenSigner) -> Result<Option<VerifyingKey>, ClientError> {
        self.client.public_key(signer.account_index(), signer.api_key_index()).await
    }

    fn finish(&mut self, key: PendingKey) -> Result<Registered, RegisterError<K::Error>> {
        let registered = Registered { public_key: *key.signer.verifying_key(), replaces_key: key.replaces_key };
        self.keys.finish(key).map_err(RegisterError::Keys)?;
        Ok(registered)
    }
}

impl Client {
    /// The public key that the slot `api_key` of `account` has, if it has one.
    ///
    /// # Errors
    /// - no usable answer
    pub async fn public_key(
        &self,
        account: AccountIndex,
        api_key: ApiKeyIndex,
    ) -> Result<Option<VerifyingKey>, ClientError> {
        match self.api_keys(account, Some(api_key)).await {
            Ok(entries) => {
                Ok(entries.iter().find(|entry| entry.api_key_index == api_key).and_then(|entry| entry.public_key))
            }
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What became of the transactions with the pending key.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// None was sent, or none can be executed any more.
    Nowhere,
    /// One may be executed yet, or has been.
    Unknown,
    /// The venue has taken one, and will execute it.
    Accepted,
}

fn sign<E>(
    signer: &TokenSigner,
    attempt: Attempt,
    chain_id: ChainId,
    owner: &EthereumKey,
) -> Result<SignedTransaction, RegisterError<E>> {
    let transaction = Transaction::new(
        signer.account_index(),
        signer.api_key_index(),
        attempt.nonce,
        attempt.expires_at,
        Attributes::NONE,
        Action::ChangePubKey(ChangePubKey { public_key: *signer.verifying_key() }),
    )
    .map_err(|_| RegisterError::Clock)?;
    let l1_message = transaction.l1_message().expect("a change of key has a message");
    let signed = transaction.sign(chain_id, signer.signing_key(), &mut SysRng);
    let signed = signed.map_err(|_| RegisterError::NoRandomness)?;
    Ok(signed.with_l1_signature(owner.sign_message(&l1_message)))
}

/// Ever longer pauses within a given time.
struct Waiting {
    until: Instant,
    pause: Duration,
}

impl Waiting {
    fn new(patience: Duration) -> Self {
        Self { until: Instant::now() + patience, pause: FIRST_PAUSE }
    }

    /// Whether there was time left to wait.
    async fn pause(&mut self, at_least: Duration) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        sleep(self.pause.max(at_least).min(left)).await;
        self.pause = (2 * self.pause).min(LONGEST_PAUSE);
        true
    }
}

impl<E> From<ClientError> for RegisterError<E> {
    fn from(error: ClientError) -> Self {
        let passes = !error.is_certain_refusal()
            || error.is_invalid_nonce()
            || error.is_rate_limited()
            || matches!(error, ClientError::NotSent(_));
        if passes { Self::Unsettled(Some(error)) } else { Self::Refused(error) }
    }
}
