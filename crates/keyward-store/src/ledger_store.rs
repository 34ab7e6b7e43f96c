use keyward_ledger::{
    Account, AccountId, Applied, Entry, Operation, OperationId, Outcome, Refund, Rejection, Reservation,
};
use keyward_time::UnixMillis;

use crate::{BoxFuture, KeyStore, Page, PageLimit, PageRequest, StoreError};

/// The books of prepaid accounts.
///
/// # Contract
///
/// - **The rules are `keyward-ledger`'s.** A history of operations is answered as by
///   [`keyward_ledger::Ledger`], one after the other in some order in which each comes after those that were answered before it
///   began.
/// - **All or nothing.** Accounts, reservation or refund, journal entry and the memory of the operation are written together.
/// - **Once.** An operation's id is remembered with its outcome, and the same operation under the same id is answered
///   [`Replayed`](Applied::Replayed) with that, from any number of tasks and processes and after
///   [`StoreError::Ambiguous`]. Rejections are not remembered.
/// - **Reads are current**, as those of a [`KeyStore`], and **what was answered stays**.
///
/// A store without a ledger ([`Capabilities::ledger`](crate::Capabilities)) answers every method with
/// [`StoreError::Unsupported`].
pub trait LedgerStore: KeyStore {
    /// Does `operation`, once, under the name `id`, at `now`.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: nothing was done
    /// - [`StoreError::Ambiguous`]: it was done or not; the same again under the same id settles it
    /// - [`StoreError::Corrupt`]: a record is damaged; nothing was done
    fn apply<'a>(
        &'a self,
        id: OperationId,
        operation: &'a Operation,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Applied<Outcome, Rejection>, StoreError>>;

    /// An account.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: the store cannot be read now
    /// - [`StoreError::Corrupt`]: the record is damaged
    fn account(&self, id: AccountId) -> BoxFuture<'_, Result<Option<Account>, StoreError>>;

    /// The reservation of an account that the operation `id` made, open or ended.
    ///
    /// # Errors
    /// - as [`account`](Self::account)
    fn reservation(
        &self,
        account: AccountId,
        id: OperationId,
    ) -> BoxFuture<'_, Result<Option<Reservation>, StoreError>>;

    /// The refund of a root account that the operation `id` began, open or ended.
    ///
    /// # Errors
    /// - as [`account`](Self::account)
    fn refund(&self, account: AccountId, id: OperationId) -> BoxFuture<'_, Result<Option<Refund>, StoreError>>;

    /// The journal of an account and of those below it, the newest entry first.
    ///
    /// # Errors
    /// - as [`account`](Self::account)
    /// - [`StoreError::BadCursor`]: the cursor is not from this listing
    fn entries(&self, account: AccountId, page: PageRequest) -> BoxFuture<'_, Result<Page<Entry>, StoreError>>;

    /// Open reservations whose deadline has come (`deadline <= now`): at most `limit`, the longest due first. Each is to be
    /// ended with [`Operation::Sweep`]; whoever comes second is rejected.
    ///
    /// # Errors
    /// - as [`account`](Self::account)
    fn due(&self, now: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<Vec<Reservation>, StoreError>>;
}
