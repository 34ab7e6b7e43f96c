use std::ops::Bound;

use keyward_apikey::KeyId;
use keyward_ledger::OperationId;
use keyward_store::{Activity, BadCursor, Cursor, Page, PageLimit, PageRequest, TimeSpan};
use keyward_time::UnixMillis;
use redb::{ReadTransaction, ReadableTable, Table, WriteTransaction};

use crate::codec::{activity_record, read_activity};
use crate::failure::Failure;
use crate::tables::{ACTIVITIES, ACTIVITY_IDS, ACTIVITY_TIMES, row};

/// How many rows are counted in one go, before others have their turn.
const STRIDE: usize = 4096;

/// A row's key: key, inverted time, id.
type Place = [u8; 40];

/// The tables of the audit log, to be written.
pub(crate) struct ActivityTables<'t> {
    records: Table<'t, &'static Place, &'static [u8]>,
    ids: Table<'t, &'static [u8; 16], ()>,
    times: Table<'t, &'static [u8; 24], &'static [u8; 16]>,
}

/// A record on its way into the store.
pub(crate) struct NewActivity {
    key: KeyId,
    at: UnixMillis,
    id: OperationId,
    record: Vec<u8>,
}

impl From<&Activity> for NewActivity {
    fn from(activity: &Activity) -> Self {
        let fields = activity.fields();
        Self { key: fields.key, at: fields.at, id: fields.id, record: activity_record(activity) }
    }
}

impl<'t> ActivityTables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Result<Self, redb::Error> {
        Ok(Self {
            records: transaction.open_table(ACTIVITIES)?,
            ids: transaction.open_table(ACTIVITY_IDS)?,
            times: transaction.open_table(ACTIVITY_TIMES)?,
        })
    }

    /// How many of them are new.
    pub(crate) fn record(&mut self, activities: &[NewActivity]) -> Result<usize, Failure> {
        let mut written = 0;
        for NewActivity { key, at, id, record } in activities {
            if self.ids.insert(id.as_bytes(), ())?.is_some() {
                continue;
            }
            self.times.insert(&time_row(*at, *id), key.as_bytes())?;
            self.records.insert(&place(*key, *at, *id), record.as_slice())?;
            written += 1;
        }
        Ok(written)
    }

    pub(crate) fn prune(&mut self, before: UnixMillis, limit: PageLimit) -> Result<usize, Failure> {
        let end = time_row(before, OperationId::from_bytes([0; 16]));
        let mut old = Vec::new();
        for found in self.times.range::<&[u8; 24]>(..&end)?.take(limit.get()) {
            let (time, key) = found?;
            old.push((*time.value(), KeyId::from_bytes(*key.value())));
        }
        let old = old
            .into_iter()
            .map(|(time, key)| {
                Ok((time, place(key, instant(&time[..8])?, OperationId::from_bytes(row(&[&time[8..]])))))
            })
            .collect::<Result<Vec<_>, Failure>>()?;
        for (time, place) in &old {
            self.times.remove(time)?;
            self.ids.remove(&row::<16>(&[&time[8..]]))?;
            self.records.remove(place)?;
        }
        Ok(old.len())
    }
}

fn time_row(at: UnixMillis, id: OperationId) -> [u8; 24] {
    row(&[&at.as_millis().to_be_bytes(), id.as_bytes()])
}

fn place(key: KeyId, at: UnixMillis, id: OperationId) -> Place {
    row(&[key.as_bytes(), &(!at.as_millis()).to_be_bytes(), id.as_bytes()])
}

fn instant(bytes: &[u8]) -> Result<UnixMillis, Failure> {
    UnixMillis::new(u64::from_be_bytes(row(&[bytes]))).map_err(|error| Failure::corrupt("activity", error))
}

/// The rows of a key within a span, from the newest to the oldest; none if there can be none.
fn bounds(key: KeyId, span: TimeSpan) -> Option<(Place, Place)> {
    let newest = span.until.as_millis().checked_sub(1).filter(|newest| *newest >= span.from.as_millis())?;
    let first = row(&[key.as_bytes(), &(!newest).to_be_bytes(), &[0; 16]]);
    let last = row(&[key.as_bytes(), &(!span.from.as_millis()).to_be_bytes(), &[0xff; 16]]);
    Some((first, last))
}

/// A page of a key's listing. Its cursor is time and id of the last record of the page before.
pub(crate) fn page(
    transaction: &ReadTransaction,
    key: KeyId,
    span: TimeSpan,
    request: &PageRequest,
) -> Result<Page<Activity>, Failure> {
    let after = request.after.as_ref().map(|cursor| place_of(key, cursor)).transpose()?;
    let mut page = Page { items: Vec::new(), next: None };
    let Some((first, last)) = bounds(key, span) else { return Ok(page) };
    let start = match &after {
        Some(after) if *after >= last => return Ok(page),
        Some(after) if *after >= first => Bound::Excluded(after),
        _ => Bound::Included(&first),
    };
    let records = transaction.open_table(ACTIVITIES)?;
    for found in records.range::<&Place>((start, Bound::Included(&last)))?.take(request.limit.get() + 1) {
        if page.items.len() == request.limit.get() {
            let last = page.items.last().map(Activity::fields);
            page.next = last.map(|last| Cursor::new(format!("{}-{}", last.at, last.id))).transpose()?;
            break;
        }
        let (place, bytes) = found?;
        let place = place.value();
        let inverted = u64::from_be_bytes(row(&[&place[16..24]]));
        let at = instant(&(!inverted).to_be_bytes())?;
        page.items.push(read_activity(key, at, OperationId::from_bytes(row(&[&place[24..]])), bytes.value())?);
    }
    Ok(page)
}

fn place_of(key: KeyId, cursor: &Cursor) -> Result<Place, BadCursor> {
    let (at, id) = cursor.as_str().split_once('-').ok_or(BadCursor)?;
    Ok(place(key, at.parse().map_err(|_| BadCursor)?, id.parse().map_err(|_| BadCursor)?))
}

/// How many of the next rows there are, and the last one of them unless it is the last there is.
pub(crate) fn count(
    transaction: &ReadTransaction,
    key: KeyId,
    span: TimeSpan,
    after: Option<&Place>,
) -> Result<(usize, Option<Place>), Failure> {
    let Some((first, last)) = bounds(key, span) else { return Ok((0, None)) };
    let start = after.map_or(Bound::Included(&first), Bound::Excluded);
    let records = transaction.open_table(ACTIVITIES)?;
    let (mut counted, mut latest) = (0, None);
    for found in records.range::<&Place>((start, Bound::Included(&last)))?.take(STRIDE) {
        latest = Some(*found?.0.value());
        counted += 1;
    }
    Ok((counted, latest.filter(|_| counted == STRIDE)))
}
