//! Lighter's rate limits: what one address or one owner may ask for within a rolling minute.
//!
//! Written out, as the crates for it (`governor` and its like) count with a leaky bucket: after a burst of 60
//! requests that lets another one through each second, where a rolling minute lets none through until the first of
//! the 60 is a minute old. A client that is tested here must see what it will see there.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use keyward_lighter::EthereumAddress;
use tokio::time::Instant;

use crate::Tier;

/// How many requests a client may make.
///
/// A request counts against the owner of the account whose token it carries, or, without a token, against the
/// address that it comes from. Source: the rate limits of Lighter's API documentation, apidocs.lighter.xyz.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RateLimit {
    /// As many as it likes.
    #[default]
    Off,
    /// As the venue has it: 60 in a rolling minute, and a weight of 24,000; for owners in a higher tier a weight of
    /// 24,000, 120,000 or 240,000, and any number. A refused request does not count.
    Standard,
}

/// Whom a request counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Payer {
    /// The address that it comes from.
    Address(IpAddr),
    /// The owner of the account that it is made for.
    Owner(EthereumAddress),
    /// The WebSocket messages of an address that are no transactions.
    Stream(IpAddr),
}

/// A request too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany {
    /// When it would be let through, if there are no others.
    pub(crate) retry_after: Duration,
}

pub(crate) struct RateLimiter {
    windows: Option<Mutex<HashMap<Payer, Window>>>,
}

/// The requests of one payer in the last minute.
#[derive(Default)]
struct Window {
    /// When each was made and what it weighs; oldest first.
    requests: VecDeque<(Instant, u32)>,
    /// The sum of all weights.
    weight: u32,
}

/// What is let through within a minute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    requests: usize,
    weight: u32,
}

impl Budget {
    /// The WebSocket messages of one address that are no transactions.
    pub(crate) const STREAM: Self = Self { requests: 200, weight: u32::MAX };

