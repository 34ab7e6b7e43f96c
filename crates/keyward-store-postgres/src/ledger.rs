use futures_util::future::join_all;
use keyward_ledger::{
    Account, AccountId, Applied, Chain, Changes, Entry, NotApplied, Operation, OperationId, Outcome, Records, Refund,
    Rejection, Reservation, apply,
};
use keyward_store::{BadCursor, BoxFuture, Cursor, LedgerStore, Page, PageLimit, PageRequest, StoreError};
use keyward_time::UnixMillis;
use tokio::join;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::attempts::Attempts;
use crate::failure::{Failed, PgFailure};
use crate::ledger_rows::{account_of, entry_of, operation_of, refund_of, reservation_of};
use crate::ledger_writes::writes;
use crate::rows::{Fields, column, instant_column};
use crate::session::Session;
use crate::{PostgresStore, statements as sql};

impl LedgerStore for PostgresStore {
    fn apply<'a>(
        &'a self,
        id: OperationId,
        operation: &'a Operation,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Applied<Outcome, Rejection>, StoreError>> {
        Box::pin(async move {
            let mut attempts = Attempts::new();
            loop {
                match self.apply_once(id, operation, now, &attempts).await {
                    Ok(answer) => return Ok(answer),
                    Err(failed) => attempts.next(failed).await?,
                }
            }
        })
    }

    fn account(&self, id: AccountId) -> BoxFuture<'_, Result<Option<Account>, StoreError>> {
        Box::pin(async move {
            let row = self.read_opt(sql::ACCOUNT, &[&&id.as_bytes()[..]]).await?;
            row.as_ref().map(account_of).transpose()
        })
    }

    fn reservation(
        &self,
        account: AccountId,
        id: OperationId,
    ) -> BoxFuture<'_, Result<Option<Reservation>, StoreError>> {
        Box::pin(async move {
            let row = self.read_opt(sql::RESERVATION, &[&&account.tag()[..], &&id.as_bytes()[..]]).await?;
            let found = row.as_ref().map(reservation_of).transpose()?;
            Ok(found.filter(|reservation| reservation.fields().account == account))
        })
    }

    fn refund(&self, account: AccountId, id: OperationId) -> BoxFuture<'_, Result<Option<Refund>, StoreError>> {
        Box::pin(async move {
            let row = self.read_opt(sql::REFUND, &[&&account.tag()[..], &&id.as_bytes()[..]]).await?;
            let found = row.as_ref().map(refund_of).transpose()?;
            Ok(found.filter(|refund| refund.fields().account == account))
        })
    }

    fn entries(&self, account: AccountId, page: PageRequest) -> BoxFuture<'_, Result<Page<Entry>, StoreError>> {
        Box::pin(async move {
            let before = page.after.as_ref().map_or(Ok(u64::MAX), position)?;
            let (account, before) = (&account.as_bytes()[..], column(before));
            let limit = column(page.limit.get() as u64 + 1);
            let rows =
                self.read_either([sql::ENTRIES_OF_ROOT, sql::ENTRIES_OF_CHILD], &[&account, &before, &limit]).await?;
            let shown = &rows[..rows.len().min(page.limit.get())];
            let items = shown.iter().map(entry_of).collect::<Result<Vec<_>, _>>()?;
            let next = match shown.last() {
                Some(last) if rows.len() > shown.len() => {
                    Some(Cursor::new(Fields::new("journal entry", last).number("position")?.to_string())?)
                }
                _ => None,
            };
            Ok(Page { items, next })
        })
    }

    fn due(&self, now: UnixMillis, limit: PageLimit) -> BoxFuture<'_, Result<Vec<Reservation>, StoreError>> {
        Box::pin(async move {
            let rows = self.read(sql::DUE, &[&instant_column(now), &column(limit.get() as u64)]).await?;
            rows.iter().map(reservation_of).collect()
        })
    }
}

/// The position that a cursor of a journal holds: the last one of the page before.
fn position(cursor: &Cursor) -> Result<u64, BadCursor> {
    keyward_time::parse_decimal(cursor.as_str().as_bytes(), u64::MAX).map_err(|_| BadCursor)
}

impl PostgresStore {
    /// One attempt, in two round trips: lock and read, then write and commit.
    async fn apply_once(
        &self,
        id: OperationId,
        operation: &Operation,
        now: UnixMillis,
        attempts: &Attempts,
    ) -> Result<Applied<Outcome, Rejection>, Failed> {
        let session = self.session(attempts.deadline()).await?;
        let found = match session.within(read(&session, id, operation)).await.and_then(|found| found) {
            Ok(found) => found,
            Err(failure) => return Err(session.fail_in_transaction(failure)),
        };
        let (changes, outcome) = match found.decide(id, operation, now) {
            Ok(Decision::Write(changes, outcome)) => (changes, outcome),
            Ok(Decision::Answer(answer)) => {
                session.roll_back();
                return Ok(answer);
            }
            Err(error) => {
                session.roll_back();
                return Err(error.into());
            }
        };
        let sent = async { join!(biased; join_all(writes(&session, operation, &changes, &outcome)), session.commit()) };
        match session.within(sent).await {
            Ok((written, commit)) => {
                session.close(written, commit).map(|()| Applied::Done(changes.operation.fields().outcome))
            }
            Err(failure) => Err(session.fail_commit(failure)),
        }
    }

