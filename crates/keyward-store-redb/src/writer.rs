use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use keyward_store::StoreError;
use redb::{Database, WriteTransaction};
use thiserror::Error as ThisError;
use tokio::sync::{mpsc, oneshot};

use crate::activities::ActivityTables;
use crate::books::BookTables;
use crate::database::{Failing, Shared};
use crate::failure::Failure;
use crate::keys::KeyTables;

/// How many writes may wait; who comes then waits for room.
const MAX_QUEUE: usize = 1024;

/// How many writes share a commit at most.
const MAX_BATCH: usize = 256;

/// The thread that writes, and what waits for it.
///
/// While one commit is on its way to the disk, writes queue up; the next commit takes all that wait.
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. At its end, when all is written, it does `finish`.
    pub(crate) fn start(shared: Arc<Shared>, finish: impl FnOnce() + Send + 'static) -> Result<Self, std::io::Error> {
        let (queue, mut jobs) = mpsc::channel::<Box<dyn Job>>(MAX_QUEUE);
        let write = move || {
            while let Some(first) = jobs.blocking_recv() {
                let mut batch = vec![first];
                while batch.len() < MAX_BATCH
                    && let Ok(next) = jobs.try_recv()
                {
                    batch.push(next);
                }
                write(&shared, batch);
            }
            finish();
        };
        let thread = thread::Builder::new().name("keyward-redb".to_owned()).spawn(write)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Has `work` done in a transaction. It is answered when it is on disk, or if there was nothing to write.
    ///
    /// `work` has to be all decided before it writes: an error for it alone, [`Failure::Asked`], comes before its first write.
    pub(crate) async fn submit<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Batch<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task { work, done: None, reply });
        let stopped = || StoreError::Unavailable(Stopped.into());
        self.queue.as_ref().ok_or_else(stopped)?.send(job).await.map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Ambiguous(Stopped.into())))
    }
}

#[cfg(test)]
impl Writer {
    /// How many writes wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // Its panic was reported when it happened.
            let _ = thread.join();
        }
    }
}

#[derive(Debug, ThisError)]
#[error("the thread that writes has stopped")]
struct Stopped;

/// A transaction that several writes share, with its tables as far as they are needed.
pub(crate) struct Batch<'t> {
    transaction: &'t WriteTransaction,
    keys: Option<KeyTables<'t>>,
    books: Option<BookTables<'t>>,
    activities: Option<ActivityTables<'t>>,
    is_changed: bool,
}

impl<'t> Batch<'t> {
    pub(crate) fn keys(&mut self) -> Result<&mut KeyTables<'t>, Failure> {
        Ok(match &mut self.keys {
            Some(tables) => tables,
            empty => empty.insert(KeyTables::open(self.transaction)?),
        })
    }

    pub(crate) fn books(&mut self) -> Result<&mut BookTables<'t>, Failure> {
        Ok(match &mut self.books {
            Some(tables) => tables,
            empty => empty.insert(BookTables::open(self.transaction)?),
        })
    }

    pub(crate) fn activities(&mut self) -> Result<&mut ActivityTables<'t>, Failure> {
        Ok(match &mut self.activities {
            Some(tables) => tables,
            empty => empty.insert(ActivityTables::open(self.transaction)?),
        })
    }

    /// Says that something was written.
    pub(crate) fn changed(&mut self) {
        self.is_changed = true;
    }
}

/// A write that waits.
trait Job: Send {
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure>;

    /// Tells whoever waits what became of it.
    fn answer(self: Box<Self>, fate: &Fate);
}

struct Task<T, W> {
    work: W,
    done: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Job for Task<T, W>
where
    T: Send,
    W: FnMut(&mut Batch<'_>) -> Result<T, Failure> + Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure> {
        self.done = match (self.work)(batch) {
            Ok(done) => Some(Ok(done)),
            Err(Failure::Asked(error)) => Some(Err(error)),
            Err(failure) => return Err(failure),
        };
        Ok(())
    }

