use core::fmt;
use std::error::Error;
use std::time::Duration;

use keyward_lighter::ApiCode;

use crate::{AnswerError, TokenSourceError};

/// Why a call did not succeed: one variant for each thing that a caller may have to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The venue refused. A write was not executed, and its nonce, if it has one, was not used.
    #[error(transparent)]
    Refused(ApiRefusal),
    /// Something in front of the API, such as a firewall, refused with an answer that is not the API's. The
    /// request was not executed.
    #[error("refused in front of the API with HTTP status {http_status}, perhaps by a firewall")]
    Blocked {
        /// The HTTP status, 400 to 499.
        http_status: u16,
        /// How long it asks to wait, by its header `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// No connection came about: the request was not sent.
    #[error("not sent: {0}")]
    NotSent(Failure),
    /// A read had no usable answer. It can be tried again.
    #[error("no usable answer: {0}")]
    Failed(Failure),
    /// A write may or may not have been executed: look before it is tried again.
    #[error("it may have been executed or not: {0}")]
    Unknown(Failure),
    /// There was no token to send, and nothing was sent.
    #[error(transparent)]
    Token(#[from] TokenSourceError),
}

impl ClientError {
    /// Whether it is certain that the request was not executed, so that a write can be made again and a nonce be
    /// used again.
    pub fn is_certain_refusal(&self) -> bool {
        !matches!(self, Self::Failed(_) | Self::Unknown(_))
    }

    /// Whether the transaction's nonce was not the one that the venue expects: ask for the
    /// [next one](crate::Client::next_nonce).
    pub fn is_invalid_nonce(&self) -> bool {
        self.code() == Some(ApiCode::INVALID_NONCE)
    }

    /// Whether the venue knows no such account or API key.
    pub fn is_not_found(&self) -> bool {
        matches!(self.code(), Some(ApiCode::ACCOUNT_NOT_FOUND | ApiCode::API_KEY_NOT_FOUND | ApiCode::NOT_FOUND))
    }

    /// Whether the venue refused the token.
    pub fn is_invalid_auth(&self) -> bool {
        self.code() == Some(ApiCode::INVALID_AUTH)
    }

    /// Whether there were too many requests.
    pub fn is_rate_limited(&self) -> bool {
        match self {
            Self::Blocked { http_status, .. } => *http_status == 429,
            Self::Refused(refusal) => refusal.code == ApiCode::TOO_MANY_REQUESTS || refusal.http_status == 429,
            _ => false,
        }
    }

    /// How long the venue asks to wait before the next request, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Blocked { retry_after, .. } => *retry_after,
            _ => self.refusal()?.retry_after,
        }
    }

    /// The venue's code, if it answered with one.
    pub fn code(&self) -> Option<ApiCode> {
        self.refusal().map(|refusal| refusal.code)
    }

    /// The venue's refusal, if it answered with one.
    pub fn refusal(&self) -> Option<&ApiRefusal> {
        match self {
            Self::Refused(refusal)
            | Self::Failed(Failure::ServerFault(refusal))
            | Self::Unknown(Failure::ServerFault(refusal)) => Some(refusal),
            _ => None,
        }
    }
}

/// What the venue says when it refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiRefusal {
    /// The API's code, which decides.
    pub code: ApiCode,
    /// The venue's words: at most 300 characters, no control characters, and neither the token that was sent nor
    /// what else may be a secret, 64 and more letters and digits in a row.
    pub message: String,
    /// The HTTP status, which need not go with the code: `account not found` has been seen with 200.
    pub http_status: u16,
    /// How long the venue asks to wait, by its header `Retry-After`.
    pub retry_after: Option<Duration>,
}

impl ApiRefusal {
    /// Whether the fault is the server's, so that a write may have been executed. The status decides for codes only
    /// that do not say so themselves.
    pub(crate) fn is_server_fault(&self) -> bool {
        match self.code {
            ApiCode::INTERNAL_SERVER_ERROR | ApiCode::PROCESS_TIMEOUT => true,
            ApiCode::TOO_MANY_REQUESTS => false,
            _ => self.http_status >= 500,
        }
    }
}

impl Error for ApiRefusal {}

impl fmt::Display for ApiRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the venue refused with code {}: {}", self.code, self.message)
    }
}

/// Why there is no answer, or none that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The time was over.
    #[error("timed out")]
    TimedOut,
    /// No connection, or one that broke. The source says more.
    #[error("connection failed: {}", root_cause(.0.as_ref()))]
    Connection(#[source] Box<dyn Error + Send + Sync>),
    /// The venue reports a fault of its own.
    #[error(transparent)]
    ServerFault(ApiRefusal),
    /// The answer is not the API's: a gateway's, a redirect, or another server's.
    #[error("an answer with HTTP status {http_status} that is not the API's")]
    NotTheApi {
        /// The HTTP status.
        http_status: u16,
    },
    /// The API's answer is not as documented.
    #[error(transparent)]
    BadAnswer(#[from] AnswerError),
}

/// The last error of the chain: the ones before only say that there was one.
fn root_cause<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}