    /// The requests of an owner with an account of this tier. Requests without a token have a standard account's.
    pub(crate) const fn of(tier: Tier) -> Self {
        match tier {
            Tier::Standard => Self { requests: 60, weight: 24_000 },
            Tier::Premium => Self { requests: usize::MAX, weight: 24_000 },
            Tier::Plus => Self { requests: usize::MAX, weight: 120_000 },
            Tier::Builder => Self { requests: usize::MAX, weight: 240_000 },
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);

/// The most payers whose requests are remembered; beyond that the one is forgotten who was quiet longest.
const MAX_PAYERS: usize = 10_000;

impl RateLimiter {
    pub(crate) fn new(rate_limit: RateLimit) -> Self {
        let windows = match rate_limit {
            RateLimit::Off => None,
            RateLimit::Standard => Some(Mutex::default()),
        };
        Self { windows }
    }

    /// Whether there is anything to count.
    pub(crate) fn is_on(&self) -> bool {
        self.windows.is_some()
    }

    /// Counts a request, unless it is one too many.
    pub(crate) fn charge(&self, payer: Payer, budget: Budget, weight: u32) -> Result<(), TooMany> {
        let Some(windows) = &self.windows else { return Ok(()) };
        let mut windows = windows.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if windows.len() >= MAX_PAYERS && !windows.contains_key(&payer) {
            forget(&mut windows, now);
        }
        windows.entry(payer).or_default().charge(budget, weight, now)
    }
}

impl Window {
    fn charge(&mut self, budget: Budget, weight: u32, now: Instant) -> Result<(), TooMany> {
        self.forget_until(now);
        // The oldest requests go first: which of them must be gone for this one to fit?
        let (mut requests, mut sum) = (self.requests.len(), self.weight);
        let mut waits_for = None;
        for &(made, weighs) in &self.requests {
            if requests < budget.requests && sum.saturating_add(weight) <= budget.weight {
                break;
            }
            waits_for = Some(made);
            requests -= 1;
            sum -= weighs;
        }
        match waits_for {
            None => {
                self.requests.push_back((now, weight));
                self.weight += weight;
                Ok(())
            }
            Some(made) => Err(TooMany { retry_after: made + MINUTE - now }),
        }
    }

    fn forget_until(&mut self, now: Instant) {
        while let Some(&(made, weight)) = self.requests.front()
            && now.duration_since(made) >= MINUTE
        {
            self.requests.pop_front();
            self.weight -= weight;
        }
    }
}

/// Makes room for another payer.
fn forget(windows: &mut HashMap<Payer, Window>, now: Instant) {
    windows.retain(|_, window| {
        window.forget_until(now);
        !window.requests.is_empty()
    });
    if windows.len() >= MAX_PAYERS {
        let quietest = windows.iter().min_by_key(|(_, window)| window.requests.back().map(|&(made, _)| made));
        if let Some((&payer, _)) = quietest {
            windows.remove(&payer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::time::advance;

    use super::{Budget, Duration, IpAddr, MAX_PAYERS, MINUTE, Payer, RateLimit, RateLimiter, Tier, TooMany};

    const STANDARD: Budget = Budget::of(Tier::Standard);
    const PREMIUM: Budget = Budget::of(Tier::Premium);

    fn address(number: u32) -> Payer {
        Payer::Address(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_let_through_when_the_first_of_sixty_is_a_minute_old() {
        let limiter = RateLimiter::new(RateLimit::Standard);
        for _ in 0..60 {
            limiter.charge(address(1), STANDARD, 6).unwrap();
            advance(Duration::from_millis(500)).await;
        }
        // 30 seconds have passed. A leaky bucket would let 30 more through.
        let retry_after = Duration::from_secs(30);
        assert_eq!(limiter.charge(address(1), STANDARD, 6), Err(TooMany { retry_after }));
        assert_eq!(limiter.charge(address(2), STANDARD, 6), Ok(()), "another's requests do not count");
        advance(retry_after - Duration::from_millis(1)).await;
        assert_eq!(
            limiter.charge(address(1), STANDARD, 6),
            Err(TooMany { retry_after: Duration::from_millis(1) }),
            "those refused did not count"
        );
        advance(Duration::from_millis(1)).await;
        assert_eq!(limiter.charge(address(1), STANDARD, 6), Ok(()));
        assert!(limiter.charge(address(1), STANDARD, 6).is_err());
        advance(Duration::from_millis(500)).await;
        assert_eq!(limiter.charge(address(1), STANDARD, 6), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn weights_count_and_a_heavy_request_waits_for_enough_light_ones() {
        let limiter = RateLimiter::new(RateLimit::Standard);
        for _ in 0..8 {
            limiter.charge(address(1), PREMIUM, 3000).unwrap();
            advance(Duration::from_secs(1)).await;
        }
        let wait = |seconds| Err(TooMany { retry_after: Duration::from_secs(seconds) });
        assert_eq!(limiter.charge(address(1), PREMIUM, 6), wait(52), "for the first");
        assert_eq!(limiter.charge(address(1), PREMIUM, 3000), wait(52));
        assert_eq!(limiter.charge(address(1), PREMIUM, 3001), wait(53), "for the first two");
        assert_eq!(limiter.charge(address(1), PREMIUM, 24_000), wait(59), "for all");
        advance(Duration::from_secs(52)).await;
        assert_eq!(limiter.charge(address(1), PREMIUM, 3000), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn light_requests_of_a_higher_tier_are_many() {
        let limiter = RateLimiter::new(RateLimit::Standard);
        for _ in 0..4000 {
            limiter.charge(address(1), PREMIUM, 6).unwrap();
        }
        assert_eq!(limiter.charge(address(1), PREMIUM, 6), Err(TooMany { retry_after: MINUTE }));
        for _ in 0..40 {
            limiter.charge(address(2), Budget::of(Tier::Plus), 3000).unwrap();
            limiter.charge(address(3), Budget::of(Tier::Builder), 6000).unwrap();
        }
        assert!(limiter.charge(address(2), Budget::of(Tier::Plus), 6).is_err());
        assert!(limiter.charge(address(3), Budget::of(Tier::Builder), 6).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_the_quietest_is_forgotten_first() {
        let limiter = RateLimiter::new(RateLimit::Standard);
        for number in 0..MAX_PAYERS as u32 {
            limiter.charge(address(number), STANDARD, 24_000).unwrap();
            if number == 0 {
                advance(Duration::from_secs(1)).await;
            }
        }
        limiter.charge(address(u32::MAX), STANDARD, 24_000).unwrap();
        let count = || limiter.windows.as_ref().unwrap().lock().unwrap().len();
        assert_eq!(count(), MAX_PAYERS);
        assert!(limiter.charge(address(1), STANDARD, 6).is_err(), "remembered");
        assert!(limiter.charge(address(0), STANDARD, 6).is_ok(), "forgotten");
        advance(MINUTE).await;
        limiter.charge(address(u32::MAX - 1), STANDARD, 6).unwrap();
        assert_eq!(count(), 1, "after a minute all are");
    }
}
