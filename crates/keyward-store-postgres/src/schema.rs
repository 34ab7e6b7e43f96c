use std::time::Duration;

use keyward_store::OpenError;
use thiserror::Error;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};

use crate::failure::PgFailure;

/// What leads from each version of the schema to the next: the first from nothing to version 1.
///
/// Each can be done again after an engine has done a part of it: not all can undo the definition of a table.
const MIGRATIONS: [&str; 1] = [include_str!("schema/1.sql")];

/// The newest version.
const KNOWN: u64 = MIGRATIONS.len() as u64;

/// One row, whose lock lets one node migrate at a time.
const CREATE_VERSION: &str = "
    CREATE TABLE IF NOT EXISTS keyward_schema (name text PRIMARY KEY, version bigint NOT NULL);
    INSERT INTO keyward_schema (name, version) VALUES ('keyward', 0) ON CONFLICT (name) DO NOTHING";
const READ_VERSION: &str = "SELECT version FROM keyward_schema WHERE name = 'keyward'";
const LOCK_VERSION: &str = "SELECT version FROM keyward_schema WHERE name = 'keyward' FOR UPDATE";
const WRITE_VERSION: &str = "UPDATE keyward_schema SET version = $1 WHERE name = 'keyward'";

const READ_SETTINGS: &str = "
    SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'server_encoding')";

/// How often something is tried again that other nodes, which open the same store, have come in the way of.
const MAX_ATTEMPTS: u32 = 50;

/// Sees to it that the server keeps what it acknowledges, as text that is not changed.
pub(crate) async fn check_settings(client: &Client) -> Result<(), OpenError> {
    let settings = client.query(READ_SETTINGS, &[]).await.map_err(failed)?;
    for setting in &settings {
        let [name, value]: [&str; 2] = [get(setting, 0)?, get(setting, 1)?];
        match (name, value) {
            ("fsync", "off") => return Err(OpenError::NotDurable("fsync is off")),
            ("synchronous_commit", "off") => return Err(OpenError::NotDurable("synchronous_commit is off")),
            ("server_encoding", encoding) if !["UTF8", "UTF-8"].contains(&encoding) => {
                return Err(OpenError::Backend(NotUtf8.into()));
            }
            _ => {}
        }
    }
    Ok(())
}

#[derive(Debug, Error)]
#[error("the database's encoding is not UTF8")]
struct NotUtf8;

/// Brings the schema to the newest version, whoever else does so at the same time.
pub(crate) async fn migrate(client: &Client) -> Result<(), OpenError> {
    let mut attempts = 0;
    loop {
        let failure = match migrate_once(client).await {
            Ok(version) if version == KNOWN => return Ok(()),
            // One version further.
            Ok(_) => continue,
            Err(Stopped::Open(error)) => return Err(error),
            Err(Stopped::Failed(failure)) => failure,
        };
        attempts += 1;
        if attempts >= MAX_ATTEMPTS || !is_race(&failure) {
            return Err(failed(failure));
        }
        // If the connection is there at all, it has no transaction afterwards.
        client.batch_execute("ROLLBACK").await.map_err(failed)?;
        tokio::time::sleep(Duration::from_millis(u64::from(attempts.min(10)) * 5)).await;
    }
}

enum Stopped {
    Open(OpenError),
    Failed(PgFailure),
}

impl From<tokio_postgres::Error> for Stopped {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<OpenError> for Stopped {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

/// Takes one step, if there is one to take, and says which version there is now.
async fn migrate_once(client: &Client) -> Result<u64, Stopped> {
    // The common case takes no lock and needs no right to create anything.
    match client.query_opt(READ_VERSION, &[]).await {
        Ok(Some(row)) if version(&row)? == KNOWN => return Ok(KNOWN),
        Ok(Some(_)) => {}
        Ok(None) => client.batch_execute(CREATE_VERSION).await?,
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => client.batch_execute(CREATE_VERSION).await?,
        Err(error) => return Err(error.into()),
    }
    client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let row = client.query_one(LOCK_VERSION, &[]).await?;
    let mut found = version(&row)?;
    if let Some(migration) = usize::try_from(found).ok().and_then(|found| MIGRATIONS.get(found)) {
        client.batch_execute(migration).await?;
        found += 1;
        client.execute(WRITE_VERSION, &[&i64::try_from(found).unwrap_or(i64::MAX)]).await?;
    }
    client.batch_execute("COMMIT").await?;
    Ok(found)
}

/// The version in a row, if it is one that this program can work with.
fn version(row: &Row) -> Result<u64, OpenError> {
    let found: i64 = get(row, 0)?;
    let found = u64::try_from(found).map_err(|_| OpenError::Corrupt(NotASchema.into()))?;
    if found > KNOWN { Err(OpenError::WrongVersion { found, known: KNOWN }) } else { Ok(found) }
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, OpenError> {
    row.try_get(column).map_err(|_| OpenError::Corrupt(NotASchema.into()))
}

#[derive(Debug, Error)]
#[error("the table keyward_schema is not this program's")]
struct NotASchema;

/// Whether a failure may come from another node that creates or migrates the same at this moment.
fn is_race(failure: &PgFailure) -> bool {
    const RACES: [SqlState; 4] = [
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
        // "tuple concurrently updated", of the server's own tables.
        SqlState::INTERNAL_ERROR,
        SqlState::UNDEFINED_TABLE,
    ];
    failure.is_conflict() || failure.has_code(&RACES)
}

/// A failure while the store is being opened.
pub(crate) fn failed(failure: impl Into<PgFailure>) -> OpenError {
    let failure = failure.into();
    if failure.has_code(&[SqlState::UNDEFINED_COLUMN, SqlState::UNDEFINED_TABLE]) {
        return OpenError::Corrupt(failure.into());
    }
    match failure.into_error() {
        keyward_store::StoreError::Backend(source) => OpenError::Backend(source),
        keyward_store::StoreError::Unavailable(source) => OpenError::Unreachable(source),
        other => OpenError::Backend(other.into()),
    }
}
