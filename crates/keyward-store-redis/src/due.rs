//! Which reservations are due.
//!
//! Each tag keeps its open reservations by deadline, in its slot. To find the tags, each that has some is registered in one of
//! a few sorted sets, under a deadline that is never later than its earliest one. The entry is written first: a reservation is
//! made only if its tag is registered, under its present *generation*. An entry that has become too early is replaced by one of
//! the next generation; only when nobody can rely on the old one any more it is removed. Who dies half-way leaves an entry too
//! many, never one too few.

use futures_util::future::try_join_all;
use keyward_ledger::{OperationId, Reservation};
use keyward_store::{PageLimit, StoreError};
use keyward_time::UnixMillis;

use crate::fault::{Access, Unreadable, corrupt};
use crate::names::{SHARDS, Tag, parse_tag, print_tag, shard};
use crate::pointers::without_doubt;
use crate::{RedisStore, scripts};

/// How many registered tags of a shard are looked at in one go.
const BATCH: usize = 100;

/// An entry: a tag, and under which generation.
#[derive(Debug, Clone, Copy)]
struct Registered {
    tag: Tag,
    generation: u64,
}

impl Registered {
    fn print(self) -> String {
        format!("{}:{}", print_tag(self.tag), self.generation)
    }

    fn parse(text: &str) -> Option<Self> {
        let (tag, generation) = text.split_once(':')?;
        let generation = keyward_time::parse_decimal(generation.as_bytes(), u64::MAX).ok()?;
        Some(Self { tag: parse_tag(tag)?, generation })
    }
}

/// What a tag says of its open reservations.
struct Open {
    generation: u64,
    earliest: Option<UnixMillis>,
    due: Vec<OperationId>,
}

impl RedisStore {
    /// Registers a tag under a deadline, or an earlier one if it is.
    pub(crate) async fn register(&self, tag: Tag, generation: &str, deadline: UnixMillis) -> Result<(), StoreError> {
        let mut add = redis::cmd("ZADD");
        add.arg(self.names.due(shard(tag))).arg("LT").arg(deadline.as_millis());
        add.arg(format!("{}:{generation}", print_tag(tag)));
        let _: i64 = self.connection.send(Access::Write, &add).await.map_err(without_doubt)?;
        Ok(())
    }

    pub(crate) async fn list_due(&self, now: UnixMillis, limit: PageLimit) -> Result<Vec<Reservation>, StoreError> {
        let parts = (0..SHARDS).map(|shard| self.due_in(shard, now, limit.get()));
        let mut found: Vec<Reservation> = try_join_all(parts).await?.into_iter().flatten().collect();
        found.sort_by_key(place);
        found.truncate(limit.get());
        Ok(found)
    }

    /// The longest due reservations of a shard.
    async fn due_in(&self, shard: u8, now: UnixMillis, limit: usize) -> Result<Vec<Reservation>, StoreError> {
        let mut found: Vec<Reservation> = Vec::new();
        let mut skip = 0;
        loop {
            let mut read = redis::cmd("ZRANGEBYSCORE");
            read.arg(self.names.due(shard)).arg("-inf").arg(now.as_millis()).arg("WITHSCORES");
            read.arg("LIMIT").arg(skip).arg(BATCH);
            let entries: Vec<(String, f64)> = self.connection.send(Access::Read, &read).await?;
            let is_last = entries.len() < BATCH;
            let entries = entries.iter().map(|(entry, at)| Some((Registered::parse(entry)?, *at as u64)));
            let entries = entries.collect::<Option<Vec<_>>>().ok_or_else(|| corrupt("registration", Unreadable))?;
            for batch in entries.chunks(16) {
                // What is due of a tag is never before the entry that counts for it, and the entries come in this order.
                let (next, at) = batch[0];
                if found.len() == limit && is_before(&found[limit - 1], at, next.tag) {
                    return Ok(found);
                }
                let looks = batch.iter().map(|(entry, _)| self.look_at(shard, *entry, now, limit));
                for look in try_join_all(looks).await? {
                    skip += usize::from(look.is_kept);
                    found.extend(look.due);
                }
                found.sort_by_key(place);
                // A tag may have several entries.
                found.dedup_by_key(|due| place(due));
                found.truncate(limit);
            }
            if is_last {
                return Ok(found);
            }
        }
    }

