use keyward_token::ApiKeyIndex;

use crate::slot::Question;
use crate::{NonceAllocator, NonceState};

/// A question to the venue about a slot, from [`NonceAllocator::begin_resync`]. Dropped, it changes nothing.
#[derive(Debug)]
#[must_use = "the slot stays as it is without the venue's answer"]
pub struct Resync {
    allocator: NonceAllocator,
    position: usize,
    question: Question,
}

impl Resync {
    pub(crate) fn new(allocator: NonceAllocator, position: usize, question: Question) -> Self {
        Self { allocator, position, question }
    }

    /// The slot to ask for.
    pub fn api_key(&self) -> ApiKeyIndex {
        self.allocator.api_key(self.position)
    }

    /// Takes what the venue answered.
    ///
    /// The slot is then no longer stale; unless something else became doubtful after the question.
    pub fn finish(self, venue: NonceState) {
        self.allocator.with_slot(self.position, |slot| slot.answer(self.question, venue));
    }
}
