use keyward_time::UnixMillis;

use crate::{KeyDigest, KeyHint, PresentedKey};

/// What a store gets of a new secret: its digest, and what may be shown of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NewSecret {
    /// The digest.
    pub digest: KeyDigest,
    /// What may be shown.
    pub hint: KeyHint,
}

impl NewSecret {
    /// The secret with this digest, which `key` has.
    pub fn new(key: PresentedKey<'_>, digest: KeyDigest) -> Self {
        Self { digest, hint: key.hint() }
    }
}

/// The secret with which a key is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct CurrentSecret {
    /// The digest.
    pub digest: KeyDigest,
    /// What may be shown.
    pub hint: KeyHint,
    /// When it came into use.
    pub created_at: UnixMillis,
}

/// The secret before that, which may work for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct PreviousSecret {
    /// The digest.
    pub digest: KeyDigest,
    /// The first millisecond at which it does not work any more.
    pub works_until: UnixMillis,
}
