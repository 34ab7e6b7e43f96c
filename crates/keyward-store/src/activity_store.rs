use keyward_apikey::KeyId;
use keyward_time::UnixMillis;

use crate::{Activity, BoxFuture, KeyStore, Page, PageRequest, StoreError};

/// What was done with API keys: the audit log, one record for each use.
///
/// # Contract
///
/// - A record is written once: writing it again under its id changes nothing.
/// - A listing has the newest first; of the same instant, in the order of their ids.
/// - What was answered stays, as far as [`Capabilities::durable`](crate::Capabilities) says.
pub trait ActivityStore: KeyStore {
    /// Writes these records, all of them or, if it fails, some: whoever tries again gives the same ids.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`], [`StoreError::Ambiguous`]: some may have been written
    fn record<'a>(&'a self, activities: &'a [Activity]) -> BoxFuture<'a, Result<(), StoreError>>;

    /// The records of a key within a span of time.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: the store cannot be read now
    /// - [`StoreError::Corrupt`]: a record is damaged
    /// - [`StoreError::BadCursor`]: the cursor is not from this listing
    fn activities(
        &self,
        key: KeyId,
        span: TimeSpan,
        page: PageRequest,
    ) -> BoxFuture<'_, Result<Page<Activity>, StoreError>>;

    /// How many records of a key there are within a span of time.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: the store cannot be read now
    fn count_activities(&self, key: KeyId, span: TimeSpan) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Deletes the records from before `before`, of all keys: at most `limit` in one call. How many were deleted; fewer
    /// than `limit` says that none is left.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`], [`StoreError::Ambiguous`]: some may have been deleted
    fn prune_activities(&self, before: UnixMillis, limit: crate::PageLimit)
    -> BoxFuture<'_, Result<usize, StoreError>>;
}

/// A span of time: `from <= at < until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSpan {
    /// The first millisecond in it.
    pub from: UnixMillis,
    /// The first millisecond after it.
    pub until: UnixMillis,
}

impl TimeSpan {
    /// All instants but the very last one.
    pub const ALL: Self = Self { from: UnixMillis::EPOCH, until: UnixMillis::MAX };

    /// Whether an instant is in it.
    pub fn contains(&self, at: UnixMillis) -> bool {
        self.from <= at && at < self.until
    }
}
