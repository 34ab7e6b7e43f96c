use std::borrow::Cow;
use std::fmt;

use keyward_lighter::ApiCode;

/// What the venue answers instead of what it was asked for: an HTTP status, and a body with a code and a message.
///
/// A client should go by the code: the venue itself sends some of them with different statuses. Codes and messages
/// are those of Lighter's API documentation and of recorded answers; where neither has a wording, the message is the
/// sandbox's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the HTTP answer.
    pub http_status: u16,
    /// The member `code` of its body.
    pub code: ApiCode,
    /// The member `message`, never empty. It repeats nothing secret.
    pub message: Cow<'static, str>,
}

impl Refusal {
    /// A refusal with the documented message and the usual status of `code`.
    pub fn new(code: ApiCode) -> Self {
        Self::with_message(code, code.message().unwrap_or("refused"))
    }

    /// A refusal with a message of its own, and the usual status of `code`.
    pub fn with_message(code: ApiCode, message: impl Into<Cow<'static, str>>) -> Self {
        let http_status = match code {
            ApiCode::INVALID_AUTH => 401,
            ApiCode::TOO_MANY_REQUESTS => 429,
            ApiCode::INTERNAL_SERVER_ERROR | ApiCode::PROCESS_TIMEOUT => 500,
            _ => 400,
        };
        Self { http_status, code, message: message.into() }
    }

    /// A parameter is missing or makes no sense; `detail` must not repeat what was sent.
    pub fn invalid_param(detail: impl fmt::Display) -> Self {
        Self::with_message(ApiCode::INVALID_PARAM, format!("invalid param : {detail}"))
    }

    /// A read that needs a token came without one.
    pub fn read_without_auth() -> Self {
        Self::invalid_param("auth query param and Authorization header are empty")
    }

    /// A write that needs a token came without one.
    pub fn write_without_auth() -> Self {
        Self::with_message(ApiCode::INVALID_AUTH, "invalid auth")
    }

    /// A token that is not taken.
    pub(crate) fn invalid_auth(detail: &str) -> Self {
        Self::with_message(ApiCode::INVALID_AUTH, format!("invalid auth: {detail}"))
    }

    /// The state could not be written.
    pub(crate) fn internal() -> Self {
        Self::new(ApiCode::INTERNAL_SERVER_ERROR)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for Refusal {}
