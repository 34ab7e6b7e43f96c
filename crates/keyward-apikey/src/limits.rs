use core::fmt;

use keyward_time::OutOfRange;

/// How much of something a key may use: 1 to 2^53 - 1, which every language's numbers hold exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Limit(u64);

impl Limit {
    /// The largest limit: 2^53 - 1.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// A limit of `limit`.
    ///
    /// # Errors
    /// - `limit` is 0: who wants that revokes the key
    /// - `limit` is above 2^53 - 1
    pub const fn new(limit: u64) -> Result<Self, LimitError> {
        if limit == 0 {
            return Err(LimitError::Zero);
        }
        match OutOfRange::check(limit, Self::MAX.0) {
            Ok(limit) => Ok(Self(limit)),
            Err(error) => Err(LimitError::OutOfRange(error)),
        }
    }

    /// The number, 1 to 2^53 - 1.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<u64> for Limit {
    type Error = LimitError;

    fn try_from(limit: u64) -> Result<Self, LimitError> {
        Self::new(limit)
    }
}

impl From<Limit> for u64 {
    fn from(limit: Limit) -> Self {
        limit.0
    }
}

/// Why a number is not a [`Limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LimitError {
    /// Nothing is no limit.
    #[error("limit of 0")]
    Zero,
    /// Above 2^53 - 1.
    #[error(transparent)]
    OutOfRange(OutOfRange),
}

/// The rate limits that hold for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateLimits {
    /// Requests in one minute.
    pub requests_per_minute: Limit,
    /// Tokens, as the service counts them, in one hour.
    pub tokens_per_hour: Limit,
    /// Requests at the same time.
    pub concurrent: Limit,
}

impl RateLimits {
    /// 1,000 requests a minute, 1,000,000 tokens an hour, 10 at the same time. Source: "Rate Limiting" of Routstr's page on
    /// authentication.
    pub const DEFAULT: Self =
        Self { requests_per_minute: Limit(1_000), tokens_per_hour: Limit(1_000_000), concurrent: Limit(10) };

    /// The lower of each: what holds for a key below another.
    pub fn min(self, other: Self) -> Self {
        Self {
            requests_per_minute: self.requests_per_minute.min(other.requests_per_minute),
            tokens_per_hour: self.tokens_per_hour.min(other.tokens_per_hour),
            concurrent: self.concurrent.min(other.concurrent),
        }
    }
}

/// What a key has instead of the service's rate limits; `None` where the service's holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct LimitOverrides {
    /// Requests in one minute.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::record::present"))]
    pub requests_per_minute: Option<Limit>,
    /// Tokens, as the service counts them, in one hour.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::record::present"))]
    pub tokens_per_hour: Option<Limit>,
    /// Requests at the same time.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::record::present"))]
    pub concurrent: Option<Limit>,
}

impl LimitOverrides {
    /// Nothing instead.
    pub const NONE: Self = Self { requests_per_minute: None, tokens_per_hour: None, concurrent: None };

    /// What holds where `service` are the limits of keys without their own.
    pub fn over(&self, service: RateLimits) -> RateLimits {
        RateLimits {
            requests_per_minute: self.requests_per_minute.unwrap_or(service.requests_per_minute),
            tokens_per_hour: self.tokens_per_hour.unwrap_or(service.tokens_per_hour),
            concurrent: self.concurrent.unwrap_or(service.concurrent),
        }
    }

    /// Whether none is above that of `other`, as far as both say something.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let within = |own: Option<Limit>, other: Option<Limit>| own.zip(other).is_none_or(|(own, other)| own <= other);
        within(self.requests_per_minute, other.requests_per_minute)
            && within(self.tokens_per_hour, other.tokens_per_hour)
            && within(self.concurrent, other.concurrent)
    }
}
