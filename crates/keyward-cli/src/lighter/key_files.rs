//! A config, and beside it the file of the keys that are on their way into it.
//!
//! The file is a JSON array; it is there only while there are such keys. A run holds a lock on the
//! folder: of two at the same time one would overwrite what the other has written.

use std::fmt::Display;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use keyward_lighter::{
    AccountIndex, ApiKeyIndex, Clock, Config, Nonce, OutOfRange, SigningKey, SysRng, TokenSigner, UnixMillis,
    parse_private_key, private_key_text,
};
use keyward_lighter_client::{Attempt, PendingKey, PendingKeys};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::authorization::pick_signer;
use super::registering::Slot;
use super::venue::{Venue, is_same_url, read_config, read_config_if_there};
use crate::failure::{Failure, tell};
use crate::input::{is_there, read_secret_file};
use crate::secret_file;

/// Room for as many keys as a config may have; an entry takes some 400 bytes.
const MAX_PENDING_BYTES: u64 = 64 << 20;

/// The two files, for the time of one command.
#[derive(Debug)]
pub(super) struct KeyFiles {
    config: PathBuf,
    pending: PathBuf,
    base_url: String,
    _lock: File,
}

/// A key in the file of pending keys.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<'a> {
    /// The venue that it is for.
    base_url: String,
    account_index: u64,
    api_key_index: u8,
    api_key_private_key: &'a str,
    replaces_key: bool,
    attempt: Option<EntryAttempt>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryAttempt {
    nonce: u64,
    expires_at_ms: u64,
}

impl KeyFiles {
    /// Locks the folder of `config`, and finds out which venue its keys are for.
    pub(super) fn open(config: &Path, venue: &Venue, clock: &impl Clock) -> Result<(Self, Option<Config>), Failure> {
        let lock = lock_folder(config)?;
        // What cannot be written in the end is better known before anything is sent.
        secret_file::check_replaceable(config).map_err(|error| Failure::of(config.display(), error))?;
        let found = read_config_if_there(config)?;
        let configured = found.as_ref().map(Config::base_url);
        let base_url = venue.base_url(configured)?;
        if configured.is_some_and(|configured| !is_same_url(configured, &base_url)) {
            return Err(Failure::Usage("--url: the config is for another venue; name another config".to_owned()));
        }
        let files = Self { config: config.to_owned(), pending: pending_path(config), base_url, _lock: lock };
        if let Some(config) = &found {
            files.drop_finished(config, clock.now_millis())?;
        }
        Ok((files, found))
    }

    /// The venue that this run is about.
    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The file of pending keys.
    pub(super) fn pending_path(&self) -> &Path {
        &self.pending
    }

    /// The slots that a key is pending for, at this venue.
    pub(super) fn pending_slots(&self) -> Result<Vec<Slot>, Failure> {
        let text = self.read()?;
        let entries = self.parse(&text)?;
        let slots = entries.iter().filter(|entry| self.is_here(entry)).map(|entry| {
            let key = self.key(entry)?;
            Ok(Slot(key.signer.account_index(), key.signer.api_key_index()))
        });
        slots.collect()
    }

    /// The slots that the config has a key for.
    pub(super) fn config_slots(&self) -> Result<Vec<Slot>, Failure> {
        let config = read_config_if_there(&self.config)?;
        let signers = config.as_ref().map_or(&[][..], Config::signers);
        Ok(signers.iter().map(|signer| Slot(signer.account_index(), signer.api_key_index())).collect())
    }

    /// Makes a pending key for each of `slots`, which have none: all of them at once, so that a later run knows
    /// what is left to do of this one.
    pub(super) fn begin(&self, slots: &[Slot]) -> Result<(), Failure> {
        let mut keys = Vec::with_capacity(slots.len());
        for _ in slots {
            let key = SigningKey::generate(&mut SysRng).map_err(|error| Failure::of("random numbers", error))?;
            keys.push(private_key_text(&key));
        }
        let text = self.read()?;
        let mut entries = self.parse(&text)?;
        entries.extend(slots.iter().zip(&keys).map(|(&slot, key_text)| self.entry(slot, key_text)));
        self.write(&entries)
    }

