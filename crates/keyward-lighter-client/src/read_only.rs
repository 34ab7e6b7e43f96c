use core::fmt;

use keyward_lighter::{AccountIndex, ReadOnlyToken, SubAccountAccess, UnixSeconds};
use zeroize::Zeroizing;

use crate::answer::{AnswerError, Object};

/// A read-only token as the venue keeps it; its text is shown once, when it is [made](IssuedToken).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOnlyTokenRecord {
    /// The number by which the venue knows the token, and by which it is revoked.
    pub token_id: u64,
    /// The name it was given.
    pub name: String,
    /// The account for which it speaks.
    pub account_index: AccountIndex,
    /// The first second in which it can no longer be used.
    pub expiry: UnixSeconds,
    /// Whether it also opens the account's sub-accounts.
    pub sub_account_access: SubAccountAccess,
    /// Whether it has been revoked.
    pub revoked: bool,
    /// What it may be used for: `read.*`, all reads, is the only one there is.
    pub scopes: String,
}

impl ReadOnlyTokenRecord {
    /// Whether the token can be used at `now`: neither revoked nor expired.
    pub fn is_live(&self, now: UnixSeconds) -> bool {
        !self.revoked && now < self.expiry
    }

    pub(crate) fn read(object: &Object<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            token_id: object.take("token_id")?,
            name: object.take("name")?,
            account_index: object.read("account_index", |index| AccountIndex::new(index).ok())?,
            expiry: object.read("expiry", |secs| UnixSeconds::new(secs).ok())?,
            sub_account_access: if object.take("sub_account_access")? {
                SubAccountAccess::All
            } else {
                SubAccountAccess::Single
            },
            revoked: object.take("revoked")?,
            scopes: object.take("scopes")?,
        })
    }
}

/// A read-only token that has just been made: the venue shows its text this one time.
///
/// The text is wiped on drop, and `Debug` leaves it out. (What the network layers below have kept of the answer is
/// not wiped.)
pub struct IssuedToken {
    record: ReadOnlyTokenRecord,
    text: Zeroizing<String>,
}

impl IssuedToken {
    /// What the venue keeps of the token.
    pub fn record(&self) -> &ReadOnlyTokenRecord {
        &self.record
    }

    /// The whole text, with which anybody can read the account's data until it expires or is revoked.
    pub fn expose_secret(&self) -> &str {
        &self.text
    }

    /// The token, as it would be parsed from the text.
    #[expect(clippy::missing_panics_doc, reason = "the text was parsed before it was kept")]
    pub fn as_token(&self) -> ReadOnlyToken<'_> {
        ReadOnlyToken::parse(&self.text).expect("the text was parsed before")
    }

    pub(crate) fn read(object: &Object<'_>) -> Result<Self, AnswerError> {
        let text = object.read("api_token", |text: &str| {
            ReadOnlyToken::parse(text).ok().map(|token| Zeroizing::new(token.as_str().to_owned()))
        })?;
        Ok(Self { record: ReadOnlyTokenRecord::read(object)?, text })
    }
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken").field("record", &self.record).finish_non_exhaustive()
    }
}

/// What a read-only token is to be.
#[derive(Clone, Copy, Debug)]
pub struct NewReadOnlyToken<'a> {
    /// The account for which it is to speak.
    pub account_index: AccountIndex,
    /// A name, by which people tell it from others: 1 to 50 of the characters `A-Z a-z 0-9 . _ -` and the space.
    pub name: &'a str,
    /// When it is to run out, in 1 day to 10 years: see [`ReadOnlyToken::check_expiry`].
    pub expiry: UnixSeconds,
    /// Whether it is also to open the account's sub-accounts.
    pub sub_account_access: SubAccountAccess,
}
