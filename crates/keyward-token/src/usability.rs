use keyward_time::UnixSeconds;

use crate::AuthToken;

/// Whether a token's time window lets it be used at a given moment, and when that changes.
///
/// This is about time alone: a token in its window may still carry a bad signature or belong to a
/// key that has been replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usability {
    /// The token can be used now.
    Usable {
        /// The first second in which it no longer can.
        until: UnixSeconds,
    },
    /// The token's deadline is still too far away: the venue takes a token only in its last 8 hours.
    NotYet {
        /// The first second in which it can be used.
        from: UnixSeconds,
    },
    /// The token's deadline has come.
    Expired {
        /// The first second in which it could no longer be used: the deadline itself.
        since: UnixSeconds,
    },
}

impl Usability {
    /// Whether the token can be used now.
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Usable { .. })
    }

    /// The rule for auth tokens, `now < deadline <= now + 8 h`, as the venue applies it on every use.
    pub fn of_deadline(deadline: UnixSeconds, now: UnixSeconds) -> Self {
        let from = deadline.saturating_sub_secs(AuthToken::MAX_LIFETIME_SECS);
        if now < from { Self::NotYet { from } } else { Self::of_expiry(deadline, now) }
    }

    /// The rule for read-only tokens, `now < expiry`.
    pub fn of_expiry(expiry: UnixSeconds, now: UnixSeconds) -> Self {
        if now < expiry { Self::Usable { until: expiry } } else { Self::Expired { since: expiry } }
    }
}
