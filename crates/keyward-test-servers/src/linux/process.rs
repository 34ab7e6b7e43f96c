//! Processes that are not children of this one.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// A process by a handle that means this one for ever, also when another one has come by its number.
#[derive(Debug)]
pub(crate) struct Process {
    handle: OwnedFd,
}

impl Process {
    /// `None` if there is no such process.
    pub(crate) fn open(pid: Pid) -> Option<Self> {
        Some(Self { handle: pidfd_open(pid, PidfdFlags::empty()).ok()? })
    }

    /// Sends a signal; one that has ended gets none.
    pub(crate) fn signal(&self, signal: Signal) {
        // What can fail otherwise is that it belongs to another user; whoever waits for the signal's effect sees that.
        let _ = pidfd_send_signal(&self.handle, signal);
    }

    /// Waits until it has ended, but not longer than this. Whether it has.
    pub(crate) fn has_ended_within(&self, limit: Duration) -> bool {
        let timeout = Timespec { tv_sec: limit.as_secs().cast_signed(), tv_nsec: limit.subsec_nanos().into() };
        let mut handles = [PollFd::new(&self.handle, PollFlags::IN)];
        loop {
            match poll(&mut handles, Some(&timeout)) {
                Err(Errno::INTR) => {}
                result => return result.is_ok_and(|ready| ready > 0),
            }
        }
    }
}

/// Kills all processes whose working folder is this one or below it, until there is none. Whether there is none.
///
/// A server's processes all work in its data folder, also those that have outlived the one that started them.
pub(crate) fn kill_all_in(folder: &Path) -> bool {
    for _ in 0..100 {
        let found = all_in(folder);
        if found.is_empty() {
            return true;
        }
        for pid in found {
            if let Some(process) = Process::open(pid)
                && works_in(pid, folder)
            {
                process.signal(Signal::KILL);
                process.has_ended_within(Duration::from_secs(1));
            }
        }
    }
    false
}

fn all_in(folder: &Path) -> Vec<Pid> {
    let numbers = fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| {
        let number: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        Pid::from_raw(number)
    });
    numbers.filter(|pid| works_in(*pid, folder)).collect()
}

/// Those that have ended and were not waited for work nowhere.
fn works_in(pid: Pid, folder: &Path) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|works| works.starts_with(folder))
}
