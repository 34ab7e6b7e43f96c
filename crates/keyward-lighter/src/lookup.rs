use core::fmt;

use keyward_time::{TimeSlot, UnixSeconds};
use keyward_token::{AccountIndex, AuthToken, AuthTokenError, Usability};

use crate::TokensFile;
use crate::signer::slot_deadline;
use crate::tokens_file::{Account, Entry};

impl TokensFile {
    /// The token to use at `now`, its signature unchecked.
    ///
    /// The account may be left out when the file has one only. The token is that of the six-hour
    /// slot in which `now` lies; it must be for the account and run out eight hours after the slot's
    /// start. A file without that slot, for instance one whose slots do not start at multiples of six
    /// hours, gives of its tokens that are usable at `now` the one that lasts longest.
    ///
    /// At the start of its slot a token has exactly eight hours left, the most that the exchange
    /// takes, so a clock that is ahead by a second gets it refused. For the first `skew_secs` seconds
    /// of a slot the token of the slot before is given, if it is there and usable; it lasts for
    /// another two hours.
    ///
    /// # Errors
    /// - no account in the file, none or more than one where `account` is left out, or not this one
    /// - no token of the account: none at all, before its first slot, after its last, or none usable
    /// - a token that is broken, of another account or of another slot
    pub fn token_for(
        &self,
        account: Option<AccountIndex>,
        now: UnixSeconds,
        skew_secs: u64,
    ) -> Result<AuthToken<'_>, LookupError> {
        let account = self.find_account(account)?;
        let slot = TimeSlot::containing(now);
        let elapsed = now.as_secs() - slot.start().as_secs();
        if elapsed < skew_secs
            && let Some(before) = slot.previous()
            && let Some(entry) = account.entry(before)
            && let Ok(token) = self.slot_token(account, entry)
            && token.usability(now).is_usable()
        {
            return Ok(token);
        }
        match account.entry(slot) {
            Some(entry) => self.slot_token(account, entry),
            None => self.longest_usable(account, now),
        }
    }

    fn find_account(&self, account: Option<AccountIndex>) -> Result<&Account, LookupError> {
        match (account, self.accounts()) {
            (_, []) => Err(LookupError::Empty),
            (None, [only]) => Ok(only),
            (None, _) => Err(LookupError::WhichAccount { known: self.known_accounts() }),
            (Some(index), accounts) => accounts
                .iter()
                .find(|account| account.index == index)
                .ok_or_else(|| LookupError::UnknownAccount { account: index, known: self.known_accounts() }),
        }
    }

    fn known_accounts(&self) -> KnownAccounts {
        KnownAccounts(self.account_indices().collect())
    }

    /// The token of `entry`, which must be made for the entry's slot.
    fn slot_token(&self, account: &Account, entry: &Entry) -> Result<AuthToken<'_>, LookupError> {
        let token = self.account_token(account, entry)?;
        let (found, expected) = (token.deadline(), slot_deadline(entry.slot));
        if found == expected {
            Ok(token)
        } else {
            Err(account.entry_error(entry, EntryProblem::Deadline { found, expected }))
        }
    }

    /// The token of `entry`, whatever its deadline.
    fn account_token(&self, account: &Account, entry: &Entry) -> Result<AuthToken<'_>, LookupError> {
        let token = AuthToken::parse_bytes(self.token_text(entry))
            .map_err(|error| account.entry_error(entry, EntryProblem::Form(error)))?;
        let found = token.account_index();
        if found == account.index {
            Ok(token)
        } else {
            Err(account.entry_error(entry, EntryProblem::Account { found }))
        }
    }

    fn longest_usable(&self, account: &Account, now: UnixSeconds) -> Result<AuthToken<'_>, LookupError> {
        account
            .entries
            .iter()
            .map(|entry| (self.deadline(entry), entry))
            .filter(|&(deadline, _)| Usability::of_deadline(deadline, now).is_usable())
            .max_by_key(|&(deadline, _)| deadline)
            .map_or_else(|| Err(account.no_token(now)), |(_, entry)| self.account_token(account, entry))
    }

    /// When the token of `entry` runs out: what its first field says, or else its slot.
    fn deadline(&self, entry: &Entry) -> UnixSeconds {
        let first = self.token_text(entry).split(|&byte| byte == b':').next().unwrap_or_default();
        UnixSeconds::parse_bytes(first).unwrap_or(slot_deadline(entry.slot))
    }
}

