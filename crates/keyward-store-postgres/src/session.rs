use std::future::Future;

use deadpool_postgres::{ClientWrapper, Object, Pool, PoolError};
use futures_util::{FutureExt as _, TryStreamExt as _};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use crate::failure::{Failed, PgFailure};
use crate::quiet::Quiet;

/// The values of a statement.
pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Begins a transaction. What an operation decides on it reads under a lock or writes under a condition, so this level is
/// enough everywhere; an engine may take a stricter one in its place.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// A connection for one attempt at an operation, and until when the attempt has to be over.
///
/// It goes back to the pool when it is [given back](Self::give_back) or [rolled back](Self::roll_back), in a state that is
/// known. If the attempt ends in any other way, be it that its future is dropped, the connection is closed, and the server ends
/// what was going on.
///
/// The statements of futures that are joined are sent at once, in the order in which they are listed: each is sent when its
/// future is polled first, since all statements were prepared when the connection was made.
pub(crate) struct Session {
    connection: Option<Object>,
    deadline: Instant,
}

impl Session {
    pub(crate) async fn of(pool: &Pool, deadline: Instant) -> Result<Self, PgFailure> {
        let connection = match timeout_at(deadline, pool.get()).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(of_pool(error)),
            Err(_) => return Err(PgFailure::Late),
        };
        Ok(Self { connection: Some(connection), deadline })
    }

    fn client(&self) -> Result<&ClientWrapper, PgFailure> {
        // It is there until the session is consumed.
        self.connection.as_deref().ok_or(PgFailure::Exhausted)
    }

    /// Waits for answers, but not for ever.
    pub(crate) async fn within<T>(&self, answers: impl Future<Output = T>) -> Result<T, PgFailure> {
        timeout_at(self.deadline, answers).await.map_err(|_| PgFailure::Late)
    }

    pub(crate) async fn begin(&self) -> Result<(), PgFailure> {
        Ok(self.client()?.batch_execute(BEGIN).await?)
    }

    pub(crate) async fn commit(&self) -> Result<(), PgFailure> {
        Ok(self.client()?.batch_execute("COMMIT").await?)
    }

    pub(crate) async fn query(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, PgFailure> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql).await?;
        let rows = client.query_raw(&statement, values.iter().map(|value| Quiet(*value))).await?;
        Ok(rows.try_collect().await?)
    }

    /// As [`query`](Self::query), of a statement that finds one row at most.
    pub(crate) async fn query_opt(&self, sql: &'static str, values: Values<'_>) -> Result<Option<Row>, PgFailure> {
        Ok(self.query(sql, values).await?.into_iter().next())
    }

    /// Executes a statement, and says how many rows it has changed.
    pub(crate) async fn execute(&self, sql: &'static str, values: Values<'_>) -> Result<u64, PgFailure> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql).await?;
        let changed = client.execute_raw(&statement, values.iter().map(|value| Quiet(*value))).await?;
        Ok(changed)
    }

    /// Nothing is going on: the next one may have the connection.
    pub(crate) fn give_back(mut self) {
        drop(self.connection.take());
    }

    /// Ends the transaction without a trace. Nobody waits for that: whoever has the connection next comes after it.
    pub(crate) fn roll_back(mut self) {
        let Some(connection) = self.connection.take() else { return };
        // It is sent when it is polled.
        let sent = connection.batch_execute("ROLLBACK").now_or_never();
        if let Some(Err(_)) = sent {
            drop(Object::take(connection));
        }
    }

    /// After a failure of one of the statements of a transaction whose commit was not sent.
    pub(crate) fn fail_in_transaction(self, failure: PgFailure) -> Failed {
        if failure.leaves_connection() {
            self.roll_back();
        }
        Failed::before_commit(failure)
    }

    /// After a failure of a single statement that reads.
    pub(crate) fn fail_read(self, failure: PgFailure) -> Failed {
        if failure.leaves_connection() {
            self.give_back();
        }
        Failed::before_commit(failure)
    }

    /// After a failure of a single statement that writes, or of a commit.
    pub(crate) fn fail_commit(self, failure: PgFailure) -> Failed {
        if failure.leaves_connection() {
            self.give_back();
        }
        Failed::at_commit(failure)
    }

    /// Ends a transaction whose writes and whose commit were sent at once.
    pub(crate) fn close(
        self,
        writes: impl IntoIterator<Item = Result<u64, PgFailure>>,
        commit: Result<(), PgFailure>,
    ) -> Result<(), Failed> {
        let mut unknown = None;
        let has_answered = commit.as_ref().err().is_none_or(PgFailure::leaves_connection);
        for failure in writes.into_iter().filter_map(Result::err).chain(commit.err()) {
            if failure.is_definite() {
                // The first failure of a statement: from then on the transaction could not be committed.
                if has_answered {
                    self.give_back();
                }
                return Err(Failed::before_commit(failure));
            }
            unknown.get_or_insert(failure);
        }
        match unknown {
            Some(failure) => Err(Failed::at_commit(failure)),
            None => {
                self.give_back();
                Ok(())
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Closed, not given back.
            drop(Object::take(connection));
        }
    }
}

fn of_pool(error: PoolError) -> PgFailure {
    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(deadpool_postgres::HookError::Backend(error)) => {
            Error::into(error)
        }
        PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => PgFailure::Exhausted,
        _ => PgFailure::Late,
    }
}
