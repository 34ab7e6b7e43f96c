//! The audit log.
//!
//! A key's activities are in its own slot. To find those that are old, each day of a key that has some is registered in one of
//! a few sorted sets, under the fence of its slot. The entry is written first; activities are written only if the fence is
//! still the same; a day that was pruned raises the fence before its entry is removed.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use futures_util::stream;
use keyward_apikey::KeyId;
use keyward_ledger::OperationId;
use keyward_store::{
    Activity, ActivityStore, BadCursor, BoxFuture, Cursor, Page, PageLimit, PageRequest, StoreError, TimeSpan,
};
use keyward_time::UnixMillis;

use crate::fault::{Access, Fault, Unreadable, corrupt};
use crate::names::{SHARDS, shard};
use crate::pointers::without_doubt;
use crate::{RedisStore, scripts};

/// A day in milliseconds.
const DAY: u64 = 86_400_000;
/// How many activities are written by one script, at most.
const BATCH: usize = 100;
/// How many keys are written at the same time.
const AT_ONCE: usize = 32;
/// How often activities are written anew because their day was pruned meanwhile.
const ROUNDS: u32 = 50;
/// How many days are looked at in one go when pruning.
const DAYS: usize = 100;

impl ActivityStore for RedisStore {
    fn record<'a>(&'a self, activities: &'a [Activity]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut by_key: BTreeMap<KeyId, Vec<&Activity>> = BTreeMap::new();
            for activity in activities {
                by_key.entry(activity.fields().key).or_default().push(activity);
            }
            let mut writes = Vec::new();
            for (key, activities) in &by_key {
                writes.extend(activities.chunks(BATCH).map(|batch| self.write_activities(*key, batch)));
            }
            let written: Vec<_> = stream::iter(writes).buffer_unordered(AT_ONCE).collect().await;
            written.into_iter().collect()
        })
    }

    fn activities(
        &self,
        key: KeyId,
        span: TimeSpan,
        page: PageRequest,
    ) -> BoxFuture<'_, Result<Page<Activity>, StoreError>> {
        Box::pin(self.list_activities(key, span, page))
    }

    fn count_activities(&self, key: KeyId, span: TimeSpan) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let Some((first, last)) = places_of(span) else { return Ok(0) };
            let mut count = redis::cmd("ZLEXCOUNT");
            count.arg(self.names.activity_order(key)).arg(format!("[{first}")).arg(format!("[{last}"));
            self.connection.send(Access::Read, &count).await
        })
    }

    fn prune_activities(&self, before: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<usize, StoreError>> {
        Box::pin(async move {
            let mut pruned = 0;
            for shard in 0..SHARDS {
                if pruned < limit.get() {
                    pruned += self.prune_shard(shard, before, limit.get() - pruned).await?;
                }
            }
            Ok(pruned)
        })
    }
}

