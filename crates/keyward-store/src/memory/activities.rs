use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;

use keyward_apikey::KeyId;
use keyward_ledger::OperationId;
use keyward_time::UnixMillis;

use crate::{Activity, BadCursor, Cursor, Page, PageLimit, PageRequest, TimeSpan};

/// A record's place in its key's listing: the newest first.
type Place = (Reverse<UnixMillis>, OperationId);

#[derive(Debug, Default)]
pub(super) struct Activities {
    by_key: BTreeMap<KeyId, BTreeMap<Place, Activity>>,
    by_time: BTreeMap<(UnixMillis, OperationId), KeyId>,
    ids: HashSet<OperationId>,
}

impl Activities {
    pub(super) fn record(&mut self, activities: &[Activity]) {
        for activity in activities {
            let fields = activity.fields();
            if self.ids.insert(fields.id) {
                self.by_time.insert((fields.at, fields.id), fields.key);
                let listing = self.by_key.entry(fields.key).or_default();
                listing.insert((Reverse(fields.at), fields.id), activity.clone());
            }
        }
    }

    pub(super) fn page(&self, key: KeyId, span: TimeSpan, request: &PageRequest) -> Result<Page<Activity>, BadCursor> {
        let after = match &request.after {
            Some(cursor) => Bound::Excluded(place(cursor)?),
            None => Bound::Unbounded,
        };
        let listing = self.by_key.get(&key).into_iter();
        let mut found = listing
            .flat_map(|listing| listing.range((after, Bound::Unbounded)))
            .filter(|(place, _)| span.contains(place.0.0))
            .map(|(_, activity)| activity);
        let items: Vec<Activity> = found.by_ref().take(request.limit.get()).cloned().collect();
        let next = match (found.next(), items.last().map(Activity::fields)) {
            (Some(_), Some(last)) => Some(Cursor::new(format!("{}-{}", last.at, last.id))?),
            _ => None,
        };
        Ok(Page { items, next })
    }

    pub(super) fn count(&self, key: KeyId, span: TimeSpan) -> u64 {
        let listing = self.by_key.get(&key).into_iter().flatten();
        listing.filter(|(place, _)| span.contains(place.0.0)).count() as u64
    }

    pub(super) fn prune(&mut self, before: UnixMillis, limit: PageLimit) -> usize {
        let mut pruned = 0;
        while pruned < limit.get() {
            let Some(first) = self.by_time.first_entry().filter(|first| first.key().0 < before) else { break };
            let ((at, id), key) = first.remove_entry();
            self.ids.remove(&id);
            if let Some(listing) = self.by_key.get_mut(&key) {
                listing.remove(&(Reverse(at), id));
                if listing.is_empty() {
                    self.by_key.remove(&key);
                }
            }
            pruned += 1;
        }
        pruned
    }
}

/// The place that a cursor names: time and id of the last record of the page before.
fn place(cursor: &Cursor) -> Result<Place, BadCursor> {
    let (at, id) = cursor.as_str().split_once('-').ok_or(BadCursor)?;
    Ok((Reverse(at.parse().map_err(|_| BadCursor)?), id.parse().map_err(|_| BadCursor)?))
}
