use keyward_time::OutOfRange;

use crate::Nonce;

/// How far a nonce may be from the one that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NonceMode {
    /// Exactly the next nonce: the rule for every transaction that does not say otherwise.
    Sequential,
    /// The next nonce or any above it, up to [`Nonce::MAX_SKIP`]: the rule for a transaction whose attribute
    /// 4, "skip nonce", is 1.
    Skip,
}

/// What the venue remembers of one key slot of an account: the nonce that is due, or that there is none left.
///
/// As a number it is what the venue answers to `nextNonce`: 0 for a slot that was never used, 1 above the last
/// used nonce otherwise, and so 2^48 for a slot that has used [`Nonce::MAX`]. Rotating the slot's key changes
/// nothing of it. Source: Lighter's "API keys" page.
///
/// ```
/// use keyward_nonce::{Nonce, NonceMode, NonceRefusal, NonceState};
///
/// let state = NonceState::from_next(Nonce::new(7)?);
/// assert_eq!(state.accept(Nonce::new(7)?, NonceMode::Sequential), Ok(NonceState::new(8)?));
/// assert_eq!(state.accept(Nonce::new(9)?, NonceMode::Sequential), Err(NonceRefusal::NotNext { next: Nonce::new(7)? }));
/// assert_eq!(state.accept(Nonce::new(9)?, NonceMode::Skip), Ok(NonceState::new(10)?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NonceState(u64);

impl NonceState {
    /// A slot that was never used: nonce 0 is due.
    pub const NEW: Self = Self(0);

    /// A slot that has used [`Nonce::MAX`]: it takes no transaction any more.
    pub const EXHAUSTED: Self = Self(Nonce::MAX.as_u64() + 1);

    /// The state whose number is `next`.
    ///
    /// # Errors
    /// - `next` is above 2^48
    pub const fn new(next: u64) -> Result<Self, OutOfRange> {
        match OutOfRange::check(next, Self::EXHAUSTED.0) {
            Ok(next) => Ok(Self(next)),
            Err(error) => Err(error),
        }
    }

    /// The state in which `next` is due.
    pub const fn from_next(next: Nonce) -> Self {
        Self(next.as_u64())
    }

    /// The state after `nonce` was used.
    pub const fn after(nonce: Nonce) -> Self {
        Self(nonce.as_u64() + 1)
    }

    /// The number, 0 to 2^48; 2^48 if the slot is exhausted.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The nonce that is due; `None` if the slot is exhausted.
    pub const fn next(self) -> Option<Nonce> {
        match Nonce::new(self.0) {
            Ok(nonce) => Some(nonce),
            Err(_) => None,
        }
    }

    /// The state after a transaction with this nonce.
    ///
    /// A slot that was skipped to [`Nonce::MAX_SKIP`] goes on from there one by one, to [`Nonce::MAX`]:
    /// [`NonceMode::Skip`] then refuses even the nonce that is due.
    ///
    /// # Errors
    /// - the slot is exhausted
    /// - `nonce` is below the one that is due
    /// - `nonce` is above the one that is due, in [`NonceMode::Sequential`]
    /// - `nonce` is above [`Nonce::MAX_SKIP`], in [`NonceMode::Skip`]
    pub fn accept(self, nonce: Nonce, mode: NonceMode) -> Result<Self, NonceRefusal> {
        let next = self.next().ok_or(NonceRefusal::Exhausted)?;
        match mode {
            _ if nonce < next => Err(NonceRefusal::Used { next }),
            NonceMode::Sequential if nonce > next => Err(NonceRefusal::NotNext { next }),
            NonceMode::Skip if nonce > Nonce::MAX_SKIP => Err(NonceRefusal::SkipTooFar),
            NonceMode::Sequential | NonceMode::Skip => Ok(Self::after(nonce)),
        }
    }
}

/// Why a nonce is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NonceRefusal {
    /// The slot has used the highest nonce.
    #[error("the key slot has used up its nonces")]
    Exhausted,
    /// Below the nonce that is due: it was used, or skipped.
    #[error("nonce already used or skipped; {next} is next")]
    Used {
        /// The nonce that is due.
        next: Nonce,
    },
    /// Above the nonce that is due.
    #[error("nonce too high; {next} is next")]
    NotNext {
        /// The nonce that is due.
        next: Nonce,
    },
    /// Above the highest nonce that can be skipped to, [`Nonce::MAX_SKIP`].
    #[error("nonce too high to skip to; at most {}", Nonce::MAX_SKIP)]
    SkipTooFar,
}
