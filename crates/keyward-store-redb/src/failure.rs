use std::io;

use keyward_store::{BadCursor, BoxError, StoreError};
use thiserror::Error;

/// Why something in a transaction did not come to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The engine cannot go on; nothing of the transaction can be kept.
    Engine(redb::Error),
    /// The engine has panicked, as it does at some damage.
    Panicked,
    /// The file could not be opened again after an earlier failure.
    Closed,
    /// The engine can; only what was asked for cannot be had. No write has been made for it.
    Asked(StoreError),
}

impl Failure {
    /// A record that cannot be read.
    pub(crate) fn corrupt(record: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Asked(StoreError::Corrupt { record, source: source.into() })
    }

    /// Whether the engine answers nothing any more until the file is opened anew.
    pub(crate) fn is_final(&self) -> bool {
        use redb::Error::{DatabaseClosed, Io, LockPoisoned, PreviousIo};
        match self {
            Self::Engine(error) => matches!(error, Io(_) | PreviousIo | LockPoisoned(_) | DatabaseClosed),
            Self::Panicked | Self::Closed => true,
            Self::Asked(_) => false,
        }
    }
}

/// The storage engine panicked.
#[derive(Debug, Error)]
#[error("the storage engine gave up")]
pub(crate) struct EngineGaveUp;

/// The file is not open.
#[derive(Debug, Error)]
#[error("the store's file could not be opened again after it had failed")]
struct NotOpen;

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Asked(error) => error,
            Failure::Panicked => Self::Corrupt { record: "page", source: EngineGaveUp.into() },
            Failure::Closed => Self::Unavailable(NotOpen.into()),
            Failure::Engine(error) if is_damage(&error) => Self::Corrupt { record: "page", source: error.into() },
            Failure::Engine(error) => Self::Backend(error.into()),
        }
    }
}

/// Whether the engine says that the file is not as it wrote it.
pub(crate) fn is_damage(error: &redb::Error) -> bool {
    match error {
        redb::Error::Corrupted(_)
        | redb::Error::TableDoesNotExist(_)
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TableIsMultimap(_)
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::UpgradeRequired(_)
        | redb::Error::RepairAborted => true,
        redb::Error::Io(error) => {
            matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
        }
        _ => false,
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Asked(error)
    }
}

impl From<BadCursor> for Failure {
    fn from(error: BadCursor) -> Self {
        Self::Asked(error.into())
    }
}

impl From<redb::Error> for Failure {
    fn from(error: redb::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<redb::StorageError> for Failure {
    fn from(error: redb::StorageError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<redb::TableError> for Failure {
    fn from(error: redb::TableError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<redb::TransactionError> for Failure {
    fn from(error: redb::TransactionError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<redb::CommitError> for Failure {
    fn from(error: redb::CommitError) -> Self {
        Self::Engine(error.into())
    }
}
