use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use keyward_schnorr::{Error, MessageHash, Signature, TableSize, VerifyingKey, VerifyingTable};
use keyward_token::AuthToken;
use quick_cache::sync::Cache;

use crate::TokenRefusal;
use crate::signer::token_hash;

/// How much a [`KeyCache`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyCacheSettings {
    /// The most keys in it, each with a table or without; 0 for none, and at most [`MAX_CAPACITY`](Self::MAX_CAPACITY). Shares of it
    /// belong to different keys, so that somewhat fewer may find room.
    pub capacity: usize,
    /// The size of a key's table. So the cache takes at most `capacity` times [`TableSize::bytes`] and 1 KiB.
    pub table_size: TableSize,
    /// After how many signatures that were right a key gets its table. What a table costs is told at [`VerifyingTable`].
    pub checks_before_table: u32,
}

impl KeyCacheSettings {
    /// The most keys: 2^20.
    pub const MAX_CAPACITY: usize = 1 << 20;
}

impl Default for KeyCacheSettings {
    /// 512 keys with tables of 80 KiB, 40 MiB in all, each after 3 signatures.
    fn default() -> Self {
        Self { capacity: 512, table_size: TableSize::Medium, checks_before_table: 3 }
    }
}

/// Public keys that a server has seen sign, decoded, and with tables if they do it often: for any number of threads.
///
/// - **Every signature is checked each time.** What is kept depends on the key alone, not on any verdict.
/// - **Memory is bounded** by the [settings](KeyCacheSettings). Keys that sign once push each other out, not those that come
///   again (an S3-FIFO cache).
/// - **A wrong signature brings nothing in.** A key comes in with its first right signature, and gets a table after some more, be they
///   the same one again. Whoever may present keys of his own can do that too, within the bound: look keys up before, and have only
///   signatures of those checked that you know.
/// - **No thread waits** for another one's check, nor for the making of a table.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::collections::HashMap;
///
/// use keyward_lighter::{KeyCache, KeyCacheSettings, MessageHash, SigningKey, SysRng};
///
/// let key = SigningKey::generate(&mut SysRng)?;
/// let (keys_of_accounts, cache) =
///     (HashMap::from([(5, *key.verifying_key())]), KeyCache::new(KeyCacheSettings::default()));
///
/// let message = MessageHash::of_text(b"1795248000:5:253")?;
/// let signature = key.sign(&message, &mut SysRng)?;
/// let known = keys_of_accounts.get(&5).ok_or("no such account")?;
/// cache.verify(known, &message, &signature)?;
/// # Ok(())
/// # }
/// ```
pub struct KeyCache {
    entries: Cache<[u8; VerifyingKey::BYTE_SIZE], Arc<Entry>>,
    settings: KeyCacheSettings,
}

struct Entry {
    key: VerifyingKey,
    /// Right signatures, as long as there is no table.
    checks: AtomicU32,
    table: OnceLock<VerifyingTable>,
}

impl KeyCache {
    /// An empty cache.
    pub fn new(mut settings: KeyCacheSettings) -> Self {
        settings.capacity = settings.capacity.min(KeyCacheSettings::MAX_CAPACITY);
        let capacity = settings.capacity;
        // A cache has shares of equal size, which it rounds up: what they do not divide would take it over its capacity.
        let shares = Cache::<[u8; VerifyingKey::BYTE_SIZE], Arc<Entry>>::new(capacity).num_shards();
        Self { entries: Cache::new(capacity - capacity % shares), settings }
    }

    /// The settings, with the capacity that is in force.
    pub const fn settings(&self) -> KeyCacheSettings {
        self.settings
    }

    /// Checks a signature of `key`.
    ///
    /// # Errors
    /// - if it was not made with this key for this message
    pub fn verify(&self, key: &VerifyingKey, message: &MessageHash, signature: &Signature) -> Result<(), Error> {
        self.verify_with(&key.to_bytes(), || Ok(*key), message, signature)
    }

    /// [`verify`](Self::verify) for a key that is decoded only if the cache does not have it.
    ///
    /// # Errors
    /// - if the bytes are not a [`VerifyingKey`], or the signature was not made with this key for this message
    pub fn verify_bytes(
        &self,
        key: &[u8; VerifyingKey::BYTE_SIZE],
        message: &MessageHash,
        signature: &Signature,
    ) -> Result<(), Error> {
        self.verify_with(key, || VerifyingKey::from_bytes(key), message, signature)
    }

    /// Checks that `key` has signed `token`, whatever the time.
    ///
    /// # Errors
    /// - [`InvalidSignature`](TokenRefusal::InvalidSignature): another key or another message, or a signature that is not canonical
    pub fn verify_token_signature(&self, key: &VerifyingKey, token: &AuthToken<'_>) -> Result<(), TokenRefusal> {
        Signature::from_bytes(&token.signature_bytes())
            .and_then(|signature| self.verify(key, &token_hash(token), &signature))
            .map_err(|_| TokenRefusal::InvalidSignature)
    }

    /// How many keys are in the cache.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no key is in the cache.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the cache has a table of `key`. To ask does not count as use.
    pub fn has_table(&self, key: &VerifyingKey) -> bool {
        self.entries.peek(&key.to_bytes()).is_some_and(|entry| entry.table.get().is_some())
    }

    fn verify_with(
        &self,
        bytes: &[u8; VerifyingKey::BYTE_SIZE],
        decode: impl FnOnce() -> Result<VerifyingKey, Error>,
        message: &MessageHash,
        signature: &Signature,
    ) -> Result<(), Error> {
        if let Some(entry) = self.entries.get(bytes) {
            return self.verify_by(&entry, message, signature);
        }
        let key = decode()?;
        key.verify(message, signature)?;
        // Another thread may have come first: then its entry is the one for both.
        let new = || Ok::<_, Infallible>(Arc::new(Entry { key, checks: AtomicU32::new(0), table: OnceLock::new() }));
        let Ok(entry) = self.entries.get_or_insert_with(bytes, new);
        self.count(&entry);
        Ok(())
    }

    fn verify_by(&self, entry: &Entry, message: &MessageHash, signature: &Signature) -> Result<(), Error> {
        if let Some(table) = entry.table.get() {
            return table.verify(message, signature);
        }
        entry.key.verify(message, signature)?;
        self.count(entry);
        Ok(())
    }

    /// One right signature more. One thread alone counts to the number and makes the table; the others go on without.
    fn count(&self, entry: &Entry) {
        if entry.checks.fetch_add(1, Ordering::Relaxed) + 1 == self.settings.checks_before_table.max(1) {
            entry.table.set(VerifyingTable::new(&entry.key, self.settings.table_size)).ok();
        }
    }
}

/// The settings and the number of keys.
impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCache").field("settings", &self.settings).field("len", &self.len()).finish()
    }
}