    fn answer(self: Box<Self>, fate: &Fate) {
        let answer = match (fate, self.done) {
            (Fate::Committed, Some(done)) => done,
            (fate, _) => Err(fate.error()),
        };
        // Who has gone meanwhile did not want to know.
        let _ = self.reply.send(answer);
    }
}

/// What became of a transaction, and so of every write in it.
enum Fate {
    Committed,
    /// It was given up before its commit: nothing of it was written.
    GivenUp(Cause),
    /// The file is damaged; nothing of it was written.
    Damaged(Cause),
    /// There is no open file; nothing of it was written.
    NotOpen(Cause),
    /// Its commit has failed, and may be on disk or not.
    Unknown(Cause),
}

impl Fate {
    fn of(failure: Failure, is_committing: bool) -> Self {
        let cause = |error| Cause(Arc::from(error));
        match failure.into() {
            StoreError::Backend(error) | StoreError::Corrupt { source: error, .. } if is_committing => {
                Self::Unknown(cause(error))
            }
            StoreError::Backend(error) => Self::GivenUp(cause(error)),
            StoreError::Corrupt { source, .. } => Self::Damaged(cause(source)),
            StoreError::Unavailable(error) => Self::NotOpen(cause(error)),
            other => Self::Unknown(cause(other.into())),
        }
    }

    fn error(&self) -> StoreError {
        match self {
            // A committed transaction has run all its jobs.
            Self::Committed => StoreError::Ambiguous(Stopped.into()),
            Self::GivenUp(cause) => StoreError::Backend(cause.clone().into()),
            Self::Damaged(cause) => StoreError::Corrupt { record: "page", source: cause.clone().into() },
            Self::NotOpen(cause) => StoreError::Unavailable(cause.clone().into()),
            Self::Unknown(cause) => StoreError::Ambiguous(cause.clone().into()),
        }
    }
}

/// An error that many are told.
#[derive(Debug, Clone)]
struct Cause(Arc<dyn Error + Send + Sync>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No write has been tried.
    Beginning,
    Running,
    Committing,
}

/// Writes these in one transaction, and answers them.
fn write(shared: &Shared, mut jobs: Vec<Box<dyn Job>>) {
    let fate = match try_to_write(shared, &mut jobs) {
        // It had failed for somebody else before, and is open again.
        (_, Stage::Beginning, true) => try_to_write(shared, &mut jobs).0,
        (fate, ..) => fate,
    };
    for job in jobs {
        job.answer(&fate);
    }
}

/// Writes these in one transaction. What became of it, how far it came, and whether the file is open again if it failed.
fn try_to_write(shared: &Shared, jobs: &mut [Box<dyn Job>]) -> (Fate, Stage, bool) {
    let stage = Cell::new(Stage::Beginning);
    match shared.attempt(|database| transact(database, jobs, &stage)) {
        Ok(()) => (Fate::Committed, stage.get(), true),
        Err(Failing { failure, generation }) => {
            let is_committing = stage.get() == Stage::Committing;
            let is_final = failure.is_final() || is_committing;
            let fate = Fate::of(failure, is_committing);
            (fate, stage.get(), is_final && shared.reopen(generation))
        }
    }
}

fn transact(database: &Database, jobs: &mut [Box<dyn Job>], stage: &Cell<Stage>) -> Result<(), Failure> {
    let transaction = database.begin_write()?;
    stage.set(Stage::Running);
    let mut batch = Batch { transaction: &transaction, keys: None, books: None, activities: None, is_changed: false };
    jobs.iter_mut().try_for_each(|job| job.run(&mut batch))?;
    let is_changed = batch.is_changed;
    drop(batch);
    if is_changed {
        stage.set(Stage::Committing);
        transaction.commit()?;
    } else {
        transaction.abort()?;
    }
    Ok(())
}