    /// The key that the config has for a slot.
    pub(super) fn signer(&self, Slot(account, api_key): Slot) -> Result<TokenSigner, Failure> {
        let signer = pick_signer(read_config(&self.config)?, Some(account), Some(api_key));
        signer.map_err(|error| Failure::of(self.config.display(), error))
    }

    /// A run that was cut between the two steps of finishing a key has left it in both files. The same run again
    /// is to end that and replace no key; a much later one is meant to replace this very key.
    fn drop_finished(&self, config: &Config, now: UnixMillis) -> Result<(), Failure> {
        let text = self.read()?;
        let mut pending = Vec::new();
        let mut finished = false;
        for entry in self.parse(&text)? {
            let key = self.key(&entry)?;
            let is_finished = self.is_here(&entry)
                && key.attempt.is_some_and(|attempt| attempt.expires_at < now)
                && config.signers().iter().any(|signer| {
                    is_slot(&entry, signer.account_index(), signer.api_key_index())
                        && signer.verifying_key() == key.signer.verifying_key()
                });
            if is_finished { finished = true } else { pending.push(entry) }
        }
        if finished { self.write(&pending) } else { Ok(()) }
    }

    /// A key that nothing was done with yet.
    fn entry<'a>(&self, Slot(account, api_key): Slot, key_text: &'a str) -> Entry<'a> {
        Entry {
            base_url: self.base_url.clone(),
            account_index: account.as_u64(),
            api_key_index: api_key.as_u8(),
            api_key_private_key: key_text,
            replaces_key: false,
            attempt: None,
        }
    }

    fn is_here(&self, entry: &Entry<'_>) -> bool {
        is_same_url(&entry.base_url, &self.base_url)
    }

    fn read(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if is_there(&self.pending)? {
            read_secret_file(&self.pending, MAX_PENDING_BYTES)
        } else {
            Ok(Zeroizing::new(b"[]".to_vec()))
        }
    }

    fn parse<'a>(&self, text: &'a [u8]) -> Result<Vec<Entry<'a>>, Failure> {
        // The library's own messages may quote a key.
        serde_json::from_slice(text)
            .map_err(|error| self.broken(format_args!("line {} column {}", error.line(), error.column())))
    }

    fn key(&self, entry: &Entry<'_>) -> Result<PendingKey, Failure> {
        let numbers = || {
            let attempt = match entry.attempt {
                Some(EntryAttempt { nonce, expires_at_ms }) => {
                    Some(Attempt { nonce: Nonce::new(nonce)?, expires_at: UnixMillis::new(expires_at_ms)? })
                }
                None => None,
            };
            Ok::<_, OutOfRange>((
                AccountIndex::new(entry.account_index)?,
                ApiKeyIndex::new(entry.api_key_index)?,
                attempt,
            ))
        };
        let (account, api_key, attempt) = numbers().map_err(|error| self.broken(error))?;
        let key = parse_private_key(entry.api_key_private_key).map_err(|error| self.broken(error))?;
        Ok(PendingKey { signer: TokenSigner::new(key, account, api_key), attempt, replaces_key: entry.replaces_key })
    }

    fn broken(&self, cause: impl Display) -> Failure {
        Failure::of(self.pending.display(), format_args!("not a file of pending keys: {cause}"))
    }

    /// Replaces the file, or removes it if nothing is pending any more.
    fn write(&self, entries: &[Entry<'_>]) -> Result<(), Failure> {
        let write = || {
            if entries.is_empty() {
                return secret_file::remove(&self.pending);
            }
            // A vector that grows leaves keys behind in its old places; no character takes more than six bytes.
            let room = entries.iter().map(|entry| 512 + 6 * entry.base_url.len()).sum();
            let mut json = Zeroizing::new(Vec::with_capacity(room));
            serde_json::to_writer_pretty(&mut *json, entries)?;
            debug_assert!(json.len() <= room);
            secret_file::replace(&self.pending, &json)
        };
        write().map_err(|error| Failure::of(self.pending.display(), error))
    }

    /// What is pending but the key for one slot.
    fn without<'a>(
        &self,
        text: &'a [u8],
        account: AccountIndex,
        api_key: ApiKeyIndex,
    ) -> Result<Vec<Entry<'a>>, Failure> {
        let mut entries = self.parse(text)?;
        entries.retain(|entry| !(self.is_here(entry) && is_slot(entry, account, api_key)));
        Ok(entries)
    }

    fn write_to_config(&self, signer: TokenSigner) -> Result<(), Failure> {
        let fail = |error: &dyn Display| Failure::of(self.config.display(), error);
        // Read again: it may have been edited meanwhile.
        let json = if is_there(&self.config)? {
            let text = read_secret_file(&self.config, Config::MAX_BYTES as u64)?;
            let found = Config::parse(&text).map_err(|error| fail(&error))?;
            if !is_same_url(found.base_url(), &self.base_url) {
                return Err(fail(&"is for another venue now"));
            }
            Config::replace_account(&text, &signer)
        } else {
            Config::new(self.base_url.clone(), vec![signer]).map(|config| config.to_json())
        };
        secret_file::replace(&self.config, &json.map_err(|error| fail(&error))?).map_err(|error| fail(&error))
    }
}

