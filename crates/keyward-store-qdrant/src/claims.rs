//! That a digest is of one key: a point stands for each digest and names the key that may have it.
//!
//! Such a point is written *before* the key's record and means nothing until the record holds the digest. If two keys want one
//! digest, the second finds the first one's point. Where the first one's record does not hold the digest, its writer may be
//! about to write it, or may have died. So the second sets a new *fence* in the record of the first, after which a write that
//! began under the old one fails; looks once more; and takes the point over if it still has the stamp that it had before.
//! Whoever claims reads the fence of its record first, then stamps the point, and writes the record under that fence: its
//! stamp is newer than what the other saw, or the fence is.

use std::time::Duration;

use keyward_apikey::{ApiKey, KeyDigest, KeyId, LinkDigest};
use keyward_store::StoreError;
use serde_json::Value;

use crate::QdrantStore;
use crate::collections::Collection;
use crate::fault::{Fault, TooContended, Unreadable, corrupt};
use crate::point::{Payload, PointId, equals, nonce};
use crate::swap::BARE;

/// How often a digest that another key is about to get is looked at before the other is kept from getting it.
const LOOKS: u32 = 12;
/// The first of the pauses between them; each is longer by as much.
const PAUSE: Duration = Duration::from_millis(8);
/// How often a digest that changes hands all the time is tried for.
const ROUNDS: u32 = LOOKS + 12;

/// A digest that a key is about to get.
#[derive(Clone, Copy)]
pub(crate) enum Claim<'a> {
    Secret(&'a KeyDigest),
    Link(&'a LinkDigest),
}

impl Claim<'_> {
    fn collection(self, store: &QdrantStore) -> &Collection {
        match self {
            Self::Secret(_) => &store.collections.secrets,
            Self::Link(_) => &store.collections.links,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Secret(digest) => digest.to_string(),
            Self::Link(digest) => digest.to_string(),
        }
    }

    fn is_in(self, key: &ApiKey) -> bool {
        match self {
            Self::Secret(wanted) => key.digests().any(|digest| digest == wanted),
            Self::Link(wanted) => key.link().is_some_and(|link| link.digest() == wanted),
        }
    }

    pub(crate) fn id(self) -> PointId {
        PointId::of_text(&self.text())
    }
}

pub(crate) enum Claimed {
    Mine,
    Taken,
}

/// What a digest's point says.
pub(crate) struct Pointer {
    pub(crate) owner: KeyId,
    pub(crate) status: Option<String>,
    stamp: String,
    token: String,
}

impl Pointer {
    fn parse(payload: &Payload) -> Option<Self> {
        let text = |field: &str| payload.get(field).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            owner: text("apiKeyId")?.parse().ok()?,
            status: text("status"),
            stamp: text("stamp")?,
            token: text("token")?,
        })
    }
}

impl QdrantStore {
    /// Makes the digest's point name `key`. What fails here has written nothing that counts.
    pub(crate) async fn claim(&self, claim: Claim<'_>, key: KeyId) -> Result<Claimed, StoreError> {
        let (collection, id, token) = (claim.collection(self), claim.id(), claim.text());
        for round in 0..ROUNDS {
            let stamp = nonce().map_err(Fault::harmless)?;
            let mut payload = ownership(key, &stamp);
            payload.insert("token".to_owned(), token.clone().into());
            if matches!(claim, Claim::Link(_)) {
                payload.insert("status".to_owned(), "pending".into());
            }
            self.api.insert(collection, vec![(id, payload)]).await.map_err(Fault::harmless)?;
            let Some(there) = self.pointer(claim).await? else { continue };
            if there.token != token {
                return Ok(Claimed::Taken);
            }
            if there.owner != key {
                if self.holds(there.owner, claim).await? {
                    return Ok(Claimed::Taken);
                }
                if round < LOOKS {
                    tokio::time::sleep(PAUSE * (round + 1)).await;
                    continue;
                }
                self.keep_out(there.owner).await?;
                if self.holds(there.owner, claim).await? {
                    return Ok(Claimed::Taken);
                }
                let conditions = vec![equals("apiKeyId", there.owner.to_string()), equals("stamp", there.stamp)];
                let taken_over = ownership(key, &stamp);
                self.api.set_where(collection, id, conditions, taken_over).await.map_err(Fault::harmless)?;
            } else if there.stamp == stamp {
                return Ok(Claimed::Mine);
            } else {
                let conditions = vec![equals("apiKeyId", key.to_string())];
                let stamped = ownership(key, &stamp);
                self.api.set_where(collection, id, conditions, stamped).await.map_err(Fault::harmless)?;
            }
            if self.pointer(claim).await?.is_some_and(|there| there.owner == key) {
                return Ok(Claimed::Mine);
            }
        }
        Err(StoreError::Unavailable(TooContended.into()))
    }

    /// The point of a digest.
    pub(crate) async fn pointer(&self, claim: Claim<'_>) -> Result<Option<Pointer>, StoreError> {
        let payload = self.api.point(claim.collection(self), claim.id()).await.map_err(Fault::harmless)?;
        let parse = |payload| Pointer::parse(&payload).ok_or_else(|| corrupt("pointer", Unreadable));
        payload.map(parse).transpose()
    }

    async fn holds(&self, owner: KeyId, claim: Claim<'_>) -> Result<bool, StoreError> {
        Ok(self.read_key(owner).await?.is_some_and(|key| claim.is_in(&key)))
    }

    /// Makes writes of a key fail that have claimed a digest and not yet written the record.
    async fn keep_out(&self, key: KeyId) -> Result<(), StoreError> {
        let fence = self.bare(key).await?;
        let payload = Payload::from_iter([("fence".to_owned(), fence.into())]);
        let set = self.api.set_where(&self.collections.keys, PointId::of_key(key), Vec::new(), payload);
        set.await.map_err(Fault::harmless)
    }

    /// Makes a key's point, without a record, if there is none; a fence that nobody has seen yet.
    pub(crate) async fn bare(&self, key: KeyId) -> Result<String, StoreError> {
        let fence = nonce().map_err(Fault::harmless)?;
        let payload =
            Payload::from_iter([("revision".to_owned(), BARE.into()), ("fence".to_owned(), fence.clone().into())]);
        let insert = self.api.insert(&self.collections.keys, vec![(PointId::of_key(key), payload)]);
        insert.await.map_err(Fault::harmless)?;
        Ok(fence)
    }
}

fn ownership(key: KeyId, stamp: &str) -> Payload {
    Payload::from_iter([("apiKeyId".to_owned(), key.to_string().into()), ("stamp".to_owned(), stamp.into())])
}