    /// The rows of the statement that finds any; both are sent at once.
    async fn read_either(
        &self,
        statements: [&'static str; 2],
        values: crate::session::Values<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let mut attempts = Attempts::new();
        loop {
            let session = self.session(attempts.deadline()).await?;
            let [first, second] = statements.map(|statement| session.query(statement, values));
            let both = async { join!(biased; first, second) };
            let failed = match session.within(both).await.and_then(|(first, second)| Ok((first?, second?))) {
                Ok((first, second)) => {
                    session.give_back();
                    return Ok(if first.is_empty() { second } else { first });
                }
                Err(failure) => session.fail_read(failure),
            };
            attempts.next(failed).await?;
        }
    }
}

/// The rows that an operation is decided on, read under the lock of the root account.
struct Found {
    chain: Vec<Row>,
    parent: Option<Row>,
    operation: Option<Row>,
    reservation: Option<Row>,
    refund: Option<Row>,
}

/// Begins a transaction, locks the root account, then reads. Each statement sees what was committed before it began, and so
/// those after the lock see all that others have done who had it.
async fn read(session: &Session, id: OperationId, operation: &Operation) -> Result<Found, PgFailure> {
    let (account, parent) = (operation.account(), operation.parent());
    let tag = account.tag();
    let (tag, id, account) = (&tag[..], &id.as_bytes()[..], &account.as_bytes()[..]);
    let parent_id = parent.map(|parent| *parent.as_bytes());
    let parent_id = parent_id.as_ref().map(|parent| &parent[..]);
    let [reservation, refund] = [operation.reservation(), operation.refund()].map(|id| id.map(|id| *id.as_bytes()));
    let locked = parent_id.unwrap_or(account);
    let [lock, chain]: [[&(dyn ToSql + Sync); 1]; 2] = [[&locked], [&account]];

    let (begun, lock, operation, chain, parent, reservation, refund) = join!(
        biased;
        session.begin(),
        session.query(sql::LOCK_ROOT, &lock),
        query_opt(session, sql::OPERATION, [Some(tag), Some(id)]),
        session.query(sql::CHAIN, &chain),
        query_opt(session, sql::ACCOUNT, [parent_id]),
        query_opt(session, sql::RESERVATION, [Some(tag), reservation.as_ref().map(|id| &id[..])]),
        query_opt(session, sql::REFUND, [Some(tag), refund.as_ref().map(|id| &id[..])]),
    );
    begun?;
    lock?;
    Ok(Found { operation: operation?, chain: chain?, parent: parent?, reservation: reservation?, refund: refund? })
}

/// What a look-up finds; nothing, without asking, if a value of it is missing.
async fn query_opt<const N: usize>(
    session: &Session,
    sql: &'static str,
    values: [Option<&[u8]>; N],
) -> Result<Option<Row>, PgFailure> {
    if values.iter().any(Option::is_none) {
        return Ok(None);
    }
    let values = values.each_ref().map(|value| value as &(dyn ToSql + Sync));
    session.query_opt(sql, &values).await
}

enum Decision {
    /// To be written, with the outcome as JSON.
    Write(Box<Changes>, String),
    Answer(Applied<Outcome, Rejection>),
}

impl Found {
    fn decide(self, id: OperationId, operation: &Operation, now: UnixMillis) -> Result<Decision, StoreError> {
        if let Some(done) = self.operation.as_ref().map(operation_of).transpose()? {
            return Ok(Decision::Answer(done.answer(operation)));
        }
        match apply(self.records()?, id, operation, now) {
            Ok(changes) => {
                let outcome = serde_json::to_string(&changes.operation.fields().outcome);
                let outcome = outcome.map_err(|error| StoreError::Backend(error.into()))?;
                Ok(Decision::Write(Box::new(changes), outcome))
            }
            Err(NotApplied::Rejected(reason)) => Ok(Decision::Answer(Applied::Rejected(reason))),
            Err(NotApplied::Invalid(error)) => Err(StoreError::Corrupt { record: "account", source: error.into() }),
        }
    }

    fn records(&self) -> Result<Records, StoreError> {
        let accounts = self.chain.iter().map(account_of).collect::<Result<Vec<_>, _>>()?;
        let chain = if accounts.is_empty() { None } else { Some(Chain::new(accounts)) };
        let chain = chain.transpose();
        Ok(Records {
            chain: chain.map_err(|error| StoreError::Corrupt { record: "chain of accounts", source: error.into() })?,
            parent: self.parent.as_ref().map(account_of).transpose()?,
            reservation: self.reservation.as_ref().map(reservation_of).transpose()?,
            refund: self.refund.as_ref().map(refund_of).transpose()?,
        })
    }
}
