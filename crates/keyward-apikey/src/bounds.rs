use keyward_time::UnixMillis;

use crate::{Allowlist, ApiKey, Bound, LimitOverrides, Rejection, Scopes};

/// What a key may not have more of than the key above it.
///
/// A change of the key above does not reach down to the record; that it binds all the same is seen to when a key is
/// [checked](crate::check_chain), and the lowest of all [limits](ApiKey::rate_limits) holds.
pub(crate) struct Bounds<'a> {
    scopes: &'a Scopes,
    allowlist: &'a Allowlist,
    limits: &'a LimitOverrides,
    expires_at: Option<UnixMillis>,
}

impl<'a> Bounds<'a> {
    pub(crate) const fn of(key: &'a ApiKey) -> Self {
        Self { scopes: &key.scopes, allowlist: &key.allowlist, limits: &key.limits, expires_at: key.expires_at }
    }

    /// # Errors
    /// - [`AboveParent`](Rejection::AboveParent): one exceeds that of `parent`
    pub(crate) fn check_within(self, parent: Bounds<'_>) -> Result<(), Rejection> {
        let lives_no_longer = match (self.expires_at, parent.expires_at) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(above)) => own <= above,
        };
        let rules = [
            (self.scopes.is_subset_of(parent.scopes), Bound::Scopes),
            (self.allowlist.is_subset_of(parent.allowlist), Bound::Allowlist),
            (self.limits.is_within(parent.limits), Bound::Limits),
            (lives_no_longer, Bound::Expiry),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, bound)) => Err(Rejection::AboveParent(bound)),
        }
    }
}
