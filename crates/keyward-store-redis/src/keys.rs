//! The records of keys.

use std::time::Duration;

use futures_util::future::join_all;
use keyward_apikey::{ApiKey, KeyDigest, KeyId, LinkDigest};
use keyward_store::{BoxFuture, Capabilities, KeyFilter, KeyPut, KeyStore, Page, PageRequest, StoreError};

use crate::fault::{Access, Fault, Unreadable, corrupt};
use crate::pointers::{Claim, Place, Pointer, without_doubt};
use crate::{RedisStore, scripts};

/// How often a write is prepared anew because somebody has kept the attempt out.
const ROUNDS: u32 = 200;

impl KeyStore for RedisStore {
    fn capabilities(&self) -> Capabilities {
        self.promises()
    }

    fn key(&self, id: KeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>> {
        Box::pin(self.read_key(id))
    }

    fn key_by_digest<'a>(&'a self, digest: &'a KeyDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        Box::pin(self.follow(self.names.digest(digest), Place::Digest(*digest)))
    }

    fn key_by_link<'a>(&'a self, digest: &'a LinkDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        Box::pin(self.follow(self.names.link(digest), Place::Link(*digest)))
    }

    fn keys<'a>(&'a self, filter: &'a KeyFilter, page: PageRequest) -> BoxFuture<'a, Result<Page<ApiKey>, StoreError>> {
        Box::pin(self.list_keys(filter, page))
    }

    fn put_key<'a>(
        &'a self,
        before: Option<&'a ApiKey>,
        after: &'a ApiKey,
    ) -> BoxFuture<'a, Result<KeyPut, StoreError>> {
        Box::pin(self.write_key(before, after))
    }
}

impl RedisStore {
    pub(crate) async fn read_key(&self, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        let mut read = redis::cmd("HGET");
        read.arg(self.names.key(id)).arg("record");
        let record: Option<String> = self.connection.send(Access::Read, &read).await?;
        record.map(|record| self.decode_key(id, &record)).transpose()
    }

    pub(crate) fn decode_key(&self, id: KeyId, record: &str) -> Result<ApiKey, StoreError> {
        let key: ApiKey = serde_json::from_str(record).map_err(|_| corrupt("key", Unreadable))?;
        if key.id() == id { Ok(key) } else { Err(corrupt("key", Unreadable)) }
    }

    /// The key that a pointer leads to, if its record confirms it.
    async fn follow(&self, name: String, place: Place) -> Result<Option<ApiKey>, StoreError> {
        let mut read = redis::cmd("GET");
        read.arg(name);
        let pointer: Option<String> = self.connection.send(Access::Read, &read).await?;
        let Some(pointer) = pointer else { return Ok(None) };
        let pointer = Pointer::parse(&pointer, ' ').ok_or_else(|| corrupt("pointer", Unreadable))?;
        Ok(self.read_key(pointer.id).await?.filter(|key| place.is_confirmed_by(key)))
    }

    async fn write_key(&self, before: Option<&ApiKey>, after: &ApiKey) -> Result<KeyPut, StoreError> {
        let (old, new) = (before.map(Place::all_of).unwrap_or_default(), Place::all_of(after));
        let (gone, come): (Vec<_>, Vec<_>) = (
            old.iter().filter(|place| !new.contains(place)).cloned().collect(),
            new.iter().filter(|place| !old.contains(place)).cloned().collect(),
        );
        let id = after.id();
        let record = serde_json::to_string(after).map_err(|error| StoreError::Backend(error.into()))?;
        for round in 0..ROUNDS {
            let attempt = Pointer { id, revision: after.revision().as_u64(), fence: self.fence_of(id.tag()) };
            let answers = join_all(come.iter().map(|place| self.claim(place, attempt))).await;
            let (mut claims, mut taken) = (Vec::with_capacity(come.len()), None);
            for (place, answer) in come.iter().zip(answers) {
                match answer.map_err(without_doubt)? {
                    Claim::Made(pointer) => claims.push((place.clone(), pointer)),
                    Claim::Taken if matches!(place, Place::Digest(_)) => taken = Some(KeyPut::SecretTaken),
                    Claim::Taken => taken = taken.or(Some(KeyPut::LinkTaken)),
                }
            }
            if let Some(taken) = taken {
                let current = self.abandon(attempt, &claims).await?;
                let is_current = current.as_ref().map(ApiKey::revision) == before.map(ApiKey::revision);
                return Ok(if is_current { taken } else { KeyPut::Conflict });
            }
            match self.commit(before, after, &record, attempt.fence).await? {
                Commit::Written => {
                    self.forget(id, after.revision(), &gone).await;
                    return Ok(KeyPut::Written);
                }
                Commit::Conflict => {
                    if !claims.is_empty() {
                        // It came to nothing, whether its pointers are cleared away or not.
                        let _ = self.abandon(attempt, &claims).await;
                    }
                    return Ok(KeyPut::Conflict);
                }
                Commit::Fenced(fence) => self.fences.insert(id.tag(), fence),
            }
            if round > 2 {
                tokio::time::sleep(Duration::from_millis(1 << (round - 2).min(5))).await;
            }
        }
        Err(StoreError::Unavailable(Fault::Busy("the attempt was kept out each time".to_owned()).into()))
    }

    async fn commit(
        &self,
        before: Option<&ApiKey>,
        after: &ApiKey,
        record: &str,
        fence: u64,
    ) -> Result<Commit, StoreError> {
        let id = after.id();
        let mut put = scripts::PUT_KEY.key(self.names.key(id));
        put.key(self.names.fence(id.tag())).key(self.names.account_keys(after.account()));
        put.arg(before.map(|key| key.revision().to_string()).unwrap_or_default()).arg(fence).arg(record);
        put.arg(after.revision().as_u64()).arg(id.to_string());
        let answer: Vec<String> = self.connection.run(Access::Write, &put).await?;
        match answer.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["written"] => Ok(Commit::Written),
            ["conflict"] => Ok(Commit::Conflict),
            ["fenced", fence] => Ok(Commit::Fenced(fence.parse().map_err(|error| corrupt("fence", error))?)),
            _ => Err(corrupt("key", Unreadable)),
        }
    }
}

/// What became of a conditional write.
enum Commit {
    Written,
    Conflict,
    Fenced(u64),
}
