use core::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, AttributeType, Attributes, AttributesError, Clock, InvalidField, SysRng,
    TokenSigner, Transaction,
};
use keyward_nonce::{AllocateError, Lease, NonceAllocator, NonceMode, SlotsError};
use tokio::sync::{Mutex, MutexGuard};

use crate::{Client, ClientError, Sent};

/// Sends the transactions of one account, from any number of tasks, through one or more of its API keys.
///
/// It takes the nonce, signs, sends, and keeps the books: a nonce is given to one transaction at a time, one that the
/// venue has surely not taken is used again, and after a lost answer or an `invalid nonce` the venue is asked first.
/// The venue wants a key's transactions in the order of their nonces, so that each key has one under way at a
/// time: with more keys, as many go in parallel. Whoever else sends with one of the keys gets in the way; that costs a
/// question to the venue and another attempt.
///
/// ```no_run
/// use keyward_lighter::{Action, Attributes, CancelAllOrders, SystemClock, TokenSigner};
/// use keyward_lighter_client::{Client, Submitter};
/// use keyward_nonce::NonceMode;
///
/// # async fn example(client: Client, signers: Vec<TokenSigner>) -> Result<(), Box<dyn std::error::Error>> {
/// let submitter = Submitter::new(client, signers, NonceMode::Sequential, SystemClock).await?;
/// let sent = submitter.submit(Action::CancelAllOrders(CancelAllOrders::Immediate), Attributes::NONE).await?;
/// println!("accepted: {}", sent.tx_hash);
/// # Ok(())
/// # }
/// ```
pub struct Submitter {
    client: Client,
    account: AccountIndex,
    allocator: NonceAllocator,
    /// Locked while a transaction of the key is under way.
    keys: Vec<Mutex<TokenSigner>>,
    turn: AtomicUsize,
    clock: Box<dyn Clock + Send + Sync>,
}

impl Submitter {
    /// For how long a transaction is valid, in milliseconds: 10 minutes less a second, as the official signer has it.
    pub const VALIDITY_MILLIS: u64 = 599_000;

    /// How often a transaction is signed and sent when the venue finds its nonce invalid.
    const MAX_ATTEMPTS: usize = 5;

    /// A submitter with these keys of one account, after asking the venue for the next nonce of each.
    ///
    /// # Errors
    /// - no key, a slot twice, or keys of different accounts
    /// - the venue gives no nonce
    pub async fn new(
        client: Client,
        keys: Vec<TokenSigner>,
        mode: NonceMode,
        clock: impl Clock + Send + Sync + 'static,
    ) -> Result<Self, SubmitError> {
        let account = keys.first().ok_or(SubmitError::Keys(SlotsError::Empty))?.account_index();
        if keys.iter().any(|key| key.account_index() != account) {
            return Err(SubmitError::SeveralAccounts);
        }
        let mut slots = Vec::with_capacity(keys.len());
        for key in &keys {
            let slot = key.api_key_index();
            slots.push((slot, client.next_nonce(account, slot).await.map_err(SubmitError::NoNonce)?));
        }
        Ok(Self {
            client,
            account,
            allocator: NonceAllocator::new(slots, mode).map_err(SubmitError::Keys)?,
            keys: keys.into_iter().map(Mutex::new).collect(),
            turn: AtomicUsize::new(0),
            clock: Box::new(clock),
        })
    }

    /// The account that the transactions are of.
    pub fn account_index(&self) -> AccountIndex {
        self.account
    }

    /// Signs and sends a transaction that does `action`. Of `attributes` that on the nonce does not count: it follows
    /// from the mode.
    ///
    /// Dropped half-way, the transaction may or may not have been sent.
    ///
    /// # Errors
    /// - [`Sent`](SubmitError::Sent): the venue refused, or what became of it is
    ///   [unknown](ClientError::is_certain_refusal)
    /// - all others: nothing was sent
    pub async fn submit(&self, action: Action, attributes: Attributes) -> Result<Sent<String>, SubmitError> {
        if matches!(action, Action::ChangePubKey(_)) {
            return Err(SubmitError::KeyChange);
        }
        let attributes = self.with_mode(attributes)?;
        let mut attempt = 1;
        loop {
            let key = self.free_key().await;
            let lease = self.lease(key.api_key_index()).await?;
            match self.send(&key, &lease, action, attributes).await {
                Ok(sent) => {
                    lease.accepted();
                    return Ok(sent);
                }
                Err(SubmitError::Sent(error)) if error.is_invalid_nonce() => {
                    lease.refused_invalid_nonce();
                    if attempt == Self::MAX_ATTEMPTS {
                        return Err(SubmitError::Sent(error));
                    }
                    attempt += 1;
                }
                Err(error) if error.is_certain_refusal() => {
                    lease.refused();
                    return Err(error);
                }
                Err(error) => {
                    lease.unknown();
                    return Err(error);
                }
            }
        }
    }

