use keyward_time::UnixMillis;

use crate::{ApiKey, Revision};

/// What came of an operation that was done. The secrets and digests that it brought are the caller's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum KeyOutcome {
    /// The key was made.
    Created {
        /// Until when its link can be used, if one was made.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::record::present"))]
        link_expires_at: Option<UnixMillis>,
    },
    /// The link was made.
    LinkCreated {
        /// Until when it can be used.
        expires_at: UnixMillis,
    },
    /// The wallet was bound; the link is used.
    WalletBound,
    /// The wrong signature was counted.
    WrongSignatureRecorded {
        /// How many more the link bears.
        left: u8,
    },
    /// The wrong signature was one too many; the link is void.
    LinkBurned,
    /// The wallet was taken off.
    WalletUnbound {
        /// How many are left.
        left: u8,
    },
    /// The secret was replaced.
    Rotated {
        /// How often by now.
        rotation: Revision,
        /// Until when the one before works, if it does.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::record::present"))]
        previous_works_until: Option<UnixMillis>,
    },
    /// The digest was replaced.
    Rehashed,
    /// The key was revoked.
    Revoked,
    /// The key was changed.
    Updated,
}

/// What the rules say to an operation that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a store has to write what was changed"]
pub enum Step {
    /// It changes the key to this record, to be written if the record in place is the one that was loaded (or, for a new key,
    /// if there is none).
    Done(alloc::boxed::Box<ApiKey>, KeyOutcome),
    /// It was done before, with this outcome, and there is nothing to write.
    Replayed(KeyOutcome),
}
