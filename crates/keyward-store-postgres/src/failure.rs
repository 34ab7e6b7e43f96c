use keyward_store::StoreError;
use thiserror::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};

/// What the server or the connection said, without what a server repeats of a statement's values: a message of ours never shows
/// a digest.
#[derive(Debug, Error)]
pub(crate) enum PgFailure {
    /// The server has answered with an error.
    #[error("the server answered with SQLSTATE {}: {message}", .code.code())]
    Server {
        code: SqlState,
        /// The server's words where they are about the server, ours where they may be about what is stored.
        message: Box<str>,
        /// Whether the connection outlives it.
        is_fatal: bool,
    },
    /// There is no connection, or no longer.
    #[error("no connection to the server")]
    Lost(#[source] tokio_postgres::Error),
    /// All connections stayed in use by others.
    #[error("all connections are in use")]
    Exhausted,
    /// The server has not answered.
    #[error("no answer in time")]
    Late,
    /// Others came first, again and again.
    #[error("others came first, {attempts} times in a row")]
    Contended { attempts: u32 },
}

impl PgFailure {
    /// Whether it is certain that the transaction was not committed, also if its commit was under way.
    pub(crate) fn is_definite(&self) -> bool {
        match self {
            Self::Server { code, is_fatal, .. } => {
                let is_about_connection = matches!(&code.code()[..2], "08" | "57") && *code != SqlState::QUERY_CANCELED;
                let is_unknown = *code == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN;
                !is_fatal && !is_about_connection && !is_unknown
            }
            Self::Exhausted | Self::Contended { .. } => true,
            Self::Lost(_) | Self::Late => false,
        }
    }

    /// Whether the connection can go on after it.
    pub(crate) fn leaves_connection(&self) -> bool {
        matches!(self, Self::Server { is_fatal: false, .. })
    }

    /// Whether the same may go through if it is tried again: another transaction came first.
    pub(crate) fn is_conflict(&self) -> bool {
        const CONFLICTS: [SqlState; 3] =
            [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::UNIQUE_VIOLATION];
        matches!(self, Self::Server { code, .. } if CONFLICTS.contains(code))
    }

    pub(crate) fn has_code(&self, expected: &[SqlState]) -> bool {
        matches!(self, Self::Server { code, .. } if expected.contains(code))
    }

    /// As the error of an operation that has changed nothing.
    pub(crate) fn into_error(self) -> StoreError {
        match &self {
            Self::Server { code, is_fatal: false, .. } if !is_passing(code) => StoreError::Backend(self.into()),
            _ => StoreError::Unavailable(self.into()),
        }
    }
}

/// Whether it may work later.
fn is_passing(code: &SqlState) -> bool {
    const PASSING: [SqlState; 5] = [
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::OUT_OF_MEMORY,
        SqlState::LOCK_NOT_AVAILABLE,
        // A replica, until it is promoted.
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ];
    matches!(&code.code()[..2], "08" | "40" | "57") || PASSING.contains(code)
}

impl From<tokio_postgres::Error> for PgFailure {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(said) => Self::from(said),
            None => Self::Lost(error),
        }
    }
}

impl From<&DbError> for PgFailure {
    fn from(said: &DbError) -> Self {
        let is_fatal = match said.parsed_severity() {
            Some(severity) => matches!(severity, Severity::Fatal | Severity::Panic),
            None => said.severity() != "ERROR",
        };
        // In classes 21 to 23, and in a detail of any class, a server repeats values.
        let message = match &said.code().code()[..2] {
            "08" | "25" | "28" | "3D" | "3F" | "40" | "42" | "53" | "54" | "57" | "58" => said.message().into(),
            _ => "it did not take a value".into(),
        };
        Self::Server { code: said.code().clone(), message, is_fatal }
    }
}

/// Why one attempt at an operation failed.
#[derive(Debug)]
pub(crate) enum Failed {
    /// Nothing was changed, and the next attempt may succeed.
    Conflict,
    /// It is over.
    Error(StoreError),
}

impl Failed {
    /// Before the commit was sent: nothing was changed.
    pub(crate) fn before_commit(failure: PgFailure) -> Self {
        if failure.is_conflict() { Self::Conflict } else { Self::Error(failure.into_error()) }
    }

    /// From when the commit was sent on.
    pub(crate) fn at_commit(failure: PgFailure) -> Self {
        if failure.is_definite() {
            Self::before_commit(failure)
        } else {
            Self::Error(StoreError::Ambiguous(failure.into()))
        }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Error(error)
    }
}
