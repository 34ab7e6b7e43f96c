//! What went wrong with a server, told without what was sent to it.

use keyward_store::{BoxError, OpenError, StoreError};
use redis::{ErrorKind, RedisError};
use thiserror::Error;

/// Why a server did not do what it was asked to. It names codes and kinds alone: what a server or a client writes into its
/// messages may be a key's digest or an address.
#[derive(Debug, Clone, Error)]
pub(crate) enum Fault {
    /// It answered, and did nothing; it may do it later.
    #[error("the server is not ready: {0}")]
    Busy(String),
    /// It answered, and did nothing.
    #[error("the server refused: {0}")]
    Refused(String),
    /// There was no connection, so nothing was sent.
    #[error("no connection: {0}")]
    NotConnected(String),
    /// The connection or the time was lost before an answer came.
    #[error("the answer was lost: {0}")]
    Lost(String),
}

/// What a command does to the data: what its lost answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Fault {
    pub(crate) fn new(error: &RedisError) -> Self {
        let code = || error.code().unwrap_or("unknown").to_owned();
        match error.kind() {
            ErrorKind::BusyLoadingError
            | ErrorKind::TryAgain
            | ErrorKind::ClusterDown
            | ErrorKind::MasterDown
            | ErrorKind::ReadOnly
            | ErrorKind::Moved
            | ErrorKind::Ask => Self::Busy(code()),
            ErrorKind::ResponseError
            | ErrorKind::ExecAbortError
            | ErrorKind::NoScriptError
            | ErrorKind::CrossSlot
            | ErrorKind::NotBusy
            | ErrorKind::NoSub => Self::Refused(code()),
            // Codes that the client has no name for.
            ErrorKind::ExtensionError if matches!(error.code(), Some("BUSY" | "NOREPLICAS" | "UNBLOCKED")) => {
                Self::Busy(code())
            }
            ErrorKind::ExtensionError => Self::Refused(code()),
            _ => Self::Lost(error.category().to_owned()),
        }
    }

    pub(crate) fn not_connected(error: &RedisError) -> Self {
        let code = error.code().map(str::to_owned);
        Self::NotConnected(code.unwrap_or_else(|| error.category().to_owned()))
    }

    /// Whether the server understood and did not want to.
    pub(crate) const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    pub(crate) fn into_store_error(self, access: Access) -> StoreError {
        match (self, access) {
            (fault @ Self::Lost(_), Access::Write) => StoreError::Ambiguous(fault.into()),
            (fault @ Self::Refused(_), _) => StoreError::Backend(fault.into()),
            (fault, _) => StoreError::Unavailable(fault.into()),
        }
    }
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(_) => Self::Backend(fault.into()),
            _ => Self::Unreachable(fault.into()),
        }
    }
}

/// Something stored that is not as it was written.
#[derive(Debug, Error)]
#[error("it is not as it was written")]
pub(crate) struct Unreadable;

pub(crate) fn corrupt(record: &'static str, source: impl Into<BoxError>) -> StoreError {
    StoreError::Corrupt { record, source: source.into() }
}
