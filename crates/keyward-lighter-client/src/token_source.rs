mod file;

use core::fmt;
use core::ops::Range;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use keyward_lighter::{
    AccountIndex, AuthToken, AuthTokenText, Clock, LookupError, SysRng, TokenSigner, TokensFileError, UnixSeconds,
};

use crate::token_source::file::FileLookup;

/// Hands out the token to use now, for every request anew: made by a signer, or looked up in a file of tokens.
///
/// A token is kept until it is time for the next one, so that asking costs a look at the clock and at one shared
/// pointer. Any number of threads may ask at the same time: one of them makes or looks up the next token, once, while
/// the others go on with the old one as long as it lasts. A token is wiped when its last holder lets go of it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use keyward_lighter::{AccountIndex, ApiKeyIndex, SystemClock, TokenSigner, parse_private_key};
/// use keyward_lighter_client::TokenSource;
///
/// # let key_text = "0xae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c";
/// let signer = TokenSigner::new(parse_private_key(key_text)?, AccountIndex::new(5)?, ApiKeyIndex::new(253)?);
/// let source = TokenSource::from_signer(signer, SystemClock);
/// let token = source.token()?;
/// assert!(token.expose_secret().contains(":5:253:"));
/// # Ok(())
/// # }
/// ```
pub struct TokenSource {
    current: ArcSwapOption<Current>,
    origin: Mutex<Origin>,
    clock: Box<dyn Clock + Send + Sync>,
}

/// Where tokens come from.
enum Origin {
    Signer(Box<TokenSigner>),
    File(FileLookup),
}

/// A token, and for how long it is the one to use.
struct Current {
    token: Arc<AuthTokenText>,
    /// When nothing better is to be had: no look at the origin is due.
    fresh: Range<UnixSeconds>,
}

impl TokenSource {
    /// For how long a new token of a signer lasts, in seconds: 7 hours, an hour less than the venue takes, so that a
    /// clock here may be that much ahead of the venue's.
    pub const SIGNED_LIFETIME_SECS: u64 = 7 * 60 * 60;

    /// How many seconds before the end of a token the signer makes the next one: 1 hour.
    pub const RENEWAL_SECS: u64 = 60 * 60;

    /// Tokens made by `signer` when they are needed, with random bytes of the operating system.
    pub fn from_signer(signer: TokenSigner, clock: impl Clock + Send + Sync + 'static) -> Self {
        Self::new(Origin::Signer(Box::new(signer)), clock)
    }

    /// Tokens of `account` in the `auth-tokens.json` at `path`, as
    /// [`TokensFile::token_for`](keyward_lighter::TokensFile::token_for) finds them; the account may be left out
    /// when the file has one only.
    ///
    /// The clock may be ahead of the venue's by `skew_secs`. The file is read for each slot of six hours, and again
    /// within a minute when it has changed; it is not kept. While a file can not be used, a token from before is, as
    /// long as it lasts. Reading blocks.
    pub fn from_file(
        path: impl Into<PathBuf>,
        account: Option<AccountIndex>,
        skew_secs: u64,
        clock: impl Clock + Send + Sync + 'static,
    ) -> Self {
        Self::new(Origin::File(FileLookup::new(path.into(), account, skew_secs)), clock)
    }

    fn new(origin: Origin, clock: impl Clock + Send + Sync + 'static) -> Self {
        Self { current: ArcSwapOption::empty(), origin: Mutex::new(origin), clock: Box::new(clock) }
    }

    /// The token to use now.
    ///
    /// # Errors
    /// - a file that can not be read, is no file of tokens, or has none of the account to use now
    /// - the operating system gives no random bytes
    pub fn token(&self) -> Result<Arc<AuthTokenText>, TokenSourceError> {
        let now = self.clock.now();
        let current = self.current.load();
        match &*current {
            Some(current) if current.fresh.contains(&now) => Ok(Arc::clone(&current.token)),
            _ => self.renew(now),
        }
    }

    #[cold]
    fn renew(&self, now: UnixSeconds) -> Result<Arc<AuthTokenText>, TokenSourceError> {
        let usable = self.current.load_full().filter(|current| is_usable(&current.token, now));
        let mut origin = match (self.origin.try_lock(), &usable) {
            (Ok(origin), _) => origin,
            // Another thread is about to have the next one.
            (Err(_), Some(current)) => return Ok(Arc::clone(&current.token)),
            (Err(_), None) => self.lock(),
        };
        // What another thread has put there while this one waited.
        if let Some(current) = &*self.current.load()
            && current.fresh.contains(&now)
        {
            return Ok(Arc::clone(&current.token));
        }
        let next = match (origin.next(usable.as_deref(), now), usable) {
            (Ok(next), _) => next,
            (Err(error), Some(current)) => {
                tracing::warn!(%error, "no new token; the one from before is used as long as it lasts");
                let retry = now.saturating_add_secs(FileLookup::RECHECK_SECS);
                let fresh = now..retry.min(current.token.as_token().deadline());
                Current { token: Arc::clone(&current.token), fresh }
            }
            (Err(error), None) => return Err(error),
        };
        let token = Arc::clone(&next.token);
        self.current.store(Some(Arc::new(next)));
        Ok(token)
    }

    fn lock(&self) -> MutexGuard<'_, Origin> {
        // Nothing is left half done by a panic: what is behind the lock is only read, or replaced whole.
        self.origin.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Origin {
    /// The token to use at `now`, where `current`, if it is given, still could be.
    fn next(&mut self, current: Option<&Current>, now: UnixSeconds) -> Result<Current, TokenSourceError> {
        match self {
            Self::Signer(signer) => sign(signer, now),
            Self::File(file) => file.next(current, now),
        }
    }
}

fn sign(signer: &TokenSigner, now: UnixSeconds) -> Result<Current, TokenSourceError> {
    let deadline = now.saturating_add_secs(TokenSource::SIGNED_LIFETIME_SECS);
    let token = signer.sign(deadline, &mut SysRng).map_err(|_| TokenSourceError::NoRandomness)?;
    // When the clock is set back by more than the hour that is to spare, the venue takes the token no more.
    let earliest = deadline.saturating_sub_secs(AuthToken::MAX_LIFETIME_SECS);
    let fresh = earliest..deadline.saturating_sub_secs(TokenSource::RENEWAL_SECS);
    Ok(Current { token: Arc::new(token), fresh })
}

fn is_usable(token: &AuthTokenText, now: UnixSeconds) -> bool {
    token.as_token().usability(now).is_usable()
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let current = self.current.load();
        f.debug_struct("TokenSource")
            .field("current", &current.as_ref().map(|current| &current.token))
            .finish_non_exhaustive()
    }
}

/// Why there is no token to use. No text of a token is part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenSourceError {
    /// The operating system gives no random bytes to sign with.
    #[error("no token: the operating system gives no random bytes")]
    NoRandomness,
    /// The file of tokens can not be read.
    #[error("no token: the file of tokens can not be read: {0}")]
    Read(io::Error),
    /// The file is larger than is read.
    #[error("no token: the file of tokens is larger than {max} bytes")]
    TooLarge {
        /// The most bytes that are read.
        max: usize,
    },
    /// The file is not one of tokens.
    #[error("no token: the file of tokens can not be used: {0}")]
    File(TokensFileError),
    /// The file has no token to use now.
    #[error("no token: {0}")]
    Lookup(LookupError),
    /// A token that was given as text has characters that no token has.
    #[error("no token: the text given as one has characters that no header may have")]
    NotAHeader,
}
