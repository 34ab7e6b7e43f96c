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
            let from = now.saturating_add_millis(delay_ms);
            self.key = self.holds(now);
            // From then on those before it are not looked at.
            self.changes.retain(|change| now < change.from && change.from < from);
            self.changes.push(KeyChange { from, key });
        }
    }
}

#[cfg(test)]
mod tests {
    use keyward_lighter::{SigningKey, VerifyingKey};
    use keyward_time::UnixMillis;

    use super::{Slot, SlotKey};

    fn key(number: u8) -> VerifyingKey {
        *SigningKey::from_seed(&[number; 32]).expect("a key").verifying_key()
    }

    fn at(millis: u64) -> UnixMillis {
        UnixMillis::new(millis).expect("an instant")
    }

    #[test]
    fn keys_that_a_later_one_overtakes_are_not_kept() {
        let mut slot = Slot::NEW;
        slot.change_key(key(1), at(1_000), 0);
        // While the clock stands, and when it was set back.
        for number in 2..=40 {
            slot.change_key(key(number), at(2_000), 500);
        }
        slot.change_key(key(41), at(1_900), 500);
        assert_eq!(slot.changes.len(), 1);
        assert_eq!(slot.holds(at(2_399)), SlotKey::Key(key(1)));
        assert_eq!(slot.holds(at(2_400)), SlotKey::Key(key(41)));
        assert_eq!(slot.holds(at(2_500)), SlotKey::Key(key(41)));

        slot.change_key(key(42), at(1_901), 500);
        assert_eq!((slot.holds(at(2_400)), slot.changes.len()), (SlotKey::Key(key(41)), 2));
    }
}
