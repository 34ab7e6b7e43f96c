use core::fmt;

use keyward_time::{DecimalError, UnixSeconds};

use crate::{AccountIndex, ApiKeyIndex, Usability, field, hex};

/// An auth token as a client sends it: `{deadline}:{account_index}:{api_key_index}:{signature}`.
///
/// It borrows the text that it was parsed from. The three numbers are canonical decimals: the
/// deadline in Unix seconds, the account, and the account's key slot whose key signed. The signature
/// is 160 lower-case hexadecimal digits for 80 bytes: `s`, then `e`, 40 bytes little-endian each.
/// Lighter's documents call it `random_hex`; it is a Schnorr signature of the text before the last
/// colon, as made by `ConstructAuthToken` in elliottech/lighter-go. Parsing does not verify it.
///
/// Whoever holds a token can use it: `Debug` leaves the signature out, while `Display` and
/// [`as_str`](Self::as_str) give the whole text.
#[derive(Clone, Copy)]
pub struct AuthToken<'a> {
    // Invariant: the canonical text of `claims`, a colon and SIGNATURE_DIGITS hexadecimal digits.
    text: &'a str,
    claims: Claims,
}

/// What a token states and its signature vouches for.
#[derive(Clone, Copy)]
pub(crate) struct Claims {
    pub(crate) deadline: UnixSeconds,
    pub(crate) account_index: AccountIndex,
    pub(crate) api_key_index: ApiKeyIndex,
}

impl<'a> AuthToken<'a> {
    /// The longest remaining time, in seconds, with which the venue takes a token: 8 hours.
    pub const MAX_LIFETIME_SECS: u64 = 8 * 60 * 60;

    /// The length of the longest token, in bytes: numbers of 19, 15 and 3 digits, the signature, and
    /// three colons.
    pub const MAX_LEN: usize = Self::MAX_MESSAGE_LEN + 1 + Self::SIGNATURE_DIGITS;

    pub(crate) const MAX_MESSAGE_LEN: usize = 19 + 1 + 15 + 1 + 3;

    const SIGNATURE_DIGITS: usize = 160;

    /// Reads a token without allocating, in time bounded however long the text is.
    ///
    /// # Errors
    /// Every reason is its own variant of [`AuthTokenError`]. Fields are judged from left to right,
    /// and the first fault is told.
    pub fn parse(text: &'a str) -> Result<Self, AuthTokenError> {
        use AuthTokenField::{AccountIndex as Account, ApiKeyIndex as ApiKey, Deadline, Signature};

        let mut rest = text.as_bytes();
        if rest.len() > Self::MAX_LEN {
            return Err(AuthTokenError::TooLong);
        }
        let deadline = field::take(&mut rest).ok_or(AuthTokenError::Missing(Account))?;
        let deadline = UnixSeconds::parse_bytes(deadline).map_err(Deadline.number_error())?;
        let account = field::take(&mut rest).ok_or(AuthTokenError::Missing(ApiKey))?;
        let account_index = AccountIndex::parse_bytes(account).map_err(Account.number_error())?;
        let api_key = field::take(&mut rest).ok_or(AuthTokenError::Missing(Signature))?;
        let api_key_index = ApiKeyIndex::parse_bytes(api_key).map_err(ApiKey.number_error())?;
        check_signature(rest)?;
        Ok(Self { text, claims: Claims { deadline, account_index, api_key_index } })
    }

    /// Reads a token as [`parse`](Self::parse) does, from bytes that need not be text.
    ///
    /// # Errors
    /// - [`AuthTokenError::NotUtf8`] where the bytes are no text
    /// - what [`parse`](Self::parse) refuses
    pub fn parse_bytes(bytes: &'a [u8]) -> Result<Self, AuthTokenError> {
        // Before the text is looked at, which would take time in proportion.
        if bytes.len() > Self::MAX_LEN {
            return Err(AuthTokenError::TooLong);
        }
        Self::parse(str::from_utf8(bytes).map_err(|_| AuthTokenError::NotUtf8)?)
    }

    /// The token of `claims` whose text this is known to be.
    pub(crate) fn from_parts(text: &'a str, claims: Claims) -> Self {
        Self { text, claims }
    }

    /// The first second in which the token can no longer be used.
    pub const fn deadline(&self) -> UnixSeconds {
        self.claims.deadline
    }

    /// The account for which the token speaks.
    pub const fn account_index(&self) -> AccountIndex {
        self.claims.account_index
    }

    /// The account's key slot whose key signed the token.
    pub const fn api_key_index(&self) -> ApiKeyIndex {
        self.claims.api_key_index
    }

