use std::fmt;
use std::str::FromStr;

use keyward_apikey::KeyId;
use keyward_ledger::OperationId;
use keyward_time::UnixMillis;
use thiserror::Error;

use crate::{BoxFuture, Hit, HitMode, KeyStore, StoreError, WindowLimit};

/// Counters of use: how much in a window of time, and how many at the same time.
///
/// # Contract
///
/// - **Windows** are counted by [`count_hit`](crate::count_hit), or exactly like it; each use is counted atomically, so that
///   no more than the limit is let through in a window, whoever races.
/// - **Leases**: of one counter no more than `limit` are held at any time. A lease is held until it is released or until its
///   `expires_at` comes, so that whoever dies with a lease gives it back. Acquiring one again under the same id gives no
///   second one.
/// - **Counters are no money.** After [`StoreError::Ambiguous`] a use was counted or not, and there is no id to settle it;
///   a store may forget counters in a crash.
/// - A store may drop a counter whose window has ended and that holds no lease.
pub trait CounterStore: KeyStore {
    /// Counts a use of `cost` at `now`.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`], [`StoreError::Backend`]: nothing was counted
    /// - [`StoreError::Ambiguous`]: it was counted or not
    fn hit<'a>(
        &'a self,
        counter: &'a CounterId,
        limit: WindowLimit,
        cost: u64,
        mode: HitMode,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Hit, StoreError>>;

    /// Takes one of `limit` places, under the name `lease`, until it is released or `expires_at` comes. Leases that had
    /// expired at `now` are dropped first. If it is held already, its `expires_at` is set anew.
    ///
    /// # Errors
    /// - as [`hit`](Self::hit)
    fn acquire_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
        limit: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> BoxFuture<'a, Result<LeaseAnswer, StoreError>>;

    /// Gives a place back. It is no error if it is not held.
    ///
    /// # Errors
    /// - as [`hit`](Self::hit)
    fn release_lease<'a>(&'a self, counter: &'a CounterId, lease: OperationId)
    -> BoxFuture<'a, Result<(), StoreError>>;
}

/// The answer to [`acquire_lease`](CounterStore::acquire_lease).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "all places may be taken"]
pub enum LeaseAnswer {
    /// The place is taken.
    Held {
        /// How many places are taken now, this one among them.
        held: u64,
    },
    /// All places are taken by others.
    Full {
        /// The earliest instant at which one of them expires.
        next_expiry: UnixMillis,
    },
}

/// One counter of one key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterId {
    /// The key.
    pub key: KeyId,
    /// What is counted.
    pub name: CounterName,
}

/// What a counter counts, such as `requests_per_minute`: 1 to 32 of `a` to `z`, `0` to `9` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterName(Box<str>);

/// A text is no name of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the name of a counter has 1 to 32 of a-z, 0-9 and _")]
pub struct BadCounterName;

impl CounterName {
    /// The counter named `name`.
    ///
    /// # Errors
    /// - `name` is empty or longer than 32 bytes
    /// - it has another character than `a` to `z`, `0` to `9` and `_`
    pub fn new(name: &str) -> Result<Self, BadCounterName> {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let fits = (1..=32).contains(&name.len()) && name.bytes().all(is_allowed);
        if fits { Ok(Self(name.into())) } else { Err(BadCounterName) }
    }

    /// The name.
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CounterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for CounterName {
    type Err = BadCounterName;

    fn from_str(text: &str) -> Result<Self, BadCounterName> {
        Self::new(text)
    }
}
