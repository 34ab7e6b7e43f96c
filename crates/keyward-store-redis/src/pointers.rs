//! Pointers to keys from elsewhere: from digests and links, and in listings.
//!
//! A key's record is in its own slot and is written at one instant. What leads to it may be in other slots, so it is written
//! *before* the record and means nothing until the record confirms it. Each pointer names the attempt that it was made for:
//! the key, the revision that the attempt would write, and the fence that it was made under. A record is written only over the
//! revision before, and only if the fence of its slot is still the same. So a pointer that its record does not confirm leads
//! nowhere for good as soon as the record has that revision or the fence is higher; and whoever finds one where the attempt may
//! still go on raises the fence first. Then it can be removed, or taken for another key: of two keys that want one digest
//! exactly one gets it, whatever crashes in between.

use std::time::Duration;

use futures_util::future::join_all;
use keyward_apikey::{ApiKey, KeyDigest, KeyId, KeyStatus, LinkDigest, Revision, WalletAddress};
use keyward_store::StoreError;

use crate::fault::{Access, Fault, Unreadable, corrupt};
use crate::names::{Names, shard};
use crate::{RedisStore, scripts};

/// How often a digest that another key is about to get is looked at, before the other is kept from getting it.
const LOOKS: u32 = 10;
/// How long the first of the pauses between them is.
const PAUSE: Duration = Duration::from_millis(4);
/// How often a digest that changes hands all the time is tried for.
const ROUNDS: u32 = 60;

/// Where a key can be found, beside its id and its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Digest(KeyDigest),
    Link(LinkDigest),
    Wallet(WalletAddress),
    Status(KeyStatus),
    All,
}

impl Place {
    /// Where a key has to be found.
    pub(crate) fn all_of(key: &ApiKey) -> Vec<Self> {
        let mut places = Vec::with_capacity(5);
        places.extend(key.digests().copied().map(Self::Digest));
        places.extend(key.link().map(|link| Self::Link(*link.digest())));
        places.extend(key.wallets().iter().map(|wallet| Self::Wallet(wallet.address.clone())));
        places.extend([Self::Status(key.status()), Self::All]);
        places
    }

    pub(crate) fn name(&self, names: &Names, id: KeyId) -> String {
        match self {
            Self::Digest(digest) => names.digest(digest),
            Self::Link(digest) => names.link(digest),
            Self::Wallet(wallet) => names.wallet(wallet),
            Self::Status(status) => names.status(shard(id.tag()), *status),
            Self::All => names.all(shard(id.tag())),
        }
    }

    /// Whether the record says so too.
    pub(crate) fn is_confirmed_by(&self, key: &ApiKey) -> bool {
        match self {
            Self::Digest(wanted) => key.digests().any(|digest| digest == wanted),
            Self::Link(wanted) => key.link().is_some_and(|link| link.digest() == wanted),
            Self::Wallet(wanted) => key.wallets().iter().any(|wallet| wallet.address == *wanted),
            Self::Status(wanted) => key.status() == *wanted,
            Self::All => true,
        }
    }

    /// Whether it is for one key alone, and not a listing.
    pub(crate) const fn is_exclusive(&self) -> bool {
        matches!(self, Self::Digest(_) | Self::Link(_))
    }
}

/// A pointer: the key, and for which attempt to write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pointer {
    pub(crate) id: KeyId,
    pub(crate) revision: u64,
    pub(crate) fence: u64,
}

impl Pointer {
    /// As text, and in a listing, where it is in the order of the ids.
    pub(crate) fn print(&self, place: &Place) -> String {
        self.print_with(if place.is_exclusive() { ' ' } else { ':' })
    }

    fn print_with(&self, separator: char) -> String {
        let Self { id, revision, fence } = self;
        format!("{id}{separator}{revision}{separator}{fence}")
    }

    pub(crate) fn parse(text: &str, separator: char) -> Option<Self> {
        let mut words = text.split(separator);
        let pointer =
            Self { id: words.next()?.parse().ok()?, revision: number(words.next()?)?, fence: number(words.next()?)? };
        (pointer.print_with(separator) == text).then_some(pointer)
    }
}

fn number(text: &str) -> Option<u64> {
    keyward_time::parse_decimal(text.as_bytes(), u64::MAX).ok()
}

/// What became of a claim.
#[derive(Debug)]
pub(crate) enum Claim {
    Made(Pointer),
    /// Another key has the digest.
    Taken,
}

