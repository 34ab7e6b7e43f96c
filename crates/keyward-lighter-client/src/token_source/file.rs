use std::fs::{File, Metadata};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use keyward_lighter::{AccountIndex, AuthToken, AuthTokenText, TimeSlot, TokensFile, UnixSeconds};
use zeroize::Zeroizing;

use crate::TokenSourceError;
use crate::token_source::Current;

/// Where to look for the tokens of an account.
pub(super) struct FileLookup {
    path: PathBuf,
    account: Option<AccountIndex>,
    skew_secs: u64,
    last: Option<Reading>,
}

/// The last time that the file was read with success.
struct Reading {
    version: Version,
    /// Until when the lookup has the same result.
    settled_until: UnixSeconds,
}

/// By what a file differs from one that was there before.
#[derive(Clone, Copy, PartialEq)]
struct Version {
    modified: Option<SystemTime>,
    len: u64,
    #[cfg(unix)]
    inode: u64,
}

impl FileLookup {
    /// How many seconds may go by until a change of the file is seen.
    pub(super) const RECHECK_SECS: u64 = 60;

    pub(super) fn new(path: PathBuf, account: Option<AccountIndex>, skew_secs: u64) -> Self {
        Self { path, account, skew_secs, last: None }
    }

    pub(super) fn next(&mut self, current: Option<&Current>, now: UnixSeconds) -> Result<Current, TokenSourceError> {
        let mut file = File::open(&self.path).map_err(TokenSourceError::Read)?;
        let version = Version::of(&file.metadata().map_err(TokenSourceError::Read)?);
        let (token, settled_until) = match (&self.last, current) {
            (Some(last), Some(current))
                if last.version == version && current.fresh.start <= now && now < last.settled_until =>
            {
                (Arc::clone(&current.token), last.settled_until)
            }
            _ => {
                let token = self.look_up(&mut file, version, now)?;
                let settled_until = self.settled_until(now).min(token.as_token().deadline());
                (Arc::new(token), settled_until)
            }
        };
        self.last = Some(Reading { version, settled_until });
        let recheck = now.saturating_add_secs(Self::RECHECK_SECS);
        Ok(Current { token, fresh: now..recheck.min(settled_until) })
    }

    fn look_up(&self, file: &mut File, version: Version, now: UnixSeconds) -> Result<AuthTokenText, TokenSourceError> {
        let tokens = TokensFile::from_buffer(read(file, version.len)?).map_err(TokenSourceError::File)?;
        let token = tokens.token_for(self.account, now, self.skew_secs).map_err(TokenSourceError::Lookup)?;
        Ok(to_owned(&token))
    }

    /// When the lookup is to be made again: at the end of the slot, or of its first seconds, in which the
    /// token of the slot before is preferred.
    fn settled_until(&self, now: UnixSeconds) -> UnixSeconds {
        let slot = TimeSlot::containing(now);
        let skew_end = slot.start().saturating_add_secs(self.skew_secs);
        if now < skew_end { skew_end.min(slot.end()) } else { slot.end() }
    }
}

impl Version {
    fn of(metadata: &Metadata) -> Self {
        Self {
            modified: metadata.modified().ok(),
            len: metadata.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(metadata),
        }
    }
}

/// Reads a file of about `len` bytes into a buffer that does not grow, since that would leave copies behind.
fn read(file: &mut File, len: u64) -> Result<Zeroizing<Vec<u8>>, TokenSourceError> {
    let too_large = || TokenSourceError::TooLarge { max: TokensFile::MAX_BYTES };
    let len = usize::try_from(len).ok().filter(|&len| len <= TokensFile::MAX_BYTES).ok_or_else(too_large)?;
    let mut text = Zeroizing::new(Vec::with_capacity(len));
    file.take(len as u64).read_to_end(&mut text).map_err(TokenSourceError::Read)?;
    Ok(text)
}

fn to_owned(token: &AuthToken<'_>) -> AuthTokenText {
    AuthTokenText::new(token.deadline(), token.account_index(), token.api_key_index(), &token.signature_bytes())
}
