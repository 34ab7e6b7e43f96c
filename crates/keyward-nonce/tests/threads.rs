//! Real threads on one allocator.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use keyward_nonce::{Lease, NonceAllocator, NonceMode, NonceState};
use keyward_time::UnixMillis;
use keyward_token::ApiKeyIndex;

const THREADS: u64 = 8;

fn allocator(slots: u8, mode: NonceMode) -> NonceAllocator {
    let slots = (0..slots).map(|index| (ApiKeyIndex::new(index).expect("a key slot"), NonceState::NEW));
    NonceAllocator::new(slots, mode).expect("slots")
}

fn take(allocator: &NonceAllocator) -> Lease {
    allocator.allocate(UnixMillis::EPOCH).expect("a nonce")
}

/// Runs a function on all threads at the same time.
fn on_all_threads<T: Send>(action: impl Fn() -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(&action)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread")).collect()
    })
}

/// A set of small numbers that threads share.
struct SharedSet(Vec<AtomicU64>);

impl SharedSet {
    fn new(size: u64) -> Self {
        Self((0..size.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    /// Whether it was not in there.
    fn insert(&self, number: u64) -> bool {
        let bit = 1 << (number % 64);
        self.0[(number / 64) as usize].fetch_or(bit, Ordering::Relaxed) & bit == 0
    }

    fn is_full(&self) -> bool {
        self.0.iter().all(|word| word.load(Ordering::Relaxed) == u64::MAX)
    }
}

#[test]
fn eight_million_nonces_come_without_a_duplicate_or_a_gap() {
    const EACH: u64 = 1_000_000;
    let allocator = allocator(1, NonceMode::Sequential);
    let seen = SharedSet::new(THREADS * EACH);
    on_all_threads(|| {
        for _ in 0..EACH {
            let lease = take(&allocator);
            assert!(seen.insert(lease.nonce().as_u64()), "{} came twice", lease.nonce());
            lease.accepted();
        }
    });
    assert!(seen.is_full());
    assert_eq!(take(&allocator).nonce().as_u64(), THREADS * EACH);
}

#[test]
fn refused_nonces_fill_the_gaps_that_they_leave() {
    const SLOTS: u8 = 3;
    let allocator = allocator(SLOTS, NonceMode::Sequential);
    let kept = on_all_threads(|| {
        let mut kept = Vec::new();
        for round in 0..60_000 {
            let lease = take(&allocator);
            if round % 10 == 0 { kept.push(lease) } else { lease.refused() }
        }
        kept
    });
    let mut kept: Vec<Lease> = kept.into_iter().flatten().collect();
    let mut held: HashSet<_> = kept.iter().map(|lease| (lease.api_key(), lease.nonce())).collect();
    assert_eq!(held.len(), kept.len(), "a nonce is held twice");
    for slot in (0..SLOTS).map(|index| ApiKeyIndex::new(index).expect("a key slot")) {
        let of_slot = |held: &HashSet<_>| held.iter().filter(|(api_key, _)| *api_key == slot).count();
        let highest = kept.iter().filter(|lease| lease.api_key() == slot).map(|lease| lease.nonce().as_u64()).max();
        let gaps = highest.expect("all slots are used") + 1 - of_slot(&held) as u64;
        for _ in 0..gaps {
            let lease = allocator.allocate_for(slot, UnixMillis::EPOCH).expect("a nonce");
            assert!(Some(lease.nonce().as_u64()) < highest && held.insert((slot, lease.nonce())));
            kept.push(lease);
        }
        assert_eq!(Some(of_slot(&held) as u64 - 1), highest);
    }
}

#[test]
fn skipped_nonces_only_rise() {
    let allocator = allocator(2, NonceMode::Skip);
    let time = AtomicU64::new(1000);
    let taken = on_all_threads(|| {
        let mut taken = Vec::new();
        for round in 0..50_000 {
            // A clock that the threads read at odd moments, and that is set back now and then.
            let now = time.fetch_add(1, Ordering::Relaxed) - if round % 7 == 0 { 500 } else { 0 };
            let lease = allocator.allocate(UnixMillis::new(now).expect("an instant")).expect("a nonce");
            assert!(lease.nonce().as_u64() >= now);
            taken.push((lease.api_key(), lease.nonce()));
            if round % 3 == 0 { lease.unknown() } else { lease.accepted() }
        }
        taken
    });
    for slot in [0, 1].map(|index| ApiKeyIndex::new(index).expect("a key slot")) {
        for thread in &taken {
            let own: Vec<_> = thread.iter().filter(|(api_key, _)| *api_key == slot).collect();
            assert!(own.is_sorted_by(|one, next| one.1 < next.1));
        }
    }
    let distinct: HashSet<_> = taken.iter().flatten().collect();
    assert_eq!(distinct.len() as u64, THREADS * 50_000);
}
