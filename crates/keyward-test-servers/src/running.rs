//! A server's process: brought up until it answers, and down again.

use std::ffi::OsStr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::ServerError;
use crate::address::{TAKEN, free_port};
use crate::system::{Farewell, Folder, Guard};

/// How long a server is waited for: its recovery after a crash, on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);
/// Between two looks at what is waited for.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// A program, and how it ends when nobody needs it any more.
#[derive(Clone, Copy)]
pub(crate) struct Program<'a> {
    pub(crate) name: &'static str,
    pub(crate) path: &'a Path,
    pub(crate) farewell: Farewell,
}

impl Program<'_> {
    /// Runs it until `is_ready` says so of the process with the given number.
    pub(crate) fn bring_up(
        self,
        folder: &Folder,
        arguments: &[&OsStr],
        is_ready: impl Fn(u32) -> bool,
    ) -> Result<Guard, ServerError> {
        let log = folder.log_length();
        let guard = Guard::launch(folder, self.farewell, self.path, arguments)?;
        let start = Instant::now();
        while !is_ready(guard.pid()) {
            if guard.has_ended_within(LOOK) {
                return Err(ServerError::Ended { program: self.name, log: folder.log_since(log) });
            }
            if start.elapsed() > LIMIT {
                return Err(self.late(folder, log));
            }
        }
        Ok(guard)
    }

    /// Runs it to its end, which must be a good one.
    pub(crate) fn run_to_end(self, folder: &Folder, arguments: &[&OsStr]) -> Result<(), ServerError> {
        let log = folder.log_length();
        let guard = Guard::launch(folder, self.farewell, self.path, arguments)?;
        if !guard.has_ended_within(LIMIT) {
            return Err(self.late(folder, log));
        }
        if guard.wait()?.success() {
            Ok(())
        } else {
            Err(ServerError::Ended { program: self.name, log: folder.log_since(log) })
        }
    }

    /// Asks it to end in order and waits until it has; one that does not is killed.
    pub(crate) fn stop(self, folder: &Folder, guard: Guard) -> Result<(), ServerError> {
        let log = folder.log_length();
        if guard.stop(LIMIT) { Ok(()) } else { Err(self.late(folder, log)) }
    }

    /// Kills it and the processes that it has started, and waits until none of them is left.
    pub(crate) fn kill(self, folder: &Folder, guard: Guard) -> Result<(), ServerError> {
        let log = folder.log_length();
        guard.kill();
        if folder.kill_all() { Ok(()) } else { Err(self.late(folder, log)) }
    }

    fn late(self, folder: &Folder, log: u64) -> ServerError {
        ServerError::Late { program: self.name, limit: LIMIT, log: folder.log_since(log) }
    }
}

/// Brings a server up on one port after the other until one was not taken by somebody else in the meantime.
pub(crate) fn on_a_free_port(
    bring_up: impl Fn(u16) -> Result<Guard, ServerError>,
) -> Result<(u16, Guard), ServerError> {
    let start = Instant::now();
    loop {
        let port = free_port()?;
        match bring_up(port) {
            Err(error) if is_taken(&error) && start.elapsed() < LIMIT => {}
            result => return result.map(|guard| (port, guard)),
        }
    }
}

/// Brings a server up on its port, again where somebody else has the port for a moment.
pub(crate) fn on_its_port(bring_up: impl Fn() -> Result<Guard, ServerError>) -> Result<Guard, ServerError> {
    let start = Instant::now();
    loop {
        match bring_up() {
            Err(error) if is_taken(&error) && start.elapsed() < LIMIT => thread::sleep(LOOK),
            result => return result,
        }
    }
}

fn is_taken(error: &ServerError) -> bool {
    matches!(error, ServerError::Ended { log, .. } if log.contains(TAKEN))
}
