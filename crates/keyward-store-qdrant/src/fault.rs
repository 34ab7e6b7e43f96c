use std::error::Error;

use keyward_store::{BoxError, OpenError, StoreError};
use thiserror::Error;

/// What went wrong with one request. No message repeats a URL, a body or what the server said, which may repeat either.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error("no connection to the server")]
    NotSent(#[source] BoxError),
    #[error("the server did not answer in time or the connection was lost")]
    Lost(#[source] BoxError),
    #[error("the server failed with HTTP status {0}")]
    Failed(u16),
    #[error("the server refused with HTTP status {0}")]
    Refused(u16),
    #[error("the server's answer is not one of Qdrant's")]
    BadAnswer,
    #[error("the server has taken the write and not yet done it")]
    NotYetDone,
    #[error("the request cannot be made")]
    Unprintable(#[source] BoxError),
}

impl Fault {
    /// Whether a write that ended so may have been made, or may yet be.
    pub(crate) const fn leaves_it_open(&self) -> bool {
        match self {
            Self::Lost(_) | Self::Failed(_) | Self::BadAnswer | Self::NotYetDone => true,
            Self::NotSent(_) | Self::Refused(_) | Self::Unprintable(_) => false,
        }
    }

    /// As what a store says where nothing was changed that counts.
    pub(crate) fn harmless(self) -> StoreError {
        match self {
            Self::Refused(429) | Self::NotSent(_) | Self::Lost(_) | Self::Failed(_) | Self::NotYetDone => {
                StoreError::Unavailable(self.into())
            }
            Self::Refused(_) | Self::BadAnswer | Self::Unprintable(_) => StoreError::Backend(self.into()),
        }
    }

    /// As what a store says of a write that counts.
    pub(crate) fn of_write(self) -> StoreError {
        if self.leaves_it_open() { StoreError::Ambiguous(self.into()) } else { self.harmless() }
    }

    pub(crate) fn of_opening(self) -> OpenError {
        match self {
            Self::NotSent(_) | Self::Lost(_) | Self::Failed(_) | Self::NotYetDone | Self::Refused(401 | 403 | 429) => {
                OpenError::Unreachable(self.into())
            }
            Self::Refused(_) | Self::BadAnswer | Self::Unprintable(_) => OpenError::Backend(self.into()),
        }
    }
}

/// Others came first each time.
#[derive(Debug, Error)]
#[error("others have changed the record each time")]
pub(crate) struct TooContended;

/// So many writes came after ours that its trace is gone.
#[derive(Debug, Error)]
#[error("the record was changed too often to tell which write it was")]
pub(crate) struct Overtaken;

/// The payload of a point is not as this store writes it.
#[derive(Debug, Error)]
#[error("the point's payload is not as this store writes it")]
pub(crate) struct Unreadable;

pub(crate) fn corrupt(record: &'static str, source: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Corrupt { record, source: source.into() }
}
