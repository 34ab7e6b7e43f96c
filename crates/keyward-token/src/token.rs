use core::fmt;

use keyward_time::UnixSeconds;

use crate::{AccountIndex, AuthToken, AuthTokenError, ReadOnlyToken, ReadOnlyTokenError, Usability};

/// Either kind of token that the venue takes to read data.
#[derive(Debug, Clone, Copy)]
pub enum Token<'a> {
    /// Signed by an API key, usable for at most 8 hours.
    Auth(AuthToken<'a>),
    /// Made by the venue, usable for up to 10 years.
    ReadOnly(ReadOnlyToken<'a>),
}

impl<'a> Token<'a> {
    /// Reads either kind: what begins with `ro:` as a read-only token, all else as an auth token.
    ///
    /// # Errors
    /// - what [`ReadOnlyToken::parse`] or [`AuthToken::parse`] refuses
    pub fn parse(text: &'a str) -> Result<Self, TokenError> {
        if text.starts_with(ReadOnlyToken::PREFIX) {
            Ok(Self::ReadOnly(ReadOnlyToken::parse(text)?))
        } else {
            Ok(Self::Auth(AuthToken::parse(text)?))
        }
    }

    /// Reads either kind as [`parse`](Self::parse) does, from bytes that need not be text.
    ///
    /// # Errors
    /// - what [`ReadOnlyToken::parse_bytes`] or [`AuthToken::parse_bytes`] refuses
    pub fn parse_bytes(bytes: &'a [u8]) -> Result<Self, TokenError> {
        if bytes.starts_with(ReadOnlyToken::PREFIX.as_bytes()) {
            Ok(Self::ReadOnly(ReadOnlyToken::parse_bytes(bytes)?))
        } else {
            Ok(Self::Auth(AuthToken::parse_bytes(bytes)?))
        }
    }

    /// The account for which the token speaks.
    pub const fn account_index(&self) -> AccountIndex {
        match self {
            Self::Auth(token) => token.account_index(),
            Self::ReadOnly(token) => token.account_index(),
        }
    }

    /// The whole text, exactly as it was parsed.
    pub const fn as_str(&self) -> &'a str {
        match self {
            Self::Auth(token) => token.as_str(),
            Self::ReadOnly(token) => token.as_str(),
        }
    }

    /// Whether the venue would take the token at `now`, as far as time goes.
    pub fn usability(&self, now: UnixSeconds) -> Usability {
        match self {
            Self::Auth(token) => token.usability(now),
            Self::ReadOnly(token) => token.usability(now),
        }
    }
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl<'a> TryFrom<&'a str> for Token<'a> {
    type Error = TokenError;

    fn try_from(text: &'a str) -> Result<Self, TokenError> {
        Self::parse(text)
    }
}

impl<'a> TryFrom<&'a [u8]> for Token<'a> {
    type Error = TokenError;

    fn try_from(bytes: &'a [u8]) -> Result<Self, TokenError> {
        Self::parse_bytes(bytes)
    }
}

/// Why a text is neither kind of token; by the prefix `ro:`, only one kind was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TokenError {
    /// Not an auth token.
    #[error(transparent)]
    Auth(#[from] AuthTokenError),
    /// Not a read-only token.
    #[error(transparent)]
    ReadOnly(#[from] ReadOnlyTokenError),
}
