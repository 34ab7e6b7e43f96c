//! Records as stores keep them, and the checks on what is read: a record is as operations leave it, or it is refused.

use alloc::vec::Vec;

use keyward_ledger::{AccountId, MAX_INSTANT};
use keyward_time::UnixMillis;
use serde::{Deserialize, Deserializer, Serialize};

use crate::recent::{RecentOperation, RecentOperations};
use crate::{
    Activation, Allowlist, ApiKey, AuthLink, CurrentSecret, KeyId, KeyName, LimitOverrides, LinkDigest, LinkState,
    Metadata, PreviousSecret, Revision, Scopes, Wallet,
};

/// A record whose fields do not go together: it was not written by these rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("invalid record: {0}")]
pub(crate) struct InvalidRecord(&'static str);

/// [`ApiKey`] with nothing checked but its fields.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRecord {
    id: KeyId,
    account: AccountId,
    #[serde(deserialize_with = "present")]
    parent: Option<KeyId>,
    depth: u8,
    name: KeyName,
    activation: Activation,
    scopes: Scopes,
    wallets: Vec<Wallet>,
    allowlist: Allowlist,
    limits: LimitOverrides,
    #[serde(deserialize_with = "present")]
    metadata: Option<Metadata>,
    created_at: UnixMillis,
    #[serde(deserialize_with = "present")]
    expires_at: Option<UnixMillis>,
    #[serde(deserialize_with = "present")]
    revoked_at: Option<UnixMillis>,
    secret: CurrentSecret,
    #[serde(deserialize_with = "present")]
    previous_secret: Option<PreviousSecret>,
    rotation: Revision,
    #[serde(deserialize_with = "present")]
    link: Option<AuthLink>,
    revision: Revision,
    recent: Vec<RecentOperation>,
}

/// [`AuthLink`] with nothing checked but its fields.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRecord {
    digest: LinkDigest,
    created_at: UnixMillis,
    expires_at: UnixMillis,
    state: LinkState,
    wrong_signatures: u8,
}

impl From<ApiKey> for KeyRecord {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            account: key.account,
            parent: key.parent,
            depth: key.depth,
            name: key.name,
            activation: key.activation,
            scopes: key.scopes,
            wallets: key.wallets,
            allowlist: key.allowlist,
            limits: key.limits,
            metadata: key.metadata,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            secret: key.secret,
            previous_secret: key.previous_secret,
            rotation: key.rotation,
            link: key.link,
            revision: key.revision,
            recent: key.recent.into_stored(),
        }
    }
}

impl TryFrom<KeyRecord> for ApiKey {
    type Error = InvalidRecord;

    fn try_from(record: KeyRecord) -> Result<Self, InvalidRecord> {
        let recent = RecentOperations::from_stored(record.recent).ok_or(InvalidRecord("recent operations"))?;
        let key = Self {
            id: record.id,
            account: record.account,
            parent: record.parent,
            depth: record.depth,
            name: record.name,
            activation: record.activation,
            scopes: record.scopes,
            wallets: record.wallets,
            allowlist: record.allowlist,
            limits: record.limits,
            metadata: record.metadata,
            created_at: record.created_at,
            expires_at: record.expires_at,
            revoked_at: record.revoked_at,
            secret: record.secret,
            previous_secret: record.previous_secret,
            rotation: record.rotation,
            link: record.link,
            revision: record.revision,
            recent,
        };
        key.check_record()?;
        Ok(key)
    }
}

impl ApiKey {
    fn check_record(&self) -> Result<(), InvalidRecord> {
        let is_first =
            |(at, wallet): (usize, &Wallet)| self.wallets[..at].iter().all(|earlier| earlier.address != wallet.address);
        let link_is_pending = self.link.is_some_and(|link| link.state == LinkState::Pending);
        let instants = [Some(self.created_at), self.expires_at, self.revoked_at, Some(self.secret.created_at)];
        let previous_end = self.previous_secret.map(|secret| secret.works_until);
        let rules = [
            (self.id.tag() == self.account.tag(), "key and account of different roots"),
            (self.parent.is_none_or(|parent| parent.tag() == self.id.tag()), "key and parent of different roots"),
            (self.parent != Some(self.id), "key above itself"),
            (self.parent.is_some() == (self.depth > 0) && self.depth <= Self::MAX_DEPTH, "depth"),
            (self.wallets.len() <= Self::MAX_WALLETS, "too many wallets"),
            (self.wallets.iter().enumerate().all(is_first), "wallet bound twice"),
            (self.previous_secret.is_none_or(|secret| secret.digest != self.secret.digest), "secrets alike"),
            (self.previous_secret.is_none() || self.rotation > Revision::FIRST, "previous secret without a rotation"),
            (self.rotation <= self.revision, "more rotations than changes"),
            (self.revoked_at.is_none() || !link_is_pending, "pending link of a revoked key"),
            (instants.into_iter().chain([previous_end]).flatten().all(|at| at <= MAX_INSTANT), "instant out of range"),
            (self.wallets.iter().all(|wallet| wallet.bound_at <= MAX_INSTANT), "instant out of range"),
        ];
        check(&rules)
    }
}

impl From<AuthLink> for LinkRecord {
    fn from(link: AuthLink) -> Self {
        let AuthLink { digest, created_at, expires_at, state, wrong_signatures } = link;
        Self { digest, created_at, expires_at, state, wrong_signatures }
    }
}

impl TryFrom<LinkRecord> for AuthLink {
    type Error = InvalidRecord;

    fn try_from(record: LinkRecord) -> Result<Self, InvalidRecord> {
        let LinkRecord { digest, created_at, expires_at, state, wrong_signatures } = record;
        check(&[
            (wrong_signatures <= Self::MAX_WRONG_SIGNATURES, "too many wrong signatures"),
            (created_at <= expires_at && expires_at <= MAX_INSTANT, "life of a link"),
        ])?;
        Ok(Self { digest, created_at, expires_at, state, wrong_signatures })
    }
}

fn check(rules: &[(bool, &'static str)]) -> Result<(), InvalidRecord> {
    match rules.iter().find(|(holds, _)| !holds) {
        None => Ok(()),
        Some((_, breach)) => Err(InvalidRecord(breach)),
    }
}

/// Reads an optional field that must be there: an expiry that got lost is not no expiry.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}
