use core::fmt;

use keyward_lighter::{AuthToken, AuthTokenText, ReadOnlyToken};
use reqwest::header::HeaderValue;

use crate::{IssuedToken, TokenSource, TokenSourceError};

/// What a request is authorized with: a token, or a source that is asked for one each time.
///
/// Made from whatever holds a token: `&str`, [`AuthToken`], [`AuthTokenText`], [`ReadOnlyToken`], [`IssuedToken`] or
/// [`TokenSource`]. It is sent in the `Authorization` header, never in a URL, which ends in logs.
#[derive(Clone, Copy, Debug)]
pub struct Auth<'a>(Kind<'a>);

#[derive(Clone, Copy)]
enum Kind<'a> {
    Text(&'a str),
    Source(&'a TokenSource),
}

impl Auth<'_> {
    /// Hands the text of the token to use now to `use_text`.
    pub(crate) fn with_text<T>(self, use_text: impl FnOnce(&str) -> T) -> Result<T, TokenSourceError> {
        match self.0 {
            Kind::Text(text) => Ok(use_text(text)),
            Kind::Source(source) => Ok(use_text(source.token()?.expose_secret())),
        }
    }

    /// The value of the `Authorization` header: the token as it is.
    pub(crate) fn header(self) -> Result<HeaderValue, TokenSourceError> {
        let mut value = self.with_text(HeaderValue::from_str)?.map_err(|_| TokenSourceError::NotAHeader)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for Kind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "token",
            Self::Source(_) => "source of tokens",
        })
    }
}

impl<'a> From<&'a str> for Auth<'a> {
    fn from(text: &'a str) -> Self {
        Self(Kind::Text(text))
    }
}

impl<'a> From<&'a String> for Auth<'a> {
    fn from(text: &'a String) -> Self {
        Self(Kind::Text(text))
    }
}

impl<'a> From<AuthToken<'a>> for Auth<'a> {
    fn from(token: AuthToken<'a>) -> Self {
        Self(Kind::Text(token.as_str()))
    }
}

impl<'a> From<&'a AuthTokenText> for Auth<'a> {
    fn from(token: &'a AuthTokenText) -> Self {
        Self(Kind::Text(token.expose_secret()))
    }
}

impl<'a> From<ReadOnlyToken<'a>> for Auth<'a> {
    fn from(token: ReadOnlyToken<'a>) -> Self {
        Self(Kind::Text(token.as_str()))
    }
}

impl<'a> From<&'a IssuedToken> for Auth<'a> {
    fn from(token: &'a IssuedToken) -> Self {
        Self(Kind::Text(token.expose_secret()))
    }
}

impl<'a> From<&'a TokenSource> for Auth<'a> {
    fn from(source: &'a TokenSource) -> Self {
        Self(Kind::Source(source))
    }
}
