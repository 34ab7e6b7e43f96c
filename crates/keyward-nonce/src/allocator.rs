use core::fmt;
use core::num::NonZero;
use std::boxed::Box;
use std::sync::PoisonError;
use std::vec::Vec;

use keyward_time::UnixMillis;
use keyward_token::ApiKeyIndex;

use crate::slot::{Outcome, Slot};
use crate::sync::{Arc, AtomicUsize, Mutex, Ordering};
use crate::{Lease, Nonce, NonceMode, NonceState, Resync};

/// Hands out the nonces of one account's key slots to many tasks.
///
/// A clone is another handle to the same books. What is handed out is a [`Lease`], to be settled with what the
/// venue answered:
///
/// | the venue | [`NonceMode::Sequential`] | [`NonceMode::Skip`] |
/// |---|---|---|
/// | took the transaction: [`Lease::accepted`] | the nonce is used, and all below | the same |
/// | refused it for another reason than its nonce: [`Lease::refused`] | the nonce is free again, and the lowest free one goes first | the nonce is left out |
/// | refused its nonce: [`Lease::refused_invalid_nonce`] | the slot is stale | stale, if no higher one can be the reason |
/// | may have got it or not: [`Lease::unknown`], or dropped | the slot is stale | the nonce is left out |
///
/// A stale slot hands out nothing until the venue was asked, see [`begin_resync`](Self::begin_resync). A nonce
/// that the venue is known to have passed makes no slot stale and never comes back.
///
/// - No nonce is held by two leases at a time, also not after a resync with some in flight.
/// - A nonce that was accepted is not handed out again; unless the venue, asked afterwards, says that it is due
///   (it may drop a transaction that it had taken).
/// - In sequential mode no gap is left. The venue wants a slot's transactions in the order of their nonces: tasks
///   that do not wait for each other are better off with a slot each, or in skip mode. A transaction with an
///   unknown outcome may still arrive after its nonce was handed out again: the venue then takes one of the two.
/// - In skip mode the nonce is the time in milliseconds, or more where it must be: above the last one, and not
///   below the venue's next. So neither a restart nor a clock that is set back repeats one, and transactions can
///   overtake each other at the price of the slower one. After both at once, one that is still on its way from
///   before, and that the venue does not know of, could be repeated: the venue then takes one of the two. Who keeps
///   the last nonce that was handed out rules this out by `venue.max(NonceState::after(last))` for the slot's state.
///
/// The lock of a slot is held for the time of a look-up in its nonces in flight, never while anything is waited for.
#[derive(Clone)]
pub struct NonceAllocator {
    books: Arc<Books>,
}

struct Books {
    mode: NonceMode,
    slots: Box<[(ApiKeyIndex, Mutex<Slot>)]>,
    /// Whose turn it is, modulo the number of slots.
    turn: AtomicUsize,
}

impl NonceAllocator {
    /// An allocator for these key slots, each with its state at the venue.
    ///
    /// # Errors
    /// - there is no slot
    /// - a slot is there twice
    pub fn new(
        slots: impl IntoIterator<Item = (ApiKeyIndex, NonceState)>,
        mode: NonceMode,
    ) -> Result<Self, SlotsError> {
        let slots: Box<[_]> =
            slots.into_iter().map(|(api_key, venue)| (api_key, Mutex::new(Slot::new(venue, mode)))).collect();
        let mut api_keys: Vec<_> = slots.iter().map(|(api_key, _)| *api_key).collect();
        api_keys.sort_unstable();
        if api_keys.is_empty() {
            Err(SlotsError::Empty)
        } else if api_keys.windows(2).any(|pair| pair[0] == pair[1]) {
            Err(SlotsError::Repeated)
        } else {
            Ok(Self { books: Arc::new(Books { mode, slots, turn: AtomicUsize::new(0) }) })
        }
    }

    /// The mode that every transaction has to be sent in.
    pub fn mode(&self) -> NonceMode {
        self.books.mode
    }

    /// A nonce of the slot whose turn it is, or of the next one that has any.
    ///
    /// `now` is the time, for skip mode; sequential mode does not look at it.
    ///
    /// # Errors
    /// - [`Stale`](AllocateError::Stale): there are stale slots, and the others are exhausted
    /// - [`Exhausted`](AllocateError::Exhausted): all slots are exhausted
    pub fn allocate(&self, now: UnixMillis) -> Result<Lease, AllocateError> {
        self.in_turn(|slot| self.lease(slot, now))
    }

    /// Nonces that follow one another, of one slot, as a batch of transactions wants them: of the slot whose turn it
    /// is, or of the next one that has any.
    ///
    /// They are `count` at most. In sequential mode they are fewer if a later one is in flight, since the lowest free
    /// ones go first; the rest is for the next run.
    ///
    /// # Errors
    /// As [`allocate`](Self::allocate).
    pub fn allocate_run(&self, count: NonZero<usize>, now: UnixMillis) -> Result<Vec<Lease>, AllocateError> {
        self.in_turn(|slot| self.lease_run(slot, count, now))
    }

