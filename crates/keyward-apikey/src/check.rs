use core::net::IpAddr;

use keyward_time::UnixMillis;
use subtle::ConstantTimeEq;

use crate::{ApiKey, KeyDigest, KeyStatus, Scope};

/// What somebody wants to do with a key whose secret they have presented.
#[derive(Clone, Copy, Debug)]
pub struct AccessRequest<'a> {
    /// The time.
    pub now: UnixMillis,
    /// Where from; `None` if that is not known.
    pub address: Option<IpAddr>,
    /// What; `None` for what every key may do, such as asking for its own status.
    pub scope: Option<&'a Scope>,
}

/// What a key that passed the check was presented with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PresentedSecret {
    /// The current secret.
    Current,
    /// The previous one, in its grace.
    Previous {
        /// The first millisecond at which it does not work any more.
        works_until: UnixMillis,
    },
}

/// Why a key is of no use to who presented it. The order is that in which the rules are looked at: who has no secret of the
/// key learns nothing else of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The key has no secret with this digest, or none any more. To be answered as if there were no such key.
    #[error("wrong secret")]
    WrongSecret,
    /// The key, or a key above it, was revoked.
    #[error("key is revoked")]
    Revoked {
        /// When.
        at: UnixMillis,
    },
    /// The time of the key, or of a key above it, is over.
    #[error("key has expired")]
    Expired {
        /// Since when.
        at: UnixMillis,
    },
    /// The key, or a key above it, is bound to no wallet yet.
    #[error("key is not bound to a wallet yet")]
    Pending,
    /// Not from this address.
    #[error("address not allowed")]
    AddressNotAllowed,
    /// The key's scopes do not cover what is asked for.
    #[error("scope not allowed")]
    ScopeNotAllowed,
    /// The keys above are not those that the key names: what was loaded is incomplete.
    #[error("keys above are missing")]
    BrokenChain,
}

impl ApiKey {
    /// Which of the key's secrets has this digest and works at the time `now`, in the time that takes for any digest of the
    /// scheme. Nothing else of the key is looked at: the key may be pending, revoked or expired.
    ///
    /// # Errors
    /// - [`WrongSecret`](Refusal::WrongSecret): none
    pub fn identify(&self, digest: &KeyDigest, now: UnixMillis) -> Result<PresentedSecret, Refusal> {
        let is_current = self.secret.digest.ct_eq(digest);
        let previous = self.previous_secret.filter(|previous| bool::from(previous.digest.ct_eq(digest)));
        if bool::from(is_current) {
            return Ok(PresentedSecret::Current);
        }
        match previous {
            Some(previous) if now < previous.works_until => {
                Ok(PresentedSecret::Previous { works_until: previous.works_until })
            }
            _ => Err(Refusal::WrongSecret),
        }
    }

    /// Whether a key without a parent may be used as requested: secret, status, expiry, address and scope.
    ///
    /// # Errors
    /// - the first rule that is broken, in the order of [`Refusal`]
    pub fn check(&self, digest: &KeyDigest, request: &AccessRequest<'_>) -> Result<PresentedSecret, Refusal> {
        check_chain(&[self], digest, request)
    }

    /// As [`check`](Self::check) for what a key may do that is bound to no wallet yet: making a link for one, looking at its
    /// own status, ending itself. Scopes do not matter to that, nor do the keys above.
    ///
    /// # Errors
    /// - the first rule that is broken, in the order of [`Refusal`]
    pub fn check_for_itself(
        &self,
        digest: &KeyDigest,
        now: UnixMillis,
        address: Option<IpAddr>,
    ) -> Result<PresentedSecret, Refusal> {
        let secret = self.identify(digest, now)?;
        self.check_alive(now)?;
        self.check_address(address)?;
        Ok(secret)
    }

    fn check_alive(&self, now: UnixMillis) -> Result<(), Refusal> {
        match (self.revoked_at, self.expires_at) {
            (Some(at), _) => Err(Refusal::Revoked { at }),
            (None, Some(at)) if now >= at => Err(Refusal::Expired { at }),
            (None, _) => Ok(()),
        }
    }

    fn check_address(&self, address: Option<IpAddr>) -> Result<(), Refusal> {
        if self.allowlist.allows(address) { Ok(()) } else { Err(Refusal::AddressNotAllowed) }
    }
}

/// Whether the first of these keys may be used as requested, where each other one is above the one before it: the digest is
/// the first one's; status, expiry, addresses and scopes bind all of them. This is what verification decides.
///
/// # Errors
/// - the first rule that is broken, in the order of [`Refusal`]; the keys above come after the key itself
/// - [`BrokenChain`](Refusal::BrokenChain): there is no key, one is not that which the one before names, or the last one
///   names another
pub fn check_chain(
    chain: &[&ApiKey],
    digest: &KeyDigest,
    request: &AccessRequest<'_>,
) -> Result<PresentedSecret, Refusal> {
    let secret = chain.first().ok_or(Refusal::BrokenChain)?.identify(digest, request.now)?;
    for (at, key) in chain.iter().enumerate() {
        if key.parent != chain.get(at + 1).map(|above| above.id) {
            return Err(Refusal::BrokenChain);
        }
    }
    chain.iter().try_for_each(|key| key.check_alive(request.now))?;
    if chain.iter().any(|key| key.status() == KeyStatus::Pending) {
        return Err(Refusal::Pending);
    }
    chain.iter().try_for_each(|key| key.check_address(request.address))?;
    match request.scope {
        Some(scope) if !chain.iter().all(|key| key.scopes.allows(scope)) => Err(Refusal::ScopeNotAllowed),
        _ => Ok(secret),
    }
}
