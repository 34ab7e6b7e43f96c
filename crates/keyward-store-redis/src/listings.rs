//! Listings of keys, in the order of their ids.

use futures_util::future::join_all;
use keyward_apikey::{ApiKey, KeyId};
use keyward_store::{BadCursor, Cursor, KeyFilter, Page, PageRequest, StoreError};

use crate::RedisStore;
use crate::fault::{Access, Unreadable, corrupt};
use crate::names::{SHARDS, shard};
use crate::pointers::{Place, Pointer};

/// How many members of a listing are read at once, at most.
const BATCH: usize = 500;

impl RedisStore {
    pub(crate) async fn list_keys(&self, filter: &KeyFilter, request: PageRequest) -> Result<Page<ApiKey>, StoreError> {
        let after = request.after.as_ref().map(|cursor| cursor.as_str().parse::<KeyId>().map_err(|_| BadCursor));
        let after = after.transpose()?;
        // One more than wanted tells whether there is a next page.
        let wanted = request.limit.get() + 1;
        let mut items = Vec::new();
        for (name, place) in self.parts(filter, after) {
            self.fill(&name, place.as_ref(), filter, after, wanted, &mut items).await?;
            if items.len() >= wanted {
                break;
            }
        }
        let has_more = items.len() >= wanted;
        items.truncate(request.limit.get());
        let next = match items.last() {
            Some(last) if has_more => Some(Cursor::new(last.id().to_string())?),
            _ => None,
        };
        Ok(Page { items, next })
    }

    /// The sorted sets that a listing is made of, those before the cursor left out.
    fn parts(&self, filter: &KeyFilter, after: Option<KeyId>) -> Vec<(String, Option<Place>)> {
        let shards = after.map_or(0, |id| shard(id.tag()))..SHARDS;
        match filter {
            KeyFilter::Account(account) => vec![(self.names.account_keys(*account), None)],
            KeyFilter::Wallet(wallet) => vec![(self.names.wallet(wallet), Some(Place::Wallet(wallet.clone())))],
            KeyFilter::Status(status) => {
                shards.map(|shard| (self.names.status(shard, *status), Some(Place::Status(*status)))).collect()
            }
            _ => shards.map(|shard| (self.names.all(shard), Some(Place::All))).collect(),
        }
    }

    /// Adds the keys of one part until there are as many as `wanted`.
    async fn fill(
        &self,
        name: &str,
        place: Option<&Place>,
        filter: &KeyFilter,
        mut after: Option<KeyId>,
        wanted: usize,
        items: &mut Vec<ApiKey>,
    ) -> Result<(), StoreError> {
        while items.len() < wanted {
            let batch = (wanted - items.len()).saturating_add(4).min(BATCH);
            let mut read = redis::cmd("ZRANGEBYLEX");
            // What follows the id is a colon or nothing, and both are below a semicolon.
            let from = after.map_or_else(|| "-".to_owned(), |id| format!("({id};"));
            read.arg(name).arg(from).arg("+").arg("LIMIT").arg(0).arg(batch);
            let members: Vec<String> = self.connection.send(Access::Read, &read).await?;
            let is_last = members.len() < batch;
            let members = members.iter().map(|text| member(text, place)).collect::<Result<Vec<_>, _>>()?;
            let mut ids: Vec<KeyId> = members.iter().map(|pointer| pointer.id).collect();
            ids.dedup();
            let keys = join_all(ids.iter().map(|id| self.read_key(*id))).await;
            let keys = keys.into_iter().collect::<Result<Vec<_>, _>>()?;
            if let Some(place) = place {
                self.clear(place, &members, &keys).await;
            }
            after = ids.last().copied().or(after);
            items.extend(keys.into_iter().flatten().filter(|key| filter.admits(key)));
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// Removes members that lead nowhere: their record is beyond the revision that they were made for, and does not confirm
    /// them.
    async fn clear(&self, place: &Place, members: &[Pointer], keys: &[Option<ApiKey>]) {
        let dead = members.iter().filter(|pointer| {
            keys.iter().flatten().any(|key| {
                key.id() == pointer.id && key.revision().as_u64() >= pointer.revision && !place.is_confirmed_by(key)
            })
        });
        let _ = join_all(dead.map(|pointer| self.remove(place, *pointer))).await;
    }
}

/// A member of a listing: a pointer, or in an account's listing a mere id.
fn member(text: &str, place: Option<&Place>) -> Result<Pointer, StoreError> {
    let pointer = match place {
        Some(_) => Pointer::parse(text, ':'),
        None => text.parse().ok().map(|id| Pointer { id, revision: 0, fence: 0 }),
    };
    pointer.ok_or_else(|| corrupt("listing", Unreadable))
}
