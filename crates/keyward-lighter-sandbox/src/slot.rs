use keyward_lighter::VerifyingKey;
use keyward_nonce::NonceState;
use keyward_time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::text;

/// One of an account's key slots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Slot {
    pub(crate) nonce: NonceState,
    key: SlotKey,
    /// Keys that were accepted and are not in force yet, in the order of their acceptance.
    changes: Vec<KeyChange>,
    /// When the last transaction was accepted.
    pub(crate) transaction_time: UnixMillis,
}

/// What a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SlotKey {
    /// It never had a key.
    Unset,
    /// It had one.
    Emptied,
    /// It has one.
    Key(#[serde(with = "text::public_key")] VerifyingKey),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeyChange {
    from: UnixMillis,
    #[serde(with = "text::public_key")]
    key: VerifyingKey,
}

impl Slot {
    /// A slot that was never used.
    pub(crate) const NEW: Self =
        Self { nonce: NonceState::NEW, key: SlotKey::Unset, changes: Vec::new(), transaction_time: UnixMillis::EPOCH };

    /// A slot that holds `key`, or none any more.
    pub(crate) fn seeded(key: Option<VerifyingKey>, nonce: NonceState, now: UnixMillis) -> Self {
        let key = key.map_or(SlotKey::Emptied, SlotKey::Key);
        Self { nonce, key, changes: Vec::new(), transaction_time: now }
    }

    /// What the slot holds at `now`.
    pub(crate) fn holds(&self, now: UnixMillis) -> SlotKey {
        match self.changes.iter().rev().find(|change| change.from <= now) {
            Some(change) => SlotKey::Key(change.key),
            None => self.key,
        }
    }

    /// The key in force at `now`.
    pub(crate) fn key(&self, now: UnixMillis) -> Option<VerifyingKey> {
        match self.holds(now) {
            SlotKey::Key(key) => Some(key),
            SlotKey::Unset | SlotKey::Emptied => None,
        }
    }

    /// Accepts `key`, which comes into force after `delay_ms`.
    pub(crate) fn change_key(&mut self, key: VerifyingKey, now: UnixMillis, delay_ms: u64) {
        if delay_ms == 0 {
            self.key = SlotKey::Key(key);
            self.changes.clear();
        } else {
            self.key = self.holds(now);
            self.changes.retain(|change| change.from > now);
            self.changes.push(KeyChange { from: now.saturating_add_millis(delay_ms), key });
        }
    }
}