impl PendingKeys for KeyFiles {
    type Error = Failure;

    fn load(&mut self, account: AccountIndex, api_key: ApiKeyIndex) -> Result<Option<PendingKey>, Failure> {
        let text = self.read()?;
        let entries = self.parse(&text)?;
        let entry = entries.iter().find(|entry| self.is_here(entry) && is_slot(entry, account, api_key));
        entry.map(|entry| self.key(entry)).transpose()
    }

    fn store(&mut self, key: &PendingKey) -> Result<(), Failure> {
        let PendingKey { signer, attempt, replaces_key } = key;
        let (account, api_key) = (signer.account_index(), signer.api_key_index());
        let key_text = private_key_text(signer.signing_key());
        let text = self.read()?;
        let mut entries = self.without(&text, account, api_key)?;
        entries.push(Entry {
            replaces_key: *replaces_key,
            attempt: attempt.map(|Attempt { nonce, expires_at }| EntryAttempt {
                nonce: nonce.as_u64(),
                expires_at_ms: expires_at.as_millis(),
            }),
            ..self.entry(Slot(account, api_key), &key_text)
        });
        self.write(&entries)
    }

    fn finish(&mut self, key: PendingKey) -> Result<(), Failure> {
        let (account, api_key) = (key.signer.account_index(), key.signer.api_key_index());
        self.write_to_config(key.signer)?;
        let text = self.read()?;
        self.write(&self.without(&text, account, api_key)?)
    }
}

/// Where the keys are that are on their way into `config`.
pub(super) fn pending_path(config: &Path) -> PathBuf {
    config.with_added_extension("pending")
}

fn is_slot(entry: &Entry<'_>, account: AccountIndex, api_key: ApiKeyIndex) -> bool {
    entry.account_index == account.as_u64() && entry.api_key_index == api_key.as_u8()
}

/// The lock ends with the process, however that ends.
fn lock_folder(config: &Path) -> Result<File, Failure> {
    let folder = secret_file::folder_of(config);
    let fail = |error: io::Error| Failure::of(folder.display(), error);
    let lock = File::open(folder).map_err(fail)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Failure::of(folder.display(), "another keyward is registering keys in this folder"));
        }
        Err(TryLockError::Error(error)) => tell(
            "warning",
            format_args!("{}: cannot be locked ({error}): register no other keys at the same time", folder.display()),
        ),
    }
    Ok(lock)
}
