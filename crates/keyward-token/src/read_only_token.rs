use core::fmt;

use keyward_time::{DecimalError, UnixSeconds};

use crate::{AccountIndex, Usability, field, hex};

/// A read-only token: `ro:{account_index}:{single|all}:{expiry}:{random}`.
///
/// The venue makes it on request, keeps it, and takes it wherever data is only read. It borrows the
/// text that it was parsed from. The numbers are canonical decimals, the expiry in Unix seconds. The
/// random part is lower-case hexadecimal; its length is documented nowhere, so 32 to 256 digits are
/// taken: 128 bits are the least that cannot be guessed, and the upper bound bounds the work.
/// Source: Lighter's "API keys" page, section "Read-only Authentication".
///
/// Whoever holds a token can use it: `Debug` leaves the random part out, while `Display` and
/// [`as_str`](Self::as_str) give the whole text.
#[derive(Clone, Copy)]
pub struct ReadOnlyToken<'a> {
    text: &'a str,
    account_index: AccountIndex,
    sub_account_access: SubAccountAccess,
    expiry: UnixSeconds,
}

impl<'a> ReadOnlyToken<'a> {
    /// What every read-only token, and no auth token, begins with.
    pub const PREFIX: &'static str = "ro:";

    /// The shortest lifetime, in seconds, with which the venue makes a token: 1 day.
    pub const MIN_LIFETIME_SECS: u64 = 24 * 60 * 60;

    /// The longest lifetime, in seconds, with which the venue makes a token: 10 years of 365 days.
    pub const MAX_LIFETIME_SECS: u64 = 10 * 365 * 24 * 60 * 60;

    /// The fewest digits that the random part may have.
    pub const MIN_RANDOM_DIGITS: usize = 32;

    /// The most digits that the random part may have.
    pub const MAX_RANDOM_DIGITS: usize = 256;

    /// The length of the longest token, in bytes.
    pub const MAX_LEN: usize = 3 + 15 + 1 + 6 + 1 + 19 + 1 + Self::MAX_RANDOM_DIGITS;

    /// Reads a token without allocating, in time bounded however long the text is.
    ///
    /// # Errors
    /// Every reason is its own variant of [`ReadOnlyTokenError`]. Fields are judged from left to
    /// right, and the first fault is told.
    pub fn parse(text: &'a str) -> Result<Self, ReadOnlyTokenError> {
        use ReadOnlyTokenField::{AccountIndex as Account, Expiry, Random, SubAccountAccess as Access};

        if text.len() > Self::MAX_LEN {
            return Err(ReadOnlyTokenError::TooLong);
        }
        let mut rest = text.strip_prefix(Self::PREFIX).ok_or(ReadOnlyTokenError::NoPrefix)?.as_bytes();
        let account = field::take(&mut rest).ok_or(ReadOnlyTokenError::Missing(Access))?;
        let account_index = AccountIndex::parse_bytes(account).map_err(Account.number_error())?;
        let access = field::take(&mut rest).ok_or(ReadOnlyTokenError::Missing(Expiry))?;
        let sub_account_access = SubAccountAccess::parse_bytes(access).ok_or(ReadOnlyTokenError::SubAccountAccess)?;
        let expiry = field::take(&mut rest).ok_or(ReadOnlyTokenError::Missing(Random))?;
        let expiry = UnixSeconds::parse_bytes(expiry).map_err(Expiry.number_error())?;
        check_random(rest)?;
        Ok(Self { text, account_index, sub_account_access, expiry })
    }

    /// Reads a token as [`parse`](Self::parse) does, from bytes that need not be text.
    ///
    /// # Errors
    /// - [`ReadOnlyTokenError::NotUtf8`] where the bytes are no text
    /// - what [`parse`](Self::parse) refuses
    pub fn parse_bytes(bytes: &'a [u8]) -> Result<Self, ReadOnlyTokenError> {
        // Before the text is looked at, which would take time in proportion.
        if bytes.len() > Self::MAX_LEN {
            return Err(ReadOnlyTokenError::TooLong);
        }
        Self::parse(str::from_utf8(bytes).map_err(|_| ReadOnlyTokenError::NotUtf8)?)
    }

    /// Whether the venue would make a token that expires at `expiry`, asked for at `now`: 1 day to 10
    /// years ahead, both included.
    ///
    /// # Errors
    /// - `expiry` is less than 1 day after `now`, or before it
    /// - `expiry` is more than 10 years after `now`
    pub fn check_expiry(now: UnixSeconds, expiry: UnixSeconds) -> Result<(), ExpiryError> {
        match expiry.checked_secs_since(now) {
            Some(secs) if secs > Self::MAX_LIFETIME_SECS => Err(ExpiryError::TooLate),
            Some(secs) if secs >= Self::MIN_LIFETIME_SECS => Ok(()),
            _ => Err(ExpiryError::TooEarly),
        }
    }

    /// The account for which the token speaks.
    pub const fn account_index(&self) -> AccountIndex {
        self.account_index
    }

    /// Whether the token also opens the account's sub-accounts.
    pub const fn sub_account_access(&self) -> SubAccountAccess {
        self.sub_account_access
    }

    /// The first second in which the token can no longer be used.
    pub const fn expiry(&self) -> UnixSeconds {
        self.expiry
    }

