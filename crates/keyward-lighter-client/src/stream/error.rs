use std::error::Error;

use keyward_lighter::ApiCode;

use crate::{AnswerError, TokenSourceError};

/// Why a step on a [`Stream`](crate::Stream) did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The venue refused. The stream goes on.
    #[error("the venue refused with code {code}: {message}")]
    Refused {
        /// The API's code.
        code: ApiCode,
        /// The venue's words: at most 300 characters, no control characters, and nothing that may be a secret, 64 and
        /// more letters and digits in a row.
        message: String,
    },
    /// There was no token to send. The stream goes on.
    #[error(transparent)]
    Token(#[from] TokenSourceError),
    /// No connection came about.
    #[error("no connection: {0}")]
    Connect(Box<dyn Error + Send + Sync>),
    /// There is a server, but it does not open a stream.
    #[error("no stream: refused with HTTP status {http_status}")]
    Handshake {
        /// The HTTP status.
        http_status: u16,
    },
    /// The time was over.
    #[error("timed out")]
    TimedOut,
    /// The connection is closed, or was given up after an error.
    #[error("the stream is closed")]
    Closed,
    /// The connection broke, or does not keep to the protocol.
    #[error("the connection failed: {0}")]
    Broken(Box<dyn Error + Send + Sync>),
    /// A message is not as documented.
    #[error(transparent)]
    BadMessage(#[from] AnswerError),
    /// More messages came before an answer than are kept.
    #[error("too many messages before an answer")]
    TooMuchWaiting,
}

impl StreamError {
    /// Whether the stream goes on.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Token(_))
    }
}
