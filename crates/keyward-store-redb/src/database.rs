use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use keyward_store::{OpenError, StoreError};
use redb::{Database, ReadTransaction, ReadableDatabase as _};

use crate::failure::Failure;

/// How long nobody tries to open a file again that could not be opened.
const PAUSE: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_secs(1) };

type Opener = Box<dyn Fn() -> Result<Database, OpenError> + Send + Sync>;

/// The open file. After a failed read or write its engine answers nothing any more; then it is opened again, by whoever
/// comes next.
pub(crate) struct Shared {
    opener: Opener,
    // Shared by everyone who reads or writes; taken alone to open the file again.
    state: RwLock<State>,
}

struct State {
    database: Option<Database>,
    /// How often it was opened.
    generation: u64,
    /// Whether and when opening it has failed.
    failed: Option<Failed>,
}

enum Failed {
    At(Instant),
    ForGood,
}

/// What went wrong, and in which opening.
pub(crate) struct Failing {
    pub(crate) failure: Failure,
    pub(crate) generation: u64,
}

impl Shared {
    /// The file that `opener` opens.
    pub(crate) fn open(opener: Opener) -> Result<Self, OpenError> {
        let database = Some(opener()?);
        Ok(Self { opener, state: RwLock::new(State { database, generation: 0, failed: None }) })
    }

    /// Reads from a snapshot that has everything that was acknowledged.
    pub(crate) fn read<T>(&self, act: impl Fn(&ReadTransaction) -> Result<T, Failure>) -> Result<T, StoreError> {
        let attempt = || self.attempt(|database| act(&database.begin_read()?));
        match attempt() {
            Err(failing) if failing.failure.is_final() && self.reopen(failing.generation) => attempt(),
            other => other,
        }
        .map_err(|failing| failing.failure.into())
    }

    /// Does something with the database.
    pub(crate) fn attempt<T>(&self, act: impl FnOnce(&Database) -> Result<T, Failure>) -> Result<T, Failing> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let generation = state.generation;
        let done = match &state.database {
            Some(database) => catch_unwind(AssertUnwindSafe(|| act(database))).unwrap_or(Err(Failure::Panicked)),
            None => Err(Failure::Closed),
        };
        done.map_err(|failure| Failing { failure, generation })
    }

    /// Opens the file again, unless somebody has done so since it was opened for the `generation`-th time. Whether it is
    /// open then.
    pub(crate) fn reopen(&self, generation: u64) -> bool {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.generation != generation {
            return state.database.is_some();
        }
        match state.failed {
            Some(Failed::ForGood) => return false,
            Some(Failed::At(instant)) if instant.elapsed() < PAUSE => return false,
            _ => {}
        }
        // It holds the lock on the file.
        let closing = state.database.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(closing)));
        match (self.opener)() {
            Ok(database) => {
                *state = State { database: Some(database), generation: generation + 1, failed: None };
                true
            }
            Err(error) => {
                let for_good = matches!(error, OpenError::Corrupt(_) | OpenError::WrongVersion { .. });
                state.failed = Some(if for_good { Failed::ForGood } else { Failed::At(Instant::now()) });
                false
            }
        }
    }
}
