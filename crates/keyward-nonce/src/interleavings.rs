//! Every interleaving of a few threads on one allocator: `cargo xtask test interleavings`.
//!
//! They stand here and not among the tests of the interface, so that nobody who uses this crate depends on the checker.

use std::vec::Vec;

use keyward_time::UnixMillis;
use keyward_token::ApiKeyIndex;
use loom::thread;

use crate::sync::{Arc, Mutex};
use crate::{AllocateError, Lease, NonceAllocator, NonceMode, NonceState};

fn api_key(index: u8) -> ApiKeyIndex {
    ApiKeyIndex::new(index).expect("a key slot")
}

fn allocator(slots: u8, mode: NonceMode) -> NonceAllocator {
    NonceAllocator::new((0..slots).map(|index| (api_key(index), NonceState::NEW)), mode).expect("slots")
}

fn try_take(allocator: &NonceAllocator) -> Result<Lease, AllocateError> {
    allocator.allocate(UnixMillis::EPOCH)
}

fn take(allocator: &NonceAllocator) -> Lease {
    try_take(allocator).expect("a nonce")
}

fn number(lease: &Lease) -> u64 {
    lease.nonce().as_u64()
}

/// The exchange, with the one slot 0.
#[derive(Clone)]
struct Venue(Arc<Mutex<NonceState>>);

impl Venue {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(NonceState::NEW)))
    }

    fn state(&self) -> NonceState {
        *self.0.lock().expect("no thread panics")
    }

    /// Whether it takes the transaction.
    fn judge(&self, lease: &Lease) -> bool {
        let mut state = self.0.lock().expect("no thread panics");
        let answer = state.accept(lease.nonce(), lease.mode());
        *state = answer.unwrap_or(*state);
        answer.is_ok()
    }

    /// Sends a transaction, and tells the lease what came of it.
    fn send(&self, lease: Lease) -> bool {
        let is_taken = self.judge(&lease);
        if is_taken {
            lease.accepted()
        } else {
            lease.refused_invalid_nonce()
        }
        is_taken
    }

    fn answer(&self, allocator: &NonceAllocator) {
        let question = allocator.begin_resync(api_key(0)).expect("a slot");
        question.finish(self.state());
    }
}

#[test]
fn each_nonce_goes_to_one_thread_and_keys_take_turns() {
    loom::model(|| {
        let allocator = allocator(2, NonceMode::Sequential);
        let threads = [(); 2].map(|()| {
            let allocator = allocator.clone();
            thread::spawn(move || [take(&allocator), take(&allocator)])
        });
        let leases: Vec<Lease> = threads.into_iter().flat_map(|thread| thread.join().expect("a thread")).collect();
        let mut taken: Vec<_> = leases.iter().map(|lease| (lease.api_key().as_u8(), number(lease))).collect();
        taken.sort_unstable();
        assert_eq!(taken, [(0, 0), (0, 1), (1, 0), (1, 1)]);
    });
}

#[test]
fn a_refused_nonce_goes_to_one_thread_and_a_held_one_to_none() {
    loom::model(|| {
        let allocator = allocator(1, NonceMode::Sequential);
        let (refused, held) = (take(&allocator), take(&allocator));
        let threads = [Some(refused), None].map(|refused| {
            let allocator = allocator.clone();
            thread::spawn(move || {
                if let Some(refused) = refused {
                    refused.refused();
                }
                take(&allocator)
            })
        });
        let leases = threads.map(|thread| thread.join().expect("a thread"));
        let mut taken = leases.each_ref().map(number).to_vec();
        taken.push(number(&held));
        taken.sort_unstable();
        // The other thread may have been first, and then has left 0 to the one that refused it.
        assert_eq!(taken, [0, 1, 2]);
    });
}

#[test]
fn skipping_threads_never_get_the_same_nonce() {
    loom::model(|| {
        let allocator = allocator(1, NonceMode::Skip);
        let threads = [1000, 999].map(|now| {
            let allocator = allocator.clone();
            thread::spawn(move || {
                let now = UnixMillis::new(now).expect("an instant");
                let first = allocator.allocate(now).expect("a nonce");
                let second = allocator.allocate(now).expect("a nonce");
                assert!(first.nonce() < second.nonce());
                let taken = [number(&first), number(&second)];
                first.unknown();
                second.refused();
                taken
            })
        });
        let mut taken: Vec<u64> = threads.into_iter().flat_map(|thread| thread.join().expect("a thread")).collect();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken.len(), 4);
        assert!(allocator.stale_slots().is_empty());
    });
}

#[test]
fn an_acceptance_beside_a_resync_is_not_forgotten() {
    loom::model(|| {
        let (allocator, venue) = (allocator(1, NonceMode::Sequential), Venue::new());
        let (first, second) = (take(&allocator), take(&allocator));
        // Faster than the first.
        assert!(!venue.send(second));
        let sender = {
            let venue = venue.clone();
            thread::spawn(move || venue.send(first))
        };
        venue.answer(&allocator);
        // The first one is in flight still, or was accepted.
        let next = take(&allocator);
        assert_eq!(number(&next), 1);
        assert!(sender.join().expect("a thread"));
        assert!(venue.send(next));
        assert_eq!(number(&take(&allocator)), 2);
    });
}

#[test]
fn a_loss_beside_a_resync_is_not_forgotten() {
    loom::model(|| {
        let (allocator, venue) = (allocator(1, NonceMode::Sequential), Venue::new());
        let lost = take(&allocator);
        take(&allocator).refused_invalid_nonce();
        let sender = {
            let venue = venue.clone();
            thread::spawn(move || {
                assert!(venue.judge(&lost));
                drop(lost);
            })
        };
        venue.answer(&allocator);
        sender.join().expect("a thread");
        let next = match try_take(&allocator) {
            Err(AllocateError::Stale) => {
                venue.answer(&allocator);
                take(&allocator)
            }
            next => next.expect("a nonce"),
        };
        // Whether the slot was stale or not, what it hands out is what the venue wants.
        assert!(venue.send(next));
    });
}

#[test]
fn two_resyncs_at_a_time_agree() {
    loom::model(|| {
        let (allocator, venue) = (allocator(1, NonceMode::Sequential), Venue::new());
        take(&allocator).unknown();
        let threads = [true, false].map(|is_used| {
            let (allocator, venue) = (allocator.clone(), venue.clone());
            thread::spawn(move || {
                venue.answer(&allocator);
                is_used.then(|| take(&allocator)).map(|lease| venue.send(lease))
            })
        });
        for thread in threads {
            assert_ne!(thread.join().expect("a thread"), Some(false), "the venue refused a nonce");
        }
        assert!(venue.send(take(&allocator)));
    });
}