    /// The whole text, exactly as it was parsed.
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// Whether the venue would take the token at `now`, as far as time goes: until its expiry, so
    /// never [`Usability::NotYet`]. The venue may have revoked it earlier.
    pub fn usability(&self, now: UnixSeconds) -> Usability {
        Usability::of_expiry(self.expiry, now)
    }
}

impl fmt::Debug for ReadOnlyToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOnlyToken")
            .field("account_index", &self.account_index)
            .field("sub_account_access", &self.sub_account_access)
            .field("expiry", &self.expiry)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ReadOnlyToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<'a> TryFrom<&'a str> for ReadOnlyToken<'a> {
    type Error = ReadOnlyTokenError;

    fn try_from(text: &'a str) -> Result<Self, ReadOnlyTokenError> {
        Self::parse(text)
    }
}

impl<'a> TryFrom<&'a [u8]> for ReadOnlyToken<'a> {
    type Error = ReadOnlyTokenError;

    fn try_from(bytes: &'a [u8]) -> Result<Self, ReadOnlyTokenError> {
        Self::parse_bytes(bytes)
    }
}

fn check_random(text: &[u8]) -> Result<(), ReadOnlyTokenError> {
    let lengths = ReadOnlyToken::MIN_RANDOM_DIGITS..=ReadOnlyToken::MAX_RANDOM_DIGITS;
    let fault = hex::first_non_digit(text);
    if fault.is_some() && text.contains(&b':') {
        Err(ReadOnlyTokenError::TooManyFields)
    } else if !lengths.contains(&text.len()) {
        Err(ReadOnlyTokenError::RandomLength { len: text.len() })
    } else if let Some(index) = fault {
        Err(ReadOnlyTokenError::RandomDigit { index })
    } else {
        Ok(())
    }
}

/// How far a read-only token reaches: the third field. Prints as it stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubAccountAccess {
    /// The account alone: `single`.
    Single,
    /// The account and all its sub-accounts: `all`.
    All,
}

impl SubAccountAccess {
    /// The text form: `single` or `all`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::All => "all",
        }
    }

    fn parse_bytes(text: &[u8]) -> Option<Self> {
        match text {
            b"single" => Some(Self::Single),
            b"all" => Some(Self::All),
            _ => None,
        }
    }
}

impl fmt::Display for SubAccountAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// Why a text is not a read-only token. Nothing of the text is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ReadOnlyTokenError {
    /// Longer than [`ReadOnlyToken::MAX_LEN`]. Only the length was looked at.
    #[error("read-only token is longer than {} bytes", ReadOnlyToken::MAX_LEN)]
    TooLong,
    /// Bytes that are not UTF-8.
    #[error("read-only token is not UTF-8 text")]
    NotUtf8,
    /// Does not begin with `ro:`.
    #[error("read-only token does not begin with `ro:`")]
    NoPrefix,
    /// Fewer than five fields; this is the first that is missing.
    #[error("read-only token has no {0}")]
    Missing(ReadOnlyTokenField),
    /// More than five fields: a colon follows the fourth.
    #[error("read-only token has more than five fields")]
    TooManyFields,
    /// A number that is not a canonical decimal: empty, or with a sign, a space, a leading zero or
    /// anything else but digits.
    #[error("{0} of read-only token is not a canonical decimal number")]
    NotCanonical(ReadOnlyTokenField),
    /// A canonical decimal that is too large: an account above 2^48 - 2, an expiry above 2^63 - 1.
    #[error("{0} of read-only token is out of range")]
    OutOfRange(ReadOnlyTokenField),
    /// A third field that is neither `single` nor `all`.
    #[error("sub-account access of read-only token is neither `single` nor `all`")]
    SubAccountAccess,
    /// A random part of fewer than 32 or more than 256 bytes.
    #[error("random part of read-only token has {len} digits, not 32 to 256")]
    RandomLength {
        /// The length found, in bytes.
        len: usize,
    },
    /// A byte in the random part that is not a lower-case hexadecimal digit.
    #[error("random part of read-only token has no lower-case hexadecimal digit at index {index}")]
    RandomDigit {
        /// The place of the first such byte in the random part, counted from 0.
        index: usize,
    },
}

/// A field of a read-only token, after the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadOnlyTokenField {
    /// The account, the second field.
    AccountIndex,
    /// Whether sub-accounts are included, the third field.
    SubAccountAccess,
    /// The expiry, the fourth field.
    Expiry,
    /// The random part, the fifth field.
    Random,
}

impl ReadOnlyTokenField {
    fn number_error(self) -> impl FnOnce(DecimalError) -> ReadOnlyTokenError {
        move |error| match error {
            DecimalError::NotCanonical => ReadOnlyTokenError::NotCanonical(self),
            DecimalError::OutOfRange(_) => ReadOnlyTokenError::OutOfRange(self),
        }
    }
}

impl fmt::Display for ReadOnlyTokenField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccountIndex => "account index",
            Self::SubAccountAccess => "sub-account access",
            Self::Expiry => "expiry",
            Self::Random => "random part",
        })
    }
}

/// Why the venue would not make a read-only token with a given expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ExpiryError {
    /// Less than 1 day ahead, or past.
    #[error("expiry is less than 1 day ahead")]
    TooEarly,
    /// More than 10 years of 365 days ahead.
    #[error("expiry is more than 10 years ahead")]
    TooLate,
}
