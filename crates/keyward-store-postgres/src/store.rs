use std::fmt;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use futures_util::future::try_join_all;
use keyward_store::{OpenError, StoreError};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{NoTls, Row, Socket};

use crate::attempts::{Attempts, OPERATION_LIMIT};
use crate::failure::PgFailure;
use crate::schema;
use crate::session::{Session, Values};
use crate::settings::{CONNECT_LIMIT, Encryption, Settings};
use crate::statements::ALL;
use crate::tls::Connector;

/// How many connections a store has at most.
const CONNECTIONS: usize = 16;

/// For each connection: the longest that the server works or waits for a lock, and that a client which was cut off in the middle of a
/// transaction keeps its locks.
const SETTINGS: &str = "SET statement_timeout = '15s'; SET idle_in_transaction_session_timeout = '5s'";

/// Keys, books, counters and the audit log in a PostgreSQL database, shared by any number of processes.
///
/// All its work is done on the tokio runtime on which it is used; the runtime needs its I/O and its time. It has up to 16
/// connections, made when they are needed. Its `Debug` shows neither the URL nor the password.
///
/// A call ends within 20 seconds, also if the server has vanished.
pub struct PostgresStore {
    pool: Pool,
}

impl PostgresStore {
    /// Opens the store that `url` names, `postgres://user:password@host:port/database` with options as the crate's page says,
    /// and makes its tables if they are not there or are of an earlier version. Any number of processes may do so at the
    /// same time.
    ///
    /// Its tables have names that begin with `keyward_`, and lie in the first schema of the connection's search path.
    ///
    /// # Errors
    /// - [`OpenError::BadUrl`]: not such a URL, or with an option that is not known
    /// - [`OpenError::Unreachable`]: no connection within 5 seconds, or the server refuses the log-in; no answer within 20
    /// - [`OpenError::WrongVersion`]: the tables are of a later version
    /// - [`OpenError::Corrupt`]: there are tables of these names that are not this crate's
    /// - [`OpenError::NotDurable`]: the server's settings `fsync` or `synchronous_commit` are `off`
    /// - [`OpenError::Backend`]: the tables may not be created, or the database's encoding is not UTF8
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let settings = Settings::of_url(url)?;
        match settings.encryption {
            Encryption::None => Self::open_with(settings, NoTls).await,
            Encryption::Required => {
                let connector = Connector::new().map_err(|error| OpenError::Backend(error.into()))?;
                Self::open_with(settings, connector).await
            }
        }
    }

    async fn open_with<T>(settings: Settings, tls: T) -> Result<Self, OpenError>
    where
        T: MakeTlsConnect<Socket, Stream: Send + Sync> + Clone + Send + Sync + 'static,
        T::TlsConnect: TlsConnect<Socket, Future: Send> + Send + Sync,
    {
        let deadline = Instant::now() + OPERATION_LIMIT;
        let late = || OpenError::Unreachable(PgFailure::Late.into());
        timeout_at(deadline, prepare(&settings, tls.clone())).await.map_err(|_| late())??;

        let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(settings.config, tls, config))
            .max_size(CONNECTIONS)
            .wait_timeout(Some(OPERATION_LIMIT))
            .create_timeout(Some(CONNECT_LIMIT))
            .recycle_timeout(Some(CONNECT_LIMIT))
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move {
                    // The statements are sent at once.
                    let prepared = async {
                        client.batch_execute(SETTINGS).await?;
                        try_join_all(ALL.map(|sql| client.prepare_cached(sql))).await
                    };
                    match timeout(CONNECT_LIMIT, prepared).await {
                        Ok(prepared) => prepared.map(drop).map_err(HookError::Backend),
                        Err(_) => Err(HookError::message("no answer in time")),
                    }
                })
            }))
            .build()
            .map_err(|error| OpenError::Backend(error.into()))?;
        // One connection shows that all statements are understood.
        let session = Session::of(&pool, deadline).await.map_err(schema::failed)?;
        session.give_back();
        Ok(Self { pool })
    }

    /// A connection for one attempt.
    pub(crate) async fn session(&self, deadline: Instant) -> Result<Session, StoreError> {
        Session::of(&self.pool, deadline).await.map_err(|failure| StoreError::Unavailable(failure.into()))
    }

    /// The rows that a single statement finds.
    pub(crate) async fn read(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let mut attempts = Attempts::new();
        loop {
            let session = self.session(attempts.deadline()).await?;
            let failed = match session.within(session.query(sql, values)).await.and_then(|rows| rows) {
                Ok(rows) => {
                    session.give_back();
                    return Ok(rows);
                }
                Err(failure) => session.fail_read(failure),
            };
            attempts.next(failed).await?;
        }
    }

    /// As [`read`](Self::read), of a statement that finds one row at most.
    pub(crate) async fn read_opt(&self, sql: &'static str, values: Values<'_>) -> Result<Option<Row>, StoreError> {
        Ok(self.read(sql, values).await?.into_iter().next())
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

/// Looks at the server's settings and brings the tables to this version, over a connection of its own.
async fn prepare<T>(settings: &Settings, tls: T) -> Result<(), OpenError>
where
    T: MakeTlsConnect<Socket, Stream: Send> + 'static,
{
    let connecting = timeout(CONNECT_LIMIT, settings.config.connect(tls)).await;
    let (client, connection) = match connecting {
        Ok(connected) => connected.map_err(refused)?,
        Err(_) => return Err(OpenError::Unreachable(PgFailure::Late.into())),
    };
    // Ends when the client is dropped.
    let connection = tokio::spawn(connection);
    let prepared = async {
        schema::check_settings(&client).await?;
        schema::migrate(&client).await
    };
    let result = prepared.await;
    connection.abort();
    result
}

/// No connection, for whatever reason; also a log-in that was refused.
fn refused(error: tokio_postgres::Error) -> OpenError {
    OpenError::Unreachable(PgFailure::from(error).into())
}
