use std::cmp::Reverse;
use std::collections::HashSet;

use keyward_apikey::KeyId;
use keyward_ledger::OperationId;
use keyward_store::{Activity, BadCursor, Cursor, Page, PageLimit, PageRequest, StoreError, TimeSpan};
use keyward_time::UnixMillis;
use serde_json::{Value, json};

use crate::QdrantStore;
use crate::fault::{Fault, Unreadable, corrupt};
use crate::point::{Found, Order, Payload, PointId, Scroll, equals};

/// How many records go in one request.
const BATCH: usize = 256;
/// From here on the ranges of Qdrant, which are of doubles, are not exact.
const EXACT: u64 = 1 << 53;

/// A record's place in its key's listing: the newest first.
type Place = (Reverse<UnixMillis>, OperationId);

impl QdrantStore {
    pub(crate) async fn write_activities(&self, activities: &[Activity]) -> Result<(), StoreError> {
        let mut ids = HashSet::new();
        let new = Vec::from_iter(activities.iter().filter(|activity| ids.insert(activity.fields().id)));
        for batch in new.chunks(BATCH) {
            let points = batch.iter().map(|activity| print(activity)).collect::<Result<_, _>>()?;
            self.api.insert(&self.collections.activities, points).await.map_err(Fault::of_write)?;
        }
        Ok(())
    }

    pub(crate) async fn page_of_activities(
        &self,
        key: KeyId,
        span: TimeSpan,
        page: PageRequest,
    ) -> Result<Page<Activity>, StoreError> {
        let limit = page.limit.get();
        let mut items = Vec::new();
        let mut until = span.until;
        if let Some(cursor) = &page.after {
            let (Reverse(at), id) = place(cursor)?;
            until = until.min(at);
            if let Some(next) = PointId::of_bytes(id.as_bytes()).next().filter(|_| span.contains(at)) {
                items = self.of_instant(key, at, Some(next), limit + 1).await?;
            }
        }
        if items.len() <= limit {
            items.extend(self.newest(key, TimeSpan { from: span.from, until }, limit + 1 - items.len()).await?);
        }
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = match items.last().map(Activity::fields) {
            Some(last) if has_more => Some(Cursor::new(format!("{}-{}", last.at, last.id))?),
            _ => None,
        };
        Ok(Page { items, next })
    }

    /// The first `limit` of a span. The server has no order among those of one instant, and may cut through them at the end;
    /// so the last instant's are read once more, by id.
    async fn newest(&self, key: KeyId, span: TimeSpan, limit: usize) -> Result<Vec<Activity>, StoreError> {
        let mut must = vec![equals("key", key.to_string())];
        must.extend(range(Some(span.from), span.until));
        let mut items = self.read(must, Order::Descending("at"), limit).await?;
        let is_full = items.len() == limit;
        items.retain(|activity| span.contains(activity.fields().at));
        items.sort_by_key(|activity| (Reverse(activity.fields().at), activity.fields().id));
        if let Some(last) = items.last().map(|last| last.fields().at).filter(|_| is_full) {
            items.retain(|activity| activity.fields().at != last);
            let left = limit - items.len();
            items.extend(self.of_instant(key, last, None, left).await?);
        }
        Ok(items)
    }

    async fn of_instant(
        &self,
        key: KeyId,
        at: UnixMillis,
        from: Option<PointId>,
        limit: usize,
    ) -> Result<Vec<Activity>, StoreError> {
        let must = vec![equals("key", key.to_string()), equals("at", at.as_millis())];
        self.read(must, Order::Id(from), limit).await
    }

    async fn read(&self, must: Vec<Value>, order: Order, limit: usize) -> Result<Vec<Activity>, StoreError> {
        let scroll = Scroll { must, limit, order, fields: json!(["record"]) };
        let found = self.api.scroll(&self.collections.activities, scroll).await.map_err(Fault::harmless)?;
        found.into_iter().map(parse).collect()
    }

    pub(crate) async fn number_of_activities(&self, key: KeyId, span: TimeSpan) -> Result<u64, StoreError> {
        let mut must = vec![equals("key", key.to_string())];
        must.extend(range(Some(span.from), span.until));
        self.api.count(&self.collections.activities, must).await.map_err(Fault::harmless)
    }

    pub(crate) async fn prune(&self, before: UnixMillis, limit: PageLimit) -> Result<usize, StoreError> {
        let must = Vec::from_iter(range(None, before));
        let scroll = Scroll { must, limit: limit.get(), order: Order::Id(None), fields: json!(false) };
        let of = &self.collections.activities;
        let found = self.api.scroll(of, scroll).await.map_err(Fault::harmless)?;
        let ids = Vec::from_iter(found.into_iter().map(|point| point.id));
        let count = ids.len();
        if count > 0 {
            self.api.delete(of, ids).await.map_err(Fault::of_write)?;
        }
        Ok(count)
    }
}

/// The condition that a time is in a span; none if all are.
fn range(from: Option<UnixMillis>, until: UnixMillis) -> Option<Value> {
    let mut range = serde_json::Map::new();
    if let Some(from) = from.filter(|from| *from > UnixMillis::EPOCH) {
        range.insert("gte".to_owned(), from.as_millis().into());
    }
    if until.as_millis() < EXACT {
        range.insert("lt".to_owned(), until.as_millis().into());
    }
    (!range.is_empty()).then(|| json!({"key": "at", "range": range}))
}

fn print(activity: &Activity) -> Result<(PointId, Payload), StoreError> {
    let fields = activity.fields();
    let record = serde_json::to_string(activity).map_err(|error| StoreError::Backend(error.into()))?;
    let payload = Payload::from_iter([
        ("key".to_owned(), fields.key.to_string().into()),
        ("at".to_owned(), fields.at.as_millis().into()),
        ("record".to_owned(), record.into()),
    ]);
    Ok((PointId::of_bytes(fields.id.as_bytes()), payload))
}

fn parse(point: Found) -> Result<Activity, StoreError> {
    let payload = point.payload.unwrap_or_default();
    let record = payload.get("record").and_then(Value::as_str).ok_or_else(|| corrupt("activity", Unreadable))?;
    serde_json::from_str(record).map_err(|_| corrupt("activity", Unreadable))
}

/// The place that a cursor names: time and id of the last record of the page before.
fn place(cursor: &Cursor) -> Result<Place, BadCursor> {
    let (at, id) = cursor.as_str().split_once('-').ok_or(BadCursor)?;
    Ok((Reverse(at.parse().map_err(|_| BadCursor)?), id.parse().map_err(|_| BadCursor)?))
}
