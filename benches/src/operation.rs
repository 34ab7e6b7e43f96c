//! One operation of one implementation, and its row in the table.

use std::fmt;

/// Something to measure: an implementation's operation, with all its inputs.
pub struct Operation {
    id: &'static str,
    repeats: u32,
    run: Box<dyn FnMut()>,
}

impl Operation {
    /// An operation named `crate/operation`, which `run` does once.
    pub(crate) fn new(id: &'static str, run: impl FnMut() + 'static) -> Self {
        Self::repeated(id, 1, run)
    }

    /// An operation that `run` does `repeats` times: each on the result of the one before, for those that take less time than
    /// calling them; or as a batch.
    pub(crate) fn repeated(id: &'static str, repeats: u32, run: impl FnMut() + 'static) -> Self {
        Self { id, repeats, run: Box::new(run) }
    }

    /// `crate/operation`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// How often one [`Operation::run`] does the operation.
    #[must_use]
    pub fn repeats(&self) -> u32 {
        self.repeats
    }

    /// Does the operation [`Operation::repeats`] times.
    pub fn run(&mut self) {
        (self.run)();
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("id", &self.id).field("repeats", &self.repeats).finish_non_exhaustive()
    }
}

/// One of this project's operations beside a peer's that does the same work.
#[derive(Debug)]
pub struct Row {
    /// The operation in words.
    pub title: &'static str,
    /// This project's.
    pub ours: Operation,
    /// The peer's, where there is one.
    pub peer: Option<Operation>,
    /// What this project's has to reach.
    pub target: Option<Target>,
}

impl Row {
    pub(crate) fn new(title: &'static str, ours: Operation, peer: impl Into<Option<Operation>>) -> Self {
        Self { title, ours, peer: peer.into(), target: None }
    }

    pub(crate) fn with_target(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
    }

    /// The target and whether it is met by this time in nanoseconds, and by how many times longer the peer takes: the last two
    /// cells of a table's line.
    #[must_use]
    pub fn verdict(&self, nanoseconds: f64, ratio: Option<f64>) -> String {
        let Some(target) = self.target else { return " | ".to_owned() };
        let is_met = match target {
            Target::Nanoseconds(most) => Some(nanoseconds <= most),
            Target::TimesFaster { least, .. } => ratio.map(|ratio| ratio >= least),
        };
        let met = match is_met {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not measured",
        };
        format!("{target} | {met}")
    }
}

/// What an operation has to reach.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// At least `least` times as fast as its peer, better `aim` times.
    TimesFaster {
        /// What must be reached.
        least: f64,
        /// What is aimed at.
        aim: f64,
    },
    /// At most so many nanoseconds.
    Nanoseconds(f64),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimesFaster { least, aim } => write!(f, "≥ {least}x, aim {aim}x"),
            Self::Nanoseconds(nanoseconds) => write!(f, "≤ {nanoseconds} ns"),
        }
    }
}
