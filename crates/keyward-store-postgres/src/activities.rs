use keyward_apikey::KeyId;
use keyward_ledger::OperationId;
use keyward_store::{
    Activity, ActivityStore, BadCursor, BoxFuture, Cursor, Page, PageLimit, PageRequest, StoreError, TimeSpan,
};
use keyward_time::UnixMillis;
use tokio_postgres::types::ToSql;

use crate::attempts::Attempts;
use crate::failure::Failed;
use crate::rows::{Fields, column, instant_column};
use crate::{PostgresStore, statements as sql};

/// How many records are written by one statement. Each takes up to 4 KiB.
const CHUNK: usize = 500;

impl ActivityStore for PostgresStore {
    fn record<'a>(&'a self, activities: &'a [Activity]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            for chunk in activities.chunks(CHUNK) {
                let columns = Columns::of(chunk)?;
                let [ids, keys]: [Vec<&[u8]>; 2] =
                    [&columns.ids, &columns.keys].map(|ids| ids.iter().map(|id| &id[..]).collect());
                self.write(sql::RECORD_ACTIVITIES, &[&ids, &keys, &columns.instants, &columns.records]).await?;
            }
            Ok(())
        })
    }

    fn activities(
        &self,
        key: KeyId,
        span: TimeSpan,
        page: PageRequest,
    ) -> BoxFuture<'_, Result<Page<Activity>, StoreError>> {
        Box::pin(async move {
            let key = &key.as_bytes()[..];
            let [from, until] = [span.from, span.until].map(instant_column);
            let limit = column(page.limit.get() as u64 + 1);
            let rows = match page.after.as_ref().map(place).transpose()? {
                None => self.read(sql::ACTIVITIES, &[&key, &from, &until, &limit]).await?,
                Some((at, id)) => {
                    let (at, id) = (instant_column(at), &id.as_bytes()[..]);
                    self.read(sql::ACTIVITIES_AFTER, &[&key, &from, &until, &limit, &at, &id]).await?
                }
            };
            let items = rows.iter().take(page.limit.get()).map(|row| Fields::new("activity", row).json("record"));
            let items = items.collect::<Result<Vec<Activity>, _>>()?;
            let next = match items.last().map(Activity::fields) {
                Some(last) if rows.len() > items.len() => Some(Cursor::new(format!("{}-{}", last.at, last.id))?),
                _ => None,
            };
            Ok(Page { items, next })
        })
    }

    fn count_activities(&self, key: KeyId, span: TimeSpan) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let [from, until] = [span.from, span.until].map(instant_column);
            let row = self.read_opt(sql::COUNT_ACTIVITIES, &[&&key.as_bytes()[..], &from, &until]).await?;
            row.as_ref().map_or(Ok(0), |row| Fields::new("count", row).number("count"))
        })
    }

    fn prune_activities(&self, before: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<usize, StoreError>> {
        Box::pin(async move {
            let (before, mut pruned) = (instant_column(before), 0);
            // Fewer than were asked for may also mean that another one deletes the same at this moment.
            while pruned < limit.get() {
                let left = column((limit.get() - pruned) as u64);
                match self.write(sql::PRUNE_ACTIVITIES, &[&before, &left]).await? {
                    0 => break,
                    deleted => pruned += usize::try_from(deleted).unwrap_or(usize::MAX),
                }
            }
            Ok(pruned)
        })
    }
}

impl PostgresStore {
    /// Runs a single statement that writes, and says how many rows it has changed.
    async fn write(&self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, StoreError> {
        let mut attempts = Attempts::new();
        loop {
            match self.write_once(sql, values, &attempts).await {
                Ok(changed) => return Ok(changed),
                Err(failed) => attempts.next(failed).await?,
            }
        }
    }

    async fn write_once(
        &self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
        attempts: &Attempts,
    ) -> Result<u64, Failed> {
        let session = self.session(attempts.deadline()).await?;
        match session.within(session.execute(sql, values)).await.and_then(|changed| changed) {
            Ok(changed) => {
                session.give_back();
                Ok(changed)
            }
            Err(failure) => Err(session.fail_commit(failure)),
        }
    }
}

/// Records as the columns of a table, in the order of their ids, so that two who write the same ones do not wait for each other
/// in a circle.
struct Columns {
    ids: Vec<[u8; 16]>,
    keys: Vec<[u8; 16]>,
    instants: Vec<i64>,
    records: Vec<String>,
}

impl Columns {
    fn of(activities: &[Activity]) -> Result<Self, StoreError> {
        let mut sorted: Vec<&Activity> = activities.iter().collect();
        sorted.sort_by_key(|activity| activity.fields().id);
        let records = sorted.iter().map(serde_json::to_string).collect::<Result<_, _>>();
        Ok(Self {
            ids: sorted.iter().map(|activity| *activity.fields().id.as_bytes()).collect(),
            keys: sorted.iter().map(|activity| *activity.fields().key.as_bytes()).collect(),
            instants: sorted.iter().map(|activity| instant_column(activity.fields().at)).collect(),
            records: records.map_err(|error| StoreError::Backend(error.into()))?,
        })
    }
}

/// The place that a cursor names: time and id of the last record of the page before.
fn place(cursor: &Cursor) -> Result<(UnixMillis, OperationId), BadCursor> {
    let (at, id) = cursor.as_str().split_once('-').ok_or(BadCursor)?;
    Ok((at.parse().map_err(|_| BadCursor)?, id.parse().map_err(|_| BadCursor)?))
}