    /// The attributes with that on the nonce as the mode wants it.
    fn with_mode(&self, attributes: Attributes) -> Result<Attributes, SubmitError> {
        let skip = (self.allocator.mode() == NonceMode::Skip).then_some((AttributeType::SkipNonce, 1));
        let others = attributes.iter().filter(|(kind, _)| *kind != AttributeType::SkipNonce);
        Attributes::new(others.chain(skip)).map_err(SubmitError::Attributes)
    }

    /// A key that has nothing under way, or else the one whose turn it is.
    async fn free_key(&self) -> MutexGuard<'_, TokenSigner> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let count = self.keys.len();
        let in_turn = (0..count).map(|step| &self.keys[turn.wrapping_add(step) % count]);
        match in_turn.map(Mutex::try_lock).find_map(Result::ok) {
            Some(key) => key,
            None => self.keys[turn % count].lock().await,
        }
    }

    /// A nonce of a key that has nothing under way, after asking the venue if that is needed.
    async fn lease(&self, slot: ApiKeyIndex) -> Result<Lease, SubmitError> {
        match self.allocator.allocate_for(slot, self.clock.now_millis()) {
            Err(AllocateError::Stale) => {}
            outcome => return outcome.map_err(SubmitError::Nonce),
        }
        let question = self.allocator.begin_resync(slot).map_err(|error| SubmitError::Nonce(error.into()))?;
        let venue = self.client.next_nonce(self.account, slot).await.map_err(SubmitError::NoNonce)?;
        tracing::debug!(account = %self.account, %slot, next = venue.as_u64(), "nonce asked for");
        question.finish(venue);
        self.allocator.allocate_for(slot, self.clock.now_millis()).map_err(SubmitError::Nonce)
    }

    async fn send(
        &self,
        key: &TokenSigner,
        lease: &Lease,
        action: Action,
        attributes: Attributes,
    ) -> Result<Sent<String>, SubmitError> {
        let expired_at = self.clock.now_millis().saturating_add_millis(Self::VALIDITY_MILLIS);
        let signed = Transaction::new(self.account, lease.api_key(), lease.nonce(), expired_at, attributes, action)
            .map_err(SubmitError::Field)?
            .sign(self.client.chain_id(), key.signing_key(), &mut SysRng)
            .map_err(|_| SubmitError::NoRandomness)?;
        self.client.send_tx(&signed).await.map_err(SubmitError::Sent)
    }
}

impl fmt::Debug for Submitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submitter")
            .field("client", &self.client)
            .field("account", &self.account)
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

/// Why a transaction was not taken, or is not known to be; or why there is no [`Submitter`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The outcome of sending it.
    #[error(transparent)]
    Sent(ClientError),
    /// The venue was to be asked for the next nonce first, and did not tell it.
    #[error("no nonce: {0}")]
    NoNonce(ClientError),
    /// There is no nonce to be had.
    #[error(transparent)]
    Nonce(AllocateError),
    /// The transaction can not be.
    #[error(transparent)]
    Field(InvalidField),
    /// The attributes can not be, together with that on the nonce.
    #[error(transparent)]
    Attributes(AttributesError),
    /// A key is changed by a registration, with the new key and the Ethereum account's signature.
    #[error("a key is not changed through a submitter")]
    KeyChange,
    /// The operating system gives no random bytes to sign with.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// The keys do not make a submitter.
    #[error(transparent)]
    Keys(SlotsError),
    /// The keys are not all of one account.
    #[error("the keys are of different accounts")]
    SeveralAccounts,
}

impl SubmitError {
    /// Whether it is certain that the transaction was not taken.
    pub fn is_certain_refusal(&self) -> bool {
        !matches!(self, Self::Sent(error) if !error.is_certain_refusal())
    }
}
