use keyward_apikey::{ApiKey, AuthLink, KeyDigest, KeyId, LinkDigest, LinkState};
use keyward_store::{BadCursor, Cursor, KeyFilter, KeyPut, Page, PageRequest, StoreError};
use serde_json::{Value, json};

use crate::QdrantStore;
use crate::claims::{Claim, Claimed};
use crate::fault::{Fault, Unreadable, corrupt};
use crate::point::{Order, Payload, PointId, Scroll, equals};
use crate::swap::{BARE, Swap, revision_of};

impl QdrantStore {
    pub(crate) async fn read_key(&self, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        let payload = self.api.point(&self.collections.keys, PointId::of_key(id)).await.map_err(Fault::harmless)?;
        let key = payload.map(|payload| parse(&payload)).transpose()?.flatten();
        match key {
            Some(key) if key.id() != id => Err(corrupt("key", Unreadable)),
            key => Ok(key),
        }
    }

    pub(crate) async fn find_by_digest(&self, digest: &KeyDigest) -> Result<Option<ApiKey>, StoreError> {
        let Some(pointer) = self.pointer(Claim::Secret(digest)).await? else { return Ok(None) };
        let key = self.read_key(pointer.owner).await?;
        Ok(key.filter(|key| key.digests().any(|of_key| of_key == digest)))
    }

    pub(crate) async fn find_by_link(&self, digest: &LinkDigest) -> Result<Option<ApiKey>, StoreError> {
        let Some(pointer) = self.pointer(Claim::Link(digest)).await? else { return Ok(None) };
        let Some(key) = self.read_key(pointer.owner).await? else { return Ok(None) };
        let link = key.link().filter(|link| link.digest() == digest);
        // A link that no record holds may be one that is about to be written.
        let status = link.map(|link| status(link.state()));
        if status.is_some() && status != pointer.status.as_deref() {
            self.repair(digest, key.id(), status.unwrap_or_default()).await;
        }
        Ok(if link.is_some() { Some(key) } else { None })
    }

    pub(crate) async fn put(&self, before: Option<&ApiKey>, after: &ApiKey) -> Result<KeyPut, StoreError> {
        let id = after.id();
        let from = before.map_or(Ok(BARE), revision_number)?;
        let secrets = after.digests().filter(|digest| before.is_none_or(|key| key.digests().all(|old| old != *digest)));
        let old_link = before.and_then(ApiKey::link);
        let link = after.link().filter(|link| old_link.is_none_or(|old| old.digest() != link.digest()));
        let mut claims = Vec::from_iter(secrets.map(Claim::Secret));
        claims.extend(link.map(|link| Claim::Link(link.digest())));

        let fence = if claims.is_empty() {
            None
        } else {
            match self.fence_at(id, from).await? {
                Some(fence) => Some(fence),
                None => return Ok(KeyPut::Conflict),
            }
        };
        for claim in claims {
            if let Claimed::Taken = self.claim(claim, id).await? {
                return Ok(match claim {
                    Claim::Secret(_) => KeyPut::SecretTaken,
                    Claim::Link(_) => KeyPut::LinkTaken,
                });
            }
        }
        let keys = &self.collections.keys;
        match self.api.swap(keys, PointId::of_key(id), from, fence.as_deref(), print(after)?).await? {
            Swap::Lost => Ok(KeyPut::Conflict),
            Swap::Won => {
                self.follow(id, old_link, after.link()).await;
                Ok(KeyPut::Written)
            }
        }
    }

    /// The fence of a key's point, if it has this revision.
    async fn fence_at(&self, id: KeyId, revision: i64) -> Result<Option<String>, StoreError> {
        if revision == BARE {
            self.bare(id).await?;
        }
        let payload = self.api.point(&self.collections.keys, PointId::of_key(id)).await.map_err(Fault::harmless)?;
        let Some(payload) = payload else { return Ok(None) };
        if revision_of(&payload, "key")? != revision {
            return Ok(None);
        }
        match payload.get("fence").and_then(Value::as_str) {
            Some(fence) => Ok(Some(fence.to_owned())),
            None => Err(corrupt("key", Unreadable)),
        }
    }

