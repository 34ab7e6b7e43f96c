//! The bookkeeping of one key slot. It knows nothing of threads.

use core::num::NonZero;
use std::collections::BTreeSet;
use std::vec;
use std::vec::Vec;

use keyward_time::UnixMillis;

use crate::{AllocateError, Nonce, NonceMode, NonceState};

/// What became of a nonce that was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The venue has taken the transaction.
    Accepted,
    /// It has not, for a reason other than the nonce.
    Refused,
    /// It has not, for the nonce.
    InvalidNonce,
    /// It has, or has not, or will.
    Unknown,
}

/// Where the books stood when the venue was asked for its state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    updates: u64,
    doubts: u64,
}

/// One key slot, as the client sees it.
pub(crate) struct Slot {
    mode: NonceMode,
    /// The venue's state as far as it is known: what lies below is used up.
    venue: NonceState,
    /// Nothing from `venue` to here is free.
    cursor: NonceState,
    /// Handed out and not settled.
    in_flight: BTreeSet<Nonce>,
    /// How often the venue told something of its state.
    updates: u64,
    /// How often something happened that `venue` does not explain.
    doubts: u64,
    /// How many of the doubts an answer of the venue has cleared away.
    cleared: u64,
    /// In skip mode, a refusal for the nonce that one in flight may explain: the nonce, and `cursor` at that time.
    unexplained: Option<(Nonce, NonceState)>,
}

impl Slot {
    pub(crate) fn new(venue: NonceState, mode: NonceMode) -> Self {
        Self {
            mode,
            venue,
            cursor: venue,
            in_flight: BTreeSet::new(),
            updates: 0,
            doubts: 0,
            cleared: 0,
            unexplained: None,
        }
    }

    pub(crate) fn is_stale(&self) -> bool {
        self.doubts > self.cleared
    }

    /// Hands out the lowest free nonce; in skip mode none below the time in milliseconds either.
    pub(crate) fn allocate(&mut self, now: UnixMillis) -> Result<Nonce, AllocateError> {
        let nonce = self.free(now)?;
        self.hand_out(nonce);
        Ok(nonce)
    }

    /// Hands out the nonce that [`allocate`](Self::allocate) would, and those after it: until there are `count`, or
    /// one is not free.
    pub(crate) fn allocate_run(&mut self, now: UnixMillis, count: NonZero<usize>) -> Result<Vec<Nonce>, AllocateError> {
        let mut last = self.allocate(now)?;
        let mut run = vec![last];
        while run.len() < count.get()
            && let Ok(free) = self.free(now)
            && last.next() == Some(free)
        {
            self.hand_out(free);
            run.push(free);
            last = free;
        }
        Ok(run)
    }

    fn free(&self, now: UnixMillis) -> Result<Nonce, AllocateError> {
        if self.is_stale() {
            return Err(AllocateError::Stale);
        }
        let mut free = self.cursor.max(self.venue).next();
        let last = match self.mode {
            NonceMode::Sequential => Nonce::MAX,
            NonceMode::Skip => {
                let now = Nonce::new(now.as_millis()).unwrap_or(Nonce::MAX);
                free = free.map(|free| free.max(now));
                Nonce::MAX_SKIP
            }
        };
        while let Some(nonce) = free
            && self.in_flight.contains(&nonce)
        {
            free = nonce.next();
        }
        free.filter(|nonce| *nonce <= last).ok_or(AllocateError::Exhausted)
    }

    fn hand_out(&mut self, nonce: Nonce) {
        self.in_flight.insert(nonce);
        self.cursor = NonceState::after(nonce);
    }

    /// Takes note of what became of a nonce.
    pub(crate) fn settle(&mut self, nonce: Nonce, outcome: Outcome) {
        self.in_flight.remove(&nonce);
        if outcome == Outcome::Accepted {
            self.venue = self.venue.max(NonceState::after(nonce));
            self.updates += 1;
            return;
        }
        if NonceState::from_next(nonce) < self.venue {
            return;
        }
        let is_doubtful = match self.mode {
            NonceMode::Sequential => {
                self.cursor = self.cursor.min(NonceState::from_next(nonce));
                outcome != Outcome::Refused
            }
            // The next one will be higher whatever became of this one.
            NonceMode::Skip => outcome == Outcome::InvalidNonce && !self.may_be_overtaken(nonce),
        };
        self.doubts += u64::from(is_doubtful);
    }

    /// Whether the venue may have refused this nonce because a higher one was faster, in skip mode.
    ///
    /// The highest was not overtaken. Nor is it to be believed of one that was handed out after such a refusal if still
    /// no higher one was accepted: with enough tasks there is always a higher one in flight.
    fn may_be_overtaken(&mut self, nonce: Nonce) -> bool {
        let earlier = self.unexplained.filter(|(nonce, _)| NonceState::from_next(*nonce) >= self.venue);
        let (_, handed_out) = *self.unexplained.insert(earlier.unwrap_or((nonce, self.cursor)));
        NonceState::from_next(nonce) < handed_out && NonceState::after(nonce) < self.cursor
    }

    /// To be called before the venue is asked.
    pub(crate) fn question(&self) -> Question {
        Question { updates: self.updates, doubts: self.doubts }
    }

    /// Takes the venue's answer, which may have been overtaken by what happened since the question.
    pub(crate) fn answer(&mut self, question: Question, venue: NonceState) {
        // What it says counts even if it is lower: the venue may drop a transaction that it had taken.
        self.venue = if self.updates == question.updates { venue } else { self.venue.max(venue) };
        self.updates += 1;
        self.cleared = self.cleared.max(question.doubts);
        self.unexplained = None;
        if self.mode == NonceMode::Sequential {
            self.cursor = self.venue;
        }
    }
}
