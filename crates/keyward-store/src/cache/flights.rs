use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

/// What is being found out: of those who ask for the same thing at the same time, one finds it out and the others wait for
/// that.
///
/// It holds what somebody asks for and nothing else, so that it is empty when nobody does.
#[derive(Debug)]
pub(super) struct Flights<K, T>(Mutex<HashMap<K, Flight<T>>>);

#[derive(Debug)]
struct Flight<T> {
    answer: Arc<OnceCell<T>>,
    /// How many have not left. Counted here, since references are given back without the lock.
    passengers: usize,
}

impl<K: Copy + Eq + Hash, T: Clone> Flights<K, T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// The answer of who is finding it out already, else of `find_out`. If that one goes away, one of those that wait begins anew.
    /// Who asks when there is an answer begins anew too.
    pub(super) async fn join(&self, key: K, find_out: impl Future<Output = T>) -> T {
        let seat = self.enter(key);
        seat.answer.get_or_init(|| find_out).await.clone()
    }

    fn enter(&self, key: K) -> Seat<'_, K, T> {
        let mut flights = self.lock();
        let flight = match flights.entry(key) {
            Entry::Occupied(mut flight) if flight.get().answer.initialized() => {
                // Its passengers are about to leave.
                flight.insert(Flight::new());
                flight.into_mut()
            }
            flight => flight.or_insert_with(Flight::new),
        };
        flight.passengers += 1;
        Seat { flights: self, key, answer: flight.answer.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Flight<T>>> {
        // Nothing that is done under the lock panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Flight<T> {
    fn new() -> Self {
        Self { answer: Arc::new(OnceCell::new()), passengers: 0 }
    }
}

/// Somebody who waits, until it is dropped.
struct Seat<'a, K: Copy + Eq + Hash, T: Clone> {
    flights: &'a Flights<K, T>,
    key: K,
    answer: Arc<OnceCell<T>>,
}

impl<K: Copy + Eq + Hash, T: Clone> Drop for Seat<'_, K, T> {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        if let Entry::Occupied(mut flight) = flights.entry(self.key) {
            // There is another one if somebody has asked since this one was answered.
            if Arc::ptr_eq(&flight.get().answer, &self.answer) {
                flight.get_mut().passengers -= 1;
                if flight.get().passengers == 0 || self.answer.initialized() {
                    flight.remove();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    fn is_empty(flights: &Flights<u8, u32>) -> bool {
        flights.lock().is_empty()
    }

    #[tokio::test]
    async fn nothing_is_left_of_what_was_answered() {
        let flights = Flights::new();
        assert_eq!(flights.join(1, ready(1)).await, 1);
        assert!(is_empty(&flights));
        assert_eq!(flights.join(1, ready(2)).await, 2);
        assert!(is_empty(&flights));
    }

    #[test]
    fn nothing_is_left_of_who_went_away() {
        let mut context = Context::from_waker(Waker::noop());
        let flights = Flights::new();
        {
            let mut first = pin!(flights.join(1, pending()));
            let mut second = pin!(flights.join(1, pending()));
            assert!(first.as_mut().poll(&mut context).is_pending());
            assert!(second.as_mut().poll(&mut context).is_pending());
            assert_eq!(flights.lock().get(&1).map(|flight| flight.passengers), Some(2));
        }
        assert!(is_empty(&flights));
    }

    #[test]
    fn a_panic_is_nobody_elses() {
        let mut context = Context::from_waker(Waker::noop());
        let flights = Flights::new();
        let mut first = Box::pin(flights.join(1, async { panic!("of who finds it out") }));
        let mut second = pin!(flights.join(1, ready(2)));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| first.as_mut().poll(&mut context)));
        assert!(panicked.is_err());
        drop(first);
        assert_eq!(second.as_mut().poll(&mut context), std::task::Poll::Ready(2));
        assert!(is_empty(&flights));
    }
}
