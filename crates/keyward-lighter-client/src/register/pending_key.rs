use keyward_lighter::{AccountIndex, ApiKeyIndex, Nonce, TokenSigner, UnixMillis};

/// A key on its way into its slot: the venue may have it or not.
///
/// Wiped on drop; `Debug` shows the public half.
#[derive(Debug)]
pub struct PendingKey {
    /// The new key, and the account and slot it is for.
    pub signer: TokenSigner,
    /// What was sent last, or was about to be; none if nothing was, or if the key is to be registered
    /// by a call of the contract.
    pub attempt: Option<Attempt>,
    /// Whether the slot had another key at that time.
    pub replaces_key: bool,
}

/// The transaction that carries a pending key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its nonce.
    pub nonce: Nonce,
    /// The last instant at which the venue executes it.
    pub expires_at: UnixMillis,
}

/// Where keys are from before they are sent until they are where they will be used from.
///
/// # Contract
/// There is at most one pending key for a slot. What [`store`](Self::store) and
/// [`finish`](Self::finish) have returned from outlives a kill and a power cut; what they have not
/// returned from has happened wholly or not at all. Nobody else changes the pending keys meanwhile.
pub trait PendingKeys {
    /// Why keys cannot be read or kept.
    type Error;

    /// The pending key of a slot.
    ///
    /// # Errors
    /// - the implementation's own
    fn load(&mut self, account: AccountIndex, api_key: ApiKeyIndex) -> Result<Option<PendingKey>, Self::Error>;

    /// Keeps `key`, in place of an earlier state of the same one.
    ///
    /// # Errors
    /// - the implementation's own; nothing has been sent then
    fn store(&mut self, key: &PendingKey) -> Result<(), Self::Error>;

    /// The venue has `key`: keeps it where it will be used from, and only then no longer as a pending
    /// one.
    ///
    /// # Errors
    /// - the implementation's own; the key is still kept then, and finished by a later run
    fn finish(&mut self, key: PendingKey) -> Result<(), Self::Error>;
}