    /// Brings the links' collection up to what was written. Only an index: reading repairs what fails here.
    async fn follow(&self, key: KeyId, before: Option<&AuthLink>, after: Option<&AuthLink>) {
        if let Some(old) = before {
            match after.filter(|link| link.digest() == old.digest()) {
                Some(link) if link.state() != old.state() => {
                    self.repair(link.digest(), key, status(link.state())).await;
                }
                Some(_) => {}
                None if old.state() == LinkState::Pending => {
                    self.repair(old.digest(), key, status(LinkState::Void)).await;
                }
                None => {}
            }
        }
    }

    async fn repair(&self, digest: &LinkDigest, key: KeyId, status: &str) {
        let payload = Payload::from_iter([("status".to_owned(), status.into())]);
        let of_key = vec![equals("apiKeyId", key.to_string())];
        let id = Claim::Link(digest).id();
        // Whoever reads goes by the key's record.
        let _: Result<(), Fault> = self.api.set_where(&self.collections.links, id, of_key, payload).await;
    }

    pub(crate) async fn page_of_keys(&self, filter: &KeyFilter, page: PageRequest) -> Result<Page<ApiKey>, StoreError> {
        let mut must = vec![json!({"key": "revision", "range": {"gte": 0}})];
        match filter {
            KeyFilter::All => {}
            KeyFilter::Account(account) => must.push(equals("account", account.to_string())),
            KeyFilter::Wallet(wallet) => must.push(equals("wallets", wallet.as_str())),
            KeyFilter::Status(status) => must.push(equals("status", status.as_str())),
            _ => return Err(StoreError::Unsupported("listing of this kind")),
        }
        let from = match &page.after {
            None => None,
            Some(cursor) => {
                let last: KeyId = cursor.as_str().parse().map_err(|_| BadCursor)?;
                match PointId::of_key(last).next() {
                    Some(next) => Some(next),
                    None => return Ok(Page { items: Vec::new(), next: None }),
                }
            }
        };
        let limit = page.limit.get();
        let scroll = Scroll { must, limit: limit + 1, order: Order::Id(from), fields: json!(["revision", "record"]) };
        let found = self.api.scroll(&self.collections.keys, scroll).await.map_err(Fault::harmless)?;
        let has_more = found.len() > limit;
        let mut items = Vec::with_capacity(found.len().min(limit));
        for point in found.into_iter().take(limit) {
            items.extend(parse(&point.payload.unwrap_or_default())?);
        }
        let next = match items.last() {
            Some(last) if has_more => Some(Cursor::new(last.id().to_string())?),
            _ => None,
        };
        Ok(Page { items, next })
    }
}

fn revision_number(key: &ApiKey) -> Result<i64, StoreError> {
    i64::try_from(key.revision().as_u64()).map_err(|error| StoreError::Backend(error.into()))
}

const fn status(state: LinkState) -> &'static str {
    match state {
        LinkState::Pending => "pending",
        LinkState::Used => "used",
        _ => "void",
    }
}

/// A key's fields: the record, and what it is found by.
fn print(key: &ApiKey) -> Result<Payload, StoreError> {
    let record = serde_json::to_string(key).map_err(|error| StoreError::Backend(error.into()))?;
    let wallets = Vec::from_iter(key.wallets().iter().map(|wallet| Value::from(wallet.address.as_str())));
    let digests = Vec::from_iter(key.digests().map(|digest| Value::from(digest.to_string())));
    Ok(Payload::from_iter([
        ("record".to_owned(), record.into()),
        ("key".to_owned(), digests.into()),
        ("userId".to_owned(), wallets.first().cloned().unwrap_or_default()),
        ("wallets".to_owned(), wallets.into()),
        ("account".to_owned(), key.account().to_string().into()),
        ("status".to_owned(), key.status().as_str().into()),
    ]))
}

/// The record of a point; `None` for one that holds none yet.
fn parse(payload: &Payload) -> Result<Option<ApiKey>, StoreError> {
    let revision = revision_of(payload, "key")?;
    if revision == BARE {
        return Ok(None);
    }
    let record = payload.get("record").and_then(Value::as_str).ok_or_else(|| corrupt("key", Unreadable))?;
    // Its own error repeats what it could not read.
    let key: ApiKey = serde_json::from_str(record).map_err(|_| corrupt("key", Unreadable))?;
    if revision_number(&key)? == revision { Ok(Some(key)) } else { Err(corrupt("key", Unreadable)) }
}