    /// The signature: `s`, then `e`, 40 bytes little-endian each, neither checked to be canonical.
    pub fn signature_bytes(&self) -> [u8; 80] {
        hex::decode(&self.text.as_bytes()[self.message().len() + 1..])
    }

    /// The signed text: the token before its last colon.
    pub fn message(&self) -> &'a str {
        &self.text[..self.text.len() - Self::SIGNATURE_DIGITS - 1]
    }

    /// The whole text, exactly as it was parsed.
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// Whether the venue would take the token at `now`, as far as time goes: `now` must be before the
    /// deadline, and the deadline at most 8 hours after `now`.
    ///
    /// A token that was signed weeks ahead so becomes usable 8 hours before its deadline.
    pub fn usability(&self, now: UnixSeconds) -> Usability {
        Usability::of_deadline(self.claims.deadline, now)
    }
}

impl fmt::Debug for AuthToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.claims.debug("AuthToken", f)
    }
}

impl fmt::Display for AuthToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<'a> TryFrom<&'a str> for AuthToken<'a> {
    type Error = AuthTokenError;

    fn try_from(text: &'a str) -> Result<Self, AuthTokenError> {
        Self::parse(text)
    }
}

impl<'a> TryFrom<&'a [u8]> for AuthToken<'a> {
    type Error = AuthTokenError;

    fn try_from(bytes: &'a [u8]) -> Result<Self, AuthTokenError> {
        Self::parse_bytes(bytes)
    }
}

impl Claims {
    /// The claims, and dots for the signature.
    pub(crate) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("deadline", &self.deadline)
            .field("account_index", &self.account_index)
            .field("api_key_index", &self.api_key_index)
            .finish_non_exhaustive()
    }
}

fn check_signature(text: &[u8]) -> Result<(), AuthTokenError> {
    let digits: Result<&[u8; AuthToken::SIGNATURE_DIGITS], _> = text.try_into();
    let fault = digits.map(|digits| hex::first_non_digit(digits));
    match fault {
        Ok(None) => Ok(()),
        _ if text.contains(&b':') => Err(AuthTokenError::TooManyFields),
        Ok(Some(index)) => Err(AuthTokenError::SignatureDigit { index }),
        Err(_) => Err(AuthTokenError::SignatureLength { len: text.len() }),
    }
}

/// Why a text is not an auth token. Nothing of the text is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AuthTokenError {
    /// Longer than [`AuthToken::MAX_LEN`]. Only the length was looked at.
    #[error("auth token is longer than {} bytes", AuthToken::MAX_LEN)]
    TooLong,
    /// Bytes that are not UTF-8.
    #[error("auth token is not UTF-8 text")]
    NotUtf8,
    /// Fewer than four fields; this is the first that is missing.
    #[error("auth token has no {0}")]
    Missing(AuthTokenField),
    /// More than four fields: a colon follows the third.
    #[error("auth token has more than four fields")]
    TooManyFields,
    /// A number that is not a canonical decimal: empty, or with a sign, a space, a leading zero or
    /// anything else but digits.
    #[error("{0} of auth token is not a canonical decimal number")]
    NotCanonical(AuthTokenField),
    /// A canonical decimal that is too large: a deadline above 2^63 - 1, an account above 2^48 - 2, a
    /// key slot above 254.
    #[error("{0} of auth token is out of range")]
    OutOfRange(AuthTokenField),
    /// A signature of more or fewer than 160 bytes.
    #[error("signature of auth token has {len} digits, not 160")]
    SignatureLength {
        /// The length found, in bytes.
        len: usize,
    },
    /// A byte in the signature that is not a lower-case hexadecimal digit.
    #[error("signature of auth token has no lower-case hexadecimal digit at index {index}")]
    SignatureDigit {
        /// The place of the first such byte in the signature, counted from 0.
        index: usize,
    },
}

/// A field of an auth token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthTokenField {
    /// The deadline, the first field.
    Deadline,
    /// The account, the second field.
    AccountIndex,
    /// The key slot, the third field.
    ApiKeyIndex,
    /// The signature, the fourth field.
    Signature,
}

impl AuthTokenField {
    fn number_error(self) -> impl FnOnce(DecimalError) -> AuthTokenError {
        move |error| match error {
            DecimalError::NotCanonical => AuthTokenError::NotCanonical(self),
            DecimalError::OutOfRange(_) => AuthTokenError::OutOfRange(self),
        }
    }
}

impl fmt::Display for AuthTokenField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deadline => "deadline",
            Self::AccountIndex => "account index",
            Self::ApiKeyIndex => "API key index",
            Self::Signature => "signature",
        })
    }
}