impl RedisStore {
    async fn write_activities(&self, key: KeyId, activities: &[&Activity]) -> Result<(), StoreError> {
        let mut days: Vec<u64> = activities.iter().map(|activity| activity.fields().at.as_millis() / DAY).collect();
        days.sort_unstable();
        days.dedup();
        for _ in 0..ROUNDS {
            let fence = self.fence_of(key.tag());
            let mut register = redis::cmd("ZADD");
            register.arg(self.names.days(shard(key.tag())));
            for number in &days {
                register.arg(0).arg(KeyDay { number: *number, key, fence }.print());
            }
            let _: i64 = self.connection.send(Access::Write, &register).await.map_err(without_doubt)?;
            let mut write = scripts::RECORD.key(self.names.activity_order(key));
            write.key(self.names.activities(key)).key(self.names.fence(key.tag())).arg(fence);
            for activity in activities {
                let record = serde_json::to_string(activity).map_err(|error| StoreError::Backend(error.into()))?;
                let fields = activity.fields();
                write.arg(fields.id.to_string()).arg(place(fields.at, fields.id)).arg(record);
            }
            let answer: Vec<String> = self.connection.run(Access::Write, &write).await?;
            match answer.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["written"] => return Ok(()),
                ["fenced", fence] => {
                    self.fences.insert(key.tag(), fence.parse().map_err(|error| corrupt("fence", error))?);
                }
                _ => return Err(corrupt("activity", Unreadable)),
            }
        }
        Err(StoreError::Unavailable(Fault::Busy("the writer was kept out each time".to_owned()).into()))
    }

    async fn list_activities(
        &self,
        key: KeyId,
        span: TimeSpan,
        request: PageRequest,
    ) -> Result<Page<Activity>, StoreError> {
        let after = request.after.as_ref().map(|cursor| {
            let (at, id) = cursor.as_str().split_once('-').ok_or(BadCursor)?;
            Ok::<_, BadCursor>(place(at.parse().map_err(|_| BadCursor)?, id.parse().map_err(|_| BadCursor)?))
        });
        let after = after.transpose()?;
        let empty = Page { items: Vec::new(), next: None };
        let Some((first, last)) = places_of(span) else { return Ok(empty) };
        let from = match after {
            Some(after) if after >= first => format!("({after}"),
            _ => format!("[{first}"),
        };
        let mut read = redis::cmd("ZRANGEBYLEX");
        read.arg(self.names.activity_order(key)).arg(from).arg(format!("[{last}"));
        read.arg("LIMIT").arg(0).arg(request.limit.get() + 1);
        let mut places: Vec<String> = self.connection.send(Access::Read, &read).await?;
        let has_more = places.len() > request.limit.get();
        places.truncate(request.limit.get());
        let ids: Vec<&str> = places.iter().filter_map(|place| place.get(17..)).collect();
        if ids.is_empty() {
            return Ok(empty);
        }
        let mut read = redis::cmd("HMGET");
        read.arg(self.names.activities(key)).arg(&ids);
        let records: Vec<Option<String>> = self.connection.send(Access::Read, &read).await?;
        // One that was pruned in between is not there.
        let items = records.iter().flatten().map(|record| serde_json::from_str(record));
        let items = items.collect::<Result<_, _>>().map_err(|_| corrupt("activity", Unreadable))?;
        let next = match places.last() {
            Some(last) if has_more => Some(cursor_at(last)?),
            _ => None,
        };
        Ok(Page { items, next })
    }

    async fn prune_shard(&self, shard: u8, before: UnixMillis, limit: usize) -> Result<usize, StoreError> {
        let Some(last_day) = before.as_millis().checked_sub(1).map(|last| last / DAY) else { return Ok(0) };
        let mut pruned = 0;
        let mut from = "-".to_owned();
        loop {
            let mut read = redis::cmd("ZRANGEBYLEX");
            read.arg(self.names.days(shard)).arg(&from).arg(format!("[{last_day:012x};"));
            read.arg("LIMIT").arg(0).arg(DAYS);
            let days: Vec<String> = self.connection.send(Access::Read, &read).await?;
            for text in &days {
                let day = KeyDay::parse(text).ok_or_else(|| corrupt("day of activities", Unreadable))?;
                pruned += self.prune_day(shard, day, before, limit - pruned).await?;
                if pruned >= limit {
                    return Ok(pruned);
                }
            }
            match days.last() {
                Some(last) if days.len() == DAYS => from = format!("({last}"),
                _ => return Ok(pruned),
            }
        }
    }

    /// Deletes what a key has of a day, and the day's entry once nothing is left.
    async fn prune_day(&self, shard: u8, day: KeyDay, before: UnixMillis, limit: usize) -> Result<usize, StoreError> {
        let start = day.number.saturating_mul(DAY);
        let end = start.saturating_add(DAY);
        let mut prune = scripts::PRUNE.key(self.names.activity_order(day.key));
        prune.key(self.names.activities(day.key)).key(self.names.fence(day.key.tag()));
        // The newest is the first.
        prune.arg(format!("[{:016x}", !(end.min(before.as_millis()) - 1))).arg(format!("[{:016x}", !(end - 1)));
        prune.arg(format!("[{:016x};", !start)).arg(limit).arg(day.fence);
        let (pruned, is_over): (usize, u8) = self.connection.run(Access::Write, &prune).await?;
        if is_over == 1 {
            let mut remove = redis::cmd("ZREM");
            remove.arg(self.names.days(shard)).arg(day.print());
            let _: i64 = self.connection.send(Access::Write, &remove).await?;
        }
        Ok(pruned)
    }
}

/// A day of a key that has activities, registered under a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct KeyDay {
    /// Days since 1970.
    number: u64,
    key: KeyId,
    fence: u64,
}

impl KeyDay {
    fn print(self) -> String {
        format!("{:012x}:{}:{}", self.number, self.key, self.fence)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(':');
        let number = u64::from_str_radix(words.next()?, 16).ok()?;
        let key = words.next()?.parse().ok()?;
        let fence = keyward_time::parse_decimal(words.next()?.as_bytes(), u64::MAX).ok()?;
        let day = Self { number, key, fence };
        (day.print() == text).then_some(day)
    }
}

/// The place of an activity in its key's order: the newest first, of one instant in the order of their ids.
fn place(at: UnixMillis, id: OperationId) -> String {
    format!("{:016x}:{id}", !at.as_millis())
}

/// The cursor after the activity at a place.
fn cursor_at(place: &str) -> Result<Cursor, StoreError> {
    let bad = || corrupt("activity", Unreadable);
    let (instant, id) = place.split_once(':').ok_or_else(bad)?;
    let at = !u64::from_str_radix(instant, 16).map_err(|_| bad())?;
    Ok(Cursor::new(format!("{at}-{id}"))?)
}

/// The first and the last place of a span; `None` if there is none in it.
fn places_of(span: TimeSpan) -> Option<(String, String)> {
    let newest = span.until.as_millis().checked_sub(1).filter(|newest| span.from.as_millis() <= *newest)?;
    Some((format!("{:016x}", !newest), format!("{:016x};", !span.from.as_millis())))
}