    /// What is due of a registered tag. An entry that is too early is moved, one that is out of use removed.
    async fn look_at(&self, shard: u8, entry: Registered, now: UnixMillis, limit: usize) -> Result<Look, StoreError> {
        let open = self.open_of(entry.tag, now, limit).await?;
        if entry.generation < open.generation {
            self.unregister(shard, entry).await?;
            return Ok(Look { due: Vec::new(), is_kept: false });
        }
        let due = self.read_reservations(entry.tag, &open.due).await?;
        let due: Vec<_> = due.into_iter().filter(|reservation| reservation.is_due(now)).collect();
        // One of the next generation is of somebody who is moving the registration, or died doing so.
        let is_too_early = entry.generation == open.generation && open.due.is_empty();
        let is_kept = !(is_too_early && self.move_on(shard, entry, open.earliest).await?);
        Ok(Look { due, is_kept })
    }

    async fn open_of(&self, tag: Tag, now: UnixMillis, limit: usize) -> Result<Open, StoreError> {
        let mut read = scripts::DUE.key(self.names.open_reservations(tag));
        read.key(self.names.registration(tag)).arg(now.as_millis()).arg(limit);
        let answer: Vec<String> = self.connection.run(Access::Read, &read).await?;
        let bad = || corrupt("registration", Unreadable);
        let [generation, earliest, due @ ..] = answer.as_slice() else { return Err(bad()) };
        Ok(Open {
            generation: generation.parse().map_err(|_| bad())?,
            earliest: if earliest.is_empty() { None } else { Some(earliest.parse().map_err(|_| bad())?) },
            due: due.iter().map(|id| id.parse()).collect::<Result<_, _>>().map_err(|_| bad())?,
        })
    }

    /// Registers a tag anew, under its earliest deadline or not at all, and removes the old entry. Whether it came to that.
    async fn move_on(&self, shard: u8, old: Registered, earliest: Option<UnixMillis>) -> Result<bool, StoreError> {
        let new = Registered { generation: old.generation + 1, ..old };
        if let Some(earliest) = earliest {
            self.register(old.tag, &new.generation.to_string(), earliest).await?;
        }
        let mut begin = scripts::DUE_MOVE.key(self.names.open_reservations(old.tag));
        begin.key(self.names.registration(old.tag)).arg(old.generation).arg(new.generation);
        begin.arg(earliest.map(|at| at.to_string()).unwrap_or_default());
        let has_begun: i64 = self.connection.run(Access::Write, &begin).await.map_err(without_doubt)?;
        if has_begun == 1 {
            self.unregister(shard, old).await?;
        }
        Ok(has_begun == 1)
    }

    async fn unregister(&self, shard: u8, entry: Registered) -> Result<(), StoreError> {
        let mut remove = redis::cmd("ZREM");
        remove.arg(self.names.due(shard)).arg(entry.print());
        let _: i64 = self.connection.send(Access::Write, &remove).await.map_err(without_doubt)?;
        Ok(())
    }
}

/// What came of looking at an entry.
struct Look {
    due: Vec<Reservation>,
    is_kept: bool,
}

/// The order in which reservations are swept: the longest due first.
fn place(reservation: &Reservation) -> (UnixMillis, Tag, OperationId) {
    let fields = reservation.fields();
    (fields.deadline, fields.account.tag(), fields.id)
}

/// Whether it comes before all that a tag has from an instant on.
fn is_before(reservation: &Reservation, at: u64, tag: Tag) -> bool {
    let (deadline, own, _) = place(reservation);
    (deadline.as_millis(), own) < (at, tag)
}
