use alloc::vec::Vec;

use keyward_ledger::AccountId;
use keyward_time::UnixMillis;

use crate::recent::RecentOperations;
use crate::{
    Allowlist, AuthLink, CurrentSecret, KeyDigest, KeyId, KeyName, LimitOverrides, Metadata, PreviousSecret,
    RateLimits, Revision, Scopes, Wallet,
};

/// The record of an API key: all that a store keeps of it.
///
/// It comes from [`KeyOperation::apply`](crate::KeyOperation::apply) or, checked, from a store (with the feature `serde`), and
/// is changed by operations alone. It holds no secret, but digests of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "crate::record::KeyRecord", into = "crate::record::KeyRecord")
)]
pub struct ApiKey {
    pub(crate) id: KeyId,
    pub(crate) account: AccountId,
    pub(crate) parent: Option<KeyId>,
    // 0 for a key without a parent.
    pub(crate) depth: u8,
    pub(crate) name: KeyName,
    pub(crate) activation: Activation,
    pub(crate) scopes: Scopes,
    // At most MAX_WALLETS, no address twice.
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) allowlist: Allowlist,
    pub(crate) limits: LimitOverrides,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) created_at: UnixMillis,
    pub(crate) expires_at: Option<UnixMillis>,
    pub(crate) revoked_at: Option<UnixMillis>,
    pub(crate) secret: CurrentSecret,
    pub(crate) previous_secret: Option<PreviousSecret>,
    pub(crate) rotation: Revision,
    pub(crate) link: Option<AuthLink>,
    pub(crate) revision: Revision,
    pub(crate) recent: RecentOperations,
}

impl ApiKey {
    /// The most wallets of a key: 16.
    pub const MAX_WALLETS: usize = 16;

    /// How many keys may be above a key: 3.
    pub const MAX_DEPTH: u8 = 3;

    /// Its identity.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The account that it belongs to.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The key above it, whose bounds are its bounds too.
    pub const fn parent(&self) -> Option<KeyId> {
        self.parent
    }

    /// How many keys are above it, 0 to 3.
    pub const fn depth(&self) -> u8 {
        self.depth
    }

    /// What its owner calls it.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// What it takes to be active.
    pub const fn activation(&self) -> Activation {
        self.activation
    }

    /// Where it stands in its life.
    pub fn status(&self) -> KeyStatus {
        if self.revoked_at.is_some() {
            KeyStatus::Revoked
        } else if self.activation == Activation::ByWallet && self.wallets.is_empty() {
            KeyStatus::Pending
        } else {
            KeyStatus::Active
        }
    }

    /// What it may do.
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The wallets that it is bound to, in the order in which they were bound.
    pub fn wallets(&self) -> &[Wallet] {
        &self.wallets
    }

    /// Where it may be used from.
    pub const fn allowlist(&self) -> &Allowlist {
        &self.allowlist
    }

    /// Its own rate limits.
    pub const fn limits(&self) -> &LimitOverrides {
        &self.limits
    }

    /// What its owner keeps with it.
    pub const fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    /// When it was made.
    pub const fn created_at(&self) -> UnixMillis {
        self.created_at
    }

    /// The first millisecond at which it does not work any more; `None` if there is none.
    pub const fn expires_at(&self) -> Option<UnixMillis> {
        self.expires_at
    }

    /// Whether its time is over. That is no status: the time can be set anew.
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }

    /// When it was revoked.
    pub const fn revoked_at(&self) -> Option<UnixMillis> {
        self.revoked_at
    }

    /// The secret with which it is used.
    pub const fn secret(&self) -> &CurrentSecret {
        &self.secret
    }

    /// The secret before that, whether it still works or not.
    pub const fn previous_secret(&self) -> Option<&PreviousSecret> {
        self.previous_secret.as_ref()
    }

    /// The digests by which it has to be found: of the current secret and, as long as the record has it, of the previous one.
    pub fn digests(&self) -> impl Iterator<Item = &KeyDigest> {
        let previous = self.previous_secret.as_ref().map(|secret| &secret.digest);
        core::iter::once(&self.secret.digest).chain(previous)
    }

    /// How often its secret was rotated: what who rotates it must have seen.
    pub const fn rotation(&self) -> Revision {
        self.rotation
    }

    /// The link that was made last.
    pub const fn link(&self) -> Option<&AuthLink> {
        self.link.as_ref()
    }

    /// How often the record was changed. A store writes a record if the one in place has the revision before.
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// The rate limits of the first of these keys, where each is above the one before: the lowest of all. `service` are the
    /// limits of keys without their own.
    pub fn rate_limits<'a>(chain: impl IntoIterator<Item = &'a Self>, service: RateLimits) -> RateLimits {
        chain.into_iter().map(|key| key.limits.over(service)).reduce(RateLimits::min).unwrap_or(service)
    }
}

/// What it takes for a key to be active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Activation {
    /// A wallet: a key is pending as long as it has none.
    ByWallet,
    /// Nothing: a key is active from the start, wallets or not. So are prepaid keys.
    AtOnce,
}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyStatus {
    /// It waits for a wallet, and is good for making a link to bind one, for its own status and to be revoked.
    Pending,
    /// It can be used.
    Active,
    /// It cannot be used, and never will be again.
    Revoked,
}

impl KeyStatus {
    /// `pending`, `active` or `revoked`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Revoked => "revoked",
        }
    }
}

impl core::fmt::Display for KeyStatus {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}
