use core::fmt;

use keyward_time::UnixMillis;

/// Why an operation is not done. It has changed nothing, and is not remembered: its id can be used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The id is that of another operation on the key.
    #[error("this operation id was used for another operation")]
    OperationMismatch,
    /// There is no such key.
    #[error("no such key")]
    UnknownKey,
    /// There is a key with this id.
    #[error("there is a key with this id")]
    KeyExists,
    /// A key, this or another one, has a secret with this digest.
    #[error("there is a key with this secret")]
    SecretTaken,
    /// There is a link with this digest.
    #[error("there is a link with this token")]
    LinkTaken,
    /// The id of the new key does not begin as its account's does, or the account not as that of the key above.
    #[error("key and account of different roots")]
    TagMismatch,
    /// The key was revoked.
    #[error("key is revoked")]
    Revoked {
        /// When.
        at: UnixMillis,
    },
    /// The key's time is over.
    #[error("key has expired")]
    Expired {
        /// Since when.
        at: UnixMillis,
    },
    /// The key has no wallet yet: the first one is bound, not added.
    #[error("key is not bound to a wallet yet")]
    Pending,
    /// There is no such link.
    #[error("no such link")]
    UnknownLink,
    /// The link was replaced by a later one, or burned by wrong signatures.
    #[error("link is void")]
    LinkVoid,
    /// A wallet was bound with the link.
    #[error("link was used")]
    LinkUsed,
    /// The link's time is over.
    #[error("link has expired")]
    LinkExpired,
    /// The key has a wallet: another one is added, by its owner.
    #[error("key is bound to a wallet already")]
    AlreadyBound,
    /// The key is bound to this wallet.
    #[error("key is bound to this wallet already")]
    WalletAlreadyBound,
    /// The key is not bound to this wallet.
    #[error("key is not bound to this wallet")]
    WalletNotBound,
    /// The key has 16 wallets.
    #[error("key has as many wallets as it can have")]
    TooManyWallets,
    /// The key was rotated, by somebody else, since who wants to rotate it has looked.
    #[error("key was rotated meanwhile")]
    RotationConflict {
        /// How often by now.
        rotation: crate::Revision,
    },
    /// The digest to be replaced is that of neither secret.
    #[error("key has no secret with this digest")]
    UnknownSecret,
    /// There is no key of the parent's id, or the parent was not loaded.
    #[error("no such parent key")]
    UnknownParent,
    /// The key above is pending, revoked or expired.
    #[error("parent key is not active")]
    ParentNotActive,
    /// Three keys are above the key that was to be the parent.
    #[error("keys nested too deep")]
    TooDeep,
    /// The key would have more than the key above it.
    #[error("more than the parent key has: {0}")]
    AboveParent(Bound),
    /// An expiry that is not in the future.
    #[error("expiry is not in the future")]
    ExpiryPassed,
    /// An instant after the year 287,396.
    #[error("instant out of range")]
    InstantOutOfRange,
    /// The record was changed 2^53 - 1 times.
    #[error("no revision left")]
    RevisionsExhausted,
}

/// What a key may not have more of than the key above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bound {
    /// What it may do.
    Scopes,
    /// Where it may be used from.
    Allowlist,
    /// How much of it.
    Limits,
    /// How long.
    Expiry,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scopes => "scopes",
            Self::Allowlist => "allowed addresses",
            Self::Limits => "limits",
            Self::Expiry => "time",
        })
    }
}
