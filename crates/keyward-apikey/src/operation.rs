use alloc::boxed::Box;

use keyward_ledger::{AccountId, OperationId};
use keyward_time::UnixMillis;

use crate::{
    Activation, Allowlist, GracePeriod, KeyDigest, KeyId, KeyName, LimitOverrides, LinkDigest, LinkLifetime, Metadata,
    NewSecret, Revision, Scopes, WalletAddress,
};

/// A change of a key, named by whoever wants it.
///
/// The id makes it happen once: the same id with the same action brings the same outcome again, as long as the key has not seen
/// eight more changes; the same id with another action is rejected.
///
/// [`Bind`](KeyAction::Bind) and [`RecordWrongSignature`](KeyAction::RecordWrongSignature) name no key but a link, and the key is
/// found by its last link alone. Once it has a newer one they are rejected as of an [unknown
/// link](crate::Rejection::UnknownLink), whether they were done before or not; the key's wallets tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOperation {
    /// The name.
    pub id: OperationId,
    /// The change.
    pub action: KeyAction,
}

/// What is to be done with a key.
///
/// Who may ask for it is not a matter of these rules: a service asks once it has verified a secret, a wallet's signature or an
/// administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyAction {
    /// Make the key.
    Create(Box<NewKey>),
    /// Make a link for binding a wallet. Earlier links of the key become void.
    CreateLink {
        /// The key.
        key: KeyId,
        /// The link.
        link: NewLink,
    },
    /// Bind the first wallet, by the link. The service has verified the wallet's signature.
    Bind {
        /// The digest of the token that was signed.
        link: LinkDigest,
        /// The wallet that signed it.
        wallet: WalletAddress,
    },
    /// Bind one more wallet to an active key, by a link that its owner has made for that. The service has verified the owner, and
    /// the wallet's signature.
    AddWallet {
        /// The key.
        key: KeyId,
        /// The digest of the token that was signed.
        link: LinkDigest,
        /// The wallet that signed it.
        wallet: WalletAddress,
    },
    /// Remember that a wrong signature came with a link's token; the eleventh makes the link void.
    RecordWrongSignature {
        /// The digest of the token.
        link: LinkDigest,
    },
    /// Take a wallet off. A key that is [active by a wallet](Activation::ByWallet) is pending without one.
    UnbindWallet {
        /// The key.
        key: KeyId,
        /// The wallet.
        wallet: WalletAddress,
    },
    /// Put a new secret in place of the current one, which may work on for a while. The one before that does not.
    Rotate {
        /// The key.
        key: KeyId,
        /// The new secret.
        secret: NewSecret,
        /// How often the key was rotated before, as who rotates it has seen: of two at once, one wins.
        expected: Revision,
        /// How long the current secret works on.
        grace: GracePeriod,
    },
    /// Put another digest of the same secret in place of one, after the pepper was rotated. The service has seen the raw key.
    Rehash {
        /// The key.
        key: KeyId,
        /// The digest in place, of the current or the previous secret.
        from: KeyDigest,
        /// The digest under the current pepper.
        to: KeyDigest,
    },
    /// End the key for good, with both secrets and its link.
    Revoke {
        /// The key.
        key: KeyId,
    },
    /// Change what the key may do and what is known of it.
    Update {
        /// The key.
        key: KeyId,
        /// What is changed.
        update: Box<KeyUpdate>,
    },
}

/// Which key an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// That with this id.
    Key(KeyId),
    /// That to which the pointer of this link leads.
    Link(&'a LinkDigest),
}

impl KeyAction {
    /// The key that a store has to load.
    pub fn target(&self) -> Target<'_> {
        match self {
            Self::Create(new) => Target::Key(new.id),
            Self::CreateLink { key, .. }
            | Self::AddWallet { key, .. }
            | Self::UnbindWallet { key, .. }
            | Self::Rotate { key, .. }
            | Self::Rehash { key, .. }
            | Self::Revoke { key }
            | Self::Update { key, .. } => Target::Key(*key),
            Self::Bind { link, .. } | Self::RecordWrongSignature { link } => Target::Link(link),
        }
    }
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewKey {
    /// Its identity, with the tag of `account`.
    pub id: KeyId,
    /// The account that it belongs to.
    pub account: AccountId,
    /// The key above it; `None` at first.
    pub parent: Option<KeyId>,
    /// What its owner calls it.
    pub name: KeyName,
    /// Its secret.
    pub secret: NewSecret,
    /// What it takes to be active.
    pub activation: Activation,
    /// What it may do; `read:*` at first.
    pub scopes: Scopes,
    /// Where it may be used from; anywhere at first.
    pub allowlist: Allowlist,
    /// Its own rate limits; none at first.
    pub limits: LimitOverrides,
    /// What its owner keeps with it; nothing at first.
    pub metadata: Option<Metadata>,
    /// The first millisecond at which it does not work any more; `None` at first.
    pub expires_at: Option<UnixMillis>,
    /// A link for its first wallet; `None` at first.
    pub link: Option<NewLink>,
}

impl NewKey {
    /// A key with what it must have.
    pub fn new(id: KeyId, account: AccountId, name: KeyName, secret: NewSecret, activation: Activation) -> Self {
        Self {
            id,
            account,
            parent: None,
            name,
            secret,
            activation,
            scopes: Scopes::default(),
            allowlist: Allowlist::ANYWHERE,
            limits: LimitOverrides::NONE,
            metadata: None,
            expires_at: None,
            link: None,
        }
    }
}

/// A link to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NewLink {
    /// The digest of its token.
    pub digest: LinkDigest,
    /// How long it can be used.
    pub lifetime: LinkLifetime,
}

/// What is changed of a key; `None` for what stays, which at first is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyUpdate {
    /// What its owner calls it.
    pub name: Option<KeyName>,
    /// What it may do.
    pub scopes: Option<Scopes>,
    /// Where it may be used from.
    pub allowlist: Option<Allowlist>,
    /// Its own rate limits, all of them.
    pub limits: Option<LimitOverrides>,
    /// What its owner keeps with it; `Some(None)` for nothing.
    pub metadata: Option<Option<Metadata>>,
    /// The first millisecond at which it does not work any more; `Some(None)` for never.
    pub expires_at: Option<Option<UnixMillis>>,
}