    /// A nonce of this slot, at the time `now`.
    ///
    /// # Errors
    /// - the slot is not one of the allocator's
    /// - the slot is stale
    /// - the slot is exhausted
    pub fn allocate_for(&self, api_key: ApiKeyIndex, now: UnixMillis) -> Result<Lease, AllocateError> {
        self.lease(self.position(api_key)?, now)
    }

    /// Nonces of this slot that follow one another, as from [`allocate_run`](Self::allocate_run).
    ///
    /// # Errors
    /// As [`allocate_for`](Self::allocate_for).
    pub fn allocate_run_for(
        &self,
        api_key: ApiKeyIndex,
        count: NonZero<usize>,
        now: UnixMillis,
    ) -> Result<Vec<Lease>, AllocateError> {
        self.lease_run(self.position(api_key)?, count, now)
    }

    /// The slots that hand out nothing until the venue was asked for their state.
    pub fn stale_slots(&self) -> Vec<ApiKeyIndex> {
        let is_stale = |position: &usize| self.with_slot(*position, |slot| slot.is_stale());
        (0..self.books.slots.len()).filter(is_stale).map(|position| self.api_key(position)).collect()
    }

    /// Begins to bring a slot, stale or not, in line with the venue: to be called before the venue is asked, so
    /// that its answer is not taken for news about what happens after the question.
    ///
    /// # Errors
    /// - the slot is not one of the allocator's
    pub fn begin_resync(&self, api_key: ApiKeyIndex) -> Result<Resync, UnknownSlot> {
        let position = self.position(api_key)?;
        Ok(Resync::new(self.clone(), position, self.with_slot(position, |slot| slot.question())))
    }

    pub(crate) fn api_key(&self, position: usize) -> ApiKeyIndex {
        self.books.slots[position].0
    }

    pub(crate) fn settle(&self, position: usize, nonce: Nonce, outcome: Outcome) {
        self.with_slot(position, |slot| slot.settle(nonce, outcome));
    }

    pub(crate) fn with_slot<T>(&self, position: usize, action: impl FnOnce(&mut Slot) -> T) -> T {
        // No action panics half-way.
        action(&mut self.books.slots[position].1.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the first slot has to give, from that whose turn it is.
    fn in_turn<T>(&self, give: impl Fn(usize) -> Result<T, AllocateError>) -> Result<T, AllocateError> {
        let turn = self.books.turn.fetch_add(1, Ordering::Relaxed);
        let count = self.books.slots.len();
        let mut refusal = AllocateError::Exhausted;
        for slot in (0..count).map(|step| turn.wrapping_add(step) % count) {
            match give(slot) {
                Ok(given) => return Ok(given),
                Err(AllocateError::Stale) => refusal = AllocateError::Stale,
                Err(_) => {}
            }
        }
        Err(refusal)
    }

    fn lease(&self, position: usize, now: UnixMillis) -> Result<Lease, AllocateError> {
        let nonce = self.with_slot(position, |slot| slot.allocate(now))?;
        Ok(Lease::new(self.clone(), position, nonce))
    }

    fn lease_run(&self, position: usize, count: NonZero<usize>, now: UnixMillis) -> Result<Vec<Lease>, AllocateError> {
        let run = self.with_slot(position, |slot| slot.allocate_run(now, count))?;
        Ok(run.into_iter().map(|nonce| Lease::new(self.clone(), position, nonce)).collect())
    }

    fn position(&self, api_key: ApiKeyIndex) -> Result<usize, UnknownSlot> {
        self.books.slots.iter().position(|(it, _)| *it == api_key).ok_or(UnknownSlot)
    }
}

impl fmt::Debug for NonceAllocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NonceAllocator").field("mode", &self.books.mode).finish_non_exhaustive()
    }
}

/// Why there can be no allocator for such slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SlotsError {
    /// Not one slot.
    #[error("no key slot to take nonces from")]
    Empty,
    /// A slot that is there twice.
    #[error("a key slot is there twice")]
    Repeated,
}

/// A key slot that the allocator was not made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not one of the allocator's key slots")]
pub struct UnknownSlot;

/// Why there is no nonce to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AllocateError {
    /// The slot is not one of the allocator's.
    #[error(transparent)]
    UnknownSlot(#[from] UnknownSlot),
    /// The venue must be asked first: [`NonceAllocator::begin_resync`].
    #[error("the key slot's next nonce must be asked for first")]
    Stale,
    /// No nonce is left: in sequential mode none up to [`Nonce::MAX`], in skip mode none up to
    /// [`Nonce::MAX_SKIP`], from where an allocator in sequential mode can go on. A `now` above that, some
    /// thousand years ahead, ends in this too and uses up nothing.
    #[error("the key slot has no nonce left in this mode")]
    Exhausted,
}