impl RedisStore {
    /// Points from `place` to the key that `pointer` names.
    pub(crate) async fn claim(&self, place: &Place, pointer: Pointer) -> Result<Claim, StoreError> {
        let name = place.name(&self.names, pointer.id);
        if !place.is_exclusive() {
            let mut add = redis::cmd("ZADD");
            add.arg(name).arg(0).arg(pointer.print(place));
            let _: i64 = self.connection.send(Access::Write, &add).await?;
            return Ok(Claim::Made(pointer));
        }
        for round in 0..ROUNDS {
            let mut claim = scripts::CLAIM.key(&name);
            claim.arg(pointer.id.to_string()).arg(pointer.revision).arg(pointer.fence);
            let there: String = self.connection.run(Access::Write, &claim).await?;
            let there = Pointer::parse(&there, ' ').ok_or_else(|| corrupt("pointer", Unreadable))?;
            if there.id == pointer.id {
                return Ok(Claim::Made(there));
            }
            match self.standing(place, there, round < LOOKS).await? {
                Standing::Confirmed => return Ok(Claim::Taken),
                Standing::Dead => self.remove(place, there).await?,
                Standing::Open => tokio::time::sleep(PAUSE * (1 + round)).await,
            }
        }
        Err(StoreError::Unavailable(Fault::Busy("a digest is wanted by others all the time".to_owned()).into()))
    }

    /// What there is to a pointer. One that is still open is kept from being confirmed, unless there `is_patience`.
    pub(crate) async fn standing(
        &self,
        place: &Place,
        pointer: Pointer,
        is_patience: bool,
    ) -> Result<Standing, StoreError> {
        let record = if is_patience { self.read_key(pointer.id).await? } else { self.keep_out(pointer).await? };
        Ok(match record {
            Some(key) if place.is_confirmed_by(&key) => Standing::Confirmed,
            Some(key) if key.revision().as_u64() >= pointer.revision => Standing::Dead,
            _ if is_patience => Standing::Open,
            _ => Standing::Dead,
        })
    }

    /// Sees to it that an attempt will never succeed if it has not; brings the record as it is then.
    pub(crate) async fn keep_out(&self, attempt: Pointer) -> Result<Option<ApiKey>, StoreError> {
        let Pointer { id, revision, fence } = attempt;
        let mut keep_out = scripts::FENCE.key(self.names.key(id));
        keep_out.key(self.names.fence(id.tag())).arg(revision).arg(fence);
        let record: Option<String> = self.connection.run(Access::Write, &keep_out).await.map_err(without_doubt)?;
        record.map(|record| self.decode_key(id, &record)).transpose()
    }

    /// Removes a pointer that is dead, if it is still there.
    pub(crate) async fn remove(&self, place: &Place, pointer: Pointer) -> Result<(), StoreError> {
        let name = place.name(&self.names, pointer.id);
        let text = pointer.print(place);
        let _: i64 = if place.is_exclusive() {
            self.connection.run(Access::Write, scripts::DROP.key(name).arg(text)).await?
        } else {
            let mut remove = redis::cmd("ZREM");
            remove.arg(name).arg(text);
            self.connection.send(Access::Write, &remove).await?
        };
        Ok(())
    }

    /// Takes back what an attempt that came to nothing has claimed; brings the record as it is.
    pub(crate) async fn abandon(
        &self,
        attempt: Pointer,
        claims: &[(Place, Pointer)],
    ) -> Result<Option<ApiKey>, StoreError> {
        // Others may have claimed the same for the same key.
        let widest = claims.iter().fold(attempt, |widest, (_, pointer)| Pointer {
            revision: widest.revision.max(pointer.revision),
            fence: widest.fence.max(pointer.fence),
            ..widest
        });
        let record = self.keep_out(widest).await?;
        let is_dead = |place: &Place| record.as_ref().is_none_or(|key| !place.is_confirmed_by(key));
        let dead = claims.iter().filter(|(place, _)| is_dead(place));
        // What stays is swept some time.
        let _ = join_all(dead.map(|(place, pointer)| self.remove(place, *pointer))).await;
        Ok(record)
    }

    /// Removes what leads to a key that is not there any more since its `revision`.
    pub(crate) async fn forget(&self, id: KeyId, revision: Revision, places: &[Place]) {
        let forget = |place: &Place| {
            let script = if place.is_exclusive() { &scripts::FORGET } else { &scripts::UNLIST };
            let mut forget = script.key(place.name(&self.names, id));
            forget.arg(id.to_string()).arg(revision.as_u64());
            async move { self.connection.run::<i64>(Access::Write, &forget).await }
        };
        // What stays leads nowhere.
        let _ = join_all(places.iter().map(forget)).await;
    }
}

/// What there is to a pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Its record has what it points from.
    Confirmed,
    /// Its attempt may be going on.
    Open,
    /// It leads nowhere and never will.
    Dead,
}

/// A pointer or a fence that may have been written or not has changed nothing that anybody can see.
pub(crate) fn without_doubt(error: StoreError) -> StoreError {
    match error {
        StoreError::Ambiguous(source) => StoreError::Unavailable(source),
        error => error,
    }
}
