use core::fmt;
use core::ops::Range;
use std::io;

use keyward_time::UnixSeconds;
use keyward_token::AccountIndex;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::tokens_writer::TokensWriter;
use crate::{JsonError, json};

/// `auth-tokens.json`: for each account the tokens by the Unix second in which their slot starts, as
/// the `read-only-auth` example of Lighter's Python SDK writes it.
///
/// ```json
/// {
///   "5": {
///     "1795219200": "1795248000:5:253:01ae…",
///     "1795240800": "1795269600:5:253:f5f2…"
///   }
/// }
/// ```
///
/// Accounts keep their order, slots are in ascending order. The file has no signature of its own and
/// names no key: [`token_for`](Self::token_for) checks all of a token but its signature, which takes
/// a [`TokenVerifier`](crate::TokenVerifier) and the public key.
///
/// The text is wiped on drop, since whoever has a token can use it.
///
/// ```
/// use keyward_lighter::{TokensFile, UnixSeconds};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let text = include_bytes!("../tests/samples/auth-tokens.json");
/// let file = TokensFile::parse(text)?;
/// let account = "5".parse()?;
/// let token = file.token_for(Some(account), UnixSeconds::new(1_795_219_999)?, 0)?;
/// assert_eq!(token.message(), "1795248000:5:253");
/// # Ok(())
/// # }
/// ```
pub struct TokensFile {
    text: Zeroizing<Vec<u8>>,
    accounts: Vec<Account>,
}

/// The tokens of one account.
pub(crate) struct Account {
    pub(crate) index: AccountIndex,
    // Invariant: ascending and distinct slots.
    pub(crate) entries: Vec<Entry>,
}

/// One token, by its place in the file's text.
pub(crate) struct Entry {
    pub(crate) slot: UnixSeconds,
    token: Range<usize>,
}

impl TokensFile {
    /// The largest text that is parsed: 512 MiB, which ten years of a hundred accounts fit in.
    pub const MAX_BYTES: usize = 512 << 20;

    /// Reads a copy of `text`.
    ///
    /// Tokens are looked at when they are looked up, so that a broken one spoils its own slot only.
    ///
    /// # Errors
    /// - more than [`MAX_BYTES`](Self::MAX_BYTES), or not JSON
    /// - not an object of objects of plain ASCII strings
    /// - a name that is no account index, or no Unix time, in canonical decimal
    /// - an account twice, or a slot twice in one account
    pub fn parse(text: &[u8]) -> Result<Self, TokensFileError> {
        Self::from_buffer(Zeroizing::new(text.to_vec()))
    }

    /// Reads `text` in place.
    ///
    /// # Errors
    /// - all of [`parse`](Self::parse)'s
    pub fn from_buffer(text: Zeroizing<Vec<u8>>) -> Result<Self, TokensFileError> {
        let document = json::document(&text, Self::MAX_BYTES)?;
        let base = text.as_ptr().addr();
        let mut accounts = Vec::new();
        json::members(document, TokensFileError::NotAnObject, |name, value| {
            let position = accounts.len() + 1;
            let index = name.parse().map_err(|_| TokensFileError::AccountName { position })?;
            accounts.push(Account { index, entries: read_entries(index, value, base)? });
            Ok(())
        })?;

        let mut indices: Vec<_> = accounts.iter().map(|account| account.index).collect();
        indices.sort_unstable();
        match indices.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(TokensFileError::RepeatedAccount { account: pair[0] }),
            None => Ok(Self { text, accounts }),
        }
    }

    /// The accounts in the file, in its order.
    pub fn account_indices(&self) -> impl ExactSizeIterator<Item = AccountIndex> {
        self.accounts.iter().map(|account| account.index)
    }

    /// The number of tokens, of all accounts.
    pub fn token_count(&self) -> usize {
        self.accounts.iter().map(|account| account.entries.len()).sum()
    }

    /// Writes the file as Python's `json.dump(tokens, file, indent=2)` does, without a newline at
    /// the end. Writes are large; no [`io::BufWriter`] is needed.
    ///
    /// # Errors
    /// - those of `out`
    pub fn write_to(&self, out: impl io::Write) -> io::Result<()> {
        let mut writer = TokensWriter::new(out);
        for account in &self.accounts {
            writer.begin_account(account.index)?;
            for entry in &account.entries {
                writer.token(entry.slot, self.token_text(entry))?;
            }
        }
        writer.finish()
    }

    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// A token's text, which need not be a token's.
    pub(crate) fn token_text(&self, entry: &Entry) -> &[u8] {
        &self.text[entry.token.clone()]
    }
}

impl fmt::Debug for TokensFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokensFile")
            .field("accounts", &self.accounts.len())
            .field("tokens", &self.token_count())
            .finish_non_exhaustive()
    }
}

/// Reads the slots of one account; `base` is the address of the file's text.
fn read_entries(account: AccountIndex, slots: &RawValue, base: usize) -> Result<Vec<Entry>, TokensFileError> {
    let mut entries = Vec::new();
    json::members(slots, TokensFileError::NotSlots { account }, |name, value| {
        let position = entries.len() + 1;
        let slot = name.parse().map_err(|_| TokensFileError::SlotName { account, position })?;
        let text = json::raw_text(value)
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'))
            .ok_or(TokensFileError::NotPlainText { account, slot })?;
        let start = text.as_ptr().addr() - base;
        entries.push(Entry { slot, token: start..start + text.len() });
        Ok(())
    })?;

    entries.sort_by_key(|entry| entry.slot);
    match entries.windows(2).find(|pair| pair[0].slot == pair[1].slot) {
        Some(pair) => Err(TokensFileError::RepeatedSlot { account, slot: pair[0].slot }),
        None => Ok(entries),
    }
}

/// Why a text is not a file of tokens. Nothing of the text but account and slot is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TokensFileError {
    /// The document is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The document is not an object.
    #[error("must be an object of accounts")]
    NotAnObject,
    /// A name is not an account index.
    #[error("account {position} of the file: its name is not a whole number from 0 to {}", AccountIndex::MAX)]
    AccountName {
        /// The account's position, counted from 1.
        position: usize,
    },
    /// An account stands there twice: which one counts?
    #[error("account {account}: is given more than once")]
    RepeatedAccount {
        /// The account.
        account: AccountIndex,
    },
    /// The value of an account is not an object.
    #[error("account {account}: must be an object of slots")]
    NotSlots {
        /// The account.
        account: AccountIndex,
    },
    /// A name is not a Unix time.
    #[error("account {account}, slot {position} of it: its name is not a Unix time in seconds")]
    SlotName {
        /// The account.
        account: AccountIndex,
        /// The slot's position in the account, counted from 1.
        position: usize,
    },
    /// A slot stands there twice: which one counts?
    #[error("account {account}, slot {slot}: is given more than once")]
    RepeatedSlot {
        /// The account.
        account: AccountIndex,
        /// The start of the slot.
        slot: UnixSeconds,
    },
    /// The value of a slot is not a string, or has characters no token has.
    #[error("account {account}, slot {slot}: must be a string of plain characters")]
    NotPlainText {
        /// The account.
        account: AccountIndex,
        /// The start of the slot.
        slot: UnixSeconds,
    },
}
