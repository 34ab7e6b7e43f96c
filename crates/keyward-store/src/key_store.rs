use std::fmt;

use keyward_apikey::{ApiKey, KeyDigest, KeyId, KeyStatus, LinkDigest, WalletAddress};
use keyward_ledger::AccountId;

use crate::{BoxFuture, Capabilities, Page, PageRequest, StoreError};

/// The records of API keys.
///
/// A store keeps records and decides nothing: what becomes of a key is said by the rules of `keyward-apikey`, through
/// [`apply_key`](crate::KeyOperations::apply_key), which reads a record, asks the rules, and writes the answer with
/// [`put_key`](Self::put_key). A store sees digests and never a secret.
///
/// # Contract
///
/// - **One record, one key.** A key's record, with its secrets' digests, its link and its wallets, is one unit: it is read
///   whole as some `put_key` has written it, and two parts of it are never from different writes.
/// - **Writes are conditional.** `put_key` writes only over the revision that its caller has read; of any number of
///   racing writers over one revision, in any number of processes, exactly one is told [`KeyPut::Written`].
/// - **A digest is of one key.** No two keys can be found by the same secret's or link's digest.
/// - **Reads are current.** A read that begins after a `put_key` was answered sees it or something later, in every process
///   that has the store open. Nothing that was seen is ever unseen.
/// - **What was answered stays**, as far as [`Capabilities::durable`] says.
/// - **Errors change nothing**, but [`StoreError::Ambiguous`], after which the write was made whole or not at all.
/// - **Dropping a future** leaves a write made whole or not at all, as after `Ambiguous`.
/// - Reads and writes end in bounded time.
pub trait KeyStore: fmt::Debug + Send + Sync {
    /// What this store promises beyond the contract.
    fn capabilities(&self) -> Capabilities;

    /// The key with this id.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: the store cannot be read now
    /// - [`StoreError::Corrupt`]: the record is damaged
    fn key(&self, id: KeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>>;

    /// The key that has a secret of this digest: the current one, or the previous one as long as the record holds it. The time
    /// it takes does not grow with the number of keys by more than an index does.
    ///
    /// # Errors
    /// - as [`key`](Self::key)
    fn key_by_digest<'a>(&'a self, digest: &'a KeyDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>>;

    /// The key whose link has this digest. Only the link that the record holds finds it, used, void or not; those before
    /// it do not.
    ///
    /// # Errors
    /// - as [`key`](Self::key)
    fn key_by_link<'a>(&'a self, digest: &'a LinkDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>>;

    /// The keys that `filter` lets through, in the order of their ids.
    ///
    /// # Errors
    /// - as [`key`](Self::key)
    /// - [`StoreError::BadCursor`]: the cursor is not from this listing
    fn keys<'a>(&'a self, filter: &'a KeyFilter, page: PageRequest) -> BoxFuture<'a, Result<Page<ApiKey>, StoreError>>;

    /// Writes `after` in the place of `before`, if the store holds the revision of `before` (or, without one, no key of this
    /// id), and no other key can be found by a digest in it.
    ///
    /// After it is [`Written`](KeyPut::Written) the key is found by its id and by the digests in `after`, and by no
    /// other that it had before.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: nothing was written
    /// - [`StoreError::Ambiguous`]: it was written or not
    /// - [`StoreError::Corrupt`]: the record in place is damaged; nothing was written
    fn put_key<'a>(
        &'a self,
        before: Option<&'a ApiKey>,
        after: &'a ApiKey,
    ) -> BoxFuture<'a, Result<KeyPut, StoreError>>;
}

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "it may not have been written"]
pub enum KeyPut {
    /// It was written.
    Written,
    /// The store holds another revision than the one that was to be replaced. Nothing was written.
    Conflict,
    /// Another key has a secret with a digest in the record. Nothing was written.
    SecretTaken,
    /// Another key has a link with the digest in the record. Nothing was written.
    LinkTaken,
}

/// Which keys a listing has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFilter {
    /// All there are.
    All,
    /// Those of an account. Those of accounts below it are not among them.
    Account(AccountId),
    /// Those that are bound to a wallet, whatever their status.
    Wallet(WalletAddress),
    /// Those with a status.
    Status(KeyStatus),
}

impl KeyFilter {
    /// Whether a key is in the listing.
    pub fn admits(&self, key: &ApiKey) -> bool {
        match self {
            Self::All => true,
            Self::Account(account) => key.account() == *account,
            Self::Wallet(wallet) => key.wallets().iter().any(|bound| bound.address == *wallet),
            Self::Status(status) => key.status() == *status,
        }
    }
}
