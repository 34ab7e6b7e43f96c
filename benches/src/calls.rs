//! Operations that are timed call by call, for those that somebody waits for.

use std::fmt;
use std::time::Duration;

/// One of this project's operations beside a peer's that does the same work, each to be called by many threads.
#[derive(Debug)]
pub struct Calls {
    /// The operation in words.
    pub title: &'static str,
    /// This project's.
    pub ours: Call,
    /// The peer's.
    pub peer: Call,
    /// Within how long ninety-nine of a hundred calls have to return.
    pub p99_target: Duration,
    /// How many calls a second each core has to do.
    pub rate_target: f64,
}

/// An operation of one implementation, with all its inputs.
pub struct Call {
    id: &'static str,
    run: Box<dyn Fn(usize) + Send + Sync>,
}

impl Call {
    /// An operation named `crate/operation`, which `run` does once, on the input with a number; the numbers go up from any.
    pub(crate) fn new(id: &'static str, run: impl Fn(usize) + Send + Sync + 'static) -> Self {
        Self { id, run: Box::new(run) }
    }

    /// `crate/operation`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Does it once.
    #[inline]
    pub fn run(&self, number: usize) {
        (self.run)(number);
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("id", &self.id).finish_non_exhaustive()
    }
}
