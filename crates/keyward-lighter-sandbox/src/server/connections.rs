//! The connections that stand, and which of them have to go.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::ConnectionLimits;
use crate::stream::Opening;

/// Everything that is connected.
///
/// A request costs no lock here: a connection only notes what it waits for and since when, and one task looks at all
/// of them from time to time.
pub(crate) struct Connections {
    limits: ConnectionLimits,
    max: usize,
    began: Instant,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next: u64,
    entries: HashMap<u64, Arc<Connection>>,
}

impl Connections {
    pub(crate) fn new(limits: ConnectionLimits, max: usize) -> Arc<Self> {
        Arc::new(Self { limits, max, began: Instant::now(), table: Mutex::default() })
    }

    pub(crate) fn limits(&self) -> &ConnectionLimits {
        &self.limits
    }

    /// Takes a new connection in, if need be in place of others; `None` if all of them are being answered.
    pub(crate) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Admitted> {
        let mut table = self.table();
        if table.entries.len() >= self.max {
            table.evict(self.max.div_ceil(16));
        }
        if table.entries.len() >= self.max {
            return None;
        }
        let number = table.next;
        table.next += 1;
        let connection = Arc::new(Connection {
            peer,
            began: self.began,
            state: AtomicU64::new(0),
            evicted: AtomicBool::new(false),
            closing: Notify::new(),
            opening: Mutex::new(None),
        });
        connection.enter(Phase::New);
        table.entries.insert(number, Arc::clone(&connection));
        Some(Admitted { connections: Arc::clone(self), number, connection })
    }

    /// Makes room when the system has none for a new connection.
    pub(crate) fn make_room(&self) {
        let mut table = self.table();
        let count = table.entries.len().div_ceil(16);
        table.evict(count);
    }

    /// Closes the connections that have let the server wait for longer than they may.
    pub(crate) fn sweep(&self) {
        let now = Instant::now();
        for connection in self.table().entries.values() {
            if self.is_overdue(connection, now) {
                connection.closing.notify_one();
            }
        }
    }

    fn is_overdue(&self, connection: &Connection, now: Instant) -> bool {
        let (phase, since) = connection.state();
        let allowed = match phase {
            Phase::New | Phase::Head => self.limits.head_timeout,
            Phase::Idle => self.limits.idle_timeout,
            // The body's time-out is the handler's, which answers it.
            Phase::Body | Phase::Working | Phase::Stream => return false,
        };
        now.duration_since(since) >= allowed
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Closes up to `count` connections: first those that have begun a request and not finished it, or never begun
    /// one, then those idle between two requests; in each group those that have waited longest.
    ///
    /// So many at once, that a flood of connections does not look through all of them for each.
    fn evict(&mut self, count: usize) {
        let mut waiting: Vec<_> = self
            .entries
            .iter()
            .filter_map(|(&number, connection)| {
                let (phase, since) = connection.state();
                match phase {
                    Phase::New | Phase::Head | Phase::Body => Some((false, since, number)),
                    Phase::Idle => Some((true, since, number)),
                    Phase::Working | Phase::Stream => None,
                }
            })
            .collect();
        waiting.sort_unstable();
        for (_, _, number) in waiting.into_iter().take(count) {
            if let Some(connection) = self.entries.remove(&number) {
                connection.evicted.store(true, Ordering::Relaxed);
                connection.closing.notify_one();
            }
        }
    }
}

/// A connection that has its place among [`Connections`], until this is dropped.
pub(crate) struct Admitted {
    connections: Arc<Connections>,
    number: u64,
    connection: Arc<Connection>,
}

impl Admitted {
    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// What to do when the connection was asked to go: it may have moved on meanwhile.
    pub(crate) fn verdict(&self) -> Verdict {
        let evicted = self.connection.evicted.load(Ordering::Relaxed);
        match self.connection.phase() {
            Phase::Working if evicted => Verdict::Finish,
            _ if evicted || self.connections.is_overdue(&self.connection, Instant::now()) => Verdict::Go,
            _ => Verdict::Stay,
        }
    }
}

/// What a connection that was asked to go has to do.
pub(crate) enum Verdict {
    /// Nothing.
    Stay,
    /// Go when its answer is sent.
    Finish,
    /// Go at once.
    Go,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.connections.table().entries.remove(&self.number);
    }
}

/// One connection: what it waits for, and since when.
pub(crate) struct Connection {
    peer: IpAddr,
    began: Instant,
    /// Milliseconds since `began`, and the phase in the lowest three bits.
    state: AtomicU64,
    evicted: AtomicBool,
    closing: Notify,
    opening: Mutex<Option<Opening>>,
}

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It has not sent the head of a request yet.
    New,
    /// It has begun to send the head of a further request.
    Head,
    /// It sends the body of a request.
    Body,
    /// It waits for an answer.
    Working,
    /// It has its answer and sends nothing.
    Idle,
    /// It is a WebSocket, which looks after itself.
    Stream,
}

impl Connection {
    /// Where the connection comes from.
    pub(crate) fn peer(&self) -> IpAddr {
        self.peer
    }

    /// Notes that a phase begins.
    pub(crate) fn enter(&self, phase: Phase) {
        let millis = self.began.elapsed().as_millis() as u64;
        self.state.store(millis << 3 | phase as u64, Ordering::Relaxed);
    }

    /// Notes that bytes came: on an idle connection they begin a request.
    pub(crate) fn bytes_came(&self) {
        if self.phase() == Phase::Idle {
            self.enter(Phase::Head);
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.state().0
    }

    fn state(&self) -> (Phase, Instant) {
        let state = self.state.load(Ordering::Relaxed);
        let phase = match state & 7 {
            0 => Phase::New,
            1 => Phase::Head,
            2 => Phase::Body,
            3 => Phase::Working,
            4 => Phase::Idle,
            _ => Phase::Stream,
        };
        (phase, self.began + Duration::from_millis(state >> 3))
    }

    /// Resolves when the connection has to go.
    pub(crate) async fn closing(&self) {
        self.closing.notified().await;
    }

    /// Leaves a WebSocket to be run when the answer to its handshake is sent.
    pub(crate) fn open_stream(&self, opening: Opening) {
        *self.opening.lock().unwrap_or_else(PoisonError::into_inner) = Some(opening);
    }

    pub(crate) fn take_opening(&self) -> Option<Opening> {
        self.opening.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
