use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use keyward_lighter::{AuthToken, TokenRefusal, TokenVerifier, VerifyingKey};

/// Verifiers of the keys that are in use, each with its table; at most so many.
///
/// What is kept depends on the key alone, no outcome of a check is: each signature is checked each time.
#[derive(Debug)]
pub(crate) struct PreparedKeys {
    capacity: usize,
    /// Checks so far: the time by which entries age.
    checks: AtomicU64,
    entries: RwLock<HashMap<[u8; VerifyingKey::BYTE_SIZE], Entry>>,
}

#[derive(Debug)]
struct Entry {
    verifier: Arc<TokenVerifier>,
    last_check: AtomicU64,
}

/// So many checks per entry without one of a key, and the key gives way to another: making a table takes as long as
/// ten checks, so that entries that all come round must not push each other out.
const PATIENCE: u64 = 16;

impl PreparedKeys {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, checks: AtomicU64::new(0), entries: RwLock::default() }
    }

    /// Checks that `key` has signed `token`, whatever the time.
    pub(crate) fn verify(&self, key: &VerifyingKey, token: &AuthToken<'_>) -> Result<(), TokenRefusal> {
        match self.verifier(key) {
            Some(verifier) => verifier.verify_signature(token),
            None => TokenVerifier::one_off(key).verify_signature(token),
        }
    }

    /// The verifier with the table; `None` if there is no room for it.
    fn verifier(&self, key: &VerifyingKey) -> Option<Arc<TokenVerifier>> {
        let now = self.checks.fetch_add(1, Ordering::Relaxed);
        let bytes = key.to_bytes();
        {
            let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = entries.get(&bytes) {
                entry.last_check.store(now, Ordering::Relaxed);
                return Some(Arc::clone(&entry.verifier));
            }
            if !self.has_room(&entries, now) {
                return None;
            }
        }
        // Two threads may both make it, but neither waits for the other, nor anybody for them.
        let verifier = Arc::new(TokenVerifier::new(key));
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if self.has_room(&entries, now) {
            if entries.len() >= self.capacity
                && let Some(oldest) = oldest(&entries).map(|(bytes, _)| bytes)
            {
                entries.remove(&oldest);
            }
            entries.insert(bytes, Entry { verifier: Arc::clone(&verifier), last_check: AtomicU64::new(now) });
        }
        Some(verifier)
    }

    fn has_room(&self, entries: &HashMap<[u8; VerifyingKey::BYTE_SIZE], Entry>, now: u64) -> bool {
        let patience = PATIENCE.saturating_mul(self.capacity as u64);
        entries.len() < self.capacity
            || oldest(entries).is_some_and(|(_, last_check)| now.saturating_sub(last_check) > patience)
    }
}

fn oldest(entries: &HashMap<[u8; VerifyingKey::BYTE_SIZE], Entry>) -> Option<([u8; VerifyingKey::BYTE_SIZE], u64)> {
    let ages = entries.iter().map(|(bytes, entry)| (*bytes, entry.last_check.load(Ordering::Relaxed)));
    ages.min_by_key(|(_, last_check)| *last_check)
}