impl Account {
    fn entry(&self, slot: TimeSlot) -> Option<&Entry> {
        let position = self.entries.binary_search_by_key(&slot.start(), |entry| entry.slot).ok()?;
        Some(&self.entries[position])
    }

    fn entry_error(&self, entry: &Entry, problem: EntryProblem) -> LookupError {
        LookupError::Entry { account: self.index, slot: entry.slot, problem }
    }

    fn no_token(&self, now: UnixSeconds) -> LookupError {
        let account = self.index;
        match (self.entries.first(), self.entries.last()) {
            (Some(first), _) if now < first.slot => LookupError::BeforeFirst { account, first: first.slot },
            (_, Some(last)) if last.slot < now => LookupError::AfterLast { account, last: last.slot },
            (Some(_), _) => LookupError::Gap { account, slot: TimeSlot::containing(now) },
            (None, _) => LookupError::NoTokens { account },
        }
    }
}

/// Why there is no token to use. No text of a token is part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The file has no account.
    #[error("no accounts in the file")]
    Empty,
    /// The account was left out, but the file has several.
    #[error("which account? the file has {known}")]
    WhichAccount {
        /// The accounts in the file.
        known: KnownAccounts,
    },
    /// The file does not have the account.
    #[error("account {account}: not in the file, which has {known}")]
    UnknownAccount {
        /// The account asked for.
        account: AccountIndex,
        /// The accounts in the file.
        known: KnownAccounts,
    },
    /// The file has no token of the account.
    #[error("account {account}: no tokens in the file")]
    NoTokens {
        /// The account.
        account: AccountIndex,
    },
    /// It is too early for the first token.
    #[error("account {account}: the first slot starts only at {first}")]
    BeforeFirst {
        /// The account.
        account: AccountIndex,
        /// The start of its first slot.
        first: UnixSeconds,
    },
    /// It is too late for the last token.
    #[error("account {account}: the last slot, from {last} on, is over")]
    AfterLast {
        /// The account.
        account: AccountIndex,
        /// The start of its last slot.
        last: UnixSeconds,
    },
    /// The slot is not there, and no other token is usable.
    #[error("account {account}, slot {slot}: no token in the file")]
    Gap {
        /// The account.
        account: AccountIndex,
        /// The slot that is missing.
        slot: TimeSlot,
    },
    /// The token is there, but wrong.
    #[error("account {account}, slot {slot}: {problem}")]
    Entry {
        /// The account.
        account: AccountIndex,
        /// The start of the slot.
        slot: UnixSeconds,
        /// What is wrong with the token.
        problem: EntryProblem,
    },
}

/// What is wrong with a token at its place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EntryProblem {
    /// It is not the text of a token.
    #[error(transparent)]
    Form(AuthTokenError),
    /// It is another account's.
    #[error("the token is for account {found}")]
    Account {
        /// The account in the token.
        found: AccountIndex,
    },
    /// It is another slot's.
    #[error("the token's deadline is {found}, not {expected}")]
    Deadline {
        /// The deadline in the token.
        found: UnixSeconds,
        /// Eight hours after the start of the slot.
        expected: UnixSeconds,
    },
}

/// The accounts of a file, in its order. The first ten are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAccounts(Vec<AccountIndex>);

impl KnownAccounts {
    /// The accounts.
    pub fn as_slice(&self) -> &[AccountIndex] {
        &self.0
    }
}

impl fmt::Display for KnownAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, rest) = self.0.split_at(self.0.len().min(10));
        for (position, account) in shown.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{account}")?;
        }
        if rest.is_empty() { Ok(()) } else { write!(f, " and {} more", rest.len()) }
    }
}
