//! Clearing away what crashes have left.

use keyward_store::StoreError;

use crate::RedisStore;
use crate::fault::{Access, Unreadable, corrupt};
use crate::names::{Tag, parse_tag};
use crate::pointers::{Place, Pointer, Standing};

/// How many keys a server looks through in one step.
const STEP: usize = 1_000;

/// What a sweep has found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Swept {
    /// How many pointers there are: one for each secret, link, wallet and listing of a key.
    pub pointers: u64,
    /// How many of them led nowhere, and were removed.
    pub removed: u64,
}

impl RedisStore {
    /// Removes pointers that lead to no key: what writers that died before they could write their key have left. Nothing can be
    /// done with such a pointer, and whoever needs its place takes it over; a sweep gives the memory back. It may run at any
    /// time, and goes through all keys of all servers in small steps. A write that is going on meanwhile may be delayed.
    ///
    /// It also puts back what tells [`due`](keyward_store::LedgerStore::due) where to look, if a fail-over has lost it: without
    /// it reservations of that root account would not be found any more, new ones neither.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: some may have been removed
    /// - [`StoreError::Corrupt`]: a record is damaged
    pub async fn sweep_pointers(&self) -> Result<Swept, StoreError> {
        let read = |fault: crate::fault::Fault| fault.into_store_error(Access::Read);
        let mut swept = Swept::default();
        for node in self.connection.masters().await.map_err(read)? {
            let mut cursor = "0".to_owned();
            loop {
                let mut scan = redis::cmd("SCAN");
                scan.arg(&cursor).arg("MATCH").arg(format!("{}:*", self.names.prefix())).arg("COUNT").arg(STEP);
                let (next, names): (String, Vec<String>) = node.query(&scan).await.map_err(read)?;
                for name in names {
                    if let Some(place) = self.place_of(&name) {
                        self.sweep_place(&name, &place, &mut swept).await?;
                    } else if let Some(tag) = self.registered(&name) {
                        self.register_again(tag).await?;
                    }
                }
                if next == "0" {
                    break;
                }
                cursor = next;
            }
        }
        Ok(swept)
    }

    /// What a key of Redis is a pointer or a listing for.
    fn place_of(&self, name: &str) -> Option<Place> {
        let rest = name.strip_prefix(self.names.prefix())?.strip_prefix(':')?;
        if let Some(digest) = rest.strip_prefix("digest:") {
            return digest.parse().ok().map(Place::Digest);
        }
        if let Some(digest) = rest.strip_prefix("link:") {
            return digest.parse().ok().map(Place::Link);
        }
        if let Some(wallet) = rest.strip_prefix("wallet:") {
            return wallet.parse().ok().map(Place::Wallet);
        }
        let (shard, listing) = rest.strip_prefix("{s")?.split_once("}:")?;
        if shard.len() != 1 {
            return None;
        }
        use keyward_apikey::KeyStatus::{Active, Pending, Revoked};
        match listing {
            "all" => Some(Place::All),
            _ => [Pending, Active, Revoked].into_iter().find(|status| status.as_str() == listing).map(Place::Status),
        }
    }

    /// The tag whose registration a key of Redis is.
    fn registered(&self, name: &str) -> Option<Tag> {
        let rest = name.strip_prefix(self.names.prefix())?.strip_prefix(":{")?;
        parse_tag(rest.strip_suffix("}:duereg")?)
    }

    /// If it is moved meanwhile, this leaves an entry too many.
    async fn register_again(&self, tag: Tag) -> Result<(), StoreError> {
        let mut read = redis::cmd("HMGET");
        read.arg(self.names.registration(tag)).arg("generation").arg("at");
        let (generation, at): (Option<String>, Option<String>) = self.connection.send(Access::Read, &read).await?;
        let (Some(generation), Some(at)) = (generation, at) else { return Ok(()) };
        let at = at.parse().map_err(|_| corrupt("registration", Unreadable))?;
        self.register(tag, &generation, at).await
    }

    async fn sweep_place(&self, name: &str, place: &Place, swept: &mut Swept) -> Result<(), StoreError> {
        if place.is_exclusive() {
            let mut read = redis::cmd("GET");
            read.arg(name);
            let pointer: Option<String> = self.connection.send(Access::Read, &read).await?;
            return match pointer.and_then(|pointer| Pointer::parse(&pointer, ' ')) {
                Some(pointer) => self.sweep_pointer(place, pointer, swept).await,
                None => Ok(()),
            };
        }
        let mut from = "-".to_owned();
        loop {
            let mut read = redis::cmd("ZRANGEBYLEX");
            read.arg(name).arg(&from).arg("+").arg("LIMIT").arg(0).arg(STEP);
            let members: Vec<String> = self.connection.send(Access::Read, &read).await?;
            for pointer in members.iter().filter_map(|member| Pointer::parse(member, ':')) {
                self.sweep_pointer(place, pointer, swept).await?;
            }
            match members.last() {
                Some(last) if members.len() == STEP => from = format!("({last}"),
                _ => return Ok(()),
            }
        }
    }

    async fn sweep_pointer(&self, place: &Place, pointer: Pointer, swept: &mut Swept) -> Result<(), StoreError> {
        swept.pointers += 1;
        let standing = match self.standing(place, pointer, true).await? {
            Standing::Open => self.standing(place, pointer, false).await?,
            standing => standing,
        };
        if standing == Standing::Dead {
            self.remove(place, pointer).await?;
            swept.removed += 1;
        }
        Ok(())
    }
}
