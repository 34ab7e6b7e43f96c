use std::error::Error;
use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::BadCursor;

/// What another layer said, kept as the source of ours.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a store could not answer. What the rules refuse is no error but [`Applied::Rejected`](crate::Applied::Rejected).
///
/// There is one variant for each decision that a caller can take. No message repeats a password of a URL, a digest or
/// any other content.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing was changed, and it may work later: no connection, a time-out before anything was sent, a conflict with
    /// others that did not end within the bounded attempts.
    #[error("the store is unavailable")]
    Unavailable(#[source] BoxError),

    /// The change may have been made or not: the connection was lost between its commit and the answer. The same
    /// operation under the same operation id settles it: it answers [`Replayed`](crate::Applied::Replayed) if it had
    /// been made, and makes it otherwise. So it does for as long as the operation is remembered: one on the books always,
    /// one on a key as long as [`KeyOperation`](keyward_apikey::KeyOperation) says.
    #[error("the store's answer was lost: the operation may have been done or not")]
    Ambiguous(#[source] BoxError),

    /// A stored record cannot be read: it is damaged, or was written by something else. Trying again does not help.
    #[error("a stored {record} cannot be read")]
    Corrupt {
        /// What kind of record it is, such as `key` or `account`.
        record: &'static str,
        /// What is wrong with it.
        #[source]
        source: BoxError,
    },

    /// A cursor that was given is not from the listing that it was given to.
    #[error(transparent)]
    BadCursor(#[from] BadCursor),

    /// This store does not do that at all; see [`Capabilities`](crate::Capabilities).
    #[error("this store has no {0}")]
    Unsupported(&'static str),

    /// The engine refused for a reason of its own, such as a full disk or a missing permission. Nothing was changed.
    #[error("the store failed")]
    Backend(#[source] BoxError),
}

impl StoreError {
    /// The same error, for one more of those whom it concerns.
    pub(crate) fn shared(error: &Arc<Self>) -> Self {
        let source = || SharedSource(error.clone()).into();
        match **error {
            Self::Unavailable(_) => Self::Unavailable(source()),
            Self::Ambiguous(_) => Self::Ambiguous(source()),
            Self::Corrupt { record, .. } => Self::Corrupt { record, source: source() },
            Self::BadCursor(cursor) => Self::BadCursor(cursor),
            Self::Unsupported(what) => Self::Unsupported(what),
            Self::Backend(_) => Self::Backend(source()),
        }
    }
}

/// The source of an error that several have.
#[derive(Debug)]
struct SharedSource(Arc<StoreError>);

impl fmt::Display for SharedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.source() {
            Some(source) => write!(f, "{source}"),
            None => write!(f, "{}", self.0),
        }
    }
}

impl Error for SharedSource {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()?.source()
    }
}

/// Why a store could not be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is not of a form that this store takes. The text says what is wrong without repeating the URL, which may
    /// hold a password.
    #[error("bad store URL: {0}")]
    BadUrl(&'static str),

    /// No such kind of store was compiled in.
    #[error("no store for URLs of the scheme `{0}` (is its feature on?)")]
    UnknownScheme(String),

    /// The data was written in another version's schema that this one cannot read or migrate.
    #[error("the store has schema version {found}, this program knows {known}")]
    WrongVersion {
        /// The version that the data says.
        found: u64,
        /// The newest version that this program can read.
        known: u64,
    },

    /// Another process has it open.
    #[error("the store is in use by another process")]
    Locked,

    /// The server could not be reached in time, or refused the log-in.
    #[error("the store cannot be reached")]
    Unreachable(#[source] BoxError),

    /// The data is damaged or is no store of ours.
    #[error("the store's data cannot be read")]
    Corrupt(#[source] BoxError),

    /// The server is not set up to keep what it acknowledges.
    #[error("the server may lose what it has acknowledged: {0}")]
    NotDurable(&'static str),

    /// The engine refused for a reason of its own, such as a missing permission.
    #[error("the store cannot be opened")]
    Backend(#[source] BoxError),
}
